//! Throttles the logging of failures that affect many requests at once: each is logged once per interval, with a count.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long after a failure was logged its repetitions are only counted.
const INTERVAL: Duration = Duration::from_secs(10);
/// How many different failures are tracked. Beyond that, the one that was logged longest ago is forgotten.
const MAX_TRACKED: usize = 1024;

/// The failures logged lately, by their text.
#[derive(Debug, Default)]
struct LogThrottle(HashMap<String, Failure>);

#[derive(Debug)]
struct Failure {
    logged_at: Instant,
    /// How often it occurred since.
    unlogged: u64,
}

impl LogThrottle {
    fn record(&mut self, text: &str, now: Instant, interval: Duration) -> Option<u64> {
        if let Some(failure) = self.0.get_mut(text) {
            failure.unlogged += 1;
            if now.duration_since(failure.logged_at) < interval {
                return None;
            }
            failure.logged_at = now;
            return Some(std::mem::take(&mut failure.unlogged));
        }
        if self.0.len() >= MAX_TRACKED
            && let Some(oldest) =
                self.0.iter().min_by_key(|(_, failure)| failure.logged_at).map(|(text, _)| text.clone())
        {
            self.0.remove(&oldest);
        }
        self.0.insert(text.to_owned(), Failure { logged_at: now, unlogged: 0 });
        Some(1)
    }
}

/// Records a failure. If the caller should log it now, returns how often it occurred since it was last logged.
pub fn record(text: &str, now: Instant) -> Option<u64> {
    record_within(text, now, INTERVAL)
}

/// The same with an interval of its own.
pub fn record_within(text: &str, now: Instant, interval: Duration) -> Option<u64> {
    static THROTTLE: LazyLock<Mutex<LogThrottle>> = LazyLock::new(Mutex::default);
    THROTTLE.lock().unwrap_or_else(PoisonError::into_inner).record(text, now, interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_failure_is_logged_once_per_interval() {
        let mut throttle = LogThrottle::default();
        let start = Instant::now();
        assert_eq!(throttle.record("the disk is full", start, INTERVAL), Some(1));
        for _ in 0..100 {
            assert_eq!(throttle.record("the disk is full", start + INTERVAL / 2, INTERVAL), None);
        }
        assert_eq!(
            throttle.record("the database is away", start + INTERVAL / 2, INTERVAL),
            Some(1),
            "a new failure is logged"
        );
        assert_eq!(throttle.record("the disk is full", start + INTERVAL, INTERVAL), Some(101));
        assert_eq!(throttle.record("the disk is full", start + INTERVAL * 3, INTERVAL), Some(1));
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = LogThrottle::default();
        for n in 0..1000 {
            assert_eq!(throttle.record(&n.to_string(), Instant::now(), INTERVAL), Some(1));
        }
        assert!(throttle.0.len() <= MAX_TRACKED);
    }
}
