//! Rules of HTTP that hold for every request, whatever API it is for.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::timeout::DeadlineBody;

use super::{ErrorResponse, RequestNotes};
use crate::domain::{Error, ErrorCode, Result};

/// Middleware: refuses requests without exactly one host, and bodies that are encoded, and gives bodies a deadline, for
/// routes that nothing else is asked of.
pub async fn check_request(State(body_timeout): State<Duration>, request: Request, next: Next) -> Response {
    RequestNotes::note_route(&request);
    run_checked(body_timeout, request, next).await
}

/// Runs a request unless it is refused. The body of any other has this long to arrive as a whole. A bound of the pauses
/// between its parts would not do: a client that sends a byte every few seconds never exceeds it.
pub(super) async fn run_checked(body_timeout: Duration, request: Request, next: Next) -> Response {
    let checked = check_host(request.version(), request.headers()).and_then(|()| check_encoding(&request));
    if let Err(error) = checked {
        return ErrorResponse(error).into_response();
    }
    let request = match request.body().is_end_stream() {
        true => request,
        false => request.map(|body| Body::new(DeadlineBody::new(body_timeout, body))),
    };
    next.run(request).await
}

/// A server must refuse a request without a host, with two, or with what is none (RFC 9112, 3.2): two programs on the
/// way could take it to be for different hosts. HTTP/1.0 did not need one.
fn check_host(version: Version, headers: &HeaderMap) -> Result<()> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let issue = match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_11 => "is missing",
        (Some(_), Some(_)) => "is given twice",
        (Some(host), None) if !host.is_empty() && !is_host(host.as_bytes()) => "must be a host, and perhaps a port",
        _ => return Ok(()),
    };
    let error = Error::new(ErrorCode::InvalidRequest, format!("the Host header {issue}"));
    Err(error.with("field", "Host").with("issue", issue))
}

fn is_host(value: &[u8]) -> bool {
    !value.contains(&b'@') && Authority::try_from(value).is_ok()
}

/// No body is decoded: a few bytes of gzip can be gigabytes, and a provider's signature is of the bytes as they came.
fn check_encoding(request: &Request) -> Result<()> {
    let codings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    let mut codings = codings.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    if codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
        || request.body().is_end_stream()
    {
        return Ok(());
    }
    let message = "the body must not be encoded; send it without Content-Encoding";
    Err(Error::new(ErrorCode::UnsupportedMediaType, message).with("accept_encoding", "identity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_host() {
        let check = |version, hosts: &[&str]| {
            let headers: HeaderMap = hosts.iter().map(|host| (header::HOST, host.parse().unwrap())).collect();
            check_host(version, &headers).is_ok()
        };
        for (hosts, is_fine) in [
            (&["sms.example.com"][..], true),
            (&["sms.example.com:8080"], true),
            (&["[::1]:8080"], true),
            (&["127.0.0.1"], true),
            // For a target that has none.
            (&[""], true),
            (&[], false),
            (&["sms.example.com", "sms.example.com"], false),
            (&["sms.example.com", ""], false),
            (&["a b"], false),
            (&["user@sms.example.com"], false),
            (&["sms.example.com/path"], false),
            (&["a,b"], true),
        ] {
            assert_eq!(check(Version::HTTP_11, hosts), is_fine, "{hosts:?}");
        }
        assert!(check(Version::HTTP_10, &[]));
        assert!(!check(Version::HTTP_10, &["a", "b"]));
    }
}
