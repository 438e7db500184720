//! The result of parsing a webhook, independent of its provider.

use thiserror::Error;
use url::Url;

use crate::domain::{Error as DomainError, InboundSms, Msisdn, StatusUpdate};

/// Why a verified webhook, or one item of it, could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {issue}")]
pub struct Malformed {
    /// The provider's own name of the field.
    pub field: String,
    /// What is wrong with it.
    pub issue: String,
    /// The provider's id of the message, if that could be read.
    pub provider_message_id: Option<String>,
    /// The recipient of the message, if that could be read.
    pub phone_number: Option<Msisdn>,
}

impl Malformed {
    /// What is wrong with a field.
    #[must_use]
    pub fn new(field: impl Into<String>, issue: impl Into<String>) -> Self {
        Self { field: field.into(), issue: issue.into(), provider_message_id: None, phone_number: None }
    }

    /// Whether the webhook as a whole could not be read, and not just a field of it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.field == "body"
    }

    /// With what else is known of the message.
    pub(in crate::providers) fn about(self, id: Option<&String>, to: Option<&Msisdn>) -> Self {
        let id = id.filter(|id| !id.is_empty()).cloned();
        Self {
            provider_message_id: self.provider_message_id.or(id),
            phone_number: self.phone_number.or(to.cloned()),
            ..self
        }
    }
}

/// A validation error of a domain type.
impl From<DomainError> for Malformed {
    fn from(error: DomainError) -> Self {
        let detail = |key| error.details().get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Self::new(detail("field"), detail("issue"))
    }
}

/// One item of a webhook.
#[derive(Debug)]
pub enum Item {
    /// An SMS to one of the platform's numbers.
    Message(InboundSms),
    /// A new delivery state of a message that was sent through the provider.
    Status(StatusUpdate),
    /// The provider asks for a request to this URL to confirm that its webhooks are wanted.
    ConfirmSubscription(Url),
    /// An event that the platform has no use for. It is acknowledged and dropped.
    Ignored,
}

/// The items of a webhook. An item that cannot be parsed does not affect the others; the outer error is for a body
/// that cannot be parsed at all.
pub type ParsedWebhook = Result<Vec<Result<Item, Malformed>>, Malformed>;

/// A webhook with a single item.
pub(in crate::providers) fn single(item: Result<Item, Malformed>) -> ParsedWebhook {
    item.map(|item| vec![Ok(item)])
}
