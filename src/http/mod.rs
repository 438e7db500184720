//! HTTP shared by every API: the middleware around all routes, and what handlers need to read requests and to answer.
//!
//! In reading order, which is also the order in which a request meets the middleware:
//!
//! 1. `request_id`: each request gets an id.
//! 2. `draining`: a replica that shuts down closes its connections.
//! 3. `error_response`: an error becomes a status, headers and a body, and is logged, in one place.
//! 4. `rate_limit`: who sent the request (`identity`) and whether they may send more.
//! 5. `body`, `health`, `assets`: reading bodies, health checks, and files that pages load.

mod assets;
mod body;
mod draining;
mod error_response;
mod health;
mod identity;
mod rate_limit;
mod request_id;

pub use assets::{Asset, asset_routes, page};
pub use body::{read_body, redact_json_error};
pub use draining::close_connections_while_draining;
pub use error_response::{
    ApiResult, ErrorFormat, ErrorResponse, method_not_allowed, not_found, panic_response, render_errors,
};
pub use health::health_routes;
pub use identity::{RequestIdentity, bearer_token, client_of};
pub use rate_limit::{RATE_LIMIT_HEADERS, RateLimitState, insert_rate_limit_headers, rate_limit};
pub use request_id::{REQUEST_ID, RequestId, assign_request_id};
