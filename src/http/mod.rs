//! The kit that every face uses: which request this is, who is asking, how errors look, and health.

mod body;
mod health;
mod reply;
mod request_id;

use axum::http::{HeaderMap, header};

pub use body::read_body;
pub use health::health_routes;
pub use reply::{Failure, method_not_allowed, not_found};
pub use request_id::{RequestId, tag_requests};

use crate::{
    app::App,
    domain::{Caller, Code, Error, Result},
};

/// Who is asking, by the `Authorization` header.
///
/// # Errors
/// `UNAUTHENTICATED` for a header that is not a bearer token, and whatever the token deserves. A
/// request without the header is a guest's.
pub async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller> {
    match headers.get(header::AUTHORIZATION) {
        None => Ok(Caller::Guest),
        Some(value) => {
            let invalid = || Error::new(Code::Unauthenticated, "the Authorization header must be `Bearer …`");
            let value = value.to_str().map_err(|_| invalid())?;
            app.authenticate(bearer(value).ok_or_else(invalid)?).await
        }
    }
}

/// The token of `Bearer …` (RFC 6750, 2.1); the scheme is written in either case.
#[must_use]
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}
