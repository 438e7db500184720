//! Reading messages, and making some up.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde_json::value::to_raw_value;

use crate::{
    app::receiving::Outcome,
    domain::{Error, InboundSms, Msisdn, NodeId, Sender},
    graphql::{
        context::{Nullable, app, caller, nullable},
        types::{message::MessageView, scalars::Int64},
    },
};

/// What you have read.
#[derive(InputObject)]
struct MarkMessageReadInput {
    /// One of your messages.
    message_id: ID,
}

/// The message is read.
#[derive(SimpleObject)]
struct MarkMessageReadPayload {
    /// The message.
    message: MessageView,
}

/// What you have read.
#[derive(InputObject)]
struct MarkAllMessagesReadInput {
    /// Only messages to this number.
    phone_number_id: Option<ID>,
    /// Only messages up to this cursor: pass `latestCursor` of the list that was read, and what came since
    /// stays unread.
    up_to: Option<String>,
}

/// The messages are read.
#[derive(SimpleObject)]
struct MarkAllMessagesReadPayload {
    /// How many were unread.
    marked_count: Int64,
}

/// What is to go.
#[derive(InputObject)]
struct DeleteMessageInput {
    /// One of your messages.
    message_id: ID,
}

/// The message is gone.
#[derive(SimpleObject)]
struct DeleteMessagePayload {
    /// The id that it had.
    deleted_message_id: ID,
}

/// A message as a provider might bring it.
#[derive(InputObject)]
struct SimulateInboundSmsInput {
    /// One of the platform's numbers: E.164, or a short code.
    to: String,
    /// The sender: a number, a short code, or a name.
    from: String,
    /// The text.
    text: String,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum InboundSmsOutcome {
    /// It is in its renter's inbox.
    Delivered,
    /// It is stored, and nobody's: the number has no renter.
    Quarantined,
    /// The number is not the provider's.
    Unroutable,
    /// Its sender is blocked.
    Blocked,
    /// It had arrived before.
    Duplicate,
}

/// What became of the message.
#[derive(SimpleObject)]
struct SimulateInboundSmsPayload {
    /// Where it went.
    outcome: InboundSmsOutcome,
    /// The message, when it was delivered.
    message: Option<MessageView>,
}

/// Messages.
#[derive(Default)]
pub(crate) struct MessageMutation;

/// Messages.
#[Object]
impl MessageMutation {
    /// Marks one of your messages as read.
    async fn mark_message_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you have read.")] input: MarkMessageReadInput,
    ) -> Nullable<MarkMessageReadPayload> {
        let marked = async {
            let id = NodeId::message("messageId", &input.message_id)?;
            let message = app(ctx).mark_message_read(caller(ctx), id).await?;
            Ok(MarkMessageReadPayload { message: MessageView::of(message) })
        };
        nullable(marked.await)
    }

    /// Marks your messages as read: all, or those to one number.
    async fn mark_all_messages_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which messages.")] input: MarkAllMessagesReadInput,
    ) -> Nullable<MarkAllMessagesReadPayload> {
        let marked = async {
            let number = input.phone_number_id.map(|id| NodeId::number("phoneNumberId", &id)).transpose()?;
            let count = app(ctx).mark_all_messages_read(caller(ctx), number, input.up_to.as_deref()).await?;
            Ok(MarkAllMessagesReadPayload { marked_count: count.into() })
        };
        nullable(marked.await)
    }

    /// Deletes one of your messages, for good.
    async fn delete_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message.")] input: DeleteMessageInput,
    ) -> Nullable<DeleteMessagePayload> {
        let deleted = async {
            let id = NodeId::message("messageId", &input.message_id)?;
            app(ctx).delete_message(caller(ctx), id).await?;
            Ok(DeleteMessagePayload { deleted_message_id: NodeId::Message(id).into() })
        };
        nullable(deleted.await)
    }

    /// Receives a message as if the number's provider had brought it. For administrators.
    async fn simulate_inbound_sms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SimulateInboundSmsInput,
    ) -> Nullable<SimulateInboundSmsPayload> {
        let simulated = async {
            caller(ctx).admin()?;
            let (from, to) = (Sender::parse("from", &input.from)?, Msisdn::parse("to", &input.to)?);
            let sms = InboundSms {
                payload: to_raw_value(&serde_json::json!({ "simulated": true })).map_err(Error::internal)?,
                ..InboundSms::new("", from, to, &input.text)
            };
            app(ctx).simulate_inbound(caller(ctx), sms).await
        };
        nullable(simulated.await.map(|outcome| match outcome {
            Outcome::Delivered(message) => SimulateInboundSmsPayload {
                outcome: InboundSmsOutcome::Delivered,
                message: Some(MessageView::of(message)),
            },
            Outcome::Quarantined(_) => {
                SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Quarantined, message: None }
            }
            // A message that is simulated is never a part of one.
            Outcome::Held => SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Quarantined, message: None },
            Outcome::Unroutable => SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Unroutable, message: None },
            Outcome::Refused => SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Blocked, message: None },
            Outcome::Duplicate(_) => SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Duplicate, message: None },
        }))
    }
}
