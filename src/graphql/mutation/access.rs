//! Who comes in, and what is kept out: invitations and blocked senders. For administrators.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::{NewBlockedSender, NewInvitation, NodeId},
    graphql::{
        context::{Nullable, app, caller, nullable},
        types::{blocked_sender::BlockedSenderView, invitation::InvitationView, user::UserPlan},
    },
};

/// Whom you invite.
#[derive(InputObject)]
struct CreateInvitationInput {
    /// The only address that the invitation is good for. Without it, it is good for whoever has it.
    email: Option<String>,
    /// The plan of the account. By default it is free.
    plan: Option<UserPlan>,
    /// In how many days it expires: 1 to 90. By default 7.
    expires_in_days: Option<i32>,
    /// Whether to send it to the address. Then nobody else sees its token, and using it verifies the address.
    #[graphql(default = false)]
    send_mail: bool,
}

/// The invitation, and what to pass on.
#[derive(SimpleObject)]
struct CreateInvitationPayload {
    /// The invitation.
    invitation: InvitationView,
    /// Its token, unless it was mailed. It is shown here and never again.
    token: Option<String>,
    /// The address of the page that makes the account, unless it was mailed. It has the token in it.
    link: Option<String>,
}

/// What is to go.
#[derive(InputObject)]
struct RevokeInvitationInput {
    /// The invitation.
    invitation_id: ID,
}

/// The invitation is gone.
#[derive(SimpleObject)]
struct RevokeInvitationPayload {
    /// The id that it had.
    revoked_invitation_id: ID,
}

/// Whose messages are to be refused.
#[derive(InputObject)]
struct BlockSenderInput {
    /// The sender, whatever the case of its letters. With an asterisk at its end, after at least 3 characters, every
    /// sender that begins so: `+4490*`.
    sender: String,
    /// Why, for other administrators: at most 200 characters.
    note: Option<String>,
}

/// The blocked sender.
#[derive(SimpleObject)]
struct BlockSenderPayload {
    /// The blocked sender.
    blocked_sender: BlockedSenderView,
}

/// What is to go.
#[derive(InputObject)]
struct UnblockSenderInput {
    /// The blocked sender.
    blocked_sender_id: ID,
}

/// The sender is blocked no longer.
#[derive(SimpleObject)]
struct UnblockSenderPayload {
    /// The id that it had.
    unblocked_sender_id: ID,
}

/// Invitations and blocked senders. The futures are boxed, so that those of all mutations, which wrap each other, stay
/// small.
#[derive(Default)]
pub(crate) struct AccessMutation;

/// Invitations and blocked senders.
#[Object]
impl AccessMutation {
    /// Invites somebody to make an account. There can be 1,000 invitations, with those that expired within 30 days. For
    /// administrators.
    #[graphql(complexity = "100 + child_complexity")]
    async fn create_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom you invite.")] input: CreateInvitationInput,
    ) -> Nullable<CreateInvitationPayload> {
        let created = async {
            caller(ctx).admin()?;
            let plan = input.plan.map(Into::into);
            let new = NewInvitation::new(input.email.as_deref(), plan, input.expires_in_days, input.send_mail)?;
            let invited = app(ctx).create_invitation(caller(ctx), &new).await?;
            let shown = |secret: SecretString| secret.expose_secret().to_owned();
            Ok(CreateInvitationPayload {
                invitation: InvitationView(invited.invitation),
                token: invited.token.map(shown),
                link: invited.link.map(shown),
            })
        };
        nullable(Box::pin(created).await)
    }

    /// Takes an invitation back, or removes one that is over from the list. An account that was made with it stays. For
    /// administrators.
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: RevokeInvitationInput,
    ) -> Nullable<RevokeInvitationPayload> {
        let revoked = async {
            caller(ctx).admin()?;
            let id = NodeId::invitation("invitationId", &input.invitation_id)?;
            app(ctx).revoke_invitation(caller(ctx), id).await?;
            Ok(RevokeInvitationPayload { revoked_invitation_id: NodeId::Invitation(id).into() })
        };
        nullable(Box::pin(revoked).await)
    }

    /// Refuses the messages of a sender from now on, on every replica within seconds: they are not stored, and a
    /// delivery report says `BLOCKED`. There can be 1,000. For administrators.
    async fn block_sender(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sender.")] input: BlockSenderInput,
    ) -> Nullable<BlockSenderPayload> {
        let blocked = async {
            caller(ctx).admin()?;
            let new = NewBlockedSender::new(&input.sender, input.note.as_deref())?;
            let blocked = app(ctx).block_sender(caller(ctx), &new).await?;
            Ok(BlockSenderPayload { blocked_sender: BlockedSenderView(blocked) })
        };
        nullable(Box::pin(blocked).await)
    }

    /// Receives the messages of a sender again, on every replica within seconds. For administrators.
    async fn unblock_sender(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sender.")] input: UnblockSenderInput,
    ) -> Nullable<UnblockSenderPayload> {
        let unblocked = async {
            caller(ctx).admin()?;
            let id = NodeId::blocked_sender("blockedSenderId", &input.blocked_sender_id)?;
            app(ctx).unblock_sender(caller(ctx), id).await?;
            Ok(UnblockSenderPayload { unblocked_sender_id: NodeId::BlockedSender(id).into() })
        };
        nullable(Box::pin(unblocked).await)
    }
}
