//! Accounts, sessions and API keys.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use crate::{
    app::accounts::{Registration, SignedIn},
    domain::{self, NewApiKey, NodeId, Result, UserChange},
    graphql::{
        answer::{Answer, answer, app, caller, client},
        types::{ApiKeyScope, ApiKeyView, Time, UserPlan, UserRole, UserView},
    },
};

/// Who you are.
#[derive(InputObject)]
struct RegisterInput {
    /// Your e-mail address.
    email: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    password: String,
    /// Given name, at most 100 characters.
    first_name: Option<String>,
    /// Family name, at most 100 characters.
    last_name: Option<String>,
}

/// Your new account.
#[derive(SimpleObject)]
struct RegisterPayload {
    /// The account. Log in to use it.
    user: UserView,
}

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
struct LogInPayload {
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
    fn of(signed_in: SignedIn, now: DateTime<Utc>) -> Self {
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

/// A token from a mail.
#[derive(InputObject)]
struct VerifyEmailInput {
    /// The token from the mail.
    #[graphql(secret)]
    token: String,
}

/// Where to send a mail.
#[derive(InputObject)]
struct MailInput {
    /// The address of the account.
    email: String,
}

/// A new password.
#[derive(InputObject)]
struct ResetPasswordInput {
    /// The token from the mail.
    #[graphql(secret)]
    token: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    password: String,
}

/// A new password.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The password that you have.
    #[graphql(secret)]
    current_password: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    new_password: String,
}

/// It is done.
#[derive(SimpleObject)]
struct DonePayload {
    /// A sentence for people.
    message: &'static str,
}

/// What you change about yourself. What is left out stays.
#[derive(InputObject)]
struct UpdateViewerInput {
    /// Given name, at most 100 characters; an empty one or null removes it.
    first_name: MaybeUndefined<String>,
    /// Family name, at most 100 characters; an empty one or null removes it.
    last_name: MaybeUndefined<String>,
}

/// Your account.
#[derive(SimpleObject)]
struct UpdateViewerPayload {
    /// Your account as it is now.
    user: UserView,
}

/// What an administrator changes about a user. What is left out stays.
#[derive(InputObject)]
struct UpdateUserInput {
    /// The user.
    user_id: ID,
    /// What they may do.
    role: Option<UserRole>,
    /// What they pay for.
    plan: Option<UserPlan>,
    /// Whether they may sign in. Whoever may not loses what they have open.
    is_active: Option<bool>,
}

/// The user.
#[derive(SimpleObject)]
struct UpdateUserPayload {
    /// The user as they are now.
    user: UserView,
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

/// Accounts.
#[derive(Default)]
pub(in crate::graphql) struct AccountMutation;

/// What was given: a name, nothing in its place, or nothing at all.
fn given(name: MaybeUndefined<String>) -> Option<Option<String>> {
    match name {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(name) => Some(Some(name)),
    }
}

fn done(result: Result<()>, message: &'static str) -> Answer<DonePayload> {
    answer(result.map(|()| DonePayload { message }))
}

/// Accounts.
#[Object]
impl AccountMutation {
    /// Makes an account, and sends a mail that verifies its address.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who you are.")] input: RegisterInput,
    ) -> Answer<RegisterPayload> {
        let registration = Registration {
            email: input.email,
            password: input.password.into(),
            first_name: input.first_name,
            last_name: input.last_name,
        };
        let registered = app(ctx).register(registration).await;
        answer(registered.map(|user| RegisterPayload { user: UserView(Arc::new(user)) }))
    }

    /// Signs you in: begins a session. Like everything else it is refused with an `Authorization` header
    /// that is no longer good, so send it without one.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn log_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Your account.")] input: LogInInput,
    ) -> Answer<LogInPayload> {
        let signed_in = app(ctx).log_in(&input.email, input.password.into(), client(ctx)).await;
        answer(signed_in.map(|signed_in| LogInPayload::of(signed_in, app(ctx).clock().now())))
    }

    /// Takes a new access token, and the successor of the refresh token. Send it without an
    /// `Authorization` header that is no longer good.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How you stay signed in.")] input: RefreshSessionInput,
    ) -> Answer<LogInPayload> {
        let refreshed = app(ctx).refresh_session(&input.refresh_token.into(), client(ctx)).await;
        answer(refreshed.map(|signed_in| LogInPayload::of(signed_in, app(ctx).clock().now())))
    }

    /// Ends the session that you ask in, and whatever is open in it.
    async fn log_out(&self, ctx: &Context<'_>) -> Answer<DonePayload> {
        done(app(ctx).log_out(caller(ctx)).await, "Logged out")
    }

    /// Ends one of your sessions, and whatever is open in it.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: EndSessionInput,
    ) -> Answer<DonePayload> {
        let ended = async {
            let id = NodeId::session("sessionId", &input.session_id)?;
            app(ctx).end_session(caller(ctx), id).await
        };
        done(ended.await, "The session is over")
    }

    /// Shows that an address is its user's, with the token from the mail.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: VerifyEmailInput,
    ) -> Answer<DonePayload> {
        done(app(ctx).verify_email(&input.token.into()).await, "The e-mail address is verified")
    }

    /// Sends the verification mail again, at most five an hour to an address. The answer does not tell
    /// whether there is an account.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn resend_verification_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: MailInput,
    ) -> Answer<DonePayload> {
        let sent = app(ctx).resend_verification(&input.email).await;
        done(sent, "If there is an account with this address that is not verified, a mail is on its way")
    }

    /// Sends a mail with which a new password can be set, at most five an hour to an address. The answer
    /// does not tell whether there is an account.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: MailInput,
    ) -> Answer<DonePayload> {
        let sent = app(ctx).request_password_reset(&input.email).await;
        done(sent, "If there is an account with this address, a mail is on its way")
    }

    /// Sets a new password with the token from the mail. Every session of the account ends.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new password.")] input: ResetPasswordInput,
    ) -> Answer<DonePayload> {
        let reset = app(ctx).reset_password(&input.token.into(), input.password.into()).await;
        done(reset, "The password is set; sign in with it")
    }

    /// Changes your password. Every session of the account ends; the answer begins a new one. API keys
    /// stay.
    #[graphql(complexity = "4_000 + child_complexity")]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new password.")] input: ChangePasswordInput,
    ) -> Answer<LogInPayload> {
        let (current, new) = (input.current_password.into(), input.new_password.into());
        let changed = app(ctx).change_password(caller(ctx), current, new, client(ctx)).await;
        answer(changed.map(|signed_in| LogInPayload::of(signed_in, app(ctx).clock().now())))
    }

    /// Changes what you tell of yourself.
    async fn update_viewer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateViewerInput,
    ) -> Answer<UpdateViewerPayload> {
        let (first_name, last_name) = (given(input.first_name), given(input.last_name));
        let changed = app(ctx).change_profile(caller(ctx), first_name, last_name).await;
        answer(changed.map(|user| UpdateViewerPayload { user: UserView(Arc::new(user)) }))
    }

    /// Changes what a user may do, what they pay for, and whether they may sign in. For administrators.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateUserInput,
    ) -> Answer<UpdateUserPayload> {
        let updated = async {
            caller(ctx).admin()?;
            let id = NodeId::user("userId", &input.user_id)?;
            let change = UserChange {
                role: input.role.map(Into::into),
                plan: input.plan.map(Into::into),
                is_active: input.is_active,
            };
            app(ctx).update_user(caller(ctx), id, change).await
        };
        answer(updated.await.map(|user| UpdateUserPayload { user: UserView(Arc::new(user)) }))
    }

    /// Makes a key with which a program acts for you: at most 50 at once. An API key cannot make another.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateApiKeyInput,
    ) -> Answer<CreateApiKeyPayload> {
        let created = async {
            let scopes = input.scopes.into_iter().map(domain::Scope::from);
            let new = NewApiKey::new(&input.name, scopes, input.expires_in_days)?;
            let (api_key, key) = app(ctx).create_api_key(caller(ctx), &new).await?;
            Ok(CreateApiKeyPayload { key: key.expose_secret().to_owned(), api_key: ApiKeyView(api_key) })
        };
        answer(created.await)
    }

    /// Revokes one of your keys, and ends whatever is open with it.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RevokeApiKeyInput,
    ) -> Answer<DonePayload> {
        let revoked = async {
            let id = NodeId::api_key("apiKeyId", &input.api_key_id)?;
            app(ctx).revoke_api_key(caller(ctx), id).await
        };
        done(revoked.await, "The API key is revoked")
    }
}
