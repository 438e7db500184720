//! Reading request bodies of a bounded size.

use std::{error::Error as StdError, iter};

use axum::body::{Body, to_bytes};
use http_body_util::LengthLimitError;
use tower_http::timeout::TimeoutError;

use crate::domain::{Error, ErrorCode, Result};

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// `PAYLOAD_TOO_LARGE`; `REQUEST_TIMEOUT` if it did not arrive in time; `INVALID_REQUEST` if the client stopped
/// sending.
pub async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>> {
    match to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if has_cause::<LengthLimitError>(&error) => {
            Err(Error::new(ErrorCode::PayloadTooLarge, format!("the body must have at most {limit} bytes"))
                .with("limit", limit))
        }
        Err(error) if has_cause::<TimeoutError>(&error) => {
            Err(Error::new(ErrorCode::RequestTimeout, "the body did not arrive in time"))
        }
        Err(_) => Err(Error::new(ErrorCode::InvalidRequest, "the body ended before it was complete")),
    }
}

fn has_cause<E: StdError + 'static>(error: &axum::Error) -> bool {
    iter::successors(error.source(), |cause| (*cause).source()).any(|cause| cause.is::<E>())
}

/// The message of a JSON error without the value that it quotes, which may be a password, and without the names of our
/// types, which mean nothing to a client.
#[must_use]
pub fn redact_json_error(issue: &str) -> String {
    let value = |what: &str| {
        let (given, expected) = issue.strip_prefix(what)?.rsplit_once(", expected ")?;
        let kind = given.split(['`', '"']).next().unwrap_or_default().trim_end();
        Some(format!("{what}{kind}, expected {}", in_terms_of_json(expected)))
    };
    value("invalid type: ").or_else(|| value("invalid value: ")).unwrap_or_else(|| issue.to_owned())
}

/// What serde expected, such as `struct Parameters at line 1 column 2`.
fn in_terms_of_json(expected: &str) -> String {
    let (word, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    let (json, rest) = match word {
        "struct" => ("an object", rest.split_once(' ').map_or("", |(_, rest)| rest)),
        "enum" => ("a string", rest.split_once(' ').map_or("", |(_, rest)| rest)),
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => ("a whole number", rest),
        "f32" | "f64" => ("a number", rest),
        _ => return expected.to_owned(),
    };
    format!("{json} {rest}").trim_end().to_owned()
}
