//! Messages.

use std::sync::Arc;

use async_graphql::{
    Context, Enum, ID, InputObject, Object,
    connection::{Connection, Edge},
};
use chrono::{DateTime, Utc};

use super::Int64;
use crate::{
    app::Inbox,
    domain::{self, InboxCursor, Message, MessageFilter, NodeId, Result},
    graphql::answer::{Answer, answer, app, caller},
};

/// What a message is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MessageType")]
pub(in crate::graphql) enum MessageType {
    /// Anything.
    Sms,
    /// It carries a one-time code.
    Otp,
    /// It asks to confirm something, without a code.
    Verification,
}

/// A message in your inbox.
#[derive(Clone)]
pub(in crate::graphql) struct MessageView(pub(in crate::graphql) Arc<Message>);

/// A message in your inbox.
#[Object(name = "Message")]
impl MessageView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::Message(self.0.id).to_string().into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        Int64(self.0.id.0)
    }

    /// The number that it was sent to: E.164, or a short code.
    async fn phone_number(&self) -> &str {
        self.0.phone_number.as_str()
    }

    /// The id of that number.
    async fn phone_number_id(&self) -> ID {
        NodeId::Number(self.0.phone_number_id).to_string().into()
    }

    /// Who sent it: a number, a short code, or a name.
    async fn sender_number(&self) -> &str {
        self.0.sender_number.as_str()
    }

    /// The text.
    async fn message_content(&self) -> &str {
        &self.0.message_content
    }

    /// What it is for.
    async fn message_type(&self) -> MessageType {
        self.0.message_type.into()
    }

    /// When it reached the platform.
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// Whether you have marked it as read.
    async fn is_read(&self) -> bool {
        self.0.is_read
    }
}

/// Which messages to list.
#[derive(Default, InputObject)]
#[graphql(name = "MessageFilter")]
pub(in crate::graphql) struct MessageFilterInput {
    /// Only those sent to this number.
    phone_number_id: Option<ID>,
    /// Only of these types.
    types: Option<Vec<MessageType>>,
    /// Only read ones, or only unread ones.
    is_read: Option<bool>,
    /// Only those received at this time or later.
    since: Option<DateTime<Utc>>,
}

impl TryFrom<MessageFilterInput> for MessageFilter {
    type Error = domain::Error;

    fn try_from(input: MessageFilterInput) -> Result<Self> {
        Ok(Self {
            phone_number_id: input.phone_number_id.map(|id| NodeId::number("filter.phoneNumberId", &id)).transpose()?,
            types: input.types.unwrap_or_default().into_iter().map(Into::into).collect(),
            is_read: input.is_read,
            since: input.since,
            sender: None,
        })
    }
}

/// What a list of messages knows besides its page.
pub(in crate::graphql) struct InboxFields {
    latest: InboxCursor,
    filter: MessageFilter,
}

#[Object]
impl InboxFields {
    /// Where your inbox ended before this page was read. Pass it to `messageReceived(after:)` and
    /// nothing is missed between the two.
    async fn latest_cursor(&self) -> String {
        self.latest.encode()
    }

    /// How many messages the list has on all its pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Answer<Int64> {
        let counted = app(ctx).count_messages(caller(ctx), &self.filter).await;
        answer(counted.map(|count| Int64(count.try_into().unwrap_or(i64::MAX))))
    }
}

/// A page of messages, newest first.
pub(in crate::graphql) type MessageConnection = Connection<String, MessageView, InboxFields>;

/// Wraps a page of messages.
pub(in crate::graphql) fn connect_messages(inbox: Inbox, filter: MessageFilter) -> MessageConnection {
    let Inbox { page, latest } = inbox;
    let fields = InboxFields { latest, filter };
    let mut connection = Connection::with_additional_fields(page.has_previous, page.has_next, fields);
    let edges = page.edges.into_iter();
    connection.edges.extend(edges.map(|edge| Edge::new(edge.cursor.encode(), MessageView(Arc::new(edge.node)))));
    connection
}
