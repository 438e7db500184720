//! Accounts at SMS providers.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};

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
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderChange {
    /// Whether its webhooks are taken.
    pub is_active: Option<bool>,
    /// Whose numbers are rented first: the lowest.
    pub priority: Option<i32>,
    /// How many webhooks a minute are taken of it.
    pub rate_limit_per_minute: Option<i32>,
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
        Ok(Self { is_active, priority, rate_limit_per_minute })
    }
}
