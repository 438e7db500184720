//! Delivery reports: what became of each webhook that was verified, and what status callbacks said.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::{InboundSms, MessageId, Msisdn, ProviderId, Redacted, ReportId};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// A message that somebody sent to one of the numbers.
    Message,
    /// A status callback: how far a message that was sent through the provider has come.
    Status,
}

impl ReportKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Message, Self::Status];

    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Status => "status",
        }
    }
}

impl FromStr for ReportKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is not what a delivery report is about"))
    }
}

/// What became of a webhook, or how far a message that was sent has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportStatus {
    /// The message is in its renter's inbox.
    Received,
    /// A part of a long message, which waits for the others.
    Held,
    /// The message had arrived before.
    Duplicate,
    /// The number is not ours, or not this provider's.
    Unroutable,
    /// The message is stored, and nobody's: the number had no renter.
    Quarantined,
    /// The webhook could not be read, or the message not be stored. Of a message that was sent: it was refused
    /// before any network had it.
    Failed,
    /// The provider has the message that was sent.
    Queued,
    /// A network has the message that was sent.
    Sent,
    /// The phone has the message that was sent.
    Delivered,
    /// The message that was sent could not be delivered.
    Undelivered,
    /// The provider says of the message that was sent what we have no word for; or a newer version, that runs
    /// beside this one, says what this one has none for.
    Unknown,
}

impl ReportStatus {
    /// Every status.
    pub const ALL: &[Self] = &[
        Self::Received,
        Self::Held,
        Self::Duplicate,
        Self::Unroutable,
        Self::Quarantined,
        Self::Failed,
        Self::Queued,
        Self::Sent,
        Self::Delivered,
        Self::Undelivered,
        Self::Unknown,
    ];

    /// The status of a word that the database keeps.
    #[must_use]
    pub fn stored(word: &str) -> Self {
        Self::ALL.iter().copied().find(|status| status.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Duplicate => "duplicate",
            Self::Unroutable => "unroutable",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Unknown => "unknown",
        }
    }
}

/// How far a message that was sent through a provider has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// The provider has it.
    Queued,
    /// A network has it.
    Sent,
    /// The phone has it. Final.
    Delivered,
    /// A network had it, and could not deliver it. Final.
    Undelivered,
    /// It was refused before any network had it. Final.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Queued, Self::Sent, Self::Delivered, Self::Undelivered, Self::Failed];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
        }
    }

    /// The state after a callback that says `next`. Callbacks overtake each other, so a state never goes back,
    /// and a final one stays.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        if self >= Self::Delivered { self } else { self.max(next) }
    }
}

impl FromStr for DeliveryState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|state| state.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is not queued, sent, delivered, undelivered or failed"))
    }
}

/// What a provider's status callback says about one message.
#[derive(Clone)]
pub struct StatusUpdate {
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// The state, where the provider's word for it is known.
    pub state: Option<DeliveryState>,
    /// The provider's own word, as it is.
    pub provider_status: String,
    /// The number that the message was sent to, where that can be told.
    pub phone_number: Option<Msisdn>,
    /// When it came to this, where the provider says so.
    pub at: Option<DateTime<Utc>>,
    /// The provider's code or text of what went wrong.
    pub error: Option<String>,
    /// What the provider posted, as JSON.
    pub payload: Box<RawValue>,
}

/// Its place alone: what is printed for developers may end in a log.
impl fmt::Debug for StatusUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusUpdate({}: {})", self.provider_message_id, self.provider_status)
    }
}

/// What became of one webhook.
#[derive(Clone)]
pub struct DeliveryReport {
    /// The id.
    pub id: ReportId,
    /// The message, where one was stored. It may have expired since.
    pub message_id: Option<MessageId>,
    /// Which account it came from.
    pub provider_id: Option<ProviderId>,
    /// The provider's id of the message, where it could be read. Of a part, its number follows: `id/2`.
    pub provider_message_id: Option<String>,
    /// The number that the message was sent to, where it could be read.
    pub phone_number: Option<Msisdn>,
    /// What became of it.
    pub status: ReportStatus,
    /// Why, when it was not delivered.
    pub error_message: Option<String>,
    /// How often the provider had repeated it.
    pub retry_count: i32,
    /// When it reached us.
    pub created_at: DateTime<Utc>,
    /// What it is about.
    pub kind: ReportKind,
    /// What a status callback said, in the provider's own word.
    pub provider_status: Option<String>,
    /// When the message came to this status, where the provider says so.
    pub delivered_at: Option<DateTime<Utc>>,
    /// What the provider posted, as far as the caller may see it. It goes when its message expires.
    pub payload: Option<Redacted>,
}

/// Its place alone: what is printed for developers may end in a log.
impl fmt::Debug for DeliveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryReport({:?}, {:?})", self.id, self.status)
    }
}

/// Which reports a list shows.
#[derive(Clone, Debug, Default)]
pub struct ReportFilter {
    /// Only about messages to this number.
    pub phone_number: Option<Msisdn>,
    /// Only of this account.
    pub provider_id: Option<ProviderId>,
    /// Only about the message with this id at its provider.
    pub provider_message_id: Option<String>,
    /// Only about this message.
    pub message_id: Option<MessageId>,
    /// Only about this.
    pub kind: Option<ReportKind>,
    /// Only with this status.
    pub status: Option<ReportStatus>,
    /// Only from this time on.
    pub since: Option<DateTime<Utc>>,
    /// Only before this time.
    pub until: Option<DateTime<Utc>>,
}

impl ReportFilter {
    /// The id under which a part of a long message is kept: parts may share the id of their message.
    #[must_use]
    pub fn part_id(id: &str, number: u8) -> String {
        let id: String = id.chars().take(InboundSms::MAX_ID - 4).collect();
        format!("{id}/{number}")
    }

    /// The ids under which a message with this id at its provider, or its parts, may be kept.
    pub fn ids_of(id: &str) -> impl Iterator<Item = String> {
        std::iter::once(id.to_owned()).chain((1..=u8::MAX).map(move |number| Self::part_id(id, number)))
    }
}
