//! The result of parsing a webhook, independent of its provider.

use thiserror::Error;
use url::Url;

use crate::domain::{Error as DomainError, InboundSms, StatusUpdate};

/// Why a verified webhook, or one item of it, could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {issue}")]
pub struct Malformed {
    /// The provider's own name of the field.
    pub field: String,
    /// What is wrong with it.
    pub issue: String,
}

impl Malformed {
    pub(in crate::providers) fn new(field: impl Into<String>, issue: impl Into<String>) -> Self {
        Self { field: field.into(), issue: issue.into() }
    }
}

/// A validation error of a domain type.
impl From<DomainError> for Malformed {
    fn from(error: DomainError) -> Self {
        let detail = |key| error.details().get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Self { field: detail("field"), issue: detail("issue") }
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
