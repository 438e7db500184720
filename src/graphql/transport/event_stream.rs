//! GraphQL over server-sent events, in distinct connections mode
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>).

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response, Sse, sse::Event},
};
use tokio_stream::{Stream, StreamExt};

use super::{
    response_body::{ResponseBody, to_json},
    stream_items::StreamItem,
};

/// How often a quiet stream sends a comment.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(12);

/// Responds with events.
pub(super) fn respond(items: impl Stream<Item = StreamItem> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
        // With axum's `no-cache` a cache could keep messages.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Sse::new(items.filter_map(to_event).map(Ok::<_, Infallible>))).into_response()
}

fn to_event(item: StreamItem) -> Option<Event> {
    match item {
        // A comment. The heartbeats of axum go by the system's clock, and ours by the application's.
        StreamItem::Opened | StreamItem::Heartbeat => Some(Event::DEFAULT_KEEP_ALIVE),
        StreamItem::Response(response) => Some(Event::default().event("next").data(to_json(&ResponseBody(&response)))),
        // A browser drops an event without data.
        StreamItem::Completed => Some(Event::default().event("complete").data("{}")),
        // Without `complete` the client reconnects.
        StreamItem::GoingAway => None,
    }
}
