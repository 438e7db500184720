//! Pages of other origins (CORS).

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{config::AllowedOrigins, http, rest};

/// The headers that pages may send: those that the APIs read, those that Apollo's clients add to name themselves
/// (`clientAwareness`) and to pass CSRF guards, and those that tracing adds to every request.
const ALLOWED_HEADERS: [HeaderName; 14] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    rest::LAST_EVENT_ID,
    rest::IDEMPOTENCY_KEY,
    http::REQUEST_ID,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("x-apollo-operation-id"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("x-apollo-operation-type"),
];
/// How long a browser remembers the answer to a preflight.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// Lets pages of other origins call the API from a browser. Credentials are headers that a page sets itself, never
/// cookies, so an allowed page can use no more than what its visitor gave it.
pub(super) fn cors(origins: &AllowedOrigins, headers: &[HeaderName]) -> Option<CorsLayer> {
    let origins = match origins {
        AllowedOrigins::Any => AllowOrigin::any(),
        AllowedOrigins::These(origins) if origins.is_empty() => return None,
        AllowedOrigins::These(origins) => {
            AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
        }
    };
    let mut exposed = vec![http::REQUEST_ID, header::RETRY_AFTER, rest::CURSOR];
    exposed.extend(http::RATE_LIMIT_HEADERS);
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(ALLOWED_HEADERS.iter().chain(headers).cloned().collect::<Vec<_>>())
        .expose_headers(exposed)
        .max_age(MAX_AGE);
    Some(cors)
}
