//! Which media types the API answers with.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mediatype::{
    MediaType,
    names::{APPLICATION, EVENT_STREAM, JSON, TEXT},
};

use super::live::STREAM_PATH;
use crate::{
    domain::{Error, ErrorCode},
    http::{ErrorResponse, accepts_any},
};

/// Middleware: refuses a client that accepts nothing of what its path answers with. Errors are JSON on every path.
pub(super) async fn check_accept(request: Request, next: Next) -> Response {
    let json = MediaType::new(APPLICATION, JSON);
    let streams = request.extensions().get::<MatchedPath>().is_some_and(|path| path.as_str() == STREAM_PATH);
    let is_accepted = match streams {
        true => accepts_any(request.headers(), &[MediaType::new(TEXT, EVENT_STREAM), json]),
        false => accepts_any(request.headers(), &[json]),
    };
    if is_accepted {
        return next.run(request).await;
    }
    let message = match streams {
        true => "this address answers text/event-stream; accept it",
        false => "this address answers application/json; accept it",
    };
    ErrorResponse(Error::new(ErrorCode::NotAcceptable, message)).into_response()
}
