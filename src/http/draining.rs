//! Connections that are closed after their response, for the sake of a shutdown.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::app::App;

/// Has the connection of a stream closed when the stream ends. A client whose stream ends because the replica stops
/// would otherwise send its next request on that connection, perhaps just when it is closed.
pub fn close_connection_after(stream: &mut Response) {
    stream.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// While the application drains, each response closes its connection, so that the client sends its next request to
/// another replica.
pub(super) fn close_connection_while_draining(app: &App, response: &mut Response) {
    // An upgrade to a WebSocket uses the same header.
    if app.is_draining() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}
