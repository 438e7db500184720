//! Failures as HTTP answers: one place maps the codes to statuses and bodies.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{OriginalUri, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::RequestId;
use crate::{
    ambient::Clock,
    app::App,
    domain::{Code, Error},
};

/// How long a client waits before it tries again, in seconds, when we are busy.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// A failure on its way to the client. Making it into a response logs it, once.
#[derive(Debug)]
pub struct Failure<'a> {
    /// What went wrong.
    pub error: Error,
    /// Which request it was.
    pub request_id: &'a RequestId,
    /// For the time in the body.
    pub clock: &'a Clock,
}

impl IntoResponse for Failure<'_> {
    fn into_response(self) -> Response {
        self.error.log(&self.request_id.0);
        let code = self.error.code();
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.error.body(self.clock.now(), &self.request_id.0);
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        match code {
            Code::Unavailable => drop(headers.insert(header::RETRY_AFTER, RETRY_AFTER)),
            Code::Unauthenticated | Code::TokenExpired => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// The answer for a path that is not there.
pub async fn not_found(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let error = Error::new(Code::NotFound, "there is nothing at this path").with("path", uri.path());
    Failure { error, request_id: &request_id, clock: app.clock() }.into_response()
}

/// The answer for a method that a path does not take. The router adds `Allow`.
pub async fn method_not_allowed(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    method: Method,
) -> Response {
    let error = Error::new(Code::MethodNotAllowed, "this path does not take this method; see the Allow header")
        .with("method", method.as_str());
    Failure { error, request_id: &request_id, clock: app.clock() }.into_response()
}
