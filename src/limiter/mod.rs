//! How often somebody may do something: a sliding window, decided in one atomic step.
//!
//! The window keeps the time of every hit that still counts. A hit counts from its time on, up to but
//! not at its time plus the window; so the limit is exact at every instant, and never doubled at the
//! edge between two fixed windows. [`Memory`] and the script of [`RedisLimiter`] are the same
//! arithmetic, and a test compares them.

mod memory;
mod redis;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::{memory::Memory, redis::RedisLimiter};

/// So many hits in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How many hits.
    pub limit: u32,
    /// In how long.
    pub window: Duration,
}

impl Rule {
    /// So many hits a minute.
    #[must_use]
    pub fn per_minute(limit: u32) -> Self {
        Self { limit, window: Duration::from_secs(60) }
    }

    fn window_micros(self) -> i64 {
        i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX)
    }
}

/// What was decided about a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may pass. One that may not is not counted.
    pub allowed: bool,
    /// How many hits the window takes.
    pub limit: u32,
    /// How many more it takes now.
    pub remaining: u32,
    /// When the window has room again, or more room than now: the oldest hit in it stops to count.
    pub reset_at: DateTime<Utc>,
    /// How long until the hit would pass; zero when it did.
    pub retry_after: Duration,
}

impl Decision {
    /// What follows from what a window holds: how many hits after this one, the oldest of them, and the
    /// one that has to stop counting before as many as were asked for fit in.
    fn of(
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

/// Where the windows are.
#[derive(Debug)]
pub enum Limiter {
    /// In this process: there is one replica.
    Memory(Memory),
    /// In Redis, for all replicas together. Without Redis each goes on by itself.
    Redis(Box<RedisLimiter>),
}

impl Limiter {
    /// Counts `cost` hits of `subject`, all or none.
    pub async fn take(&self, subject: &str, rule: Rule, cost: u32, now: DateTime<Utc>) -> Decision {
        match self {
            Self::Memory(memory) => memory.take(subject, rule, cost, now),
            Self::Redis(redis) => redis.take(subject, rule, cost, now).await,
        }
    }

    /// Takes back one hit of `subject` that was counted at `at`: it turned out not to count.
    pub async fn give_back(&self, subject: &str, at: DateTime<Utc>) {
        match self {
            Self::Memory(memory) => memory.give_back(subject, at),
            Self::Redis(redis) => redis.give_back(subject, at).await,
        }
    }
}
