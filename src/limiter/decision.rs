//! What is asked of a limiter, and what it answers.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The largest limit whose hits are each counted at their instant.
const EXACT: u32 = 1_000;
/// How many steps the window of a larger limit has: steps of a minute are a tenth of a second.
const STEPS: i64 = 600;

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

    /// Whether the limit is a large one, whose hits are counted by step of the window rather than each at its instant.
    pub(super) fn is_large(self) -> bool {
        self.limit > EXACT
    }

    /// The length of a step: what separates hits that are counted at different times.
    pub(super) fn step_micros(self) -> i64 {
        if self.is_large() { (self.window_micros() / STEPS).max(1) } else { 1 }
    }

    /// The time at which a hit is counted: the end of its step. It is never earlier than the hit, which therefore
    /// counts for at least the length of the window.
    pub(super) fn counted_at(self, now: DateTime<Utc>) -> i64 {
        let (micros, step) = (now.timestamp_micros(), self.step_micros());
        if step == 1 { micros } else { micros.div_euclid(step).saturating_add(1).saturating_mul(step) }
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
