//! Delivery reports: what became of each webhook that was verified.

use std::str::FromStr;

use chrono::{DateTime, Utc};

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
