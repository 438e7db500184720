//! Connections that are closed after their response, for the sake of a shutdown.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use crate::app::App;

/// Has the connection of a stream closed when the stream ends. A client whose stream ends because the replica stops
/// would otherwise send its next request on that connection, perhaps just when it is closed.
pub fn close_connection_after(stream: &mut Response) {
    stream.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// Middleware: while the application drains, each response closes its connection, so that the client sends its next
/// request to another replica.
pub async fn close_connections_while_draining(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    // An upgrade to a WebSocket uses the same header.
    if app.is_draining() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
