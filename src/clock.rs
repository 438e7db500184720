//! The clock: what time it is, and waiting for a time.
//!
//! Everything takes the time from here, so that tests decide what time it is. `clippy.toml` bans reading the
//! machine's clock elsewhere.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

/// Tells the time, and waits for a time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// A clock that moves only when it is told to.
    Manual(Arc<ManualClock>),
}

impl Clock {
    /// Now, in whole microseconds: what PostgreSQL keeps, so a time survives the store unchanged.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Manual(clock) => *clock.now.borrow(),
        }
    }

    /// The time by a clock that several machines share, such as the database's, from what that one shows. A clock for
    /// tests is shared by all as it is.
    #[must_use]
    pub fn shared(&self, shown: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::System => shown,
            Self::Manual(_) => self.now(),
        }
    }

    /// Returns when the clock shows `time` or later.
    pub async fn sleep_until(&self, time: DateTime<Utc>) {
        match self {
            Self::System => {
                // A timer counts monotonic time, which may drift from the clock while the machine
                // sleeps, so the clock has the last word.
                while let Ok(left) = (time - self.now()).to_std() {
                    if left.is_zero() {
                        break;
                    }
                    tokio::time::sleep(left.min(Duration::from_secs(3600))).await;
                }
            }
            Self::Manual(clock) => {
                let mut now = clock.now.subscribe();
                // The sender lives in the clock that is borrowed here, so it cannot be gone.
                let _ = now.wait_for(|now| *now >= time).await;
            }
        }
    }

    /// Returns after `period` on this clock.
    pub async fn sleep(&self, period: Duration) {
        match self {
            // A period is not a time: it passes however the clock is set meanwhile.
            Self::System => tokio::time::sleep(period).await,
            Self::Manual(_) => self.sleep_until(self.now() + period).await,
        }
    }
}

/// A clock for tests.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<DateTime<Utc>>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self { now: watch::Sender::new(now) })
    }

    /// Moves the clock, waking whoever waited for a time that has now come.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now += by);
    }
}
