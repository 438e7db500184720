//! Request ids: every response and every log line about a request carries its id.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    response::Response,
};

use crate::app::App;

/// The header that carries the id of a request, in requests and responses.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// Gives a request an id, which its handler finds in its extensions. A client's own id is kept if it has 1 to 64
    /// letters, digits, hyphens, underscores and dots.
    pub(super) fn assign(app: &App, request: &mut Request) -> Self {
        let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_valid(id));
        let id = Self(match given {
            Some(id) => id.into(),
            None => format!("req_{:024x}", u128::from_be_bytes(app.random().bytes()) >> 32).into(),
        });
        request.extensions_mut().insert(id.clone());
        id
    }

    /// Shows the id in the response.
    pub(super) fn show_in(&self, response: &mut Response) {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
    }
}

fn is_valid(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&id.len()) && id.bytes().all(is_allowed)
}
