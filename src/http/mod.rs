//! HTTP shared by every API: the middleware around all routes, and what handlers need to read requests and to answer.
//!
//! In reading order, which is also the order in which a request meets the middleware:
//!
//! 1. `around`: what goes around every route, and calls the next four.
//! 2. `request_id`: each request gets an id.
//! 3. `request_log`: each request has a span, and a line in the log at its end. `request_metrics` counts them.
//! 4. `draining`: a replica that shuts down closes its connections.
//! 5. `error_response`: an error becomes a status, headers and a body, and is logged, in one place. `error_page` is the
//!    body for whoever opened an address in a browser.
//! 6. `rate_limit`: who sent the request (`identity`) and whether they may send more.
//! 7. `request_rules`: what holds for every request, and the deadline of its body.
//! 8. `accept`, `origin`, `body`, `health`, `html`, `assets`: reading headers and bodies, health checks, pages, and
//!    files that they load.

mod accept;
mod around;
mod assets;
mod body;
mod draining;
mod error_page;
mod error_response;
mod health;
mod html;
mod identity;
mod origin;
mod rate_limit;
mod request_id;
mod request_log;
mod request_metrics;
mod request_rules;

pub use accept::{MediaRange, Preference, accepts_any, accepts_html, preference};
pub use around::AroundEveryRoute;
pub use assets::{Asset, asset_routes};
pub use body::{read_body, redact_json_error};
pub use draining::close_connection_after;
pub use error_response::{ApiResult, ErrorFormat, ErrorResponse, method_not_allowed, not_found};
pub use health::health_routes;
pub use html::{page, strict_page};
pub use identity::{RequestIdentity, bearer_token, client_of};
pub use origin::is_from_own_page;
pub use rate_limit::{
    RATE_LIMIT_HEADERS, RateLimitState, insert_rate_limit_headers, limit_pages, must_admit_page, rate_limit,
    rate_limit_operations,
};
pub use request_id::{REQUEST_ID, RequestId};
pub use request_log::{RequestNotes, record_provider};
pub use request_metrics::RequestMetrics;
pub use request_rules::check_request;
