//! `/v1/users/me`: the account, sessions and API keys of the user who calls.

use std::{net::IpAddr, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, JsonBody, PathId, nullable, optional_integer},
    schema::{ApiKey, Done, LoggedIn, Scope, User},
};
use crate::{
    app::App,
    domain::{self, NewApiKey},
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(get_me, change_me))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions, log_out_everywhere))
        .routes(routes!(end_session))
        .routes(routes!(list_api_keys, create_api_key))
        .routes(routes!(revoke_api_key))
}

/// Your account
#[utoipa::path(get, path = "/v1/users/me", tag = "Users",
    responses((status = 200, description = "Your account", body = User)))]
async fn get_me(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<User>> {
    let user = app.viewer_account(&auth.caller).await?;
    Ok(Json(User::from(&*user)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Profile {
    /// An empty name or `null` removes it; without the field it stays.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 100, example = "John")]
    first_name: Option<Option<String>>,
    /// An empty name or `null` removes it; without the field it stays.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 100, example = "Doe")]
    last_name: Option<Option<String>>,
}

/// Change your account
#[utoipa::path(patch, path = "/v1/users/me", tag = "Users", request_body = Profile,
    responses((status = 200, description = "Your account", body = User)),
    extensions(("x-errors" = json!(["FORBIDDEN", "VALIDATION_ERROR"]))))]
async fn change_me(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    JsonBody(body): JsonBody<Profile>,
) -> ApiResult<Json<User>> {
    let user = app.change_profile(&auth.caller, body.first_name, body.last_name).await?;
    Ok(Json(User::from(&user)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    #[schema(value_type = String, example = "SecurePassword123!")]
    current_password: SecretString,
    /// Not easy to guess.
    #[schema(value_type = String, min_length = 8, max_length = 128, example = "EvenMoreSecure456!")]
    new_password: SecretString,
    /// Whether to revoke all your API keys too.
    #[serde(default)]
    #[schema(example = false)]
    revoke_api_keys: bool,
}

/// Change your password
///
/// Every session of the account ends, with whatever is open in it. The answer begins a new one. API keys stay
/// unless you revoke them.
#[utoipa::path(post, path = "/v1/users/me/password", tag = "Users", request_body = ChangePassword,
    responses((status = 200, description = "The password is changed", body = LoggedIn)),
    extensions(("x-errors" = json!(["FORBIDDEN", "VALIDATION_ERROR"]))))]
async fn change_password(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    JsonBody(body): JsonBody<ChangePassword>,
) -> ApiResult<Json<LoggedIn>> {
    let (current, new) = (body.current_password, body.new_password);
    let changed = app.change_password(&auth.caller, current, new, body.revoke_api_keys, &auth.client).await?;
    Ok(Json(LoggedIn::of(&changed, app.clock().now())))
}

/// One device on which you have signed in.
#[derive(Serialize, ToSchema)]
struct Session {
    #[schema(example = 5)]
    id: i32,
    /// What the program calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Mozilla/5.0")]
    user_agent: Option<String>,
    /// Where it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, example = "203.0.113.7")]
    ip_address: Option<IpAddr>,
    #[schema(example = "2024-01-01T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it last took an access token.
    #[schema(example = "2024-01-01T12:30:00Z")]
    last_used_at: DateTime<Utc>,
    /// When it ends, unless it is used before.
    #[schema(example = "2024-01-31T12:30:00Z")]
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    is_current: bool,
}

#[derive(Serialize, ToSchema)]
struct Sessions {
    /// The one that was used last first.
    sessions: Vec<Session>,
}

/// Your sessions
#[utoipa::path(get, path = "/v1/users/me/sessions", tag = "Users",
    responses((status = 200, description = "Your sessions", body = Sessions)),
    extensions(("x-errors" = json!(["FORBIDDEN"]))))]
async fn list_sessions(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<Sessions>> {
    let (sessions, current) = app.list_sessions(&auth.caller).await?;
    let session = |session: domain::Session| Session {
        id: session.id.0,
        user_agent: session.user_agent,
        ip_address: session.ip_address,
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        is_current: session.id == current,
    };
    Ok(Json(Sessions { sessions: sessions.into_iter().map(session).collect() }))
}

/// Log out everywhere
///
/// Ends every session of yours, on every device, and whatever is open in them. API keys stay.
#[utoipa::path(delete, path = "/v1/users/me/sessions", tag = "Users",
    responses((status = 200, description = "Logged out everywhere", body = Done)),
    extensions(("x-errors" = json!(["FORBIDDEN"]))))]
async fn log_out_everywhere(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<Done>> {
    app.log_out_everywhere(&auth.caller).await?;
    Ok(Json(Done { message: "Logged out everywhere" }))
}

/// End a session
///
/// Whatever is open in it ends within a second.
#[utoipa::path(delete, path = "/v1/users/me/sessions/{id}", tag = "Users",
    params(("id" = i32, Path, description = "Session ID", example = 5)),
    responses((status = 200, description = "The session is over", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "NOT_FOUND"]))))]
async fn end_session(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.end_session(&auth.caller, id.session()?).await?;
    Ok(Json(Done { message: "The session is over" }))
}

#[derive(Serialize, ToSchema)]
struct ApiKeys {
    /// The newest first.
    api_keys: Vec<ApiKey>,
}

/// Your API keys
#[utoipa::path(get, path = "/v1/users/me/api-keys", tag = "Users",
    responses((status = 200, description = "Your API keys", body = ApiKeys)),
    extensions(("x-errors" = json!(["FORBIDDEN"]))))]
async fn list_api_keys(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<ApiKeys>> {
    let keys = app.list_api_keys(&auth.caller).await?;
    Ok(Json(ApiKeys { api_keys: keys.into_iter().map(ApiKey::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateApiKey {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100, example = "CI of the web shop")]
    name: String,
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// In how many days it ends. Without it, it does not.
    #[serde(default, deserialize_with = "optional_integer")]
    #[schema(minimum = 1, maximum = 365, example = 90)]
    expires_in_days: Option<i32>,
}

#[derive(Serialize, ToSchema)]
struct CreatedApiKey {
    /// The key. It is shown here and never again: send it as `Authorization: Bearer …`.
    #[schema(example = "otpk_Xk3v9aexample")]
    key: String,
    api_key: ApiKey,
}

/// Make an API key
///
/// For pipelines: it can do what its scopes say and nothing else, and is accepted wherever an access
/// token is. At most 50 at once.
#[utoipa::path(post, path = "/v1/users/me/api-keys", tag = "Users", request_body = CreateApiKey,
    responses((status = 201, description = "The key is made", body = CreatedApiKey)),
    extensions(("x-errors" = json!(["FORBIDDEN", "LIMIT_REACHED", "VALIDATION_ERROR"]))))]
async fn create_api_key(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    JsonBody(body): JsonBody<CreateApiKey>,
) -> ApiResult<(StatusCode, Json<CreatedApiKey>)> {
    let scopes = body.scopes.into_iter().map(domain::Scope::from);
    let new = NewApiKey::new(&body.name, scopes, body.expires_in_days)?;
    let (api_key, key) = app.create_api_key(&auth.caller, &new).await?;
    let created = CreatedApiKey { key: key.expose_secret().to_owned(), api_key: api_key.into() };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke an API key
///
/// Whatever is open with it ends within a second.
#[utoipa::path(delete, path = "/v1/users/me/api-keys/{id}", tag = "Users",
    params(("id" = i32, Path, description = "API key ID", example = 2)),
    responses((status = 200, description = "The key is revoked", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "NOT_FOUND"]))))]
async fn revoke_api_key(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.revoke_api_key(&auth.caller, id.api_key()?).await?;
    Ok(Json(Done { message: "The API key is revoked" }))
}
