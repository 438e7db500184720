//! Failures that many meet at once, told once in a while: a log that is flooded is one more failure.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long after a failure was told it is only counted.
const QUIET: Duration = Duration::from_secs(10);
/// How many different failures are told apart. When there are more, all are told anew.
const MOST: usize = 64;

/// What was told, by what was said.
#[derive(Debug, Default)]
struct LogThrottle(HashMap<String, Throttled>);

#[derive(Debug)]
struct Throttled {
    told_at: Instant,
    untold: u64,
}

impl LogThrottle {
    fn note(&mut self, what: &str, now: Instant) -> Option<u64> {
        if let Some(episode) = self.0.get_mut(what) {
            episode.untold += 1;
            if now.duration_since(episode.told_at) < QUIET {
                return None;
            }
            episode.told_at = now;
            return Some(std::mem::take(&mut episode.untold));
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(what.to_owned(), Throttled { told_at: now, untold: 0 });
        Some(1)
    }
}

/// Takes note of a failure. When it is to be told: how often it was met since it was told last.
pub fn note(what: &str, now: Instant) -> Option<u64> {
    static MET: LazyLock<Mutex<LogThrottle>> = LazyLock::new(Mutex::default);
    MET.lock().unwrap_or_else(PoisonError::into_inner).note(what, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_many_meet_is_told_once_in_a_while() {
        let mut met = LogThrottle::default();
        let start = Instant::now();
        assert_eq!(met.note("the disk is full", start), Some(1));
        for _ in 0..100 {
            assert_eq!(met.note("the disk is full", start + QUIET / 2), None);
        }
        assert_eq!(met.note("the database is away", start + QUIET / 2), Some(1), "another is told at once");
        assert_eq!(met.note("the disk is full", start + QUIET), Some(101));
        assert_eq!(met.note("the disk is full", start + QUIET * 3), Some(1));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut met = LogThrottle::default();
        for n in 0..1000 {
            assert_eq!(met.note(&n.to_string(), Instant::now()), Some(1));
        }
        assert!(met.0.len() <= MOST);
    }
}
