//! Which page sent a request.

use axum::http::{HeaderMap, HeaderName, header, uri::Uri};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a page of this server sent a request: its `Origin`, which no page can set itself, is the address of the
/// platform, or the host that the request is for. A browser that says where a request comes from must say the same.
#[must_use]
pub fn is_from_own_page(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // A page without an origin of its own sends `null`, which has no scheme.
    let origin = text(header::ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let Some(origin) = origin.filter(|origin| origin.scheme().is_some()) else { return false };
    let is_public = public_url
        .parse::<Uri>()
        .is_ok_and(|public| (public.scheme(), public.authority()) == (origin.scheme(), origin.authority()));
    let host = origin.authority().map(|authority| authority.as_str());
    let is_host = host.is_some() && host == text(header::HOST);
    (is_public || is_host) && text(FETCH_SITE).is_none_or(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_server_are_its_own() {
        let check = |origin: Option<&str>, host: &str, site: Option<&str>| {
            let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            headers.extend(origin.map(|origin| (header::ORIGIN, origin.parse().unwrap())));
            headers.extend(site.map(|site| (FETCH_SITE, site.parse().unwrap())));
            is_from_own_page(&headers, "https://sms.example.com")
        };
        for (origin, host, site, expected) in [
            (Some("https://sms.example.com"), "sms.example.com", Some("same-origin"), true),
            // A proxy that names another host.
            (Some("https://sms.example.com"), "10.0.0.7:8080", None, true),
            (Some("http://localhost:8080"), "localhost:8080", Some("same-origin"), true),
            (Some("http://localhost:8081"), "localhost:8080", Some("same-site"), false),
            (Some("http://sms.example.com"), "10.0.0.7:8080", None, false),
            (Some("https://evil.example"), "sms.example.com", Some("cross-site"), false),
            (Some("https://evil.example"), "sms.example.com", None, false),
            (Some("https://sms.example.com"), "sms.example.com", Some("cross-site"), false),
            (Some("null"), "null", None, false),
            (Some("null"), "sms.example.com", None, false),
            (None, "sms.example.com", None, false),
        ] {
            assert_eq!(check(origin, host, site), expected, "{origin:?} {host} {site:?}");
        }
    }
}
