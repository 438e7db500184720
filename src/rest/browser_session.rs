//! `/session`: the sessions of browsers, for the page of this server.
//!
//! The refresh token is in a cookie that no script can read, and that a browser sends only here; the access token is in
//! the answer, and the page keeps it in memory. No other endpoint reads cookies, so no other page can act for whoever
//! is signed in. This is no part of the API for programs, which get both tokens from `/v1/auth`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::extract::{Authenticated, JsonBody};
use crate::{
    app::{App, accounts::SignedIn},
    domain::{Error, ErrorCode},
    http::{ApiResult, ErrorResponse, RequestIdentity, is_from_own_page, method_not_allowed},
};

const COOKIE: &str = "otpwire_session";
const PATH: &str = "/session";

/// What takes a password. It is limited like the API.
pub fn sign_in_routes(public_url: &str) -> Router<Arc<App>> {
    let routes = Router::new()
        .route(PATH, post(sign_in).fallback(method_not_allowed))
        .route("/session/password", post(change_password).fallback(method_not_allowed));
    own_pages_only(routes, public_url)
}

/// What takes the cookie. It is limited like pages, because every tab does it.
pub fn session_routes(public_url: &str) -> Router<Arc<App>> {
    let routes = Router::new()
        .route("/session/refresh", post(refresh).fallback(method_not_allowed))
        .route("/session/end", post(end).fallback(method_not_allowed));
    own_pages_only(routes, public_url)
}

fn own_pages_only(routes: Router<Arc<App>>, public_url: &str) -> Router<Arc<App>> {
    routes.layer(from_fn_with_state(Arc::<str>::from(public_url), check_origin))
}

/// Middleware: refuses requests of pages of other origins. Their browsers would not send the cookie either.
async fn check_origin(State(public_url): State<Arc<str>>, request: Request, next: Next) -> Response {
    if is_from_own_page(request.headers(), &public_url) {
        return next.run(request).await;
    }
    let message = "only the page of this server may use this; programs sign in at /v1/auth/login";
    ErrorResponse(Error::new(ErrorCode::Forbidden, message).with("field", "Origin")).into_response()
}

/// Either an e-mail address and a password, or the token of a link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    email: Option<String>,
    password: Option<SecretString>,
    sign_in_token: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    current_password: SecretString,
    new_password: SecretString,
    /// Whether to revoke all of the user's API keys too.
    #[serde(default)]
    revoke_api_keys: bool,
}

/// What the page keeps in memory.
#[derive(Serialize)]
struct AccessToken {
    access_token: String,
    /// In seconds.
    expires_in: i64,
}

async fn sign_in(
    State(app): State<Arc<App>>,
    identity: RequestIdentity,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SignIn>,
) -> ApiResult<Response> {
    let signed_in = match body {
        SignIn { sign_in_token: Some(token), email: None, password: None } => {
            app.log_in_with_token(&token, &identity.client).await?
        }
        SignIn { email: Some(email), password: Some(password), sign_in_token: None } => {
            app.log_in(&email, password, &identity.client).await?
        }
        _ => return Err(Error::invalid("email", "is needed with a password, or else sign_in_token alone").into()),
    };
    Ok(respond(&signed_in, app.clock().now(), &headers))
}

async fn change_password(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    identity: RequestIdentity,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ChangePassword>,
) -> ApiResult<Response> {
    let (current, new) = (body.current_password, body.new_password);
    let signed_in = app.change_password(&auth.caller, current, new, body.revoke_api_keys, &identity.client).await?;
    Ok(respond(&signed_in, app.clock().now(), &headers))
}

/// 204 when the browser has no session: that is no error.
async fn refresh(State(app): State<Arc<App>>, identity: RequestIdentity, headers: HeaderMap) -> ApiResult<Response> {
    let Some(token) = refresh_token(&headers) else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    match app.refresh_session(&token, &identity.client).await {
        Ok(signed_in) => Ok(respond(&signed_in, app.clock().now(), &headers)),
        // The session is over, and the cookie is of no use any more.
        Err(error) if error.code() == ErrorCode::InvalidRefreshToken => {
            Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie("", 0, &headers))]).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn end(State(app): State<Arc<App>>, headers: HeaderMap) -> ApiResult<Response> {
    if let Some(token) = refresh_token(&headers) {
        app.log_out_with(&token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie("", 0, &headers))]).into_response())
}

fn respond(signed_in: &SignedIn, now: DateTime<Utc>, headers: &HeaderMap) -> Response {
    let lifetime = (signed_in.session_expires_at - now).num_seconds().max(0);
    let set = cookie(signed_in.refresh_token.expose_secret(), lifetime, headers);
    let body = AccessToken { access_token: signed_in.access_token.clone(), expires_in: signed_in.expires_in(now) };
    let no_store = HeaderValue::from_static("no-store");
    ([(header::SET_COOKIE, set), (header::CACHE_CONTROL, no_store)], Json(body)).into_response()
}

fn refresh_token(headers: &HeaderMap) -> Option<SecretString> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == COOKIE && !value.is_empty()).map(|(_, value)| value.into())
}

/// `Secure` where the page was loaded over https. Browsers would not keep such a cookie of a page that was not.
fn cookie(value: &str, lifetime: i64, headers: &HeaderMap) -> HeaderValue {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or_default();
    let secure = if origin.starts_with("https:") { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path={PATH}; Max-Age={lifetime}; HttpOnly; SameSite=Strict{secure}");
    // Refresh tokens are base64url.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
