//! How long an operation may take, and longer if it waits for a lease. Only a mutation can, and only it is given a
//! [`TimeLimit`] that can be extended.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};

use crate::{clock::Clock, domain::WaitTime};

/// How long an operation may take that waits for nothing.
const SHORT: Duration = Duration::from_secs(20);
/// How long one may take in all that waits for a lease: less than the minute after which proxies commonly give up.
const LONG: Duration = Duration::from_secs(55);

/// The time limit of one operation.
#[derive(Debug)]
pub(super) struct TimeLimit {
    started_at: DateTime<Utc>,
    is_extended: AtomicBool,
}

impl TimeLimit {
    /// That of an operation which starts now.
    pub(super) fn start(clock: &Clock) -> Self {
        Self { started_at: clock.now(), is_extended: AtomicBool::new(false) }
    }

    /// Extends the limit for a wait, and returns how long that may be: several waits of one operation share the
    /// longest.
    pub(super) fn extend_for(&self, wait: WaitTime, clock: &Clock) -> WaitTime {
        if !wait.is_zero() {
            self.is_extended.store(true, Ordering::Relaxed);
        }
        wait.of_request_since(self.started_at, clock.now())
    }

    /// Returns when the time is up.
    pub(super) async fn reached(limit: Option<&Self>, clock: &Clock) {
        clock.sleep(SHORT).await;
        if limit.is_some_and(|limit| limit.is_extended.load(Ordering::Relaxed)) {
            clock.sleep(LONG - SHORT).await;
        }
    }
}
