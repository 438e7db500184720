//! One HTTP response for the responses of an operation, each sent when it is there.

use std::sync::Arc;

use axum::{
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};

use super::{
    accept::StreamFormat,
    event_stream, multipart,
    stream_items::{StreamOwner, items},
};
use crate::{
    app::App,
    graphql::{context::StartSignal, execution::ResponseStream},
};

/// Responds with a stream.
pub(super) fn respond(
    app: &Arc<App>,
    format: StreamFormat,
    responses: ResponseStream,
    start: StartSignal,
    owner: StreamOwner,
) -> Response {
    let heartbeat = match format {
        StreamFormat::ServerSentEvents => event_stream::HEARTBEAT,
        StreamFormat::Multipart { .. } => multipart::HEARTBEAT,
    };
    let items = items(app, heartbeat, responses, start, owner);
    let body = match format {
        StreamFormat::ServerSentEvents => event_stream::respond(items),
        StreamFormat::Multipart { heartbeats } => multipart::respond(items, heartbeats),
    };
    // A proxy that buffers a response until it is complete would keep messages back.
    ([(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))], body).into_response()
}
