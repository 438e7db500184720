//! Delivery reports: the outcome of each verified webhook, and of status callbacks.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::{InboundSms, MessageId, Msisdn, ProviderId, Redacted, ReportId, ReportReason};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// A message to one of our numbers.
    Message,
    /// A status callback: the progress of a message sent through the provider.
    Status,
}

impl ReportKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Message, Self::Status];

    /// The word stored in the database.
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

/// The outcome of a webhook, or the progress of a sent message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportStatus {
    /// The message is in its renter's inbox.
    Received,
    /// A part of a long message, waiting for the others.
    Held,
    /// The message had been received before.
    Duplicate,
    /// The number is unknown, or belongs to another provider.
    Unroutable,
    /// The message is stored without an owner: the number had no renter.
    Quarantined,
    /// The message was refused and not stored: an administrator has blocked its sender.
    Blocked,
    /// The webhook could not be parsed, or the message could not be stored. For a sent message: it was refused before
    /// any network accepted it.
    Failed,
    /// The provider accepted the sent message.
    Queued,
    /// A network accepted the sent message.
    Sent,
    /// The sent message was delivered to the phone.
    Delivered,
    /// The sent message could not be delivered.
    Undelivered,
    /// A status of the provider that has no equivalent here, or one that only a newer version knows.
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
        Self::Blocked,
        Self::Failed,
        Self::Queued,
        Self::Sent,
        Self::Delivered,
        Self::Undelivered,
        Self::Unknown,
    ];

    /// The status of a word stored in the database.
    #[must_use]
    pub fn stored(word: &str) -> Self {
        Self::ALL.iter().copied().find(|status| status.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Duplicate => "duplicate",
            Self::Unroutable => "unroutable",
            Self::Quarantined => "quarantined",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Unknown => "unknown",
        }
    }
}

/// The progress of a message sent through a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// The provider accepted it.
    Queued,
    /// A network accepted it.
    Sent,
    /// It was delivered to the phone. Final.
    Delivered,
    /// A network accepted it but could not deliver it. Final.
    Undelivered,
    /// It was refused before any network accepted it. Final.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Queued, Self::Sent, Self::Delivered, Self::Undelivered, Self::Failed];

    /// The word in logs and in the database.
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

    /// The state after a callback that reports `next`. Callbacks arrive out of order, so a state never goes back, and a
    /// final one never changes.
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

/// What a status callback reports about one message.
#[derive(Clone)]
pub struct StatusUpdate {
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// The state, if the provider's status is known.
    pub state: Option<DeliveryState>,
    /// The provider's status, unchanged.
    pub provider_status: String,
    /// The recipient, if known.
    pub phone_number: Option<Msisdn>,
    /// When the message reached this status, if the provider reports that.
    pub at: Option<DateTime<Utc>>,
    /// The provider's error code or message.
    pub error: Option<String>,
    /// The payload of the callback, as JSON.
    pub payload: Box<RawValue>,
}

/// Only the identity, because debug output may be logged.
impl fmt::Debug for StatusUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusUpdate({}: {})", self.provider_message_id, self.provider_status)
    }
}

/// A delivery report.
#[derive(Clone)]
pub struct DeliveryReport {
    /// The id.
    pub id: ReportId,
    /// The message, if one was stored. It may have expired since.
    pub message_id: Option<MessageId>,
    /// The account at the provider.
    pub provider_id: Option<ProviderId>,
    /// The provider's id of the message, if known. For a part, its number follows: `id/2`.
    pub provider_message_id: Option<String>,
    /// The recipient, if known.
    pub phone_number: Option<Msisdn>,
    /// The outcome.
    pub status: ReportStatus,
    /// Why it has this status; none if it was delivered, or if an older version made the report.
    pub reason: Option<ReportReason>,
    /// Why it was not delivered, in detail.
    pub error_message: Option<String>,
    /// How often the provider has repeated it.
    pub retry_count: i32,
    /// When it was received.
    pub created_at: DateTime<Utc>,
    /// The kind of report.
    pub kind: ReportKind,
    /// The provider's status, from a status callback.
    pub provider_status: Option<String>,
    /// When the message reached this status, if the provider reports that.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The payload, as far as the caller may see it. It is deleted when the message expires.
    pub payload: Option<Redacted>,
}

/// Only the identity, because debug output may be logged.
impl fmt::Debug for DeliveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryReport({:?}, {:?})", self.id, self.status)
    }
}

/// Which reports a list shows.
#[derive(Clone, Debug, Default)]
pub struct ReportFilter {
    /// Only for messages to this number.
    pub phone_number: Option<Msisdn>,
    /// Only from this account.
    pub provider_id: Option<ProviderId>,
    /// Only for the message with this provider id.
    pub provider_message_id: Option<String>,
    /// Only for this message.
    pub message_id: Option<MessageId>,
    /// Only of this kind.
    pub kind: Option<ReportKind>,
    /// Only with this status.
    pub status: Option<ReportStatus>,
    /// Only for this reason.
    pub reason: Option<ReportReason>,
    /// Only from this time on.
    pub since: Option<DateTime<Utc>>,
    /// Only before this time.
    pub until: Option<DateTime<Utc>>,
}

impl ReportFilter {
    /// The id under which a part of a long message is stored, because parts may share the id of their message.
    #[must_use]
    pub fn part_id(id: &str, number: u8) -> String {
        let id: String = id.chars().take(InboundSms::MAX_ID - 4).collect();
        format!("{id}/{number}")
    }

    /// The ids under which the message with this provider id, or its parts, may be stored.
    pub fn ids_of(id: &str) -> impl Iterator<Item = String> {
        std::iter::once(id.to_owned()).chain((1..=u8::MAX).map(move |number| Self::part_id(id, number)))
    }
}
