//! Rate limiting of API requests, as middleware. What is admitted is checked ([`super::check_request`]).

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;

use super::{
    ErrorResponse, RequestIdentity, client_of,
    request_log::{RequestNotes, record_caller},
    request_metrics::known_method,
    request_rules::run_checked,
};
use crate::{
    app::{App, must_be_allowed},
    domain::{Caller, Client, Result},
    limiter::Decision,
};

/// The headers that tell a client how many more requests it may send.
pub const RATE_LIMIT_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("x-ratelimit-window"),
];

/// The state of the middleware here.
#[derive(Clone, Debug)]
pub struct RateLimitState {
    /// The application.
    pub app: Arc<App>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Arc<[IpNet]>,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
}

/// Middleware: determines the [`RequestIdentity`], counts the request and refuses it above the limit. Every response
/// carries the [`RATE_LIMIT_HEADERS`].
pub async fn rate_limit(State(state): State<RateLimitState>, request: Request, next: Next) -> Response {
    RequestNotes::note_route(&request);
    Box::pin(limit(&state, request, next, false)).await
}

/// The same for GraphQL, as part of its own middleware: there only the handler knows what a guest asks for. A guest's
/// request counts like a page here, and the handler counts what it runs: a query of the schema, or a socket whose first
/// message will say who is there, does not use up the few requests of guests. The handler puts its [`Decision`] into
/// the extensions of its response.
pub async fn rate_limit_operations(state: &RateLimitState, request: Request, next: Next) -> Response {
    Box::pin(limit(state, request, next, true)).await
}

async fn limit(state: &RateLimitState, mut request: Request, next: Next, handler_counts_guests: bool) -> Response {
    let RateLimitState { app, proxies, body_timeout } = state;
    let client = client_of(&request, proxies);
    let mut identity = RequestIdentity::of(app, request.headers(), client).await;
    let caller = identity.limited_caller();
    record_caller(&caller);
    // Whoever shows a credential that is not good is counted here: it may be a guess.
    identity.is_counted = !(handler_counts_guests && matches!(identity.caller(), Ok(Caller::Guest)));
    let decision = match identity.is_counted {
        true => app.admit(&caller, &identity.client, 1).await,
        false => app.admit_page(&identity.client).await,
    };
    let notes = request.extensions().get::<RequestNotes>().cloned();
    let mut response = match must_be_allowed(&decision) {
        Ok(()) => {
            app.record_usage(&caller, &identity.client, endpoint(&request));
            if identity.is_counted {
                notes.as_ref().inspect(|notes| notes.note_admitted());
            }
            request.extensions_mut().insert(identity);
            run_checked(*body_timeout, request, next).await
        }
        Err(error) => {
            app.keep_places_while_refused(&caller, decision.retry_after);
            ErrorResponse(error).into_response()
        }
    };
    let by_handler = response.extensions_mut().remove::<Decision>();
    if by_handler.as_ref().is_some_and(|decision| decision.allowed) {
        notes.inspect(RequestNotes::note_admitted);
    }
    let decision = by_handler.unwrap_or(decision);
    insert_rate_limit_headers(&decision, response.headers_mut());
    response
}

/// Counts a request for a page, a file that it loads, or the session of a browser.
///
/// # Errors
/// `RATE_LIMITED`.
pub async fn must_admit_page(state: &RateLimitState, client: &Client) -> Result<()> {
    must_be_allowed(&state.app.admit_page(client).await)
}

/// Middleware for pages and what belongs to them. They have a limit of their own, by network, so that they do not use
/// up the few requests of a guest. Handlers find the [`RequestIdentity`] of a guest.
pub async fn limit_pages(State(state): State<RateLimitState>, mut request: Request, next: Next) -> Response {
    RequestNotes::note_route(&request);
    let client = client_of(&request, &state.proxies);
    match must_admit_page(&state, &client).await {
        Ok(()) => {
            request.extensions_mut().insert(RequestIdentity::of_guest(client));
            run_checked(state.body_timeout, request, next).await
        }
        Err(error) => ErrorResponse(error).into_response(),
    }
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
