//! Rate limiting of API requests, as middleware.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;

use super::{
    ErrorResponse, RequestIdentity, client_of,
    request_log::{Admitted, known_method, record_caller},
};
use crate::{
    app::{App, must_be_allowed},
    limiter::Decision,
};

/// The headers that tell a client how many more requests it may send.
pub const RATE_LIMIT_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("x-ratelimit-window"),
];

/// The state of the middleware [`rate_limit`].
#[derive(Clone, Debug)]
pub struct RateLimitState {
    /// The application.
    pub app: Arc<App>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Arc<[IpNet]>,
}

/// Middleware: determines the [`RequestIdentity`], counts the request and refuses it above the limit. Every response
/// carries the [`RATE_LIMIT_HEADERS`].
pub async fn rate_limit(State(state): State<RateLimitState>, mut request: Request, next: Next) -> Response {
    let RateLimitState { app, proxies } = &state;
    let client = client_of(&request, proxies);
    let identity = RequestIdentity::of(app, request.headers(), client).await;
    let caller = identity.limited_caller();
    record_caller(&caller);
    let decision = app.admit(&caller, &identity.client, 1).await;
    let mut response = match must_be_allowed(&decision) {
        Ok(()) => {
            app.record_usage(&caller, &identity.client, endpoint(&request));
            request.extensions().get().inspect(|admitted: &&Admitted| admitted.note());
            request.extensions_mut().insert(identity);
            next.run(request).await
        }
        Err(error) => ErrorResponse(error).into_response(),
    };
    insert_rate_limit_headers(&decision, response.headers_mut());
    response
}

/// Adds the [`RATE_LIMIT_HEADERS`] to a response.
pub fn insert_rate_limit_headers(decision: &Decision, headers: &mut HeaderMap) {
    // Rounded up, so that a request at that second is allowed.
    let reset = decision.reset_at.timestamp_micros().div_euclid(1_000_000)
        + i64::from(decision.reset_at.timestamp_subsec_nanos() > 0);
    let [limit, remaining, reset_at, window] = RATE_LIMIT_HEADERS;
    headers.insert(limit, decision.limit.into());
    headers.insert(remaining, decision.remaining.into());
    headers.insert(reset_at, reset.into());
    headers.insert(window, HeaderValue::from_static("60"));
    // Responses are for one user alone, and some carry tokens.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The method and the route, as usage is counted: a bounded set, whatever clients send.
fn endpoint(request: &Request) -> String {
    let path = request.extensions().get::<MatchedPath>().map_or("(unknown)", MatchedPath::as_str);
    format!("{} {path}", known_method(request.method()))
}
