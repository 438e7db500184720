//! Operators' own code patterns. For administrators.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    domain::{CodePattern, NewOtpPattern, NodeId, OtpPatternChange, Sender, Service},
    graphql::{
        context::{Nullable, app, caller, nullable},
        types::otp_pattern::OtpPatternView,
    },
};

/// How codes are found in some messages.
#[derive(InputObject)]
struct CreateOtpPatternInput {
    /// Only in messages that this account brings. Give an account, a sender, or both.
    provider_id: Option<ID>,
    /// Only in messages of this sender, whatever the case of its letters.
    sender: Option<String>,
    /// A regular expression that captures the code as `(?<code>…)`, and perhaps whose it is as `(?<service>…)`:
    /// at most 500 characters, without look-arounds and backreferences. Only its first match counts, in the first 1,600
    /// bytes of a text. Spaces and dashes are taken out of what it captures, and digits of any script become those
    /// of ASCII; if 3 to 32 letters and digits are left, they are the code.
    pattern: String,
    /// Whose codes it finds, where it does not capture that. Without it, the built-in reader may know.
    service: Option<String>,
    /// Whether it is used. By default it is.
    #[graphql(default = true)]
    is_active: bool,
}

/// The new pattern.
#[derive(SimpleObject)]
struct CreateOtpPatternPayload {
    /// The pattern.
    otp_pattern: OtpPatternView,
}

/// What changes about a pattern. What is left out stays, and so does whose messages it is for.
#[derive(InputObject)]
struct UpdateOtpPatternInput {
    /// The pattern.
    otp_pattern_id: ID,
    /// A new regular expression, as `createOtpPattern` takes it.
    pattern: Option<String>,
    /// Whose codes it finds, where it does not capture that. An empty one takes it away.
    service: Option<String>,
    /// Whether it is used.
    is_active: Option<bool>,
}

/// The pattern.
#[derive(SimpleObject)]
struct UpdateOtpPatternPayload {
    /// The pattern as it is now.
    otp_pattern: OtpPatternView,
}

/// What is to go.
#[derive(InputObject)]
struct DeleteOtpPatternInput {
    /// The pattern.
    otp_pattern_id: ID,
}

/// The pattern is gone.
#[derive(SimpleObject)]
struct DeleteOtpPatternPayload {
    /// The id that it had.
    deleted_otp_pattern_id: ID,
}

/// Code patterns.
#[derive(Default)]
pub(crate) struct OtpPatternMutation;

/// Code patterns.
#[Object]
impl OtpPatternMutation {
    /// Adds a code pattern; every replica goes by it within seconds. There can be 200. For administrators.
    async fn create_otp_pattern(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pattern.")] input: CreateOtpPatternInput,
    ) -> Nullable<CreateOtpPatternPayload> {
        let created = async {
            caller(ctx).admin()?;
            let new = NewOtpPattern::new(
                input.provider_id.map(|id| NodeId::provider("providerId", &id)).transpose()?,
                input.sender.map(|sender| Sender::parse("sender", sender.trim())).transpose()?,
                CodePattern::parse("pattern", &input.pattern)?,
                input.service.map(|service| Service::parse("service", &service)).transpose()?,
                input.is_active,
            )?;
            let pattern = app(ctx).create_otp_pattern(caller(ctx), &new).await?;
            Ok(CreateOtpPatternPayload { otp_pattern: OtpPatternView(pattern) })
        };
        nullable(created.await)
    }

    /// Changes a code pattern; every replica goes by it within seconds. For administrators.
    async fn update_otp_pattern(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateOtpPatternInput,
    ) -> Nullable<UpdateOtpPatternPayload> {
        let updated = async {
            caller(ctx).admin()?;
            let id = NodeId::otp_pattern("otpPatternId", &input.otp_pattern_id)?;
            let named =
                |service: String| (!service.is_empty()).then(|| Service::parse("service", &service)).transpose();
            let change = OtpPatternChange {
                pattern: input.pattern.map(|pattern| CodePattern::parse("pattern", &pattern)).transpose()?,
                service: input.service.map(named).transpose()?,
                is_active: input.is_active,
            };
            let pattern = app(ctx).update_otp_pattern(caller(ctx), id, &change).await?;
            Ok(UpdateOtpPatternPayload { otp_pattern: OtpPatternView(pattern) })
        };
        nullable(updated.await)
    }

    /// Deletes a code pattern. What was read with it stays as it was read. For administrators.
    async fn delete_otp_pattern(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pattern.")] input: DeleteOtpPatternInput,
    ) -> Nullable<DeleteOtpPatternPayload> {
        let deleted = async {
            caller(ctx).admin()?;
            let id = NodeId::otp_pattern("otpPatternId", &input.otp_pattern_id)?;
            app(ctx).delete_otp_pattern(caller(ctx), id).await?;
            Ok(DeleteOtpPatternPayload { deleted_otp_pattern_id: NodeId::OtpPattern(id).into() })
        };
        nullable(deleted.await)
    }
}
