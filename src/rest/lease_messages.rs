//! `/v1/leases/{id}/messages` and `/v1/leases/{id}/wait`: what arrives in a lease.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, PathId, QueryParams, query_integer},
    live::{CURSOR, Received, answer_with_first, filter, timeout},
    schema::{Channel, MessageType},
};
use crate::{app::App, domain::Fence, http::ApiResult};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_lease_messages)).routes(routes!(wait_in_lease))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LeaseMessageParams {
    /// The fence of the lease.
    #[serde(deserialize_with = "query_integer")]
    #[param(example = 7)]
    fence: i64,
    /// Only messages after this cursor. By default all of the lease.
    after: Option<String>,
    /// Number of results to return.
    #[serde(default = "LeaseMessageParams::limit", deserialize_with = "query_integer")]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: i64,
}

impl LeaseMessageParams {
    fn limit() -> i64 {
        50
    }
}

#[derive(Serialize, ToSchema)]
struct LeaseMessages {
    /// The oldest first.
    messages: Vec<Received>,
    /// Pass it as `after` to go on.
    #[schema(example = "AQAAAAcAAAAAAAAAKg")]
    cursor: String,
}

/// Messages of a lease
///
/// What has arrived in the lease. Nothing else, ever: not what came before, and not what comes after.
#[utoipa::path(get, path = "/v1/leases/{id}/messages", tag = "Leases",
    params(("id" = i64, Path, description = "Lease ID", example = 12), LeaseMessageParams),
    responses((status = 200, description = "The messages", body = LeaseMessages,
        headers(("X-Cursor" = String, description = "Where to go on")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "LEASE_LOST", "VALIDATION_ERROR"]))))]
async fn list_lease_messages(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    QueryParams(params): QueryParams<LeaseMessageParams>,
) -> ApiResult<Response> {
    let after = params.after.as_deref();
    let read = app.list_lease_messages(&auth.caller, id.lease()?, Fence(params.fence), after, params.limit).await?;
    let cursor = read.cursor.encode();
    let messages = read.messages.iter().map(Received::from).collect();
    Ok(([(CURSOR, cursor.clone())], Json(LeaseMessages { messages, cursor })).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LeaseWaitParams {
    /// The fence of the lease.
    #[serde(deserialize_with = "query_integer")]
    #[param(example = 7)]
    fence: i64,
    /// Only messages after this cursor. By default all of the lease.
    after: Option<String>,
    /// Only messages of this type.
    #[param(example = "otp")]
    message_type: Option<MessageType>,
    /// Only messages of this sender, whatever the case of its letters.
    #[param(min_length = 1, max_length = 320, example = "GOOGLE")]
    sender_number: Option<String>,
    /// Only messages through this channel.
    #[param(example = "sms")]
    channel: Option<Channel>,
    /// Only messages with a one-time code of this service, without regard to case and accents.
    #[param(min_length = 1, max_length = 100, example = "GitHub")]
    service: Option<String>,
    /// How long to wait, in seconds.
    #[serde(default = "LeaseWaitParams::timeout", deserialize_with = "query_integer")]
    #[param(minimum = 0, maximum = 50, default = 30)]
    timeout: i64,
}

impl LeaseWaitParams {
    fn timeout() -> i64 {
        30
    }
}

/// Wait for a message in a lease
///
/// Answers with the first message of the lease that passes the filters, at once when it is there already, or with 204
/// when none came in time. When the lease ends meanwhile, the answer is `LEASE_LOST`. The header `X-Cursor` of the
/// answer is where to go on.
#[utoipa::path(get, path = "/v1/leases/{id}/wait", tag = "Leases",
    params(("id" = i64, Path, description = "Lease ID", example = 12), LeaseWaitParams),
    responses(
        (status = 200, description = "The first message that passes", body = Received,
            headers(("X-Cursor" = String, description = "Where to go on"))),
        (status = 204, description = "No message came in time",
            headers(("X-Cursor" = String, description = "Where to go on")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "LEASE_LOST", "CURSOR_EXPIRED", "VALIDATION_ERROR", "TOO_MANY_CONNECTIONS"]))))]
async fn wait_in_lease(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    QueryParams(params): QueryParams<LeaseWaitParams>,
) -> ApiResult<Response> {
    let timeout = timeout(params.timeout, 50)?;
    let filter = filter(None, params.message_type, params.channel, params.sender_number, params.service)?;
    let watcher = app.watch_lease(&auth.caller, id.lease()?, Fence(params.fence), filter, params.after);
    answer_with_first(&app, &auth, watcher, timeout).await
}
