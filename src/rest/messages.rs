//! `/v1/messages`: the inbox of the user who calls.

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, PathId, QueryParams, number_id, query_integer, query_phone_number_id, time},
    schema::{Channel, Done, Message, MessageType},
};
use crate::{
    app::App,
    domain::{MessageFilter, OffsetPage, Service},
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_messages)).routes(routes!(mark_message_read))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessageParams {
    /// Filter by phone number ID.
    #[serde(default, deserialize_with = "query_phone_number_id")]
    #[param(example = 123)]
    phone_number_id: Option<i64>,
    /// Filter by message type.
    #[param(example = "otp")]
    message_type: Option<MessageType>,
    /// Filter by channel.
    #[param(example = "sms")]
    channel: Option<Channel>,
    /// Filter by read status.
    #[param(example = false)]
    is_read: Option<bool>,
    /// Filter by the service of the one-time code, without regard to case and accents.
    #[param(min_length = 1, max_length = 100, example = "GitHub")]
    service: Option<String>,
    /// Get messages since this timestamp.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>, format = DateTime, example = "2024-01-01T00:00:00Z")]
    since: Option<DateTime<Utc>>,
    /// Number of results to return.
    #[serde(default = "MessageParams::limit", deserialize_with = "query_integer")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: i64,
    /// Number of results to skip.
    #[serde(default, deserialize_with = "query_integer")]
    #[param(minimum = 0, default = 0)]
    offset: i64,
}

impl MessageParams {
    fn limit() -> i64 {
        50
    }
}

#[derive(Serialize, ToSchema)]
struct Messages {
    /// The newest first.
    messages: Vec<Message>,
    /// How many there are in all.
    #[schema(example = 25)]
    total: u64,
    #[schema(example = 50)]
    limit: u64,
    #[schema(example = 0)]
    offset: u64,
}

/// Get messages
///
/// Your messages of the last hours, the newest first, also those to numbers that you rent no longer.
#[utoipa::path(get, path = "/v1/messages", tag = "Messages", params(MessageParams),
    responses((status = 200, description = "List of messages", body = Messages)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "VALIDATION_ERROR"]))))]
async fn list_messages(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    QueryParams(params): QueryParams<MessageParams>,
) -> ApiResult<Json<Messages>> {
    let filter = MessageFilter {
        phone_number_id: params.phone_number_id.map(number_id),
        types: params.message_type.map(Into::into).into_iter().collect(),
        channels: params.channel.map(Into::into).into_iter().collect(),
        is_read: params.is_read,
        since: params.since,
        sender: None,
        lease_id: None,
        service: params.service.map(|service| Service::parse("service", &service)).transpose()?,
    };
    let page = OffsetPage::new(params.limit, params.offset)?;
    let messages = app.list_messages_at(&auth.caller, &filter, page).await?;
    let total = app.count_messages(&auth.caller, &filter).await?;
    let messages = messages.iter().map(Message::from).collect();
    Ok(Json(Messages { messages, total, limit: page.limit, offset: page.offset }))
}

/// Mark message as read
#[utoipa::path(patch, path = "/v1/messages/{id}/read", tag = "Messages",
    params(("id" = i64, Path, description = "Message ID", example = 456)),
    responses((status = 200, description = "Message marked as read", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND"]))))]
async fn mark_message_read(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.mark_message_read(&auth.caller, id.message()?).await?;
    Ok(Json(Done { message: "Message marked as read" }))
}
