//! `/v1/blocked-senders`: senders whose messages are refused. For administrators.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, JsonBody, PathId},
    schema::Done,
};
use crate::{
    app::App,
    domain::{self, NewBlockedSender},
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_blocked_senders, block_sender)).routes(routes!(unblock_sender))
}

/// A sender whose messages are refused, or how several begin.
#[derive(Serialize, ToSchema)]
struct BlockedSender {
    #[schema(example = 2)]
    id: i32,
    /// Whatever the case of its letters. With an asterisk at its end, every sender that begins so.
    #[schema(example = "+4490*")]
    sender: String,
    /// Why, for other administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Junk since Monday")]
    note: Option<String>,
    /// Who blocked it. Without it, the operator at the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    created_by: Option<i32>,
    #[schema(example = "2024-01-01T12:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<domain::BlockedSender> for BlockedSender {
    fn from(blocked: domain::BlockedSender) -> Self {
        Self {
            id: blocked.id.0,
            sender: blocked.pattern.as_str().to_owned(),
            note: blocked.note,
            created_by: blocked.created_by.map(|id| id.0),
            created_at: blocked.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct BlockedSenders {
    /// The newest first.
    blocked_senders: Vec<BlockedSender>,
}

/// The blocked senders
///
/// For administrators.
#[utoipa::path(get, path = "/v1/blocked-senders", tag = "Administration",
    responses((status = 200, description = "The blocked senders", body = BlockedSenders)),
    extensions(("x-errors" = json!(["FORBIDDEN"]))))]
async fn list_blocked_senders(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<BlockedSenders>> {
    let blocked = app.list_all_blocked_senders(&auth.caller).await?;
    Ok(Json(BlockedSenders { blocked_senders: blocked.into_iter().map(BlockedSender::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BlockSender {
    /// Whatever the case of its letters. With an asterisk at its end, after at least 3 characters, every sender that
    /// begins so.
    #[schema(min_length = 1, max_length = 321, example = "+4490*")]
    sender: String,
    /// Why, for other administrators.
    #[serde(default)]
    #[schema(max_length = 200, example = "Junk since Monday")]
    note: Option<String>,
}

/// Block a sender
///
/// Its messages are refused from now on, on every replica within seconds: they are not stored, and a delivery report
/// says so. There can be 1,000. For administrators.
#[utoipa::path(post, path = "/v1/blocked-senders", tag = "Administration", request_body = BlockSender,
    responses((status = 201, description = "The blocked sender", body = BlockedSender)),
    extensions(("x-errors" = json!(["FORBIDDEN", "ALREADY_EXISTS", "LIMIT_REACHED", "VALIDATION_ERROR"]))))]
async fn block_sender(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    JsonBody(body): JsonBody<BlockSender>,
) -> ApiResult<(StatusCode, Json<BlockedSender>)> {
    auth.caller.admin()?;
    let new = NewBlockedSender::new(&body.sender, body.note.as_deref())?;
    let blocked = app.block_sender(&auth.caller, &new).await?;
    Ok((StatusCode::CREATED, Json(blocked.into())))
}

/// Unblock a sender
///
/// Its messages are received again, on every replica within seconds. For administrators.
#[utoipa::path(delete, path = "/v1/blocked-senders/{id}", tag = "Administration",
    params(("id" = i32, Path, description = "Blocked sender ID", example = 2)),
    responses((status = 200, description = "The sender is blocked no longer", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "NOT_FOUND"]))))]
async fn unblock_sender(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.unblock_sender(&auth.caller, id.blocked_sender()?).await?;
    Ok(Json(Done { message: "The sender is blocked no longer" }))
}
