//! Accounts at SMS providers.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::{Error, ProviderId, Result};

/// The name of an adapter, such as `twilio`. The adapters define which exist; a newer version may have stored one that
/// this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProviderKind(Cow<'static, str>);

impl ProviderKind {
    /// The kind of an adapter.
    #[must_use]
    pub const fn of(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// A kind from the database, validated when it was stored.
    pub(crate) fn stored(word: String) -> Self {
        Self(Cow::Owned(word))
    }

    /// The name.
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

/// An account at a provider, without its secrets.
#[derive(Clone, Debug)]
pub struct ProviderAccount {
    /// The id.
    pub id: ProviderId,
    /// The adapter for its webhooks.
    pub kind: ProviderKind,
    /// The operator's name for it, which webhooks carry as `?provider=`.
    pub name: String,
    /// Whether its webhooks are accepted.
    pub is_active: bool,
    /// Numbers of the account with the lowest priority are rented first.
    pub priority: i32,
    /// How many webhooks a minute are accepted.
    pub rate_limit_per_minute: i32,
    /// The settings for its adapter; without secrets.
    pub configuration: Map<String, Value>,
    /// Whether its webhooks carry a second secret, in the address.
    pub has_address_token: bool,
    /// When its secret was last replaced.
    pub secret_changed_at: Option<DateTime<Utc>>,
    /// When a webhook was first verified with the current secret. Until then the previous secret, if any, is accepted
    /// too.
    pub secret_verified_at: Option<DateTime<Utc>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The health of a provider: counts for the last 24 hours, and the last events of the last 30 days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderHealth {
    /// Messages that were stored.
    pub messages: i64,
    /// Messages that had been received before.
    pub duplicates: i64,
    /// Messages to numbers that are not ours.
    pub unroutable: i64,
    /// Status callbacks.
    pub statuses: i64,
    /// Webhooks that could not be parsed or stored.
    pub failures: i64,
    /// Requests that failed verification.
    pub refusals: i64,
    /// Webhooks beyond the account's limit.
    pub limited: i64,
    /// When the last message was stored.
    pub last_message_at: Option<DateTime<Utc>>,
    /// When a webhook last could not be parsed or stored.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// When a request last failed verification.
    pub last_refusal_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub last_refusal: Option<String>,
    /// By how much its clock is ahead, or behind if it is negative, by the fastest of its messages in the last hour
    /// that had any: what is late is taken for slow.
    pub clock_offset: Option<TimeDelta>,
    /// Whether that is more than is allowed for.
    pub is_clock_off: bool,
    /// Whether the secret is one that the operator chose, and can be guessed.
    pub has_weak_secret: bool,
}

/// An account to add, without its secret.
#[derive(Clone, Debug)]
pub struct NewProvider {
    /// The adapter for its webhooks.
    pub kind: ProviderKind,
    /// The operator's name for it.
    pub name: String,
    /// Its other settings.
    pub settings: ProviderChange,
}

impl NewProvider {
    /// The longest name, in characters.
    pub const MAX_NAME: usize = 100;
    /// The default number of webhooks a minute. It is high because some providers do not retry refused webhooks, so
    /// that a low limit would lose messages; it still protects the others from a provider that misbehaves.
    pub const RATE_LIMIT: i32 = 60_000;

    /// Whether an account can have this name: whatever else an address carries is the name of none.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (1..=Self::MAX_NAME).contains(&text.len()) && text.chars().all(plain)
    }

    /// Validates the name.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a name that a URL cannot contain unescaped.
    pub fn new(kind: ProviderKind, name: &str, settings: ProviderChange) -> Result<Self> {
        if !Self::is_name(name) {
            return Err(Error::invalid("name", "must have 1 to 100 letters, digits, hyphens, underscores or dots"));
        }
        Ok(Self { kind, name: name.to_owned(), settings })
    }
}

/// A change of an account's settings. `None` leaves a setting unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderChange {
    /// Whether its webhooks are accepted.
    pub is_active: Option<bool>,
    /// Numbers of the account with the lowest priority are rented first.
    pub priority: Option<i32>,
    /// How many webhooks a minute are accepted.
    pub rate_limit_per_minute: Option<i32>,
    /// The settings for its adapter, replaced as a whole.
    pub configuration: Option<Map<String, Value>>,
}

impl ProviderChange {
    /// Validates the numbers.
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

    /// With a configuration, which the adapter validates.
    #[must_use]
    pub fn with_configuration(self, configuration: Option<Map<String, Value>>) -> Self {
        Self { configuration, ..self }
    }
}
