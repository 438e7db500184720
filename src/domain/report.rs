//! Delivery reports: what became of each webhook that was verified.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::{MessageId, Msisdn, ProviderId, ReportId};

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportStatus {
    /// The message is in its renter's inbox.
    Received,
    /// The message had arrived before.
    Duplicate,
    /// The number is not ours, or not this provider's.
    Unroutable,
    /// The message is stored, and nobody's: the number had no renter.
    Quarantined,
    /// The webhook could not be read, or the message not be stored.
    Failed,
}

impl ReportStatus {
    /// Every status.
    pub const ALL: &[Self] = &[Self::Received, Self::Duplicate, Self::Unroutable, Self::Quarantined, Self::Failed];

    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Duplicate => "duplicate",
            Self::Unroutable => "unroutable",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for ReportStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|status| status.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is not the status of a delivery report"))
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
#[derive(Clone, Debug)]
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

/// What became of one webhook.
#[derive(Clone, Debug)]
pub struct DeliveryReport {
    /// The id.
    pub id: ReportId,
    /// The message, where one was stored. It may have expired since.
    pub message_id: Option<MessageId>,
    /// Which account it came from.
    pub provider_id: Option<ProviderId>,
    /// The provider's id of the message, where it could be read.
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
    /// Only with this status.
    pub status: Option<ReportStatus>,
    /// Only from this time on.
    pub since: Option<DateTime<Utc>>,
    /// Only before this time.
    pub until: Option<DateTime<Utc>>,
}
