//! `/v1/auth`: registration, sessions, and recovery of an account.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, JsonBody},
    schema::{Done, LoggedIn, Tokens},
};
use crate::{
    app::{App, accounts::Registration},
    http::{ApiResult, RequestIdentity},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(log_in))
        .routes(routes!(refresh))
        .routes(routes!(log_out))
        .routes(routes!(verify_email))
        .routes(routes!(resend_verification))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    /// Your e-mail address.
    #[schema(format = "email", max_length = 255, example = "user@example.com")]
    email: String,
    /// Not easy to guess.
    #[schema(value_type = String, min_length = 8, max_length = 128, example = "SecurePassword123!")]
    password: SecretString,
    #[schema(max_length = 100, example = "John")]
    first_name: String,
    #[schema(max_length = 100, example = "Doe")]
    last_name: String,
    /// The token of an invitation. Needed where registration is by invitation.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "otpi_mQ3v0example")]
    invitation: Option<SecretString>,
}

#[derive(Serialize, ToSchema)]
struct Registered {
    #[schema(example = "User registered successfully. Please check your email for verification.")]
    message: &'static str,
    #[schema(example = 123)]
    user_id: i32,
}

/// Register a new user
///
/// Makes an account, and sends a mail that verifies its address. `GET /v1/auth/registration` says who may make one.
#[utoipa::path(post, path = "/v1/auth/register", tag = "Authentication", request_body = Register, security(()),
    responses((status = 201, description = "User registered successfully", body = Registered)),
    extensions(("x-errors" = json!(["REGISTRATION_CLOSED", "INVITATION_INVALID", "VALIDATION_ERROR", "EMAIL_TAKEN"]))))]
async fn register(
    State(app): State<Arc<App>>,
    identity: RequestIdentity,
    JsonBody(body): JsonBody<Register>,
) -> ApiResult<(StatusCode, Json<Registered>)> {
    let registration = Registration {
        email: body.email,
        password: body.password,
        first_name: Some(body.first_name),
        last_name: Some(body.last_name),
    };
    let user = app.register(registration, body.invitation.as_ref(), &identity.client).await?;
    let message = "User registered successfully. Please check your email for verification.";
    Ok((StatusCode::CREATED, Json(Registered { message, user_id: user.id.0 })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    #[schema(format = "email", example = "user@example.com")]
    email: String,
    #[schema(value_type = String, example = "SecurePassword123!")]
    password: SecretString,
}

/// User login
///
/// Begins a session. After ten wrong passwords for an account, or fifty from an address, within a
/// quarter of an hour, further ones are refused for a while.
#[utoipa::path(post, path = "/v1/auth/login", tag = "Authentication", request_body = LogIn, security(()),
    responses((status = 200, description = "Login successful", body = LoggedIn)),
    extensions(("x-errors" = json!(["INVALID_CREDENTIALS", "ACCOUNT_DEACTIVATED"]))))]
async fn log_in(
    State(app): State<Arc<App>>,
    identity: RequestIdentity,
    JsonBody(body): JsonBody<LogIn>,
) -> ApiResult<Json<LoggedIn>> {
    let signed_in = app.log_in(&body.email, body.password, &identity.client).await?;
    Ok(Json(LoggedIn::of(&signed_in, app.clock().now())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    #[schema(value_type = String, example = "otpr_AAAAB3x0YWtlIHRoaXMgZm9yIGFuIGV4YW1wbGU")]
    refresh_token: SecretString,
}

/// Refresh access token
///
/// Takes a new access token, and the successor of the refresh token. The old refresh token stays good
/// until the successor is first used; using it after that ends the session, because somebody else may
/// have it.
#[utoipa::path(post, path = "/v1/auth/refresh", tag = "Authentication", request_body = Refresh, security(()),
    responses((status = 200, description = "Token refreshed successfully", body = Tokens)),
    extensions(("x-errors" = json!(["INVALID_REFRESH_TOKEN", "ACCOUNT_DEACTIVATED"]))))]
async fn refresh(
    State(app): State<Arc<App>>,
    identity: RequestIdentity,
    JsonBody(body): JsonBody<Refresh>,
) -> ApiResult<Json<Tokens>> {
    let signed_in = app.refresh_session(&body.refresh_token, &identity.client).await?;
    Ok(Json(Tokens::of(&signed_in, app.clock().now())))
}

/// Log out
///
/// Ends the session that the access token belongs to, and whatever is open in it.
#[utoipa::path(post, path = "/v1/auth/logout", tag = "Authentication",
    responses((status = 200, description = "Logged out", body = Done)),
    extensions(("x-errors" = json!(["FORBIDDEN"]))))]
async fn log_out(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<Done>> {
    app.log_out(&auth.caller).await?;
    Ok(Json(Done { message: "Logged out" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Token {
    /// The token from the mail.
    #[schema(value_type = String, example = "mQ3v0example")]
    token: SecretString,
}

/// Verify an e-mail address
///
/// With the token from the mail, which is good for 24 hours. Every session and API key from before ends: somebody else
/// may have registered the address.
#[utoipa::path(post, path = "/v1/auth/verify-email", tag = "Authentication", request_body = Token, security(()),
    responses((status = 200, description = "The address is verified", body = Done)),
    extensions(("x-errors" = json!(["VALIDATION_ERROR"]))))]
async fn verify_email(State(app): State<Arc<App>>, JsonBody(body): JsonBody<Token>) -> ApiResult<Json<Done>> {
    app.verify_email(&body.token).await?;
    Ok(Json(Done { message: "The e-mail address is verified" }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Address {
    #[schema(format = "email", example = "user@example.com")]
    email: String,
}

/// Send the verification mail again
///
/// The answer does not tell whether there is an account that needs it. A mailbox gets at most five mails an hour.
#[utoipa::path(post, path = "/v1/auth/resend-verification", tag = "Authentication", request_body = Address, security(()),
    responses((status = 202, description = "Accepted", body = Done)),
    extensions(("x-errors" = json!(["VALIDATION_ERROR"]))))]
async fn resend_verification(
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<Address>,
) -> ApiResult<(StatusCode, Json<Done>)> {
    app.resend_verification(&body.email).await?;
    let message = "If there is an account with this address that is not verified, a mail is on its way";
    Ok((StatusCode::ACCEPTED, Json(Done { message })))
}

/// Ask for a mail with which a new password can be set
///
/// The answer does not tell whether there is an account. A mailbox gets at most five mails an hour.
#[utoipa::path(post, path = "/v1/auth/forgot-password", tag = "Authentication", request_body = Address, security(()),
    responses((status = 202, description = "Accepted", body = Done)),
    extensions(("x-errors" = json!(["VALIDATION_ERROR"]))))]
async fn forgot_password(
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<Address>,
) -> ApiResult<(StatusCode, Json<Done>)> {
    app.request_password_reset(&body.email).await?;
    let message = "If there is an account with this address, a mail is on its way";
    Ok((StatusCode::ACCEPTED, Json(Done { message })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// The token from the mail.
    #[schema(value_type = String, example = "mQ3v0example")]
    token: SecretString,
    /// The new password. Not easy to guess.
    #[schema(value_type = String, min_length = 8, max_length = 128, example = "SecurePassword123!")]
    password: SecretString,
}

/// Set a new password
///
/// With the token from the mail, which is good for an hour. Every session and API key of the account ends.
#[utoipa::path(post, path = "/v1/auth/reset-password", tag = "Authentication", request_body = ResetPassword, security(()),
    responses((status = 200, description = "The password is set", body = Done)),
    extensions(("x-errors" = json!(["VALIDATION_ERROR"]))))]
async fn reset_password(
    State(app): State<Arc<App>>,
    identity: RequestIdentity,
    JsonBody(body): JsonBody<ResetPassword>,
) -> ApiResult<Json<Done>> {
    app.reset_password(&body.token, body.password, &identity.client).await?;
    Ok(Json(Done { message: "The password is set; sign in with it" }))
}
