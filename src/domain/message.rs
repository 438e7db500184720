//! Messages: as a provider brings them, and as a renter sees them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Error, MessageId, Msisdn, NumberId, Otp, Result, Sender, Service, UserId};

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageType {
    /// Anything.
    Sms,
    /// It carries a one-time code.
    Otp,
    /// It asks to confirm something, without a code.
    Verification,
}

impl MessageType {
    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Otp => "otp",
            Self::Verification => "verification",
        }
    }
}

/// A message as a provider's adapter read it: verified, parsed, and not stored yet.
#[derive(Clone)]
pub struct InboundSms {
    /// The provider's own id of the message, which its retries repeat. Empty where it gives none.
    pub provider_message_id: String,
    /// Who sent it.
    pub from: Sender,
    /// The number that it was sent to.
    pub to: Msisdn,
    /// The text.
    pub text: String,
    /// When the provider says that it was sent, where it says so.
    pub sent_at: Option<DateTime<Utc>>,
    /// Which part of a long message this is, where the provider does not join them.
    pub part: Option<Part>,
    /// The files that came with it.
    pub media: Vec<Media>,
    /// In how many segments the network carried it, where the provider says so.
    pub segments: Option<u16>,
    /// Whether the provider may bring the same message again under another id.
    pub may_return: bool,
    /// What the provider posted, as JSON, for the delivery report.
    pub payload: Box<RawValue>,
}

/// A part of a long message (3GPP TS 23.040, 9.2.3.24.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the parts of one message have in common, besides sender and number.
    pub reference: String,
    /// Which part: 1 to `count`.
    pub number: u8,
    /// How many there are: 2 or more.
    pub count: u8,
}

impl Part {
    /// Whether it can be a part: its number is one of those that there are, and its reference can be stored.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let is_reference = self.reference.chars().count() <= 100 && !self.reference.contains(char::is_control);
        is_reference && self.count >= 2 && (1..=self.count).contains(&self.number)
    }
}

/// A file that came with a message. It stays where the provider keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where the provider has it. Reading it may need the account's credentials.
    pub url: String,
    /// Its type, where the provider says so: `image/jpeg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl InboundSms {
    /// The longest provider id that is stored, in characters.
    pub const MAX_ID: usize = 255;
    /// How many files of a message are remembered.
    pub const MAX_MEDIA: usize = 20;

    /// A message that came whole, with nothing but a text. Characters of it that cannot be stored are replaced.
    #[must_use]
    pub fn new(provider_message_id: impl Into<String>, from: Sender, to: Msisdn, text: &str) -> Self {
        Self {
            provider_message_id: provider_message_id.into(),
            from,
            to,
            text: Self::storable(text),
            sent_at: None,
            part: None,
            media: Vec::new(),
            segments: None,
            may_return: false,
            payload: RawValue::NULL.to_owned(),
        }
    }

    /// Checks the provider's id of a message; `field` names what was read.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is empty, too long or has control characters.
    pub fn check_id(field: &str, id: &str) -> Result<()> {
        if id.is_empty() {
            return Err(Error::invalid(field, "must be the provider's id of the message"));
        }
        if id.chars().count() > Self::MAX_ID || id.chars().any(char::is_control) {
            return Err(Error::invalid(
                field,
                format!("must have at most {} characters and no control characters", Self::MAX_ID),
            ));
        }
        Ok(())
    }

    /// The text as it can be stored. PostgreSQL cannot keep NUL in a text, and the GSM alphabet has
    /// none: it becomes the replacement character, so that the rest of the message is not lost.
    #[must_use]
    pub fn storable(text: &str) -> String {
        text.replace('\0', "\u{FFFD}")
    }
}

/// A message in somebody's inbox.
///
/// Serialised, it is the body of an event on the bus: a field may be added with a default, never
/// renamed or removed without a new version of the event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The id.
    pub id: MessageId,
    /// Whose inbox it is in.
    pub user_id: UserId,
    /// Its place in that inbox: 1, 2, 3, …
    pub inbox_seq: i64,
    /// The number that it was sent to.
    pub phone_number_id: NumberId,
    /// The number that it was sent to, as it is written.
    pub phone_number: Msisdn,
    /// Who sent it.
    pub sender_number: Sender,
    /// The text.
    pub message_content: String,
    /// What it is for.
    pub message_type: MessageType,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// Whether its renter has marked it as read.
    pub is_read: bool,
    /// The files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The code, if it carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp: Option<Otp>,
}

/// Its place alone: what is printed for developers may end in a log.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {} of inbox {})", self.id, self.inbox_seq, self.user_id)
    }
}

impl fmt::Debug for InboundSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundSms({} to {:?})", self.provider_message_id, self.to)
    }
}

/// Which messages a list shows.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// Only those sent to this number.
    pub phone_number_id: Option<NumberId>,
    /// Only of these types; empty means all.
    pub types: Vec<MessageType>,
    /// Only read ones, or only unread ones.
    pub is_read: Option<bool>,
    /// Only those received at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only those of this sender.
    pub sender: Option<Sender>,
    /// Only those with a code of this service.
    pub service: Option<Service>,
}

impl MessageFilter {
    /// The number, when the filter asks for nothing but a number.
    #[must_use]
    pub fn only_number(&self) -> Option<NumberId> {
        let Self { phone_number_id, types, is_read, since, sender, service } = self;
        let nothing_else =
            types.is_empty() && is_read.is_none() && since.is_none() && sender.is_none() && service.is_none();
        phone_number_id.filter(|_| nothing_else)
    }

    /// Whether a message passes the part of the filter that watching uses.
    #[must_use]
    pub fn matches(&self, message: &Message) -> bool {
        self.phone_number_id.is_none_or(|id| id == message.phone_number_id)
            && (self.types.is_empty() || self.types.contains(&message.message_type))
            && self.is_read.is_none_or(|is_read| is_read == message.is_read)
            && self.since.is_none_or(|since| since <= message.received_at)
            && self.sender.as_ref().is_none_or(|sender| sender.is(&message.sender_number))
            && self.service.as_ref().is_none_or(|service| message.otp.as_ref().is_some_and(|otp| service.is_of(otp)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Score;

    /// Replicas of two versions share a bus while one takes the place of the other.
    #[test]
    fn an_event_may_lack_what_a_newer_version_tells() {
        let old = r#"{"id":1,"user_id":2,"inbox_seq":3,"phone_number_id":4,"phone_number":"+14155550100",
            "sender_number":"BANK","message_content":"hello","message_type":"sms",
            "received_at":"2026-03-01T12:00:00Z","is_read":false}"#;
        let message: Message = serde_json::from_str(old).unwrap();
        assert_eq!((message.otp.clone(), message.media.len()), (None, 0));
        assert!(!serde_json::to_string(&message).unwrap().contains("otp"));
        let otp = Otp { code: "482913".into(), service: Some("GitHub".into()), score: Score::of(97) };
        let coded = Message { message_type: MessageType::Otp, otp: Some(otp), ..message };
        let told = serde_json::to_string(&coded).unwrap();
        assert!(told.contains(r#""otp":{"code":"482913","service":"GitHub","score":97}"#), "{told}");
        assert_eq!(serde_json::from_str::<Message>(&told).unwrap(), coded);
        assert!(!format!("{coded:?}").contains("482913"));
    }
}
