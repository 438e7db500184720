//! Reading bodies, never more of them than is allowed.

use axum::body::{Body, to_bytes};

use crate::domain::{Code, Error, Result};

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// `PAYLOAD_TOO_LARGE`, or `INVALID_REQUEST` when the client stopped sending.
pub async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>> {
    match to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if is_too_large(&error) => {
            Err(Error::new(Code::PayloadTooLarge, format!("the body must have at most {limit} bytes"))
                .with("limit", limit))
        }
        Err(_) => Err(Error::new(Code::InvalidRequest, "the body ended before it was complete")),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>())
}
