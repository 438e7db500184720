//! The phases of shutting down.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

/// Which part of the drain passes before the first connection is closed: its client comes back within a second or so,
/// and load balancers should have noticed by then that this replica is not ready.
const NOTICE: i32 = 5;
/// The golden ratio as a fraction of 2³².
const GOLDEN_RATIO: u32 = 0x9E37_79B9;

/// Draining, then shutting down.
#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    draining: CancellationToken,
    schedule: OnceLock<DrainSchedule>,
    shutdown: CancellationToken,
}

impl Lifecycle {
    /// Starts draining for a period. Only the first call counts.
    pub(super) fn start_draining(&self, now: DateTime<Utc>, period: TimeDelta) {
        self.schedule.get_or_init(|| DrainSchedule::new(now, period));
        self.draining.cancel();
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Returns when draining has started, with the time at which one connection is to be closed.
    pub(super) async fn next_closing_time(&self) -> DateTime<Utc> {
        self.draining.cancelled().await;
        // The schedule is set before the signal is given.
        self.schedule.get().map_or(DateTime::UNIX_EPOCH, DrainSchedule::next)
    }

    pub(super) fn start_shutdown(&self, now: DateTime<Utc>) {
        self.start_draining(now, TimeDelta::zero());
        self.shutdown.cancel();
    }

    /// Returns when the shutdown has started.
    pub(super) async fn shutdown_started(&self) {
        self.shutdown.cancelled().await;
    }
}

/// When the connections of a draining replica are closed: evenly spread, so that their clients do not all come back in
/// the same second.
#[derive(Debug)]
struct DrainSchedule {
    first: DateTime<Utc>,
    period: TimeDelta,
    given: AtomicU32,
}

impl DrainSchedule {
    fn new(start: DateTime<Utc>, period: TimeDelta) -> Self {
        let notice = period / NOTICE;
        Self { first: start + notice, period: period - notice, given: AtomicU32::new(0) }
    }

    /// The time for one more connection. The multiples of the golden ratio, without their whole parts, are spread
    /// evenly however many there are.
    fn next(&self) -> DateTime<Utc> {
        let fraction = self.given.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN_RATIO);
        self.first + self.period * i32::try_from(fraction >> 16).unwrap_or_default() / (1 << 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_times_are_spread_evenly() {
        for (connections, slices) in [(40, 5), (100, 10), (1_000, 10), (10_000, 60)] {
            let period = TimeDelta::seconds(60);
            let start = DateTime::UNIX_EPOCH;
            let schedule = DrainSchedule::new(start, period);
            let mut counts = vec![0; slices];
            for _ in 0..connections {
                let after = schedule.next() - start;
                assert!(after >= period / NOTICE && after < period, "{after}");
                let slice = after.num_milliseconds() * i64::try_from(slices).unwrap() / period.num_milliseconds();
                counts[usize::try_from(slice).unwrap()] += 1;
            }
            let (peak, mean) = (*counts.iter().max().unwrap(), connections / i32::try_from(slices).unwrap());
            assert!(peak <= 2 * mean, "{connections} connections, by slice: {counts:?}");
        }
    }

    #[test]
    fn without_a_drain_connections_are_closed_at_once() {
        let lifecycle = Lifecycle::default();
        let now = DateTime::UNIX_EPOCH;
        lifecycle.start_shutdown(now);
        // A drain cannot start later.
        lifecycle.start_draining(now, TimeDelta::seconds(60));
        for _ in 0..10 {
            assert_eq!(futures_util::FutureExt::now_or_never(lifecycle.next_closing_time()), Some(now));
        }
    }
}
