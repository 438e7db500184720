//! Phone numbers, and their rentals.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{AssignmentId, CountryCode, Error, Label, Msisdn, NumberId, PoolId, ProviderId, Result, UserId};

/// The status of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberStatus {
    /// It can be rented.
    Available,
    /// It is rented.
    Assigned,
    /// Its rental has ended and it is cooling down: late messages for the last renter may still arrive.
    Expired,
    /// An administrator disabled it.
    Blocked,
}

impl NumberStatus {
    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Assigned => "assigned",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
        }
    }

    /// The status at a time, from the stored one. Rentals and cool-downs end on time, whether or not a job has already
    /// updated the row.
    ///
    /// ```
    /// # use otpwire::domain::NumberStatus::*;
    /// # use std::time::Duration;
    /// # let noon: chrono::DateTime<chrono::Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
    /// let cool_down = Duration::from_secs(600);
    /// let at = |minutes| noon + chrono::TimeDelta::minutes(minutes);
    /// assert_eq!(Assigned.at(at(-1), Some(noon), cool_down), Assigned);
    /// assert_eq!(Assigned.at(at(0), Some(noon), cool_down), Expired);
    /// assert_eq!(Assigned.at(at(10), Some(noon), cool_down), Available);
    /// ```
    #[must_use]
    pub fn at(self, now: DateTime<Utc>, expires_at: Option<DateTime<Utc>>, cool_down: Duration) -> Self {
        match (self, expires_at) {
            (Self::Assigned, Some(end)) if now < end => Self::Assigned,
            (Self::Assigned | Self::Expired, Some(end)) if now < end + cool_down => Self::Expired,
            (Self::Assigned | Self::Expired, _) => Self::Available,
            (status, _) => status,
        }
    }
}

/// A number that the platform owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The id.
    pub id: NumberId,
    /// E.164, or a short code.
    pub phone_number: Msisdn,
    /// The country of its numbering plan.
    pub country_code: CountryCode,
    /// The provider that receives its messages.
    pub provider_id: Option<ProviderId>,
    /// The renter, while it is assigned.
    pub user_id: Option<UserId>,
    /// The status now.
    pub status: NumberStatus,
    /// When the rental began, while it is assigned.
    pub assigned_at: Option<DateTime<Utc>>,
    /// When the rental ends, while it is assigned. A granted number is assigned for as long as it is granted.
    pub expires_at: Option<DateTime<Utc>>,
    /// What its renter calls it, while it is assigned.
    pub label: Option<Label>,
    /// The pool that an administrator has granted it to.
    pub granted_pool_id: Option<PoolId>,
    /// When the number was added.
    pub created_at: DateTime<Utc>,
}

/// One rental of a number by one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The id.
    pub id: AssignmentId,
    /// The renter.
    pub user_id: UserId,
    /// The first instant.
    pub started_at: DateTime<Utc>,
    /// The end, exclusive.
    pub expires_at: DateTime<Utc>,
}

impl Assignment {
    /// The end of the rental of a granted number, which an administrator ends.
    #[must_use]
    pub fn granted_until() -> DateTime<Utc> {
        // The last day of the last year that every format of times can write.
        DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(253_402_214_400)
    }

    /// Whether a message that arrives now belongs to this renter.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        (self.started_at..self.expires_at).contains(&now)
    }
}

/// Which numbers a list shows.
#[derive(Clone, Debug, Default)]
pub struct NumberFilter {
    /// Only of this country.
    pub country_code: Option<CountryCode>,
    /// Only with this status.
    pub status: Option<NumberStatus>,
    /// Only those of this provider.
    pub provider_id: Option<ProviderId>,
    /// Only those that the caller has rented.
    pub mine: bool,
}

/// A number to add, not validated yet.
#[derive(Clone, Debug)]
pub struct NumberToImport {
    /// E.164, or a short code, or in the national form of its country.
    pub phone_number: String,
    /// Its country, by ISO 3166-1 alpha-2. By default, that of a number in E.164.
    pub country_code: Option<String>,
}

/// Which number a user wants to rent.
#[derive(Clone, Debug)]
pub enum NumberChoice {
    /// This number.
    Exactly(NumberId),
    /// Any available number of this country.
    AnyIn(CountryCode),
}

/// A country, and how many numbers it has.
#[derive(Clone, Debug)]
pub struct Country {
    /// The code.
    pub code: CountryCode,
    /// How many numbers can be rented now.
    pub available: i64,
}

/// The duration of a rental, in whole hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RentalHours(u8);

impl RentalHours {
    /// The shortest rental, which is also the default.
    pub const MIN: i32 = 1;
    /// The most hours that one request may ask for.
    pub const MAX: i32 = 24;

    /// The longest rental, including all extensions.
    pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

    /// Validates a number of hours; the default is one. `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not from 1 to 24.
    pub fn parse(field: &str, hours: Option<i32>) -> Result<Self> {
        match u8::try_from(hours.unwrap_or(Self::MIN)) {
            Ok(hours @ 1..=24) => Ok(Self(hours)),
            _ => Err(Error::invalid(field, format!("must be from {} to {}", Self::MIN, Self::MAX))),
        }
    }

    /// The number of hours.
    #[must_use]
    pub fn hours(self) -> u8 {
        self.0
    }

    /// As a duration.
    #[must_use]
    pub fn period(self) -> Duration {
        Duration::from_secs(u64::from(self.0) * 3600)
    }
}
