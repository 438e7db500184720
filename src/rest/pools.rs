//! `/v1/pools`: the sets of numbers that the caller's workers lease from.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, JsonBody, Object, PathId, integer, nullable, number_id, optional_integer},
    schema::{Done, Pool, Rule},
};
use crate::{
    app::App,
    domain::{Cooldown, NewPool, NumberId, PoolChange, PoolName, PoolRule},
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_pools, create_pool)).routes(routes!(update_pool, delete_pool))
}

#[derive(Serialize, ToSchema)]
struct Pools {
    /// By name.
    pools: Vec<Pool>,
}

/// Your pools
#[utoipa::path(get, path = "/v1/pools", tag = "Pools",
    responses((status = 200, description = "Your pools", body = Pools)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE"]))))]
async fn list_pools(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<Pools>> {
    let pools = app.list_pools(&auth.caller, None).await?;
    Ok(Json(Pools { pools: pools.into_iter().map(Pool::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreatePool {
    /// What workers name when they acquire a lease.
    #[schema(min_length = 1, max_length = 50, example = "ci")]
    name: String,
    /// The pause between two leases of one number, in seconds: what is late for one worker is then not the next one's.
    #[serde(default, deserialize_with = "integer")]
    #[schema(minimum = 0, maximum = 3600, default = 0, example = 0)]
    cooldown_seconds: i64,
    /// Which of the numbers that you rent belong to it: with `{}` all, without a rule none.
    #[serde(default)]
    #[schema(value_type = Option<Rule>)]
    rule: Option<Object<Rule>>,
    /// Numbers that you rent, one by one.
    #[serde(default)]
    #[schema(max_items = 100, example = json!([]))]
    phone_number_ids: Vec<i64>,
}

fn number_ids(ids: Vec<i64>) -> Vec<NumberId> {
    ids.into_iter().map(number_id).collect()
}

/// Create a pool
///
/// It has the numbers that you rent and the rule finds, those that you list, and those that an administrator grants it.
/// At most 50 pools at once.
#[utoipa::path(post, path = "/v1/pools", tag = "Pools", request_body = CreatePool,
    responses((status = 201, description = "The pool", body = Pool)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE", "NOT_FOUND", "ALREADY_EXISTS", "LIMIT_REACHED", "VALIDATION_ERROR"]))))]
async fn create_pool(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    JsonBody(body): JsonBody<CreatePool>,
) -> ApiResult<(StatusCode, Json<Pool>)> {
    let new = NewPool {
        name: PoolName::parse("name", &body.name)?,
        cooldown: Cooldown::parse("cooldown_seconds", body.cooldown_seconds)?,
        rule: body.rule.map(|Object(rule)| PoolRule::try_from(rule)).transpose()?,
        numbers: number_ids(body.phone_number_ids),
    };
    let pool = app.create_pool(&auth.caller, &new).await?;
    Ok((StatusCode::CREATED, Json(pool.into())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdatePool {
    /// What workers name when they acquire a lease.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 50, example = "ci")]
    name: Option<String>,
    /// The pause between two leases of one number, in seconds.
    #[serde(default, deserialize_with = "optional_integer")]
    #[schema(minimum = 0, maximum = 3600, example = 0)]
    cooldown_seconds: Option<i64>,
    /// The new rule; `null` removes it. Without the field it stays.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Rule>)]
    rule: Option<Option<Object<Rule>>>,
    /// The numbers that you list, instead of those before.
    #[serde(default)]
    #[schema(max_items = 100, example = json!([]))]
    phone_number_ids: Option<Vec<i64>>,
}

/// Change a pool
///
/// Without a field, what it is about stays. Leases go on.
#[utoipa::path(patch, path = "/v1/pools/{id}", tag = "Pools", request_body = UpdatePool,
    params(("id" = i32, Path, description = "Pool ID", example = 3)),
    responses((status = 200, description = "The pool", body = Pool)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "ALREADY_EXISTS", "VALIDATION_ERROR"]))))]
async fn update_pool(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    JsonBody(body): JsonBody<UpdatePool>,
) -> ApiResult<Json<Pool>> {
    let change = PoolChange {
        name: body.name.map(|name| PoolName::parse("name", &name)).transpose()?,
        cooldown: body.cooldown_seconds.map(|seconds| Cooldown::parse("cooldown_seconds", seconds)).transpose()?,
        rule: body.rule.map(|rule| rule.map(|Object(rule)| PoolRule::try_from(rule)).transpose()).transpose()?,
        numbers: body.phone_number_ids.map(number_ids),
    };
    let pool = app.update_pool(&auth.caller, id.pool()?, &change).await?;
    Ok(Json(pool.into()))
}

/// Delete a pool
///
/// Leases of its numbers go on, except of granted ones, which are given back.
#[utoipa::path(delete, path = "/v1/pools/{id}", tag = "Pools",
    params(("id" = i32, Path, description = "Pool ID", example = 3)),
    responses((status = 200, description = "The pool is deleted", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND"]))))]
async fn delete_pool(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.delete_pool(&auth.caller, id.pool()?).await?;
    Ok(Json(Done { message: "The pool is deleted" }))
}
