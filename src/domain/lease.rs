//! Leases: one worker's hold on a number, within a rental.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    AssignmentId, CountryCode, Error, InboxCursor, LeaseId, Msisdn, NumberId, PoolName, Result, TicketId, UserId,
};

/// How many leases a number had when this one was given: whoever shows an older one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub i64);

/// How long a lease lasts, unless it is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTtl(u16);

impl LeaseTtl {
    /// The shortest, in seconds.
    pub const MIN: i64 = 5;
    /// The longest, in seconds.
    pub const MAX: i64 = 3600;
    /// What is taken where none is given, in seconds.
    pub const DEFAULT: i64 = 120;

    /// Validates a number of seconds; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not from 5 to 3600.
    pub fn parse(field: &str, seconds: i64) -> Result<Self> {
        match u16::try_from(seconds) {
            Ok(seconds) if (Self::MIN..=Self::MAX).contains(&i64::from(seconds)) => Ok(Self(seconds)),
            _ => Err(Error::invalid(field, format!("must be from {} to {} seconds", Self::MIN, Self::MAX))),
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

    /// As a duration.
    #[must_use]
    pub fn period(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

/// How long a request waits for a number to be free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTime(u16);

impl WaitTime {
    /// The longest, in seconds: proxies commonly give up after a minute.
    pub const MAX: i64 = 50;

    /// Validates a number of seconds, up to a maximum; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is negative or more than the maximum.
    pub fn parse(field: &str, seconds: i64, max: i64) -> Result<Self> {
        match u16::try_from(seconds) {
            Ok(valid) if seconds <= max => Ok(Self(valid)),
            _ => Err(Error::invalid(field, format!("must be from 0 to {max} seconds"))),
        }
    }

    /// As much of this as leaves a request that started at a time no more than the longest wait in all; a second at
    /// least, so that it still gets a ticket.
    #[must_use]
    pub fn of_request_since(self, started_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let left = Self::MAX.saturating_sub((now - started_at).num_seconds());
        Self(self.0.min(u16::try_from(left.max(1)).unwrap_or(self.0)))
    }

    /// Whether the request takes no for an answer.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As a duration.
    #[must_use]
    pub fn period(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

/// Where the number of a lease comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseSource {
    /// From one of the caller's pools.
    Pool(PoolName),
    /// From the numbers of a country that the caller rents; if none of them is free, one is rented.
    Country(CountryCode),
}

impl fmt::Display for LeaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pool(name) => write!(f, "pool {}", name.as_str()),
            Self::Country(code) => write!(f, "country {}", code.as_str()),
        }
    }
}

/// How a lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEnd {
    /// Its holder has released it.
    Released,
    /// It was not renewed in time.
    Expired,
    /// The rental of its number was ended.
    RentalEnded,
    /// An administrator has blocked its number.
    Blocked,
    /// The account of its holder was deactivated.
    Deactivated,
}

impl LeaseEnd {
    /// The word that the database stores and that clients see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Expired => "expired",
            Self::RentalEnded => "rental_ended",
            Self::Blocked => "blocked",
            Self::Deactivated => "deactivated",
        }
    }

    /// The end that the database stores.
    #[must_use]
    pub fn stored(word: &str) -> Self {
        match word {
            "released" => Self::Released,
            "rental_ended" => Self::RentalEnded,
            "blocked" => Self::Blocked,
            "deactivated" => Self::Deactivated,
            _ => Self::Expired,
        }
    }
}

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The id.
    pub id: LeaseId,
    /// The user whose worker holds it.
    pub user_id: UserId,
    /// Its fence.
    pub fence: Fence,
    /// The number.
    pub number_id: NumberId,
    /// The number, in E.164 or as a short code.
    pub phone_number: Msisdn,
    /// The country of the number.
    pub country_code: CountryCode,
    /// The rental that it is part of.
    pub assignment_id: AssignmentId,
    /// The pool that it was acquired from, if that still exists.
    pub pool: Option<PoolName>,
    /// The end of the inbox before anything of this lease could arrive.
    pub cursor: InboxCursor,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ends, unless it is renewed.
    pub expires_at: DateTime<Utc>,
    /// How long it was acquired or last renewed for.
    pub ttl: LeaseTtl,
    /// When and how it ended, if it did before its time or the store knows already.
    pub ended: Option<(DateTime<Utc>, LeaseEnd)>,
    /// The newest fence of the number.
    pub newest_fence: Fence,
    /// How many messages have reached the number and belonged to no lease, since the lease before this one ended.
    pub unclaimed_messages: u64,
}

impl Lease {
    /// When and how the lease has ended at a time, whether or not the store knows already.
    #[must_use]
    pub fn end_at(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, LeaseEnd)> {
        self.ended.or_else(|| (self.expires_at <= now).then_some((self.expires_at, LeaseEnd::Expired)))
    }
}

/// A place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The id, whose order is that of the queue.
    pub id: TicketId,
    /// Its position: 1 is served next.
    pub position: u64,
    /// When it expires, unless somebody waits with it again.
    pub expires_at: DateTime<Utc>,
}

impl TicketId {
    /// The text for clients.
    #[must_use]
    pub fn encode(self) -> String {
        format!("tkt_{self}")
    }

    /// Reads a ticket; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is none.
    pub fn decode(field: &str, text: &str) -> Result<Self> {
        let digits = text.strip_prefix("tkt_").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let id = digits.and_then(|digits| i64::from_str(digits).ok());
        id.map(Self).ok_or_else(|| Error::invalid(field, "not a ticket; pass the one that the last answer gave you"))
    }
}

/// What became of the wish for a lease.
#[derive(Clone, Debug)]
pub enum Acquired {
    /// The lease.
    Leased(Box<Lease>),
    /// No number was free in time: a place in the queue.
    Waiting(Ticket),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_bounds() {
        for (seconds, valid) in [(4, false), (5, true), (3600, true), (3601, false), (-1, false), (i64::MAX, false)] {
            assert_eq!(LeaseTtl::parse("ttl_seconds", seconds).is_ok(), valid, "{seconds}");
        }
        for (seconds, valid) in [(0, true), (50, true), (51, false), (-1, false), (i64::MAX, false)] {
            assert_eq!(WaitTime::parse("wait_seconds", seconds, WaitTime::MAX).is_ok(), valid, "{seconds}");
        }
    }

    #[test]
    fn several_waits_of_a_request_are_no_longer_than_one() {
        let noon: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        for (wait, passed, left) in [(50, 0, 50), (50, 10, 40), (20, 10, 20), (50, 50, 1), (50, 80, 1), (0, 10, 0)] {
            let wait = WaitTime::parse("waitSeconds", wait, WaitTime::MAX).unwrap();
            let now = noon + chrono::TimeDelta::seconds(passed);
            assert_eq!(wait.of_request_since(noon, now), WaitTime(left), "{wait:?} {passed}");
        }
    }

    #[test]
    fn a_ticket_is_a_text() {
        assert_eq!(TicketId::decode("ticket", &TicketId(12).encode()).unwrap(), TicketId(12));
        for text in ["", "12", "tkt_", "tkt_-1", "tkt_x", "tkt_99999999999999999999"] {
            assert!(TicketId::decode("ticket", text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_end_is_stored_by_its_word() {
        use LeaseEnd::{Blocked, Deactivated, Expired, Released, RentalEnded};
        for end in [Released, Expired, RentalEnded, Blocked, Deactivated] {
            assert_eq!(LeaseEnd::stored(end.as_str()), end);
        }
    }
}
