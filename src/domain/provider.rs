//! Accounts at SMS providers.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Error, ProviderId, Result};

/// Which adapter reads what a provider posts: a word, such as `twilio`. Which words there are is for the
/// adapters to say; one that this version does not know may have been stored by a newer one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProviderKind(Cow<'static, str>);

impl ProviderKind {
    /// The word of an adapter.
    #[must_use]
    pub const fn of(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// A word that was checked when it was stored.
    pub(crate) fn stored(word: String) -> Self {
        Self(Cow::Owned(word))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account at a provider, as the operator set it up, without its secrets.
#[derive(Clone, Debug)]
pub struct ProviderAccount {
    /// The id.
    pub id: ProviderId,
    /// Which adapter reads it.
    pub kind: ProviderKind,
    /// The operator's own name for it, which webhooks carry as `?provider=`.
    pub name: String,
    /// Whether its webhooks are taken.
    pub is_active: bool,
    /// Whose numbers are rented first: the lowest.
    pub priority: i32,
    /// How many webhooks a minute are taken of it.
    pub rate_limit_per_minute: i32,
    /// What its adapter has to know of it. It holds no secret.
    pub configuration: Map<String, Value>,
    /// Whether its webhooks show a second secret, in the address.
    pub has_address_token: bool,
    /// When its secret was last replaced.
    pub secret_changed_at: Option<DateTime<Utc>>,
    /// When a webhook was first verified with the secret that it has now. Until then the one before it is
    /// honoured as well, if it is there.
    pub secret_verified_at: Option<DateTime<Utc>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a provider is doing: the figures of the last 24 hours, and what came last in 30 days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderHealth {
    /// Messages that were stored.
    pub messages: i64,
    /// Messages that had come before.
    pub duplicates: i64,
    /// Messages to numbers that are not ours.
    pub unroutable: i64,
    /// Status callbacks.
    pub statuses: i64,
    /// What could not be read, or not be stored.
    pub failures: i64,
    /// Requests that were not verified.
    pub refusals: i64,
    /// Webhooks beyond the account's limit.
    pub limited: i64,
    /// When the last message was stored.
    pub last_message_at: Option<DateTime<Utc>>,
    /// When something could last not be read or stored.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// When a request was last not verified.
    pub last_refusal_at: Option<DateTime<Utc>>,
    /// Why.
    pub last_refusal: Option<String>,
}

/// An account at a provider that is to be added, without its secret.
#[derive(Clone, Debug)]
pub struct NewProvider {
    /// Which adapter reads it.
    pub kind: ProviderKind,
    /// The operator's own name for it.
    pub name: String,
    /// What else is said of it.
    pub settings: ProviderChange,
}

impl NewProvider {
    /// The longest name, which an address carries.
    pub const MAX_NAME: usize = 100;
    /// How many webhooks a minute are taken where an operator says nothing. The specification's 100 would lose
    /// messages in a busy minute, because some providers do not send a webhook again that was refused; this many
    /// still keep a gateway that runs wild from everybody else.
    pub const RATE_LIMIT: i32 = 60_000;

    /// Checks a name.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for one that an address cannot carry.
    pub fn new(kind: ProviderKind, name: &str, settings: ProviderChange) -> Result<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=Self::MAX_NAME).contains(&name.len()) || !name.chars().all(plain) {
            return Err(Error::invalid("name", "must have 1 to 100 letters, digits, hyphens, underscores or dots"));
        }
        Ok(Self { kind, name: name.to_owned(), settings })
    }
}

/// What an operator decides about an account. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderChange {
    /// Whether its webhooks are taken.
    pub is_active: Option<bool>,
    /// Whose numbers are rented first: the lowest.
    pub priority: Option<i32>,
    /// How many webhooks a minute are taken of it.
    pub rate_limit_per_minute: Option<i32>,
    /// What its adapter has to know of it, as a whole.
    pub configuration: Option<Map<String, Value>>,
}

impl ProviderChange {
    /// Checks the figures.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a priority that is not from 1 to 1,000, or a limit that is not from 1 to 1,000,000.
    pub fn new(is_active: Option<bool>, priority: Option<i32>, rate_limit_per_minute: Option<i32>) -> Result<Self> {
        if priority.is_some_and(|priority| !(1..=1_000).contains(&priority)) {
            return Err(Error::invalid("priority", "must be from 1 to 1000; the lowest is rented first"));
        }
        if rate_limit_per_minute.is_some_and(|limit| !(1..=1_000_000).contains(&limit)) {
            return Err(Error::invalid("rate_limit_per_minute", "must be from 1 to 1000000"));
        }
        Ok(Self { is_active, priority, rate_limit_per_minute, configuration: None })
    }

    /// The same with a configuration. Its adapter checks it.
    #[must_use]
    pub fn with_configuration(self, configuration: Option<Map<String, Value>>) -> Self {
        Self { configuration, ..self }
    }
}
