//! Failures as HTTP answers: one place maps the codes to statuses and bodies.

use std::sync::Arc;

use axum::{
    Json,
    extract::OriginalUri,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::RequestId;
use crate::{
    app::App,
    domain::{Error, ErrorCode},
};

/// How long a client waits before it tries again, in seconds, when we are busy: one of these, by chance. Those who
/// are refused at one moment must not all come back at one moment.
const RETRY_AFTER: [u16; 4] = [1, 2, 3, 4];

/// A failure on its way to the client. It becomes a body, and is logged, on its way out of the router,
/// where the id of the request is known.
#[derive(Debug)]
pub struct Refusal(pub Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The failure that a response stands for.
#[derive(Clone)]
struct Pending(Arc<Error>);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.0.code();
        let mut response =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        let headers = response.headers_mut();
        match code {
            ErrorCode::RateLimited => {
                let seconds = self.0.details().get(Error::RETRY_AFTER).and_then(serde_json::Value::as_u64);
                headers.insert(header::RETRY_AFTER, seconds.unwrap_or(1).into());
            }
            // A path of its own has the header from the router.
            ErrorCode::MethodNotAllowed => {
                let allowed = self.0.details().get("allow").and_then(serde_json::Value::as_str);
                headers.extend(
                    allowed.and_then(|allowed| HeaderValue::from_str(allowed).ok()).map(|value| (header::ALLOW, value)),
                );
            }
            ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::SessionEnded => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Pending(Arc::new(self.0)));
        response
    }
}

/// How failures look at some address, other than a REST body. A face puts it on its answers.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Makes the body.
    pub body: fn(&Error) -> serde_json::Value,
    /// Its type.
    pub content_type: HeaderValue,
}

/// Gives an answer that stands for a failure its body, and logs the failure, once.
pub(super) fn finish(mut response: Response, request_id: &RequestId, app: &App) -> Response {
    let Some(Pending(error)) = response.extensions_mut().remove::<Pending>() else { return response };
    error.log(&request_id.0);
    app.record_failure(&error);
    if error.code() == ErrorCode::Unavailable {
        let [chance] = app.random().bytes::<1>();
        let seconds = RETRY_AFTER[usize::from(chance) % RETRY_AFTER.len()];
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let shape = response.extensions_mut().remove::<Shape>();
    let body = match &shape {
        Some(shape) => (shape.body)(&error),
        None => error.body(app.clock().now(), &request_id.0),
    };
    let mut finished = (status, Json(body)).into_response();
    if let Some(shape) = shape {
        finished.headers_mut().insert(header::CONTENT_TYPE, shape.content_type);
    }
    let own = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
    let kept = headers.iter().filter(|(name, _)| !own.contains(name));
    finished.headers_mut().extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    finished
}

/// The answer for a path that is not there.
pub async fn not_found(OriginalUri(uri): OriginalUri) -> Refusal {
    Refusal(Error::new(ErrorCode::NotFound, "there is nothing at this path").with("path", uri.path()))
}

/// The answer for a method that a path does not take. The router adds `Allow`.
pub async fn method_not_allowed(method: Method) -> Refusal {
    let message = "this path does not take this method; see the Allow header";
    Refusal(Error::new(ErrorCode::MethodNotAllowed, message).with("method", method.as_str()))
}
