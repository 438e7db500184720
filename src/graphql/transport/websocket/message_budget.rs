//! How many messages a client may send that start nothing.
//!
//! Operations count against rate limits. Pings, and what is refused or has no effect, do not, and a client could keep a
//! connection busy with them.

use chrono::{DateTime, TimeDelta, Utc};

/// How many messages may come at once.
const BURST: u32 = 500;
/// How long it takes until one more may come.
const INTERVAL: TimeDelta = TimeDelta::milliseconds(20);

/// How many such messages a client may send now.
#[derive(Debug)]
pub(super) struct MessageBudget {
    left: u32,
    counted_at: DateTime<Utc>,
}

impl MessageBudget {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self { left: BURST, counted_at: now }
    }

    /// Counts a message. Returns whether it was allowed.
    pub(super) fn take(&mut self, now: DateTime<Utc>) -> bool {
        let passed = (now - self.counted_at).num_milliseconds() / INTERVAL.num_milliseconds();
        let earned = u32::try_from(passed).unwrap_or(if passed < 0 { 0 } else { u32::MAX });
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(BURST);
            self.counted_at = now;
        }
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => return false,
        }
        true
    }

    /// Allows one more: whoever starts an operation may stop it, even if it has just ended.
    pub(super) fn give(&mut self) {
        self.left = (self.left + 1).min(BURST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_fifty_a_second() {
        let mut now = DateTime::UNIX_EPOCH;
        let mut budget = MessageBudget::new(now);
        let allowed = |now, budget: &mut MessageBudget| (0..1_000).filter(|_| budget.take(now)).count();
        assert_eq!(allowed(now, &mut budget), 500);
        for _ in 0..3 {
            now += TimeDelta::seconds(1);
            assert_eq!(allowed(now, &mut budget), 50);
        }
        budget.give();
        assert_eq!(allowed(now, &mut budget), 1);
        now += TimeDelta::days(100_000);
        assert_eq!(allowed(now, &mut budget), 500);
        // The clock is set back.
        assert_eq!(allowed(now - TimeDelta::days(1), &mut budget), 0);
    }
}
