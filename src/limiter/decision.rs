//! What is asked of a limiter, and what it answers.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A number of hits in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How many hits.
    pub limit: u32,
    /// How long a hit counts.
    pub window: Duration,
}

impl Rule {
    /// A number of hits per minute.
    #[must_use]
    pub fn per_minute(limit: u32) -> Self {
        Self { limit, window: Duration::from_secs(60) }
    }

    pub(super) fn window_micros(self) -> i64 {
        i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX)
    }
}

/// The decision about a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed. A hit that is not allowed is not counted.
    pub allowed: bool,
    /// How many hits the window allows.
    pub limit: u32,
    /// How many more it allows now.
    pub remaining: u32,
    /// When the window allows more than now: the oldest hit in it expires.
    pub reset_at: DateTime<Utc>,
    /// How long until the hit would be allowed; zero if it is.
    pub retry_after: Duration,
}

impl Decision {
    /// The decision from the state of a window: the number of hits after this one, the oldest of them, and the one that
    /// has to expire before the requested hits fit in.
    pub(super) fn of(
        rule: Rule,
        now: DateTime<Utc>,
        allowed: bool,
        count: u32,
        oldest: Option<i64>,
        blocking: Option<i64>,
    ) -> Self {
        let end = |hit: i64| hit.saturating_add(rule.window_micros());
        let at = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or(now);
        let wait =
            if allowed { 0 } else { blocking.map_or(rule.window_micros(), |hit| end(hit) - now.timestamp_micros()) };
        Self {
            allowed,
            limit: rule.limit,
            remaining: rule.limit.saturating_sub(count),
            reset_at: oldest.map_or(now, |hit| at(end(hit))),
            retry_after: TimeDelta::microseconds(wait).to_std().unwrap_or_default(),
        }
    }
}
