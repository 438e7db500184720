//! The kit that every face uses: which request this is, who is asking, how errors look, and health.

mod admit;
mod assets;
mod body;
mod health;
mod reply;
mod request_id;

pub use admit::{LIMIT_HEADERS, RateLimitState, RequestIdentity, admit, client_of, tell};
pub use assets::{Asset, asset_routes, page};
pub use body::{read_body, without_value};
pub use health::health_routes;
pub use reply::{Refusal, Shape, method_not_allowed, not_found};
pub use request_id::{REQUEST_ID, RequestId, tag_requests};

/// The token of `Bearer …` (RFC 6750, 2.1); the scheme is written in either case.
#[must_use]
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}
