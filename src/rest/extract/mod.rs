//! Extractors: how handlers read requests. Their rejections say what is wrong, and with which field.
//!
//! `body` reads JSON bodies, `query` reads queries; the extractors of headers and paths are here.

mod body;
mod error_code;
mod query;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::{HeaderName, request::Parts},
};

pub(super) use body::{JsonBody, OptionalJsonBody, nullable};
pub(super) use query::{QueryParams, number_id, sender, time};

use crate::{
    domain::{Caller, Client, Error, ErrorCode, IdempotencyKey, Result},
    http::{ErrorResponse, RequestIdentity},
};

/// The header with the idempotency key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A user with a valid credential. Guests are refused before the body is read.
pub(super) struct Authenticated {
    pub(super) caller: Caller,
    pub(super) client: Arc<Client>,
}

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let identity = RequestIdentity::from_request_parts(parts, state).await?;
        let caller = identity.caller()?;
        caller.user()?;
        Ok(Self { caller, client: identity.client })
    }
}

/// The id in a path. A whole number that is out of range is the id of nothing; anything else is an invalid request.
pub(super) struct PathId(i64);

impl PathId {
    /// A 32-bit id of a `what`.
    pub(super) fn as_i32(&self, what: &str) -> Result<i32> {
        self.0.try_into().map_err(|_| Error::not_found(what))
    }

    /// A 64-bit id.
    pub(super) fn as_i64(&self) -> i64 {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| invalid_id())?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid_id().into());
        }
        // Out of range, so no id: nothing has the id -1.
        Ok(Self(text.parse().unwrap_or(-1)))
    }
}

/// The `Idempotency-Key` of a request that the client may send again
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
pub(super) struct IdempotencyHeader(pub(super) Option<IdempotencyKey>);

impl<S: Sync> FromRequestParts<S> for IdempotencyHeader {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let text = String::from_utf8_lossy(value.as_bytes());
        Ok(Self(Some(IdempotencyKey::parse("idempotency_key", &text)?)))
    }
}

fn invalid_id() -> Error {
    Error::new(ErrorCode::InvalidRequest, "id: must be a whole number")
        .with("field", "id")
        .with("issue", "must be a whole number")
}
