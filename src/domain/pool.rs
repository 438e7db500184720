//! Pools: named sets of numbers that a user's workers lease from; and the labels by which a pool finds its numbers.

use super::{CountryCode, Error, NumberId, PoolId, Result, is_deceptive};

/// The longest name of a pool, and the longest label, in characters.
const MAX_NAME: usize = 50;

/// Validates a name: its ends are trimmed.
fn name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if (1..=MAX_NAME).contains(&text.chars().count()) && !text.contains(is_deceptive) {
        return Ok(text.to_owned());
    }
    let message = "must have 1 to 50 characters, and no control characters, line breaks or overrides of direction";
    Err(Error::invalid(field, message))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Validates a text; `field` names the argument in the error.
            ///
            /// # Errors
            /// `VALIDATION_ERROR` when it is empty, longer than 50 characters, or has control characters.
            pub fn parse(field: &str, text: &str) -> Result<Self> {
                name(field, text).map(Self)
            }

            /// One that the database stores.
            #[must_use]
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// The name of a pool, of which a user has one.
    PoolName;
    /// What a renter calls a number.
    Label;
}

/// The pause between two leases of one number, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cooldown(u16);

impl Cooldown {
    /// The longest.
    pub const MAX: i64 = 3600;

    /// Validates a number of seconds; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not from 0 to 3600.
    pub fn parse(field: &str, seconds: i64) -> Result<Self> {
        match u16::try_from(seconds) {
            Ok(seconds) if i64::from(seconds) <= Self::MAX => Ok(Self(seconds)),
            _ => Err(Error::invalid(field, format!("must be from 0 to {} seconds", Self::MAX))),
        }
    }

    /// One that the database stores.
    #[must_use]
    pub fn stored(seconds: i32) -> Self {
        Self(seconds.try_into().unwrap_or(u16::MAX))
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> u16 {
        self.0
    }
}

/// Which of the numbers that a user rents belong to a pool. Without a condition, all do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolRule {
    /// Only those of this country.
    pub country_code: Option<CountryCode>,
    /// Only those with this label.
    pub label: Option<Label>,
}

/// A pool to create.
#[derive(Clone, Debug)]
pub struct NewPool {
    /// Its name.
    pub name: PoolName,
    /// The pause between leases.
    pub cooldown: Cooldown,
    /// Which rented numbers belong to it; none without a rule.
    pub rule: Option<PoolRule>,
    /// Numbers that the user rents and lists one by one.
    pub numbers: Vec<NumberId>,
}

impl NewPool {
    /// How many numbers a pool may list.
    pub const MAX_NUMBERS: usize = 100;
}

/// A change of a pool. `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct PoolChange {
    /// The name.
    pub name: Option<PoolName>,
    /// The pause between leases.
    pub cooldown: Option<Cooldown>,
    /// The rule, or none any more.
    pub rule: Option<Option<PoolRule>>,
    /// The numbers that it lists.
    pub numbers: Option<Vec<NumberId>>,
}

/// A pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The id.
    pub id: PoolId,
    /// Its name.
    pub name: PoolName,
    /// The pause between leases.
    pub cooldown: Cooldown,
    /// Which rented numbers belong to it.
    pub rule: Option<PoolRule>,
    /// The numbers that it lists.
    pub number_ids: Vec<NumberId>,
    /// The numbers that an administrator has granted it.
    pub granted_ids: Vec<NumberId>,
    /// How many numbers it has now.
    pub numbers: u64,
    /// How many of them are leased now.
    pub leased: u64,
    /// How many wait for one.
    pub waiting: u64,
}
