//! `/v1/messages/{id}/timeline`: where a message is. For administrators.

use std::sync::Arc;

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, PathId},
    schema::Timeline,
};
use crate::{app::App, http::ApiResult};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get_timeline))
}

/// Where a message is
///
/// When it passed each stage between its provider and its reader: times alone, of anybody's message. For
/// administrators.
#[utoipa::path(get, path = "/v1/messages/{id}/timeline", tag = "Administration",
    params(("id" = i64, Path, description = "Message ID", example = 456)),
    responses((status = 200, description = "The timeline of the message", body = Timeline)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "NOT_FOUND"]))))]
async fn get_timeline(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Timeline>> {
    auth.caller.admin()?;
    let timeline = app.get_timeline(&auth.caller, id.message()?).await?;
    Ok(Json(Timeline::from(&timeline)))
}
