//! The clock: the only source of the time, so that tests control it. `clippy.toml` bans reading the system clock
//! elsewhere.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

/// A clock that can be read and waited for.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system clock.
    System,
    /// A clock that tests advance.
    Manual(Arc<ManualClock>),
}

impl Clock {
    /// The current time, in whole microseconds: the precision of PostgreSQL, so that a stored time is unchanged.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Manual(clock) => *clock.now.borrow(),
        }
    }

    /// The time of a clock shared by several machines, such as the database's, given what that clock shows. A manual
    /// clock already is shared.
    #[must_use]
    pub fn shared(&self, shown: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::System => shown,
            Self::Manual(_) => self.now(),
        }
    }

    /// Waits until the clock shows `time` or later.
    pub async fn sleep_until(&self, time: DateTime<Utc>) {
        match self {
            Self::System => {
                // A timer counts monotonic time, which may drift from the clock while the machine sleeps: check the
                // clock again.
                while let Ok(left) = (time - self.now()).to_std() {
                    if left.is_zero() {
                        break;
                    }
                    tokio::time::sleep(left.min(Duration::from_secs(3600))).await;
                }
            }
            Self::Manual(clock) => {
                let mut now = clock.now.subscribe();
                // The sender is part of the borrowed clock, so it cannot be closed.
                let _ = now.wait_for(|now| *now >= time).await;
            }
        }
    }

    /// Waits for `period`.
    pub async fn sleep(&self, period: Duration) {
        match self {
            // A period passes regardless of adjustments of the clock.
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
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self { now: watch::Sender::new(now) })
    }

    /// Advances the clock, and wakes tasks whose time has come.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now += by);
    }
}
