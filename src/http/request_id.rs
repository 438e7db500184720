//! Request ids: every answer carries one, and so does every log line about it.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::{Refusal, reply::finish};
use crate::{app::App, domain::Error};

/// The header that carries the id of a request, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// Gives each request an id, or keeps the one that it came with when that is a sane one: up to 64
/// letters, digits, hyphens, underscores and dots.
pub async fn tag_requests(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        let sane = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=64).contains(&id.len()) && id.bytes().all(sane)
    });
    let id: Arc<str> = match given {
        Some(id) => id.into(),
        None => format!("req_{:024x}", u128::from_be_bytes(app.random().bytes()) >> 32).into(),
    };
    let request_id = RequestId(Arc::clone(&id));
    request.extensions_mut().insert(request_id.clone());
    // A panic costs the request that met it, and says so like any other failure.
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let answered = answered.unwrap_or_else(|_| Refusal(Error::internal("a handler panicked")).into_response());
    let mut response = finish(answered, &request_id, &app);
    // An upgrade has a use of its own for this header.
    if app.is_draining() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        // Whoever keeps this connection for the next request should ask another replica instead.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
