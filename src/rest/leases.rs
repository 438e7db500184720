//! `/v1/leases`: a number for one worker at a time, and what arrives meanwhile.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{
        Authenticated, IdempotencyHeader, JsonBody, PathId, PathTicket, QueryParams, integer, optional_integer,
        query_integer,
    },
    schema::Done,
};
use crate::{
    app::{App, numbers::LeaseRequest, watching::Transport},
    domain::{
        self, Acquired, Client, CountryCode, Error, ErrorCode, Fence, LeaseSource, LeaseTtl, PoolName, Result,
        TicketId, WaitTime,
    },
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_leases, acquire_lease))
        .routes(routes!(get_lease, release_lease))
        .routes(routes!(renew_lease))
        .routes(routes!(give_up_ticket))
}

/// One worker's hold on a number.
#[derive(Serialize, ToSchema)]
struct Lease {
    #[schema(example = 12)]
    id: i64,
    /// Grows with each lease of this number. Whatever is done through the lease names it.
    #[schema(example = 7)]
    fence: i64,
    #[schema(example = 123)]
    phone_number_id: i32,
    /// E.164, or a short code.
    #[schema(example = "+1234567890")]
    phone_number: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "US")]
    country_code: String,
    /// The pool that it was acquired from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ci")]
    pool: Option<String>,
    /// From before anything of this lease could arrive.
    #[schema(example = "AQAAAAcAAAAAAAAAKg")]
    cursor: String,
    #[schema(example = "2024-01-01T12:00:00Z")]
    starts_at: DateTime<Utc>,
    /// When it ends, unless it is renewed.
    #[schema(example = "2024-01-01T12:02:00Z")]
    expires_at: DateTime<Utc>,
    /// How long it was acquired or last renewed for.
    #[schema(example = 120)]
    ttl_seconds: u16,
    /// How many messages have reached the number and belong to no lease, since the one before this ended: they were
    /// late, were sent before, or came in between.
    #[schema(example = 0)]
    unclaimed_messages: u64,
}

impl From<domain::Lease> for Lease {
    fn from(lease: domain::Lease) -> Self {
        Self {
            id: lease.id.0,
            fence: lease.fence.0,
            phone_number_id: lease.number_id.0,
            phone_number: lease.phone_number.as_str().to_owned(),
            country_code: lease.country_code.as_str().to_owned(),
            pool: lease.pool.map(|pool| pool.as_str().to_owned()),
            cursor: lease.cursor.encode(),
            starts_at: lease.started_at,
            expires_at: lease.expires_at,
            ttl_seconds: lease.ttl.seconds(),
            unclaimed_messages: lease.unclaimed_messages,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcquireLease {
    /// A number of this pool of yours.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 50, example = "ci")]
    pool: Option<String>,
    /// Instead of a pool: any number of this country that you rent. If none of them is free, one more is rented.
    #[serde(default)]
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Za-z]{2}$", example = "US")]
    country_code: Option<String>,
    /// How long the lease lasts, unless it is renewed.
    #[serde(default = "AcquireLease::ttl", deserialize_with = "integer")]
    #[schema(minimum = 5, maximum = 3600, default = 120, example = 120)]
    ttl_seconds: i64,
    /// How long to wait for a number to be free.
    #[serde(default, deserialize_with = "integer")]
    #[schema(minimum = 0, maximum = 50, default = 0, example = 0)]
    wait_seconds: i64,
    /// The ticket of the last answer, to go on waiting.
    #[serde(default)]
    #[schema(example = "tkt_8")]
    ticket: Option<String>,
}

impl AcquireLease {
    fn ttl() -> i64 {
        LeaseTtl::DEFAULT
    }

    fn source(&self) -> Result<LeaseSource> {
        match (&self.pool, &self.country_code) {
            (Some(name), None) => PoolName::parse("pool", name).map(LeaseSource::Pool),
            (None, Some(code)) => CountryCode::parse("country_code", code).map(LeaseSource::Country),
            (Some(_), Some(_)) => Err(Error::invalid("pool", "give either this or country_code")),
            (None, None) => {
                let message = "the body must have pool, or country_code for any number of a country";
                Err(Error::new(ErrorCode::InvalidRequest, message).with("field", "pool"))
            }
        }
    }
}

/// No number was free in time: your place in the queue.
#[derive(Serialize, ToSchema)]
struct Queued {
    /// Send the same request with it to go on waiting.
    #[schema(example = "tkt_8")]
    ticket: String,
    /// 1 is served next.
    #[schema(example = 3)]
    position: u64,
    /// Until then your place is kept.
    #[schema(example = "2024-01-01T12:00:15Z")]
    expires_at: DateTime<Utc>,
}

/// Acquire a lease
///
/// A number for one worker: what arrives until the lease ends is read through the lease, and nothing that came before.
/// When no number is free, who waits is served in order; 202 has a ticket, with which the same request goes on waiting.
/// Without `wait_seconds` and ticket, that is refused with `NO_NUMBER_AVAILABLE`.
///
/// With `country_code`, a number is rented if you rent none that is free, and your plan allows one more.
#[utoipa::path(post, path = "/v1/leases", tag = "Leases", request_body = AcquireLease,
    params(("Idempotency-Key" = inline(Option<String>), Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
        description = "Your own name for this request, such as a UUID: whoever repeats it with the same key gets the lease that the first one acquired")),
    responses(
        (status = 201, description = "The lease", body = Lease),
        (status = 202, description = "No number was free in time", body = Queued)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE", "EMAIL_NOT_VERIFIED", "NOT_FOUND", "NO_NUMBER_AVAILABLE", "LIMIT_REACHED", "VALIDATION_ERROR", "IDEMPOTENCY_KEY_REUSED", "TOO_MANY_CONNECTIONS"]))))]
async fn acquire_lease(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    IdempotencyHeader(key): IdempotencyHeader,
    JsonBody(body): JsonBody<AcquireLease>,
) -> ApiResult<Response> {
    let wanted = LeaseRequest {
        source: body.source()?,
        ttl: LeaseTtl::parse("ttl_seconds", body.ttl_seconds)?,
        wait: WaitTime::parse("wait_seconds", body.wait_seconds, WaitTime::MAX)?,
        ticket: body.ticket.map(|ticket| TicketId::decode("ticket", &ticket)).transpose()?,
        key,
        client: Client::clone(&auth.client),
    };
    let open = || app.open_connection(&auth.caller, &auth.client, Transport::Wait);
    let _permit = (!wanted.wait.is_zero()).then(open).transpose()?;
    let mut closing_time = app.closing_time_of_request();
    Ok(match app.acquire_lease(&auth.caller, &wanted, &mut closing_time).await? {
        Acquired::Leased(lease) => (StatusCode::CREATED, Json(Lease::from(*lease))).into_response(),
        Acquired::Waiting(ticket) => {
            let queued =
                Queued { ticket: ticket.id.encode(), position: ticket.position, expires_at: ticket.expires_at };
            (StatusCode::ACCEPTED, Json(queued)).into_response()
        }
    })
}

#[derive(Serialize, ToSchema)]
struct Leases {
    /// The oldest first.
    leases: Vec<Lease>,
}

/// Your leases
///
/// Those that your workers hold now.
#[utoipa::path(get, path = "/v1/leases", tag = "Leases",
    responses((status = 200, description = "Your leases", body = Leases)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE"]))))]
async fn list_leases(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<Leases>> {
    let leases = app.list_leases(&auth.caller).await?;
    Ok(Json(Leases { leases: leases.into_iter().map(Lease::from).collect() }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FenceParams {
    /// The fence of the lease.
    #[serde(deserialize_with = "query_integer")]
    #[param(example = 7)]
    fence: i64,
}

/// Get a lease
#[utoipa::path(get, path = "/v1/leases/{id}", tag = "Leases",
    params(("id" = i64, Path, description = "Lease ID", example = 12), FenceParams),
    responses((status = 200, description = "The lease", body = Lease)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "LEASE_LOST", "VALIDATION_ERROR"]))))]
async fn get_lease(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    QueryParams(params): QueryParams<FenceParams>,
) -> ApiResult<Json<Lease>> {
    let lease = app.get_lease(&auth.caller, id.lease()?, Fence(params.fence)).await?;
    Ok(Json(lease.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenewLease {
    /// The fence of the lease.
    #[serde(deserialize_with = "integer")]
    #[schema(example = 7)]
    fence: i64,
    /// How long it lasts from now on. By default as long as before.
    #[serde(default, deserialize_with = "optional_integer")]
    #[schema(minimum = 5, maximum = 3600, example = 120)]
    ttl_seconds: Option<i64>,
}

/// Renew a lease
///
/// A rental that would end before is extended. 24 hours after the rental began, both end.
#[utoipa::path(post, path = "/v1/leases/{id}/renew", tag = "Leases", request_body = RenewLease,
    params(("id" = i64, Path, description = "Lease ID", example = 12)),
    responses((status = 200, description = "The lease", body = Lease)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE", "NOT_FOUND", "LEASE_LOST", "VALIDATION_ERROR"]))))]
async fn renew_lease(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    JsonBody(body): JsonBody<RenewLease>,
) -> ApiResult<Json<Lease>> {
    let ttl = body.ttl_seconds.map(|seconds| LeaseTtl::parse("ttl_seconds", seconds)).transpose()?;
    let lease = app.renew_lease(&auth.caller, id.lease()?, Fence(body.fence), ttl).await?;
    Ok(Json(lease.into()))
}

/// Release a lease
///
/// The number is free for the next worker, after the pause of its pool. The number stays rented.
#[utoipa::path(delete, path = "/v1/leases/{id}", tag = "Leases",
    params(("id" = i64, Path, description = "Lease ID", example = 12), FenceParams),
    responses((status = 200, description = "The lease has ended", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "LEASE_LOST", "VALIDATION_ERROR"]))))]
async fn release_lease(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    QueryParams(params): QueryParams<FenceParams>,
) -> ApiResult<Json<Done>> {
    app.release_lease(&auth.caller, id.lease()?, Fence(params.fence)).await?;
    Ok(Json(Done { message: "The lease has ended" }))
}

/// Give up a ticket
///
/// Who waits behind it moves up at once, and not when it expires.
#[utoipa::path(delete, path = "/v1/leases/tickets/{ticket}", tag = "Leases",
    params(("ticket" = String, Path, description = "The ticket of an answer with 202", example = "tkt_8")),
    responses((status = 200, description = "Your place in the queue is given up", body = Done)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE", "NOT_FOUND", "VALIDATION_ERROR"]))))]
async fn give_up_ticket(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    PathTicket(ticket): PathTicket,
) -> ApiResult<Json<Done>> {
    app.give_up_ticket(&auth.caller, ticket).await?;
    Ok(Json(Done { message: "Your place in the queue is given up" }))
}
