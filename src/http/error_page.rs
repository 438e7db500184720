//! Errors as pages, for whoever opens an address in a browser.

use axum::{
    http::{HeaderMap, Method},
    response::Response,
};
use mediatype::{
    MediaType,
    names::{APPLICATION, HTML, JSON, TEXT},
};

use super::{MediaRange, accept::preference, html::strict_page};
use crate::domain::{Error, ErrorCode};

const PAGE: &str = include_str!("../../assets/web/error.html");

/// Whether a request is a person's who opens an address: its answer is a page, also where it fails.
pub(super) fn wants_page(method: &Method, headers: &HeaderMap) -> bool {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return false;
    }
    let ranges = MediaRange::all(headers);
    let quality = |ty, subty| preference(&ranges, &MediaType::new(ty, subty)).map_or(0, |found| found.quality);
    ranges.iter().any(|range| range.names(TEXT, HTML)) && quality(TEXT, HTML) > quality(APPLICATION, JSON)
}

/// The page of an error. Its status is that of the error, and for the caller to set.
pub(super) fn error_page(error: &Error, message: &str, request_id: &str) -> Response {
    let title = match error.code() {
        ErrorCode::NotFound => "There is nothing here",
        ErrorCode::RateLimited => "That was a lot at once",
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::SessionEnded => "Sign in first",
        ErrorCode::Forbidden | ErrorCode::InsufficientScope => "This is not for you",
        ErrorCode::Unavailable => "Back in a moment",
        _ => "That did not work",
    };
    let html = [("{title}", title), ("{message}", message), ("{code}", error.code().name()), ("{id}", request_id)]
        .into_iter()
        .fold(PAGE.to_owned(), |page, (place, text)| page.replace(place, &escaped(text)));
    strict_page(html)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A message never brings a place of its own.
            '{' => escaped.push_str("&#123;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_do_not() {
        for (method, accept, expected) in [
            (Method::GET, "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true),
            (Method::GET, "text/html", true),
            (Method::GET, "*/*", false),
            (Method::GET, "application/json", false),
            (Method::GET, "application/json, text/html", false),
            (Method::GET, "application/json, text/html;q=0.5", false),
            (Method::POST, "text/html,*/*;q=0.8", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(wants_page(&method, &headers), expected, "{method} {accept}");
        }
        assert!(!wants_page(&Method::GET, &HeaderMap::new()));
    }

    #[test]
    fn what_a_client_sent_is_text() {
        assert_eq!(escaped("<script>'\"&{id}"), "&lt;script&gt;&#39;&quot;&amp;&#123;id}");
    }
}
