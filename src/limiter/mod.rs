//! Rate limits: a sliding window per subject, decided in one atomic step.
//!
//! The window keeps the time of every hit that still counts. A hit counts from its own time until just before its time
//! plus the length of the window, so the limit is kept at every instant and never doubled at the edge between two fixed
//! windows. Hits of limits above 1,000 are counted at the end of their step, a six-hundredth of the window: each counts
//! up to a tenth of a second longer than a minute, never shorter, and one entry holds all hits of a step.
//!
//! [`MemoryLimiter`] and the script of [`RedisLimiter`] do the same arithmetic, and a test compares them. With Redis, a
//! replica takes permits of a large limit in shares, for a step at a time (`share`); and hits that come while Redis is
//! being asked are asked about together (`redis`).

mod decision;
mod memory;
mod redis;
mod share;

use chrono::{DateTime, Utc};

pub use self::{
    decision::{Decision, Rule},
    memory::MemoryLimiter,
    redis::RedisLimiter,
};

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

    /// Forgets every hit of `subject`.
    pub async fn clear(&self, subject: &str) {
        match self {
            Self::Memory(memory) => memory.clear(subject),
            Self::Redis(redis) => redis.clear(subject).await,
        }
    }

    /// Removes one hit of `subject` that was taken at `at`.
    pub async fn give_back(&self, subject: &str, rule: Rule, at: DateTime<Utc>) {
        match self {
            Self::Memory(memory) => memory.give_back(subject, rule, at),
            Self::Redis(redis) => redis.give_back(subject, rule, at).await,
        }
    }

    /// Gives back the permits that this replica has taken in advance and can no longer use.
    pub async fn give_back_unused(&self, now: DateTime<Utc>) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(redis) => redis.give_back_unused(now).await,
        }
    }
}
