//! Apollo's multipart protocol for subscriptions
//! (<https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol>).

use std::{convert::Infallible, time::Duration};

use async_graphql::ServerError;
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio_stream::{Stream, StreamExt};

use super::{
    response_body::{ResponseBody, to_json},
    stream_items::StreamItem,
};
use crate::{
    domain::{Error, ErrorCode},
    graphql::error::refusal,
};

/// How often a quiet stream sends an empty object, to clients that know heartbeats.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

const CLOSE_DELIMITER: &str = "--\r\n";

/// Responds with parts.
pub(super) fn respond(items: impl Stream<Item = StreamItem> + Send + 'static, heartbeats: bool) -> Response {
    let content_type = HeaderValue::from_static("multipart/mixed; boundary=\"graphql\"; subscriptionSpec=1.0");
    let parts = items.filter_map(move |item| to_bytes(item, heartbeats)).map(Ok::<_, Infallible>);
    ([(header::CONTENT_TYPE, content_type)], Body::from_stream(parts)).into_response()
}

#[derive(Serialize)]
struct Payload<'a> {
    payload: Option<ResponseBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [ServerError]>,
}

fn to_bytes(item: StreamItem, heartbeats: bool) -> Option<Bytes> {
    match item {
        StreamItem::Opened => Some(Bytes::from_static(b"\r\n--graphql")),
        StreamItem::Response(response) => {
            Some(part(&Payload { payload: Some(ResponseBody(&response)), errors: None }).into())
        }
        StreamItem::Heartbeat => heartbeats.then(|| part(&serde_json::json!({})).into()),
        StreamItem::Completed => Some(Bytes::from_static(CLOSE_DELIMITER.as_bytes())),
        StreamItem::GoingAway => {
            let message = "the server is going away; come back to go on";
            let response = refusal(Error::new(ErrorCode::Unavailable, message));
            let last = part(&Payload { payload: None, errors: Some(&response.errors) });
            Some((last + CLOSE_DELIMITER).into())
        }
    }
}

/// A part and the delimiter after it: without the delimiter, a client would only know with the next part that this one
/// is complete.
fn part(content: &impl Serialize) -> String {
    format!("\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{}\r\n--graphql", to_json(content))
}
