//! Messages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain;

/// What a message is for.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "otp")]
pub(in crate::rest) enum MessageType {
    /// Anything.
    Sms,
    /// It carries a one-time code.
    Otp,
    /// It asks to confirm something, without a code.
    Verification,
}

impl From<domain::MessageType> for MessageType {
    fn from(kind: domain::MessageType) -> Self {
        match kind {
            domain::MessageType::Sms => Self::Sms,
            domain::MessageType::Otp => Self::Otp,
            domain::MessageType::Verification => Self::Verification,
        }
    }
}

impl From<MessageType> for domain::MessageType {
    fn from(kind: MessageType) -> Self {
        match kind {
            MessageType::Sms => Self::Sms,
            MessageType::Otp => Self::Otp,
            MessageType::Verification => Self::Verification,
        }
    }
}

/// The channel that a message came through.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "sms")]
pub(in crate::rest) enum Channel {
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

impl From<domain::Channel> for Channel {
    fn from(channel: domain::Channel) -> Self {
        match channel {
            domain::Channel::Sms => Self::Sms,
            domain::Channel::Mms => Self::Mms,
            domain::Channel::Whatsapp => Self::Whatsapp,
            domain::Channel::Rcs => Self::Rcs,
            domain::Channel::Email => Self::Email,
            domain::Channel::Voice => Self::Voice,
            domain::Channel::Other => Self::Other,
        }
    }
}

impl From<Channel> for domain::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::Mms => Self::Mms,
            Channel::Whatsapp => Self::Whatsapp,
            Channel::Rcs => Self::Rcs,
            Channel::Email => Self::Email,
            Channel::Voice => Self::Voice,
            Channel::Other => Self::Other,
        }
    }
}

/// A message in your inbox.
#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct Message {
    #[schema(example = 456)]
    pub(in crate::rest) id: i64,
    /// The number that it was sent to.
    #[schema(example = 123)]
    pub(in crate::rest) phone_number_id: i32,
    /// That number: E.164, or a short code.
    #[schema(example = "+1234567890")]
    pub(in crate::rest) phone_number: String,
    /// Who sent it: a number, a short code, a name, an e-mail address, or an address with the prefix of its channel.
    #[schema(max_length = 320, example = "+1987654321")]
    pub(in crate::rest) sender_number: String,
    pub(in crate::rest) channel: Channel,
    #[schema(example = "Your verification code is 123456")]
    pub(in crate::rest) message_content: String,
    pub(in crate::rest) message_type: MessageType,
    #[schema(example = "2024-01-01T12:30:00Z")]
    pub(in crate::rest) received_at: DateTime<Utc>,
    #[schema(example = false)]
    pub(in crate::rest) is_read: bool,
    /// The one-time code that it carries, if it was found to carry one: then its type is `otp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::rest) otp: Option<OneTimeCode>,
    /// The links in its text, in order, such as the one to tap in a message of the type `verification`.
    pub(in crate::rest) links: Vec<Link>,
    /// The files that came with it, where the provider keeps them.
    pub(in crate::rest) media: Vec<Media>,
}

/// A link in the text of a message.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageLink)]
pub(in crate::rest) struct Link {
    /// The address, with `https://` where the text has no scheme.
    #[schema(example = "https://example.com/verify?t=8f3a")]
    url: String,
    /// What it is for, as far as its path and the text say.
    kind: LinkKind,
}

/// What a link is for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MessageLinkKind, example = "verify")]
pub(in crate::rest) enum LinkKind {
    /// To confirm something: an address, a number, a registration.
    Verify,
    /// To log in.
    Login,
    /// To reset a password.
    Reset,
    /// Anything else.
    Other,
}

impl From<domain::Link> for Link {
    fn from(link: domain::Link) -> Self {
        let kind = match link.kind {
            domain::LinkKind::Verify => LinkKind::Verify,
            domain::LinkKind::Login => LinkKind::Login,
            domain::LinkKind::Reset => LinkKind::Reset,
            domain::LinkKind::Other => LinkKind::Other,
        };
        Self { url: link.url, kind }
    }
}

/// A one-time code, as it was read from the text of a message.
#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct OneTimeCode {
    /// The code as one types it: ASCII digits and letters, without spaces and dashes.
    #[schema(max_length = 32, example = "123456")]
    code: String,
    /// Whose code it is, as the text spells it, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 100, example = "GitHub")]
    service: Option<String>,
    /// How sure it is that this is the code.
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    score: f64,
    /// The host that the code is bound to, where the text ends with a line like `@example.com #123456`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "example.com")]
    origin: Option<String>,
}

impl OneTimeCode {
    fn of(message: &domain::Message) -> Option<Self> {
        let otp = message.otp.as_ref()?;
        Some(Self {
            code: otp.code.clone(),
            service: otp.service.clone(),
            score: otp.score.as_fraction(),
            origin: message.otp_origin(),
        })
    }
}

/// A file that came with a message. It stays where the provider keeps it.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageMedia)]
pub(in crate::rest) struct Media {
    /// Where the provider has it. Reading it may need the credentials of the platform's account there.
    #[schema(example = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0")]
    url: String,
    /// Its type, where the provider says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "image/jpeg")]
    content_type: Option<String>,
}

impl From<&domain::Media> for Media {
    fn from(media: &domain::Media) -> Self {
        Self { url: media.url.clone(), content_type: media.content_type.clone() }
    }
}

impl From<&domain::Message> for Message {
    fn from(message: &domain::Message) -> Self {
        Self {
            id: message.id.0,
            phone_number_id: message.phone_number_id.0,
            phone_number: message.phone_number.as_str().to_owned(),
            sender_number: message.sender_number.as_str().to_owned(),
            channel: message.channel.into(),
            message_content: message.message_content.clone(),
            message_type: message.message_type.into(),
            received_at: message.received_at,
            is_read: message.is_read,
            otp: OneTimeCode::of(message),
            links: message.links().into_iter().map(Into::into).collect(),
            media: message.media.iter().map(Into::into).collect(),
        }
    }
}
