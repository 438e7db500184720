//! Windows in memory, of one process.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use moka::{policy::EvictionPolicy, sync::Cache};

use super::decision::{Decision, Rule};

/// How many subjects have a window. With more at once, those without hits for longest are forgotten.
const SUBJECTS: u64 = 200_000;
/// How long a window without hits is kept. No rule has a longer window.
const IDLE: Duration = Duration::from_secs(3600);

/// The times of the hits of one subject that may still count, oldest first, in microseconds.
type Window = Arc<Mutex<VecDeque<i64>>>;

/// The windows of one process.
#[derive(Debug)]
pub struct MemoryLimiter {
    subjects: Cache<Box<str>, Window>,
}

impl Default for MemoryLimiter {
    fn default() -> Self {
        Self {
            subjects: Cache::builder()
                .max_capacity(SUBJECTS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(IDLE)
                .build(),
        }
    }
}

impl MemoryLimiter {
    /// Counts `cost` hits, all or none.
    pub fn take(&self, subject: &str, rule: Rule, cost: u32, now: DateTime<Utc>) -> Decision {
        let hits = match self.subjects.get(subject) {
            Some(hits) => hits,
            None => self.subjects.get_with(subject.into(), Window::default),
        };
        let mut hits = hits.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = now.timestamp_micros();
        let past = micros.saturating_sub(rule.window_micros());
        while hits.front().is_some_and(|&hit| hit <= past) {
            hits.pop_front();
        }
        let count = u32::try_from(hits.len()).unwrap_or(u32::MAX);
        let over = count.saturating_add(cost).saturating_sub(rule.limit);
        let allowed = over == 0;
        if allowed {
            hits.extend((0..cost).map(|_| micros));
        }
        // As many of the oldest hits have to expire before this one fits in.
        let blocking = (over as usize).checked_sub(1).and_then(|index| hits.get(index)).copied();
        let count = if allowed { count + cost } else { count };
        Decision::of(rule, now, allowed, count, hits.front().copied(), blocking)
    }

    /// How long until another hit would be allowed, if none is now. It is not counted.
    pub fn wait(&self, subject: &str, rule: Rule, now: DateTime<Utc>) -> Option<Duration> {
        let hits = self.subjects.get(subject)?;
        let hits = hits.lock().unwrap_or_else(PoisonError::into_inner);
        let window = rule.window_micros();
        let past = now.timestamp_micros().saturating_sub(window);
        let counting = hits.iter().filter(|hit| **hit > past);
        let over = counting.clone().count().checked_sub(rule.limit as usize)?;
        let ends = counting.clone().nth(over).map(|hit| hit.saturating_add(window) - now.timestamp_micros())?;
        Some(Duration::from_micros(u64::try_from(ends).unwrap_or_default()))
    }

    /// Forgets every hit.
    pub fn clear(&self, subject: &str) {
        self.subjects.invalidate(subject);
    }

    /// Removes one hit.
    pub fn give_back(&self, subject: &str, at: DateTime<Utc>) {
        let Some(hits) = self.subjects.get(subject) else { return };
        let mut hits = hits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = hits.iter().rposition(|&hit| hit == at.timestamp_micros()) {
            hits.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides() {
        let limiter = MemoryLimiter::default();
        let rule = Rule { limit: 3, window: Duration::from_secs(60) };
        let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |seconds: i64| start + chrono::TimeDelta::seconds(seconds);
        let take = |seconds, cost| limiter.take("x", rule, cost, at(seconds));
        assert_eq!((take(0, 1).remaining, take(10, 1).remaining, take(20, 1).remaining), (2, 1, 0));
        let refused = take(30, 1);
        assert!(!refused.allowed);
        assert_eq!((refused.retry_after, refused.reset_at), (Duration::from_secs(30), at(60)));
        assert!(!take(59, 1).allowed);
        assert!(take(60, 1).allowed);
        // Two more fit in when the hits at 10 and 20 seconds have expired.
        assert_eq!(take(65, 2).retry_after, Duration::from_secs(15));
        assert!(take(80, 2).allowed);
        // More than the limit never fits in.
        assert_eq!(take(500, 4).retry_after, Duration::from_secs(60));
        assert!(limiter.take("y", rule, 3, at(80)).allowed);
    }

    #[test]
    fn whether_a_hit_would_be_allowed_is_told_without_counting_it() {
        let limiter = MemoryLimiter::default();
        let rule = Rule::per_minute(2);
        let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |seconds: i64| start + chrono::TimeDelta::seconds(seconds);
        let wait = |seconds| limiter.wait("x", rule, at(seconds)).map(|wait| wait.as_secs());
        assert_eq!(wait(0), None);
        limiter.take("x", rule, 1, at(0));
        assert_eq!((wait(5), wait(5)), (None, None));
        limiter.take("x", rule, 1, at(10));
        assert_eq!((wait(20), wait(59), wait(60)), (Some(40), Some(1), None));
    }

    #[test]
    fn a_hit_can_be_removed() {
        let limiter = MemoryLimiter::default();
        let rule = Rule::per_minute(1);
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        assert!(limiter.take("x", rule, 1, now).allowed);
        limiter.give_back("x", now);
        limiter.give_back("x", now);
        limiter.give_back("unknown", now);
        assert!(limiter.take("x", rule, 1, now).allowed);
        assert!(!limiter.take("x", rule, 1, now).allowed);
    }
}
