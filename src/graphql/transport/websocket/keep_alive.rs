//! Whether the client of an idle connection is still there.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior};

/// How often a client is pinged. Clients of the older subprotocol take a connection for dead after 30 seconds without a
/// message.
const INTERVAL: Duration = Duration::from_secs(20);
/// After how many pings without any message the client is gone.
const UNANSWERED: u8 = 3;

/// Pings a client, and notices when it is gone.
pub(super) struct KeepAlive {
    interval: Interval,
    unanswered: u8,
}

impl KeepAlive {
    pub(super) fn new() -> Self {
        let mut interval = tokio::time::interval_at(Instant::now() + INTERVAL, INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { interval, unanswered: 0 }
    }

    /// Returns at the next time for a ping.
    pub(super) async fn tick(&mut self) {
        self.interval.tick().await;
    }

    /// Counts a ping. Returns whether it should be sent: to a client that has answered none, it should not.
    pub(super) fn count_ping(&mut self) -> bool {
        let is_gone = self.unanswered == UNANSWERED;
        self.unanswered += u8::from(!is_gone);
        !is_gone
    }

    /// The client has sent something.
    pub(super) fn record_message(&mut self) {
        self.unanswered = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/limits.md promises it.
    #[tokio::test]
    async fn a_client_that_is_gone_is_noticed_within_90_seconds() {
        let mut keep_alive = KeepAlive::new();
        for pings_before in 0..5 {
            for _ in 0..pings_before {
                keep_alive.count_ping();
            }
            // Its last message comes right after a ping.
            keep_alive.record_message();
            let mut noticed_after = INTERVAL;
            while keep_alive.count_ping() {
                noticed_after += INTERVAL;
            }
            assert!(noticed_after > INTERVAL * 2 && noticed_after <= Duration::from_secs(90), "{noticed_after:?}");
        }
    }
}
