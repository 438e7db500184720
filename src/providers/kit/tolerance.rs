//! How old a signature may be.

use chrono::{DateTime, Utc};

use super::Rejected;

/// How far into the future a timestamp may lie, in seconds: clocks differ.
const MAX_CLOCK_SKEW: i64 = 300;

/// The age up to which an account accepts signatures.
#[derive(Clone, Copy, Debug)]
pub(in crate::providers) struct Tolerance(u32);

impl Tolerance {
    pub(in crate::providers) const fn seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// In seconds.
    pub(in crate::providers) const fn as_seconds(self) -> u32 {
        self.0
    }

    /// Rejects a signature made at `signed_at` (seconds since 1970) that is older than this, or from the future.
    ///
    /// Call it after the signature is verified: until then, the timestamp may be forged.
    pub(in crate::providers) fn check(self, signed_at: i64, now: DateTime<Utc>) -> Result<(), Rejected> {
        check_age(signed_at, now, Some(self.0))
    }

    /// [`Tolerance::check`] for a timestamp as it stands in a header.
    pub(in crate::providers) fn check_text(self, signed_at: &str, now: DateTime<Utc>) -> Result<(), Rejected> {
        self.check(signed_at.parse().map_err(|_| Rejected::Stale)?, now)
    }
}

/// Rejects a timestamp (seconds since 1970) that lies more than `max_age` seconds back, or in the future.
pub(in crate::providers) fn check_age(
    timestamp: i64,
    now: DateTime<Utc>,
    max_age: Option<u32>,
) -> Result<(), Rejected> {
    let age = now.timestamp().saturating_sub(timestamp);
    let is_too_old = max_age.is_some_and(|max_age| age > i64::from(max_age));
    if is_too_old || age < -MAX_CLOCK_SKEW { Err(Rejected::Stale) } else { Ok(()) }
}

/// Rejects a token (RFC 7519, 4.1.4 and 4.1.5) that is not valid yet, or expired more than `leeway` seconds ago.
pub(in crate::providers) fn check_validity(
    not_before: i64,
    expires: i64,
    now: DateTime<Utc>,
    leeway: u32,
) -> Result<(), Rejected> {
    check_age(not_before, now, None)?;
    let has_expired = now.timestamp().saturating_sub(expires) > i64::from(leeway);
    if has_expired { Err(Rejected::Stale) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_may_differ_by_the_tolerance() {
        let now = DateTime::from_timestamp(10_000, 0).unwrap();
        assert_eq!(check_age(9_700, now, Some(300)), Ok(()));
        assert_eq!(check_age(9_699, now, Some(300)), Err(Rejected::Stale));
        assert_eq!(check_age(0, now, None), Ok(()));
        assert_eq!(check_age(10_300, now, None), Ok(()));
        assert_eq!(check_age(10_301, now, None), Err(Rejected::Stale));
        assert_eq!(check_age(i64::MIN, now, Some(1)), Err(Rejected::Stale));
        assert_eq!(Tolerance::seconds(300).check_text("9700", now), Ok(()));
        assert_eq!(Tolerance::seconds(300).check_text("soon", now), Err(Rejected::Stale));
    }

    #[test]
    fn a_token_is_valid_between_its_times() {
        let now = DateTime::from_timestamp(10_000, 0).unwrap();
        for (not_before, expires) in [(10_000, 10_060), (10_300, 10_360), (9_000, 10_000), (9_000, 9_995)] {
            assert_eq!(check_validity(not_before, expires, now, 5), Ok(()), "{not_before} {expires}");
        }
        for (not_before, expires) in [(10_301, 10_360), (9_000, 9_994), (9_000, i64::MIN), (i64::MAX, i64::MAX)] {
            assert_eq!(check_validity(not_before, expires, now, 5), Err(Rejected::Stale), "{not_before} {expires}");
        }
    }
}
