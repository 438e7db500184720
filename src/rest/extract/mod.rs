//! Extractors: how handlers read requests. Their rejections say what is wrong, and with which field.
//!
//! `body` reads JSON bodies, `query` reads queries, `integer` the integers of both, `id` the ids of paths; the
//! extractors of headers are here.

mod body;
mod error_code;
mod id;
mod integer;
mod query;

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, request::Parts},
};

pub(super) use body::{JsonBody, Object, OptionalJsonBody, nullable};
pub(super) use id::{PathId, PathTicket};
pub(super) use integer::{integer, optional_integer, phone_number_id, query_integer, query_phone_number_id};
pub(super) use query::{QueryParams, number_id, sender, time};

use crate::{
    domain::{Caller, Client, IdempotencyKey, Result},
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
