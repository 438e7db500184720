//! `/v1/numbers`: listing, renting, extending and releasing numbers.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{
        Authenticated, IdempotencyHeader, JsonBody, OptionalJsonBody, PathId, QueryParams, integer, nullable,
        phone_number_id, query_integer,
    },
    schema::{Done, NumberStatus, PhoneNumber},
};
use crate::{
    app::App,
    domain::{CountryCode, Error, ErrorCode, Label, NumberChoice, NumberFilter, NumberId, OffsetPage, RentalHours},
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_numbers, assign_number))
        .routes(routes!(get_number, label_number, release_number))
        .routes(routes!(extend_number))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NumberParams {
    /// Filter by country code.
    #[param(min_length = 2, max_length = 2, pattern = "^[A-Za-z]{2}$", example = "US")]
    country_code: Option<String>,
    /// Filter by status.
    #[param(example = "available")]
    status: Option<NumberStatus>,
    /// Number of results to return.
    #[serde(default = "NumberParams::limit", deserialize_with = "query_integer")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: i64,
    /// Number of results to skip.
    #[serde(default, deserialize_with = "query_integer")]
    #[param(minimum = 0, default = 0)]
    offset: i64,
}

impl NumberParams {
    fn limit() -> i64 {
        20
    }
}

#[derive(Serialize, ToSchema)]
struct PhoneNumbers {
    /// By id.
    numbers: Vec<PhoneNumber>,
    /// How many there are in all.
    #[schema(example = 150)]
    total: u64,
    #[schema(example = 20)]
    limit: u64,
    #[schema(example = 0)]
    offset: u64,
}

/// Get available phone numbers
///
/// The numbers that you can rent and those that you rent now; for administrators, all.
#[utoipa::path(get, path = "/v1/numbers", tag = "Phone Numbers", params(NumberParams),
    responses((status = 200, description = "List of phone numbers", body = PhoneNumbers)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "VALIDATION_ERROR"]))))]
async fn list_numbers(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    QueryParams(params): QueryParams<NumberParams>,
) -> ApiResult<Json<PhoneNumbers>> {
    let filter = NumberFilter {
        country_code: params.country_code.map(|code| CountryCode::parse("country_code", &code)).transpose()?,
        status: params.status.map(Into::into),
        provider_id: None,
        mine: false,
    };
    let page = OffsetPage::new(params.limit, params.offset)?;
    let numbers = app.list_numbers_at(&auth.caller, &filter, page).await?;
    let total = app.count_numbers(&auth.caller, &filter).await?;
    let numbers = numbers.into_iter().map(PhoneNumber::from).collect();
    Ok(Json(PhoneNumbers { numbers, total, limit: page.limit, offset: page.offset }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignNumber {
    /// This number: its id, or with the prefix that GraphQL gives it: `num_123`.
    #[serde(default, deserialize_with = "phone_number_id")]
    #[schema(example = 123)]
    phone_number_id: Option<i64>,
    /// Any number of this country, by ISO 3166-1 alpha-2. Of two requests at once, each gets another.
    #[serde(default)]
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Za-z]{2}$", example = "US")]
    country_code: Option<String>,
    /// For how long, in hours.
    #[serde(default = "AssignNumber::hours", deserialize_with = "integer")]
    #[schema(minimum = 1, maximum = 24, default = 1, example = 2)]
    duration_hours: i32,
}

impl AssignNumber {
    fn hours() -> i32 {
        RentalHours::MIN
    }

    fn wanted(&self) -> Result<NumberChoice, Error> {
        match (self.phone_number_id, &self.country_code) {
            (Some(id), None) => id_of(id).map(NumberChoice::Exactly),
            (None, Some(code)) => CountryCode::parse("country_code", code).map(NumberChoice::AnyIn),
            (Some(_), Some(_)) => Err(Error::invalid("phone_number_id", "give either this or country_code")),
            (None, None) => {
                let message = "the body must have phone_number_id, or country_code for any number of a country";
                Err(Error::new(ErrorCode::InvalidRequest, message).with("field", "phone_number_id"))
            }
        }
    }
}

fn id_of(id: i64) -> Result<NumberId, Error> {
    id.try_into().map(NumberId).map_err(|_| Error::not_found("phone number"))
}

/// Assign a phone number
///
/// Rents a number that is available: the one that you name, or any of a country. When none of a country is free, the
/// answer says in `details.available_at`, and in `Retry-After`, when one will be, unless its renter keeps it for
/// longer. A number that you have rented last yourself does not have to cool down. The free plan allows 3 numbers at
/// once, the premium plan 25.
#[utoipa::path(post, path = "/v1/numbers", tag = "Phone Numbers", request_body = AssignNumber,
    params(("Idempotency-Key" = inline(Option<String>), Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
        description = "Your own name for this request, such as a UUID: whoever repeats it with the same key gets the number that the first one rented, and rents no other")),
    responses((status = 201, description = "Phone number assigned successfully", body = PhoneNumber)),
    extensions(("x-errors" = json!(["INSUFFICIENT_SCOPE", "EMAIL_NOT_VERIFIED", "NOT_FOUND", "NUMBER_UNAVAILABLE", "NO_NUMBER_AVAILABLE", "LIMIT_REACHED", "VALIDATION_ERROR", "IDEMPOTENCY_KEY_REUSED"]))))]
async fn assign_number(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    IdempotencyHeader(key): IdempotencyHeader,
    JsonBody(body): JsonBody<AssignNumber>,
) -> ApiResult<(StatusCode, Json<PhoneNumber>)> {
    let hours = RentalHours::parse("duration_hours", Some(body.duration_hours))?;
    let number = app.assign_number(&auth.caller, &auth.client, &body.wanted()?, hours, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(number.into())))
}

/// Get phone number details
#[utoipa::path(get, path = "/v1/numbers/{id}", tag = "Phone Numbers",
    params(("id" = i32, Path, description = "Phone number ID", example = 123)),
    responses((status = 200, description = "Phone number details", body = PhoneNumber)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND"]))))]
async fn get_number(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<PhoneNumber>> {
    let number = app.get_number(&auth.caller, id.number()?).await?;
    Ok(Json(number.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LabelNumber {
    /// What you call it, which pools find it by. `null` removes the label; without the field it stays.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "checkout")]
    label: Option<Option<String>>,
}

/// Label a phone number
///
/// A number keeps its label for as long as you rent it.
#[utoipa::path(patch, path = "/v1/numbers/{id}", tag = "Phone Numbers", request_body = LabelNumber,
    params(("id" = i32, Path, description = "Phone number ID", example = 123)),
    responses((status = 200, description = "The number with its label", body = PhoneNumber)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INSUFFICIENT_SCOPE", "NOT_FOUND", "VALIDATION_ERROR"]))))]
async fn label_number(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    JsonBody(body): JsonBody<LabelNumber>,
) -> ApiResult<Json<PhoneNumber>> {
    let number = match body.label {
        Some(label) => {
            let label = label.map(|label| Label::parse("label", &label)).transpose()?;
            app.label_number(&auth.caller, id.number()?, label.as_ref()).await?
        }
        None => app.get_number(&auth.caller, id.number()?).await?,
    };
    Ok(Json(number.into()))
}

/// Release phone number
///
/// Ends your rental. The number cools down before somebody else can rent it.
#[utoipa::path(delete, path = "/v1/numbers/{id}", tag = "Phone Numbers",
    params(("id" = i32, Path, description = "Phone number ID", example = 123)),
    responses((status = 200, description = "Phone number released successfully", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "INSUFFICIENT_SCOPE", "NOT_FOUND", "NUMBER_UNAVAILABLE"]))))]
async fn release_number(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.release_number(&auth.caller, id.number()?).await?;
    Ok(Json(Done { message: "Phone number released successfully" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExtendNumber {
    /// By how much, in hours.
    #[serde(default = "AssignNumber::hours", deserialize_with = "integer")]
    #[schema(minimum = 1, maximum = 24, default = 1, example = 2)]
    duration_hours: i32,
}

/// Extend a rental
///
/// A rental may last 24 hours in all.
#[utoipa::path(post, path = "/v1/numbers/{id}/extend", tag = "Phone Numbers", request_body = Option<ExtendNumber>,
    params(("id" = i32, Path, description = "Phone number ID", example = 123),
        ("Idempotency-Key" = inline(Option<String>), Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            description = "Your own name for this request, such as a UUID: repeated with the same key, it extends once")),
    responses((status = 200, description = "The rental ends later", body = PhoneNumber)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "INSUFFICIENT_SCOPE", "EMAIL_NOT_VERIFIED", "NOT_FOUND", "NUMBER_UNAVAILABLE", "VALIDATION_ERROR", "IDEMPOTENCY_KEY_REUSED"]))))]
async fn extend_number(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    id: PathId,
    IdempotencyHeader(key): IdempotencyHeader,
    OptionalJsonBody(body): OptionalJsonBody<ExtendNumber>,
) -> ApiResult<Json<PhoneNumber>> {
    let hours = RentalHours::parse("duration_hours", Some(body.duration_hours))?;
    let number = app.extend_number(&auth.caller, id.number()?, hours, key.as_ref()).await?;
    Ok(Json(number.into()))
}
