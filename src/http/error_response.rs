//! Errors as HTTP responses: the one place that maps error codes to statuses, headers and bodies, and logs errors.

use std::{any::Any, sync::Arc};

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{RequestId, error_page::error_page, request_metrics::known_method};
use crate::{
    app::App,
    domain::{Error, ErrorCode},
};

/// How long a client should wait after a 503, in seconds: one of these at random, so that the clients that were
/// refused together do not all come back together.
const RETRY_AFTER: [u16; 4] = [1, 2, 3, 4];

/// An error as the response of a handler, or as the rejection of an extractor. It carries the error to
/// [`AroundEveryRoute`](super::AroundEveryRoute), which adds the body.
#[derive(Debug)]
pub struct ErrorResponse(pub Error);

/// The result of a handler.
pub type ApiResult<T> = Result<T, ErrorResponse>;

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The error of a response that has no body yet.
#[derive(Clone)]
struct UnrenderedError(Arc<Error>);

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let code = self.0.code();
        let mut response =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        let headers = response.headers_mut();
        match code {
            ErrorCode::RateLimited | ErrorCode::NoNumberAvailable => {
                let seconds = self.0.details().get(Error::RETRY_AFTER).and_then(serde_json::Value::as_u64);
                headers.extend(seconds.map(|seconds| (header::RETRY_AFTER, seconds.into())));
            }
            // The router adds the header for its own routes; webhooks know their methods only at run time.
            ErrorCode::MethodNotAllowed => {
                let allowed = self.0.details().get("allow").and_then(serde_json::Value::as_str);
                headers.extend(
                    allowed.and_then(|allowed| HeaderValue::from_str(allowed).ok()).map(|value| (header::ALLOW, value)),
                );
            }
            // RFC 9110, 15.5.16: what would be read instead.
            ErrorCode::UnsupportedMediaType => {
                let coding = self.0.details().get("accept_encoding").and_then(serde_json::Value::as_str);
                headers.extend(
                    coding
                        .and_then(|coding| HeaderValue::from_str(coding).ok())
                        .map(|value| (header::ACCEPT_ENCODING, value)),
                );
            }
            // The rest of the body may still come, and would be taken for the next request.
            ErrorCode::RequestTimeout => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::SessionEnded => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(UnrenderedError(Arc::new(self.0)));
        response
    }
}

/// How errors look in an API that does not use REST's error body. The API adds it to the extensions of its responses.
#[derive(Clone, Debug)]
pub struct ErrorFormat {
    /// Makes the body.
    pub body: fn(&Error) -> serde_json::Value,
    /// Its content type.
    pub content_type: HeaderValue,
}

/// Gives an [`ErrorResponse`] its body, and logs its error, once. Whoever opened an address in a browser gets a page.
pub(super) fn render_error(mut response: Response, request_id: &RequestId, app: &App, is_page: bool) -> Response {
    match response.extensions_mut().remove::<UnrenderedError>() {
        Some(UnrenderedError(error)) => render(&error, response, request_id, app, is_page),
        None => response,
    }
}

fn render(error: &Error, mut response: Response, request_id: &RequestId, app: &App, is_page: bool) -> Response {
    error.log_request();
    app.record_failure(error);
    if error.code() == ErrorCode::Unavailable {
        let [random] = app.random().bytes::<1>();
        let seconds = RETRY_AFTER[usize::from(random) % RETRY_AFTER.len()];
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let format = response.extensions_mut().remove::<ErrorFormat>();
    let mut rendered = match format {
        _ if is_page => error_page(error, error.message(), &request_id.0),
        Some(format) => {
            let mut rendered = Json((format.body)(error)).into_response();
            rendered.headers_mut().insert(header::CONTENT_TYPE, format.content_type);
            rendered
        }
        None => Json(error.body(app.clock().now(), &request_id.0)).into_response(),
    };
    *rendered.status_mut() = status;
    rendered.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    let replaced = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
    let kept = headers.iter().filter(|(name, _)| !replaced.contains(name));
    rendered.headers_mut().extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    rendered
}

/// The response for a request whose handler panicked. The panic hook has logged where.
pub(super) fn panic_response(_: Box<dyn Any + Send>) -> Response {
    ErrorResponse(Error::internal("a handler panicked")).into_response()
}

/// The response for a path without a route. It does not repeat the path: whoever sent it knows it, and others may read
/// the answer.
pub async fn not_found() -> ErrorResponse {
    ErrorResponse(Error::new(ErrorCode::NotFound, "there is nothing at this path"))
}

/// The response for a method that a route does not have. The router adds `Allow`. It names the usual methods alone:
/// anything can be sent as one.
pub async fn method_not_allowed(method: Method) -> ErrorResponse {
    let message = "this path does not take this method; see the Allow header";
    ErrorResponse(Error::new(ErrorCode::MethodNotAllowed, message).with("method", known_method(&method)))
}
