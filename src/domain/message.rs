//! Messages: as received from a provider, and as stored in an inbox.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Channel, Error, LeaseId, Link, MessageId, Msisdn, NumberId, Otp, Result, Sender, Service, UserId, otp};

/// The type of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageType {
    /// Any other message.
    Sms,
    /// It contains a one-time code.
    Otp,
    /// It asks to confirm something, without a code.
    Verification,
}

impl MessageType {
    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Otp => "otp",
            Self::Verification => "verification",
        }
    }
}

/// A message from a provider: verified and parsed, but not stored yet.
#[derive(Clone)]
pub struct InboundSms {
    /// The provider's id of the message, the same in its retries. Empty if the provider gives none.
    pub provider_message_id: String,
    /// The sender.
    pub from: Sender,
    /// The channel that it came through.
    pub channel: Channel,
    /// The recipient.
    pub to: Msisdn,
    /// The text.
    pub text: String,
    /// The time that the provider gives it, if any.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether that is an operator's or a sender's time, whose clock nobody has checked, and not the provider's own.
    pub has_foreign_clock: bool,
    /// The part of a long message that this is, if the provider does not reassemble them.
    pub part: Option<Part>,
    /// The attached files.
    pub media: Vec<Media>,
    /// The number of segments in the network, if the provider reports that.
    pub segments: Option<u16>,
    /// Whether the provider may deliver the same message again under another id.
    pub may_return: bool,
    /// The payload of the webhook, as JSON, for the delivery report.
    pub payload: Box<RawValue>,
}

/// A part of a long message (3GPP TS 23.040, 9.2.3.24.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The reference number shared by the parts of a message.
    pub reference: String,
    /// The number of this part: 1 to `count`.
    pub number: u8,
    /// The number of parts: 2 or more.
    pub count: u8,
}

impl Part {
    /// Whether the numbers are consistent and the reference can be stored.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let is_reference = self.reference.chars().count() <= 100 && !self.reference.contains(char::is_control);
        is_reference && self.count >= 2 && (1..=self.count).contains(&self.number)
    }
}

/// A file attached to a message. It stays with the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its URL at the provider. Downloading it may need the account's credentials.
    pub url: String,
    /// Its content type, if known: `image/jpeg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl InboundSms {
    /// The longest provider id that is stored, in characters.
    pub const MAX_ID: usize = 255;
    /// The number of files of a message that are stored.
    pub const MAX_MEDIA: usize = 20;

    /// A complete message without files, through the channel that its sender shows. Characters of its text that cannot
    /// be stored are replaced.
    #[must_use]
    pub fn new(provider_message_id: impl Into<String>, from: Sender, to: Msisdn, text: &str) -> Self {
        Self {
            provider_message_id: provider_message_id.into(),
            channel: Channel::of_address(from.as_str()),
            from,
            to,
            text: Self::storable(text),
            sent_at: None,
            has_foreign_clock: false,
            part: None,
            media: Vec::new(),
            segments: None,
            may_return: false,
            payload: RawValue::NULL.to_owned(),
        }
    }

    /// When the provider had it, by its own clock. Only this time decides which renter it is for.
    #[must_use]
    pub fn provider_time(&self) -> Option<DateTime<Utc>> {
        self.sent_at.filter(|_| !self.has_foreign_clock)
    }

    /// Validates the provider's id of a message; `field` names the argument in the error.
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

    /// The text as it can be stored. PostgreSQL cannot store NUL, which the GSM alphabet does not have: it becomes the
    /// replacement character, so that the rest of the message is not lost.
    #[must_use]
    pub fn storable(text: &str) -> String {
        text.replace('\0', "\u{FFFD}")
    }
}

/// A message in an inbox.
///
/// Serialised, it is the body of an event on the bus: a field may be added with a default, but never renamed or removed
/// without a new version of the event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The id.
    pub id: MessageId,
    /// The owner of the inbox.
    pub user_id: UserId,
    /// Its sequence number in the inbox: 1, 2, 3, …
    pub inbox_seq: i64,
    /// The number it was sent to.
    pub phone_number_id: NumberId,
    /// The number it was sent to, in E.164 or as a short code.
    pub phone_number: Msisdn,
    /// The sender.
    pub sender_number: Sender,
    /// The text.
    pub message_content: String,
    /// The channel that it came through.
    #[serde(default)]
    pub channel: Channel,
    /// The type.
    pub message_type: MessageType,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Whether its owner has marked it as read.
    pub is_read: bool,
    /// The attached files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The code, if it contains one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp: Option<Otp>,
    /// The lease that it arrived in, if it arrived in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_id: Option<LeaseId>,
}

impl Message {
    /// The links in the text. They are not stored: the text has them.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        otp::links(&self.message_content)
    }

    /// The host that its code is bound to, if it has a code.
    #[must_use]
    pub fn otp_origin(&self) -> Option<String> {
        self.otp.as_ref().and_then(|_| otp::origin(&self.message_content))
    }
}

/// Only the identity, because debug output may be logged.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {} of inbox {})", self.id, self.inbox_seq, self.user_id)
    }
}

/// Only the identity, because debug output may be logged.
impl fmt::Debug for InboundSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundSms({} to {:?})", self.provider_message_id, self.to)
    }
}

/// Which messages a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only those sent to this number.
    pub phone_number_id: Option<NumberId>,
    /// Only of these types; empty means all.
    pub types: Vec<MessageType>,
    /// Only through these channels; empty means all.
    pub channels: Vec<Channel>,
    /// Only read ones, or only unread ones.
    pub is_read: Option<bool>,
    /// Only those received at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only those from this sender.
    pub sender: Option<Sender>,
    /// Only those with a code of this service.
    pub service: Option<Service>,
    /// Only those that arrived in this lease.
    pub lease_id: Option<LeaseId>,
}

impl MessageFilter {
    /// The number, if it is the only criterion.
    #[must_use]
    pub fn only_number(&self) -> Option<NumberId> {
        let only_number = Self { phone_number_id: self.phone_number_id, ..Self::default() };
        self.phone_number_id.filter(|_| *self == only_number)
    }

    /// Whether a message matches the filter.
    #[must_use]
    pub fn matches(&self, message: &Message) -> bool {
        self.phone_number_id.is_none_or(|id| id == message.phone_number_id)
            && (self.types.is_empty() || self.types.contains(&message.message_type))
            && (self.channels.is_empty() || self.channels.contains(&message.channel))
            && self.is_read.is_none_or(|is_read| is_read == message.is_read)
            && self.since.is_none_or(|since| since <= message.received_at)
            && self.sender.as_ref().is_none_or(|sender| sender.is(&message.sender_number))
            && self.service.as_ref().is_none_or(|service| message.otp.as_ref().is_some_and(|otp| service.is_of(otp)))
            && self.lease_id.is_none_or(|lease| message.lease_id == Some(lease))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Score;

    /// During an upgrade, replicas of two versions share a bus.
    #[test]
    fn an_event_of_an_older_version_can_be_read() {
        let old = r#"{"id":1,"user_id":2,"inbox_seq":3,"phone_number_id":4,"phone_number":"+14155550100",
            "sender_number":"BANK","message_content":"hello","message_type":"sms",
            "received_at":"2026-03-01T12:00:00Z","is_read":false}"#;
        let message: Message = serde_json::from_str(old).unwrap();
        assert_eq!((message.otp.clone(), message.media.len(), message.channel), (None, 0, Channel::Sms));
        assert!(!serde_json::to_string(&message).unwrap().contains("otp"));
        let otp = Otp { code: "482913".into(), service: Some("GitHub".into()), score: Score::of(97) };
        let coded = Message { message_type: MessageType::Otp, otp: Some(otp), ..message };
        let json = serde_json::to_string(&coded).unwrap();
        assert!(json.contains(r#""otp":{"code":"482913","service":"GitHub","score":97}"#), "{json}");
        assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), coded);
        assert!(!format!("{coded:?}").contains("482913"));
    }
}
