//! Rate limits: a sliding window per subject, decided in one atomic step.
//!
//! The window keeps the time of every hit that still counts. A hit counts from its own time until just before its time
//! plus the length of the window, so the limit is exact at every instant and never doubled at the edge between two
//! fixed windows. [`MemoryLimiter`] and the script of [`RedisLimiter`] do the same arithmetic, and a test compares
//! them.

mod memory;
mod redis;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::{memory::MemoryLimiter, redis::RedisLimiter};

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

    fn window_micros(self) -> i64 {
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

/// A limiter, by where the windows are.
#[derive(Debug)]
pub enum Limiter {
    /// In this process: there is one replica.
    Memory(MemoryLimiter),
    /// In Redis, for all replicas together. While Redis is away, each replica limits by itself.
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

    /// Removes one hit of `subject` that was counted at `at`.
    pub async fn give_back(&self, subject: &str, at: DateTime<Utc>) {
        match self {
            Self::Memory(memory) => memory.give_back(subject, at),
            Self::Redis(redis) => redis.give_back(subject, at).await,
        }
    }
}
