//! Accounts: registration, e-mail address, password and name; the rights of a user, for administrators.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{
    credential::LogInPayload,
    payload::{DonePayload, done},
};
use crate::{
    app::accounts::Registration,
    domain::{NodeId, UserChange},
    graphql::{
        context::{Nullable, app, caller, client, nullable},
        types::user::{UserPlan, UserRole, UserView},
    },
};

/// Who you are.
#[derive(InputObject)]
struct RegisterInput {
    /// Your e-mail address.
    email: String,
    /// 8 to 128 characters, and not easy to guess.
    #[graphql(secret)]
    password: String,
    /// Given name, at most 100 characters.
    first_name: Option<String>,
    /// Family name, at most 100 characters.
    last_name: Option<String>,
    /// The token of your invitation. Needed where registration is by invitation.
    #[graphql(secret)]
    invitation: Option<String>,
}

/// Your new account.
#[derive(SimpleObject)]
struct RegisterPayload {
    /// The account. Log in to use it.
    user: UserView,
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
    /// 8 to 128 characters, and not easy to guess.
    #[graphql(secret)]
    password: String,
}

/// A new password.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The password that you have.
    #[graphql(secret)]
    current_password: String,
    /// 8 to 128 characters, and not easy to guess.
    #[graphql(secret)]
    new_password: String,
    /// Whether to revoke all your API keys too.
    #[graphql(default = false)]
    revoke_api_keys: bool,
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

/// Accounts.
#[derive(Default)]
pub(super) struct AccountMutation;

/// Accounts.
#[Object]
impl AccountMutation {
    /// Makes an account, and sends a mail that verifies its address. `registration` says who may make one.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who you are.")] input: RegisterInput,
    ) -> Nullable<RegisterPayload> {
        let registration = Registration {
            email: input.email,
            password: input.password.into(),
            first_name: input.first_name,
            last_name: input.last_name,
        };
        let invitation = input.invitation.map(Into::into);
        let registered = app(ctx).register(registration, invitation.as_ref(), client(ctx)).await;
        nullable(registered.map(|user| RegisterPayload { user: user.into() }))
    }

    /// Shows that an address is its user's, with the token from the mail. Every session and API key from before ends,
    /// because somebody else may have registered the address.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: VerifyEmailInput,
    ) -> Nullable<DonePayload> {
        done(app(ctx).verify_email(&input.token.into()).await, "The e-mail address is verified")
    }

    /// Sends the verification mail again. A mailbox gets at most five mails an hour. The answer does not tell whether
    /// there is an account.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn resend_verification_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: MailInput,
    ) -> Nullable<DonePayload> {
        let sent = app(ctx).resend_verification(&input.email).await;
        done(sent, "If there is an account with this address that is not verified, a mail is on its way")
    }

    /// Sends a mail with which a new password can be set. A mailbox gets at most five mails an hour. The answer does
    /// not tell whether there is an account.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] input: MailInput,
    ) -> Nullable<DonePayload> {
        let sent = app(ctx).request_password_reset(&input.email).await;
        done(sent, "If there is an account with this address, a mail is on its way")
    }

    /// Sets a new password with the token from the mail. Every session and API key of the account
    /// ends.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new password.")] input: ResetPasswordInput,
    ) -> Nullable<DonePayload> {
        let reset = app(ctx).reset_password(&input.token.into(), input.password.into(), client(ctx)).await;
        done(reset, "The password is set; sign in with it")
    }

    /// Changes your password. Every session of the account ends; the answer begins a new one. API keys
    /// stay unless you revoke them.
    #[graphql(complexity = "4_000 + child_complexity")]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new password.")] input: ChangePasswordInput,
    ) -> Nullable<LogInPayload> {
        let (current, new) = (input.current_password.into(), input.new_password.into());
        let revoke = input.revoke_api_keys;
        let changed = app(ctx).change_password(caller(ctx), current, new, revoke, client(ctx)).await;
        nullable(changed.map(|signed_in| LogInPayload::of(signed_in, app(ctx).clock().now())))
    }

    /// Changes what you tell of yourself.
    async fn update_viewer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateViewerInput,
    ) -> Nullable<UpdateViewerPayload> {
        let (first_name, last_name) = (name_change(input.first_name), name_change(input.last_name));
        let changed = app(ctx).change_profile(caller(ctx), first_name, last_name).await;
        nullable(changed.map(|user| UpdateViewerPayload { user: user.into() }))
    }

    /// Changes what a user may do, what they pay for, and whether they may sign in. For administrators.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateUserInput,
    ) -> Nullable<UpdateUserPayload> {
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
        nullable(updated.await.map(|user| UpdateUserPayload { user: user.into() }))
    }
}

/// The change of a name: none when the field is left out, a removal when it is null.
fn name_change(name: MaybeUndefined<String>) -> Option<Option<String>> {
    match name {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(name) => Some(Some(name)),
    }
}
