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

/// How often a quiet stream sends a heartbeat.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

const CLOSE_DELIMITER: &str = "--\r\n";

/// Responds with parts.
pub(super) fn respond(items: impl Stream<Item = StreamItem> + Send + 'static, heartbeats: bool) -> Response {
    let content_type = HeaderValue::from_static("multipart/mixed; boundary=\"graphql\"; subscriptionSpec=1.0");
    let mut writer = PartWriter { knows_heartbeats: heartbeats, is_in_part: false };
    let parts = items.map(move |item| Ok::<_, Infallible>(writer.write(item)));
    ([(header::CONTENT_TYPE, content_type)], Body::from_stream(parts)).into_response()
}

#[derive(Serialize)]
struct Payload<'a> {
    payload: Option<ResponseBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [ServerError]>,
}

struct PartWriter {
    /// Whether the client knows heartbeats of Apollo's protocol: empty objects. Another would take one for a response.
    knows_heartbeats: bool,
    /// Whether the next part was begun by a heartbeat.
    is_in_part: bool,
}

impl PartWriter {
    fn write(&mut self, item: StreamItem) -> Bytes {
        match item {
            StreamItem::Opened => Bytes::from_static(b"\r\n--graphql"),
            StreamItem::Response(response) => {
                self.part(&Payload { payload: Some(ResponseBody(&response)), errors: None }).into()
            }
            StreamItem::Heartbeat if self.knows_heartbeats => self.part(&serde_json::json!({})).into(),
            // A header of the next part that every client skips (RFC 2046, 5.1), and then more and more of its value.
            StreamItem::Heartbeat if std::mem::replace(&mut self.is_in_part, true) => Bytes::from_static(b" "),
            StreamItem::Heartbeat => Bytes::from_static(b"\r\nHeartbeat: "),
            // A part that was begun has to be ended, with what incremental delivery ends with.
            StreamItem::Completed if self.is_in_part => {
                (self.part(&serde_json::json!({ "hasNext": false })) + CLOSE_DELIMITER).into()
            }
            StreamItem::Completed => Bytes::from_static(CLOSE_DELIMITER.as_bytes()),
            StreamItem::SessionEnded(reason) => {
                reason.log_request();
                self.last_part(reason)
            }
            StreamItem::GoingAway => {
                self.last_part(Error::new(ErrorCode::Unavailable, "the server is going away; come back to go on"))
            }
        }
    }

    /// The part that tells why the stream ends although its operation is not complete. Apollo's link for retries knows
    /// from it that it may try again.
    fn last_part(&mut self, reason: Error) -> Bytes {
        let response = refusal(reason);
        (self.part(&Payload { payload: None, errors: Some(&response.errors) }) + CLOSE_DELIMITER).into()
    }

    /// A part and the delimiter after it: without the delimiter, a client would only know with the next part that this
    /// one is complete.
    fn part(&mut self, content: &impl Serialize) -> String {
        self.is_in_part = false;
        format!("\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{}\r\n--graphql", to_json(content))
    }
}
