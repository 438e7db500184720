//! Messages.

use std::sync::Arc;

use async_graphql::{
    Context, ContextSelectionSet, Enum, ID, InputObject, Object, ScalarType, SimpleObject, Value,
    resolver_utils::enum_value,
};

use super::scalars::{Int64, Time};
use crate::{
    app::watching::Inbox,
    domain::{
        self, InboxCursor, Link, Media, Message, MessageFilter, NodeId, Otp, PatternMatch, Result, Score, Sender,
        Service,
    },
    graphql::{
        context::{app, caller, loaders},
        in_order::{Leaves, in_order},
        loaders::MessageCountKey,
        pagination::connection,
        response_budget::charge,
    },
};

/// What a message is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MessageType")]
pub(crate) enum MessageType {
    /// Anything.
    Sms,
    /// It carries a one-time code.
    Otp,
    /// It asks to confirm something, without a code.
    Verification,
}

/// The channel that a message came through.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Channel")]
pub(crate) enum Channel {
    /// A text message.
    Sms,
    /// A message with files, or with a subject.
    Mms,
    /// WhatsApp.
    Whatsapp,
    /// Rich Communication Services.
    Rcs,
    /// An e-mail, which a gateway delivers like a message.
    Email,
    /// A call, whose words were written down.
    Voice,
    /// One that has no name here.
    Other,
}

/// A message in your inbox.
#[derive(Clone)]
pub(crate) struct MessageView(MessageFields);

in_order!(MessageView, MessageFields);

impl MessageView {
    pub(crate) fn of(message: impl Into<Arc<Message>>) -> Self {
        Self(MessageFields(message.into()))
    }

    /// The field that it has as a node.
    pub(crate) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(NodeId::Message(self.0.0.id).into())
    }
}

#[derive(Clone)]
struct MessageFields(Arc<Message>);

impl Leaves for MessageFields {
    fn leaf(&self, ctx: &ContextSelectionSet<'_>, field: &str) -> Option<Value> {
        let message = &*self.0;
        Some(match field {
            "id" => Value::String(NodeId::Message(message.id).to_string()),
            "phoneNumberId" => Value::String(NodeId::Number(message.phone_number_id).to_string()),
            "phoneNumber" => Value::from(message.phone_number.as_str()),
            "senderNumber" => Value::from(message.sender_number.as_str()),
            "channel" => enum_value(Channel::from(message.channel)),
            "messageContent" => Value::from(charge(ctx, &message.message_content).ok()?),
            "messageType" => enum_value(MessageType::from(message.message_type)),
            "receivedAt" => Time(message.received_at).to_value(),
            "isRead" => Value::Boolean(message.is_read),
            _ => return None,
        })
    }
}

/// A message in your inbox.
#[Object(name = "Message")]
impl MessageFields {
    /// The id, unique over everything.
    async fn id(&self) -> ID {
        NodeId::Message(self.0.id).into()
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
        NodeId::Number(self.0.phone_number_id).into()
    }

    /// Who sent it: a number, a short code, a name, an e-mail address, or an address with the prefix of its channel
    /// (`whatsapp:+14155550100`).
    async fn sender_number(&self) -> &str {
        self.0.sender_number.as_str()
    }

    /// The channel that it came through.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// The text.
    async fn message_content(&self, ctx: &Context<'_>) -> async_graphql::Result<&str> {
        charge(ctx, &self.0.message_content)
    }

    /// What it is for.
    async fn message_type(&self) -> MessageType {
        self.0.message_type.into()
    }

    /// When it reached the platform.
    async fn received_at(&self) -> Time {
        self.0.received_at.into()
    }

    /// Whether you have marked it as read.
    async fn is_read(&self) -> bool {
        self.0.is_read
    }

    /// The one-time code that it carries, if it was found to carry one: then its type is `OTP`.
    async fn otp(&self) -> Option<OtpView> {
        self.0.otp.clone().map(|otp| OtpView { origin: self.0.otp_origin(), ..otp.into() })
    }

    /// The links in its text, in order, such as the one to tap in a message of the type `VERIFICATION`.
    async fn links(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<LinkView>> {
        let links = self.0.links();
        links.iter().try_for_each(|link| charge(ctx, &link.url).map(drop))?;
        Ok(links.into_iter().map(|Link { url, kind }| LinkView { url, kind: kind.into() }).collect())
    }

    /// The files that came with it, where the provider keeps them.
    async fn media(&self) -> Vec<MediaView> {
        self.0.media.iter().cloned().map(|Media { url, content_type }| MediaView { url, content_type }).collect()
    }
}

/// A one-time code, as it was read from the text of a message.
#[derive(SimpleObject)]
#[graphql(name = "OneTimeCode")]
pub(crate) struct OtpView {
    /// The code as one types it: ASCII digits and letters, without spaces and dashes.
    code: String,
    /// Whose code it is, as the text spells it, where it says so: `GitHub`.
    service: Option<String>,
    /// How sure it is that this is the code: 0 to 1.
    score: f64,
    /// The host that the code is bound to, where the text ends with a line like `@example.com #482913`.
    origin: Option<String>,
}

/// A link in the text of a message.
#[derive(SimpleObject)]
#[graphql(name = "MessageLink")]
pub(crate) struct LinkView {
    /// The address, with `https://` where the text has no scheme.
    url: String,
    /// What it is for, as far as its path and the text say.
    kind: LinkKind,
}

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "MessageLinkKind", remote = "domain::LinkKind")]
pub(crate) enum LinkKind {
    /// To confirm something: an address, a number, a registration.
    Verify,
    /// To log in.
    Login,
    /// To reset a password.
    Reset,
    /// Anything else.
    Other,
}

impl From<Otp> for OtpView {
    fn from(otp: Otp) -> Self {
        Self { code: otp.code, service: otp.service, score: otp.score.as_fraction(), origin: None }
    }
}

/// A file that came with a message. It stays where the provider keeps it.
#[derive(SimpleObject)]
#[graphql(name = "MessageMedia")]
struct MediaView {
    /// Where the provider has it. Reading it may need the credentials of the platform's account there.
    url: String,
    /// Its type, where the provider says so.
    content_type: Option<String>,
}

impl From<PatternMatch> for OtpView {
    fn from(found: PatternMatch) -> Self {
        let service = found.service.map(|service| service.as_str().to_owned());
        Otp { code: found.code, service, score: Score::of(100) }.into()
    }
}

/// Which messages to list.
#[derive(Default, InputObject)]
#[graphql(name = "MessageFilter")]
pub(crate) struct MessageFilterInput {
    /// Only those sent to this number.
    phone_number_id: Option<ID>,
    /// Only of these types.
    types: Option<Vec<MessageType>>,
    /// Only those through these channels.
    channels: Option<Vec<Channel>>,
    /// Only read ones, or only unread ones.
    is_read: Option<bool>,
    /// Only those received at this time or later.
    since: Option<Time>,
    /// Only those of this sender, whatever the case of its letters.
    sender: Option<String>,
    /// Only those with a one-time code of this service, without regard to case and accents.
    service: Option<String>,
}

impl TryFrom<MessageFilterInput> for MessageFilter {
    type Error = domain::Error;

    fn try_from(input: MessageFilterInput) -> Result<Self> {
        Ok(Self {
            phone_number_id: input.phone_number_id.map(|id| NodeId::number("filter.phoneNumberId", &id)).transpose()?,
            types: input.types.unwrap_or_default().into_iter().map(Into::into).collect(),
            channels: input.channels.unwrap_or_default().into_iter().map(Into::into).collect(),
            is_read: input.is_read,
            since: input.since.map(|since| since.0),
            sender: input.sender.map(|sender| Sender::parse("filter.sender", &sender)).transpose()?,
            service: input.service.map(|service| Service::parse("filter.service", &service)).transpose()?,
            lease_id: None,
        })
    }
}

connection! {
    MessageConnection("MessageConnection", "A page of messages, newest first."),
    MessageEdge("MessageEdge", "A message and its cursor.") of MessageView,
    filtered by MessageFilter,
    counted by count,
    also latest_cursor: String,
    "Where your inbox ended before this page was read. Pass it to `messageReceived(after:)` and nothing is missed between the two."
}

/// How many messages a list has in all. Lists of one number each are counted in one batch.
async fn count(ctx: &Context<'_>, filter: &MessageFilter) -> Result<u64> {
    match filter.only_number() {
        Some(number) => {
            let counted = loaders(ctx).load(MessageCountKey { number, unread: false }).await?;
            Ok(counted.map_or(0, i64::unsigned_abs))
        }
        None => app(ctx).count_messages(caller(ctx), filter).await,
    }
}

/// Wraps a page of messages.
pub(crate) fn connect_messages(inbox: Inbox, filter: MessageFilter) -> MessageConnection {
    let Inbox { page, latest } = inbox;
    MessageConnection::new(page, filter, latest.encode(), InboxCursor::encode, MessageView::of)
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Schema};
    use chrono::DateTime;

    use super::*;
    use crate::domain::{LeaseId, MessageId, Msisdn, NumberId, UserId};

    struct Query;

    #[Object]
    impl Query {
        async fn in_order(&self) -> MessageView {
            MessageView(fields())
        }

        async fn by_the_library(&self) -> MessageFields {
            fields()
        }
    }

    fn fields() -> MessageFields {
        MessageFields(Arc::new(Message {
            id: MessageId(7),
            user_id: UserId(8),
            inbox_seq: 9,
            phone_number_id: NumberId(10),
            phone_number: Msisdn::stored("+14155550100".to_owned()),
            sender_number: Sender::stored("whatsapp:+14155550199".to_owned()),
            channel: domain::Channel::Whatsapp,
            message_content: "Your code is 482913. https://example.com/verify?x=\"1\"".to_owned(),
            message_type: domain::MessageType::Otp,
            received_at: DateTime::from_timestamp_micros(1_772_366_400_123_456).unwrap(),
            is_read: true,
            otp: Some(Otp { code: "482913".to_owned(), service: None, score: Score::of(90) }),
            lease_id: Some(LeaseId(11)),
            media: vec![Media { url: "https://example.com/1".to_owned(), content_type: None }],
        }))
    }

    #[tokio::test]
    async fn fields_in_order_have_the_values_of_the_library() {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
        let simple =
            "id databaseId phoneNumber phoneNumberId senderNumber channel messageContent messageType receivedAt isRead";
        let selected = format!("{{ __typename a: id {simple} otp {{ code score }} links {{ url }} media {{ url }} }}");
        let response = schema.execute(format!("{{ inOrder {selected} byTheLibrary {selected} }}")).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let data = response.data.into_json().unwrap();
        assert_eq!(data["inOrder"], data["byTheLibrary"]);
        assert_eq!(data["inOrder"].as_object().unwrap().len(), 2 + simple.split(' ').count() + 3);
    }
}
