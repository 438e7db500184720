//! Sessions and API keys.

use std::{fmt, net::IpAddr, str::FromStr};

use chrono::{DateTime, Utc};

use super::{ApiKeyId, Error, Result, SessionId, text::is_deceptive};

/// A session: one device on which a user signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The `User-Agent` of the client that signed in.
    pub user_agent: Option<String>,
    /// The last known address of the client.
    pub ip_address: Option<IpAddr>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it last requested an access token.
    pub last_used_at: DateTime<Utc>,
    /// When it expires, unless it is used before.
    pub expires_at: DateTime<Utc>,
}

/// A permission of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read, wait for and watch messages, and mark them as read.
    ReadMessages,
    /// See numbers; rent, extend and release them.
    RentNumbers,
    /// Lease numbers, and read what arrives during a lease.
    LeaseNumbers,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::ReadMessages, Self::RentNumbers, Self::LeaseNumbers];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadMessages => "messages:read",
            Self::RentNumbers => "numbers:rent",
            Self::LeaseNumbers => "numbers:lease",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::ReadMessages => 1,
            Self::RentNumbers => 2,
            Self::LeaseNumbers => 4,
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a scope: use messages:read, numbers:rent or numbers:lease"))
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope: what a session has.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether the scope is in the set.
    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes in the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |&scope| self.contains(scope))
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Parses what the database stores. Unknown scopes, of a newer version, are ignored.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        text.split(' ').filter_map(|scope| scope.parse::<Scope>().ok()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "))
    }
}

/// A key with which a program acts for a user.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// The name that its user gave it.
    pub name: String,
    /// The first characters of the key, by which its user recognises it.
    pub prefix: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it expires, if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

/// An API key to create.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    name: String,
    scopes: Scopes,
    days: Option<i64>,
}

impl NewApiKey {
    /// The longest lifetime that can be given, in days.
    pub const MAX_DAYS: i32 = 365;

    /// Validates the name, the scopes and the lifetime.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a name that is empty or longer than 100 characters, no scope, or a number
    /// of days that is not from 1 to 365.
    pub fn new(name: &str, scopes: impl IntoIterator<Item = Scope>, days: Option<i32>) -> Result<Self> {
        let name = name.trim();
        if !(1..=100).contains(&name.chars().count()) || name.contains(is_deceptive) {
            let message =
                "must have 1 to 100 characters, and no control characters, line breaks or overrides of direction";
            return Err(Error::invalid("name", message));
        }
        let scopes: Scopes = scopes.into_iter().collect();
        if scopes.is_empty() {
            return Err(Error::invalid(
                "scopes",
                "must name at least one scope: messages:read, numbers:rent, numbers:lease",
            ));
        }
        if days.is_some_and(|days| !(1..=Self::MAX_DAYS).contains(&days)) {
            return Err(Error::invalid("expires_in_days", format!("must be from 1 to {}", Self::MAX_DAYS)));
        }
        Ok(Self { name: name.to_owned(), scopes, days: days.map(i64::from) })
    }

    /// The name that its user gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it allows.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// When it expires, if it is created at `now`.
    #[must_use]
    pub fn expires_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.days.map(|days| now + chrono::TimeDelta::days(days))
    }
}
