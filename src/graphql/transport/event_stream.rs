//! GraphQL over server-sent events, in distinct connections mode
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>).

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response, Sse, sse::Event},
};
use futures_util::{StreamExt, stream};
use tokio_stream::Stream;

use super::{
    response_body::{ResponseBody, to_json},
    stream_items::{StreamItem, may_come_back},
};
use crate::graphql::error::refusal;

/// How often a quiet stream sends a comment.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(12);

/// Responds with events.
pub(super) fn respond(items: impl Stream<Item = StreamItem> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
        // With axum's `no-cache` a cache could keep messages.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let events = items.flat_map(|item| stream::iter(to_events(item)));
    (headers, Sse::new(events.map(Ok::<_, Infallible>))).into_response()
}

fn to_events(item: StreamItem) -> Vec<Event> {
    let next = |response| Event::default().event("next").data(to_json(&ResponseBody(response)));
    // A browser drops an event without data.
    let complete = || Event::default().event("complete").data("{}");
    match item {
        // A comment. The heartbeats of axum go by the system's clock, and ours by the application's.
        StreamItem::Opened | StreamItem::Heartbeat => vec![Event::DEFAULT_KEEP_ALIVE],
        StreamItem::Response(response) => vec![next(&response)],
        StreamItem::Completed => vec![complete()],
        // Without `complete` the client reconnects, with the token that it has by then, and a comment is for people. A
        // client whose user has to sign in must not try for ever.
        StreamItem::SessionEnded(reason) => {
            reason.log_request();
            match may_come_back(&reason) {
                true => vec![Event::default().comment(reason.code().name())],
                false => vec![next(&refusal(reason)), complete()],
            }
        }
        StreamItem::GoingAway => Vec::new(),
    }
}
