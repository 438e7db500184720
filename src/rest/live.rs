//! Messages as they arrive: `/v1/messages/wait` (long poll) and `/v1/messages/stream` (server-sent events). Both use a
//! [`Watcher`].

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, QueryParams, number_id, query_integer, query_phone_number_id, sender, time},
    schema::{Channel, Message, MessageType},
};
use crate::{
    app::{
        App, ClosingTime,
        watching::messages::{Delivery, StartPosition, Watcher},
        watching::{ConnectionPermit, Transport},
    },
    domain::{Error, InboxCursor, MessageFilter, Result, Sender, Service},
    http::{ApiResult, ErrorResponse, RequestId, close_connection_after},
};

/// The header with the cursor to continue from.
pub const CURSOR: HeaderName = HeaderName::from_static("x-cursor");
/// The header that an `EventSource` sends when it reconnects.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The path of the stream, which answers events instead of JSON.
pub(super) const STREAM_PATH: &str = "/v1/messages/stream";
/// How often a stream without events sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a client waits before it reconnects.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(wait_for_message)).routes(routes!(stream_messages))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WaitParams {
    /// Only messages after this cursor. Take it from the last answer.
    after: Option<String>,
    /// Only messages that were received at this time or later. Take the time before you make somebody send
    /// a code, and no code is missed and no old one is taken for the new one. It is the server's clock that
    /// counts; `after` needs none.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>, format = DateTime, example = "2024-01-01T00:00:00Z")]
    since: Option<DateTime<Utc>>,
    /// Only messages to this number.
    #[serde(default, deserialize_with = "query_phone_number_id")]
    #[param(example = 123)]
    phone_number_id: Option<i64>,
    /// Only messages of this type.
    #[param(example = "otp")]
    message_type: Option<MessageType>,
    /// Only messages through this channel.
    #[param(example = "sms")]
    channel: Option<Channel>,
    /// Only messages of this sender, whatever the case of its letters.
    #[param(min_length = 1, max_length = 320, example = "GOOGLE")]
    sender_number: Option<String>,
    /// Only messages with a one-time code of this service, without regard to case and accents.
    #[param(min_length = 1, max_length = 100, example = "GitHub")]
    service: Option<String>,
    /// How long to wait, in seconds.
    #[serde(default = "WaitParams::timeout", deserialize_with = "query_integer")]
    #[param(minimum = 0, maximum = 60, default = 30)]
    timeout: i64,
}

impl WaitParams {
    fn timeout() -> i64 {
        30
    }
}

/// A message, and where you are after it.
#[derive(Serialize, ToSchema)]
pub(super) struct Received {
    /// Pass it as `after` to wait for the next one.
    #[schema(example = "AQAAAAcAAAAAAAAAKg")]
    cursor: String,
    message: Message,
}

impl From<&Delivery> for Received {
    fn from(delivery: &Delivery) -> Self {
        Self { cursor: delivery.cursor.encode(), message: Message::from(&*delivery.message) }
    }
}

pub(super) fn filter(
    phone_number_id: Option<i64>,
    kind: Option<MessageType>,
    channel: Option<Channel>,
    from: Option<String>,
    service: Option<String>,
) -> Result<MessageFilter> {
    Ok(MessageFilter {
        phone_number_id: phone_number_id.map(number_id),
        types: kind.map(Into::into).into_iter().collect(),
        channels: channel.map(Into::into).into_iter().collect(),
        sender: from.map(|from| Sender::parse("sender_number", &sender(&from))).transpose()?,
        service: service.map(|service| Service::parse("service", &service)).transpose()?,
        ..MessageFilter::default()
    })
}

/// Wait for a message
///
/// Answers with the first message that passes the filters, at once when it is there already, or with 204
/// when none came in time. Without `after` and `since`, waits for what comes from now on. The header
/// `X-Cursor` of the answer, also of a 204 and of a 503, is where to go on. With `timeout=0` and nothing else
/// it is where your inbox ends: take it before you make somebody send a code, and pass it as `after`.
///
/// With `message_type=otp`, and `service` where more than one may write, the answer is the first code:
/// `message.otp.code`.
#[utoipa::path(get, path = "/v1/messages/wait", tag = "Messages", params(WaitParams),
    responses(
        (status = 200, description = "The first message that passes", body = Received,
            headers(("X-Cursor" = String, description = "Where to go on"))),
        (status = 204, description = "No message came in time",
            headers(("X-Cursor" = String, description = "Where to go on")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "CURSOR_EXPIRED", "VALIDATION_ERROR", "TOO_MANY_CONNECTIONS"]))))]
async fn wait_for_message(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    QueryParams(params): QueryParams<WaitParams>,
) -> ApiResult<Response> {
    let timeout = timeout(params.timeout, 60)?;
    let filter = MessageFilter {
        since: params.since,
        ..filter(params.phone_number_id, params.message_type, params.channel, params.sender_number, params.service)?
    };
    let start = match (params.after, params.since) {
        (Some(after), _) => StartPosition::After(after),
        (None, Some(since)) => StartPosition::Since(since),
        (None, None) => StartPosition::Now,
    };
    let watcher = app.watch_messages(&auth.caller, filter, start);
    answer_with_first(&app, &auth, watcher, timeout).await
}

/// The timeout of a request that waits, within its bounds.
pub(super) fn timeout(seconds: i64, max: u64) -> Result<Duration> {
    match u64::try_from(seconds) {
        Ok(seconds) if seconds <= max => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::invalid("timeout", format!("must be from 0 to {max} seconds"))),
    }
}

/// Answers with the first message of a watcher that is being opened, or with 204 when none comes in time.
pub(super) async fn answer_with_first(
    app: &Arc<App>,
    auth: &Authenticated,
    watcher: impl Future<Output = Result<Watcher>>,
    timeout: Duration,
) -> ApiResult<Response> {
    let _permit = app.open_connection(&auth.caller, &auth.client, Transport::Wait)?;
    let mut closing_time = app.closing_time_of_request();
    // The deadline includes the time that reading the store takes.
    let deadline = app.clock().now() + timeout;
    let mut watcher = watcher.await?.over(Transport::Wait);
    // A stored message is returned even after the deadline.
    let outcome = match watcher.next_stored().await {
        Ok(None) => wait_until(app, &mut watcher, &mut closing_time, deadline).await,
        stored => stored,
    };
    // The client needs the cursor in every case, to continue without a gap.
    let cursor = [(CURSOR, watcher.cursor().encode())];
    Ok(match outcome {
        Ok(Some(delivery)) => (cursor, Json(Received::from(&delivery))).into_response(),
        Ok(None) => (StatusCode::NO_CONTENT, cursor).into_response(),
        Err(error) => (cursor, ErrorResponse(error)).into_response(),
    })
}

async fn wait_until(
    app: &App,
    watcher: &mut Watcher,
    closing_time: &mut ClosingTime,
    deadline: DateTime<Utc>,
) -> Result<Option<Delivery>> {
    tokio::select! {
        biased;
        delivery = watcher.next() => delivery.transpose(),
        () = closing_time.reached() => Err(Error::unavailable("shutting down")),
        () = app.clock().sleep_until(deadline) => Ok(None),
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StreamParams {
    /// Only messages after this cursor. The header `Last-Event-ID` comes before it.
    after: Option<String>,
    /// Only messages to this number.
    #[serde(default, deserialize_with = "query_phone_number_id")]
    #[param(example = 123)]
    phone_number_id: Option<i64>,
    /// Only messages of this type.
    #[param(example = "otp")]
    message_type: Option<MessageType>,
    /// Only messages through this channel.
    #[param(example = "sms")]
    channel: Option<Channel>,
    /// Only messages of this sender, whatever the case of its letters.
    #[param(min_length = 1, max_length = 320, example = "GOOGLE")]
    sender_number: Option<String>,
    /// Only messages with a one-time code of this service, without regard to case and accents.
    #[param(min_length = 1, max_length = 100, example = "GitHub")]
    service: Option<String>,
}

/// Watch messages
///
/// Server-sent events. First comes `ready`, whose `id` is where the stream begins; then one `message` event
/// for each message, in order, none left out and none twice, with the same data as the answer of waiting.
/// The `id` of an event is a cursor, so a client that comes back with `Last-Event-ID` goes on where it was.
/// When the stream must end before its client, for one because the access token has expired, an `end` event
/// says why, with the body of an error; when the server is about to stop, it just ends, and the client comes
/// back.
///
/// The `EventSource` of browsers cannot send an `Authorization` header: use a client that reads with
/// `fetch`, or a GraphQL subscription.
#[utoipa::path(get, path = "/v1/messages/stream", tag = "Messages",
    params(StreamParams, ("Last-Event-ID" = inline(Option<String>), Header, description = "The cursor of the last message that you saw")),
    responses((status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream",
        headers(("X-Cursor" = String, description = "Where the stream begins")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "CURSOR_EXPIRED", "VALIDATION_ERROR", "TOO_MANY_CONNECTIONS"]))))]
async fn stream_messages(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    QueryParams(params): QueryParams<StreamParams>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let last = headers.get(LAST_EVENT_ID).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let after = last.filter(|last| !last.is_empty()).or(params.after);
    let filter =
        filter(params.phone_number_id, params.message_type, params.channel, params.sender_number, params.service)?;
    let permit = app.open_connection(&auth.caller, &auth.client, Transport::Sse)?;
    let watcher = app.watch_messages(&auth.caller, filter, StartPosition::after(after)).await?.over(Transport::Sse);
    let cursor = watcher.cursor();
    let stream = Sse::new(events(app, watcher, request_id, permit)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // nginx buffers responses unless told otherwise, which would delay messages.
    let headers = [(CURSOR, cursor.encode()), (HeaderName::from_static("x-accel-buffering"), "no".to_owned())];
    let mut response = (headers, stream).into_response();
    close_connection_after(&mut response);
    Ok(response)
}

/// The events of a stream. The first one has the cursor at which the stream begins, so that a client can continue from
/// there before it has received a message.
fn events(
    app: Arc<App>,
    watcher: Watcher,
    request_id: RequestId,
    permit: ConnectionPermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let beginning = watcher.cursor();
    let closing_time = app.closing_time();
    let start = stream::once(async move { Ok(ready_event(beginning)) });
    let rest = stream::unfold(Some((watcher, closing_time, permit)), move |open| {
        let (app, request_id) = (Arc::clone(&app), request_id.clone());
        async move {
            let (mut watcher, mut closing_time, permit) = open?;
            let next = tokio::select! {
                biased;
                next = watcher.next() => next?,
                // The client reconnects to another replica, and continues from its cursor.
                () = closing_time.reached() => return None,
            };
            Some(match next {
                Ok(delivery) => (Ok(message_event(&delivery)), Some((watcher, closing_time, permit))),
                Err(error) => {
                    error.log_request();
                    let body = error.body(app.clock().now(), &request_id.0);
                    (Ok(Event::default().event("end").data(body.to_string())), None)
                }
            })
        }
    });
    futures_util::StreamExt::chain(start, rest)
}

fn ready_event(beginning: InboxCursor) -> Event {
    Event::default().event("ready").id(beginning.encode()).retry(RECONNECT_DELAY).data("{}")
}

fn message_event(delivery: &Delivery) -> Event {
    let data = Received::from(delivery);
    let event = Event::default().event("message").id(data.cursor.as_str());
    // JSON on one line, as `Event::data` requires.
    event.data(serde_json::to_string(&data).unwrap_or_default())
}
