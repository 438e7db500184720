//! Credentials: sessions and API keys.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use super::payload::{DonePayload, done};
use crate::{
    app::accounts::SignedIn,
    domain::{self, NewApiKey, NodeId},
    graphql::{
        context::{Nullable, app, caller, client, nullable},
        types::{
            api_key::{ApiKeyScope, ApiKeyView},
            scalars::Time,
            user::UserView,
        },
    },
};

/// Your account.
#[derive(InputObject)]
struct LogInInput {
    /// Your e-mail address.
    email: String,
    /// Your password.
    #[graphql(secret)]
    password: String,
}

/// You are signed in.
#[derive(SimpleObject)]
pub(super) struct LogInPayload {
    /// Send this as `Authorization: Bearer …`, and in a socket's `connection_init`.
    access_token: String,
    /// Gets the next access token, and its own successor. It stays good until the successor is used.
    refresh_token: String,
    /// When the access token ends.
    expires_at: Time,
    /// In how many seconds the access token ends.
    expires_in: i32,
    /// Your account.
    user: UserView,
}

impl LogInPayload {
    pub(super) fn of(signed_in: SignedIn, now: DateTime<Utc>) -> Self {
        Self {
            expires_in: signed_in.expires_in(now).try_into().unwrap_or(i32::MAX),
            access_token: signed_in.access_token,
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            expires_at: signed_in.expires_at.into(),
            user: UserView(signed_in.user),
        }
    }
}

/// How you stay signed in.
#[derive(InputObject)]
struct RefreshSessionInput {
    /// The last refresh token that you got.
    #[graphql(secret)]
    refresh_token: String,
}

/// Which session to end.
#[derive(InputObject)]
struct EndSessionInput {
    /// One of your sessions.
    session_id: ID,
}

/// What an API key is to be.
#[derive(InputObject)]
struct CreateApiKeyInput {
    /// What you call it: 1 to 100 characters.
    name: String,
    /// What it is good for.
    scopes: Vec<ApiKeyScope>,
    /// In how many days it ends: 1 to 365. Without it, it does not.
    expires_in_days: Option<i32>,
}

/// Your new key.
#[derive(SimpleObject)]
struct CreateApiKeyPayload {
    /// The key. It is shown here and never again: send it as `Authorization: Bearer …`.
    key: String,
    /// What is kept of it.
    api_key: ApiKeyView,
}

/// Which key to revoke.
#[derive(InputObject)]
struct RevokeApiKeyInput {
    /// One of your keys.
    api_key_id: ID,
}

/// Sessions and API keys.
#[derive(Default)]
pub(super) struct CredentialMutation;

/// Sessions and API keys.
#[Object]
impl CredentialMutation {
    /// Signs you in: begins a session. Like everything else it is refused with an `Authorization` header
    /// that is no longer good, so send it without one.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn log_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Your account.")] input: LogInInput,
    ) -> Nullable<LogInPayload> {
        let signed_in = app(ctx).log_in(&input.email, input.password.into(), client(ctx)).await;
        nullable(signed_in.map(|signed_in| LogInPayload::of(signed_in, app(ctx).clock().now())))
    }

    /// Takes a new access token, and the successor of the refresh token. Send it without an
    /// `Authorization` header that is no longer good.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How you stay signed in.")] input: RefreshSessionInput,
    ) -> Nullable<LogInPayload> {
        let refreshed = app(ctx).refresh_session(&input.refresh_token.into(), client(ctx)).await;
        nullable(refreshed.map(|signed_in| LogInPayload::of(signed_in, app(ctx).clock().now())))
    }

    /// Ends the session that you ask in, and whatever is open in it.
    async fn log_out(&self, ctx: &Context<'_>) -> Nullable<DonePayload> {
        done(app(ctx).log_out(caller(ctx)).await, "Logged out")
    }

    /// Ends every session of yours, on every device, and whatever is open in them. API keys stay.
    async fn log_out_everywhere(&self, ctx: &Context<'_>) -> Nullable<DonePayload> {
        done(app(ctx).log_out_everywhere(caller(ctx)).await, "Logged out everywhere")
    }

    /// Ends one of your sessions, and whatever is open in it.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: EndSessionInput,
    ) -> Nullable<DonePayload> {
        let ended = async {
            let id = NodeId::session("sessionId", &input.session_id)?;
            app(ctx).end_session(caller(ctx), id).await
        };
        done(ended.await, "The session is over")
    }

    /// Makes a key with which a program acts for you: at most 50 at once. An API key cannot make another.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateApiKeyInput,
    ) -> Nullable<CreateApiKeyPayload> {
        let created = async {
            let scopes = input.scopes.into_iter().map(domain::Scope::from);
            let new = NewApiKey::new(&input.name, scopes, input.expires_in_days)?;
            let (api_key, key) = app(ctx).create_api_key(caller(ctx), &new).await?;
            Ok(CreateApiKeyPayload { key: key.expose_secret().to_owned(), api_key: ApiKeyView(api_key) })
        };
        nullable(created.await)
    }

    /// Revokes one of your keys, and ends whatever is open with it.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RevokeApiKeyInput,
    ) -> Nullable<DonePayload> {
        let revoked = async {
            let id = NodeId::api_key("apiKeyId", &input.api_key_id)?;
            app(ctx).revoke_api_key(caller(ctx), id).await
        };
        done(revoked.await, "The API key is revoked")
    }
}
