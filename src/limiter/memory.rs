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
/// How long a window without hits is kept. No rule has a longer window: that of rentals has a day.
const IDLE: Duration = Duration::from_secs(24 * 3600);

/// The hits of one subject that may still count.
type SharedWindow = Arc<Mutex<Window>>;

/// Hits by the time at which they are counted, in microseconds, oldest first. Hits that are counted at the same time
/// are one entry, so a large limit has as many entries as its window has steps.
#[derive(Debug, Default)]
struct Window {
    entries: VecDeque<(i64, u32)>,
    /// The sum of the entries.
    count: u32,
}

impl Window {
    fn expire(&mut self, past: i64) {
        while let Some(&(time, hits)) = self.entries.front()
            && time <= past
        {
            self.entries.pop_front();
            self.count -= hits;
        }
    }

    fn add(&mut self, time: i64, hits: u32) {
        match self.entries.back_mut() {
            _ if hits == 0 => {}
            Some((last, count)) if *last == time => *count += hits,
            _ => self.entries.push_back((time, hits)),
        }
        self.count += hits;
    }

    /// The time of the entry with the hit of a rank: 1 is the oldest hit.
    fn time_of(&self, rank: u32) -> Option<i64> {
        let mut rank = rank.checked_sub(1)?;
        for &(time, hits) in &self.entries {
            rank = match rank.checked_sub(hits) {
                None => return Some(time),
                Some(rank) => rank,
            };
        }
        None
    }
}

/// The windows of one process.
#[derive(Debug)]
pub struct MemoryLimiter {
    subjects: Cache<Box<str>, SharedWindow>,
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
        debug_assert!(rule.window <= IDLE, "a window that is forgotten before it ends limits nothing");
        let window = match self.subjects.get(subject) {
            Some(window) => window,
            None => self.subjects.get_with(subject.into(), SharedWindow::default),
        };
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        window.expire(now.timestamp_micros().saturating_sub(rule.window_micros()));
        let over = window.count.saturating_add(cost).saturating_sub(rule.limit);
        let allowed = over == 0;
        if allowed {
            window.add(rule.counted_at(now), cost);
        }
        // As many of the oldest hits have to expire before this one fits in.
        Decision::of(rule, now, allowed, window.count, window.time_of(1), window.time_of(over))
    }

    /// How long until another hit would be allowed, if none is now. It is not counted.
    pub fn wait(&self, subject: &str, rule: Rule, now: DateTime<Utc>) -> Option<Duration> {
        let window = self.subjects.get(subject)?;
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        window.expire(now.timestamp_micros().saturating_sub(rule.window_micros()));
        let blocking = window.time_of((window.count + 1).saturating_sub(rule.limit))?;
        let ends = blocking.saturating_add(rule.window_micros()) - now.timestamp_micros();
        Some(Duration::from_micros(u64::try_from(ends).unwrap_or_default()))
    }

    /// Forgets every hit.
    pub fn clear(&self, subject: &str) {
        self.subjects.invalidate(subject);
    }

    /// Removes one hit that was taken at `at`.
    pub fn give_back(&self, subject: &str, rule: Rule, at: DateTime<Utc>) {
        let Some(window) = self.subjects.get(subject) else { return };
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let time = rule.counted_at(at);
        if let Some(index) = window.entries.iter().rposition(|&(counted, _)| counted == time) {
            window.count -= 1;
            window.entries[index].1 -= 1;
            if window.entries[index].1 == 0 {
                window.entries.remove(index);
            }
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
        limiter.give_back("x", rule, now);
        limiter.give_back("x", rule, now);
        limiter.give_back("unknown", rule, now);
        assert!(limiter.take("x", rule, 1, now).allowed);
        assert!(!limiter.take("x", rule, 1, now).allowed);
    }

    #[test]
    fn a_large_limit_counts_in_steps_and_is_never_exceeded() {
        let limiter = MemoryLimiter::default();
        let rule = Rule::per_minute(6_000);
        let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |millis: i64| start + chrono::TimeDelta::milliseconds(millis);
        // As fast as it goes, for two minutes: 100 a second, and half as much again.
        let allowed: Vec<i64> =
            (0..18_000).map(|n| n * 20 / 3).filter(|&millis| limiter.take("x", rule, 1, at(millis)).allowed).collect();
        for (newest, millis) in allowed.iter().enumerate() {
            let oldest = allowed.partition_point(|earlier| earlier + 60_000 <= *millis);
            assert!(newest + 1 - oldest <= 6_000, "at {millis}");
        }
        assert!(allowed.len() >= 11_900, "{}", allowed.len());
        let window = limiter.subjects.get("x").unwrap();
        assert!(window.lock().unwrap().entries.len() <= 601);
        // Whoever waits as long as they are told is let in.
        let refused = limiter.take("x", rule, 3, at(119_999));
        let retry = at(119_999) + refused.retry_after;
        assert!(!refused.allowed && limiter.take("x", rule, 3, retry).allowed);
    }
}
