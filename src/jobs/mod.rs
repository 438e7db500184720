//! What happens by itself: each job is a use case on a timer.
//!
//! What concerns the whole platform is done by one replica each time that it is due ([`crate::app::maintenance::job_lease`]); it does not matter
//! which, or whether the one that did it last is still there. Everything else is a replica's own, and every replica
//! does it: it heals the watchers that are connected to it, tries a store that did not take its messages, and writes
//! down what it has counted itself. Long messages
//! whose parts do not come are given up by all replicas together, each message by one: they are a queue, whose entries
//! are locked one by one, so that one that is hard to store keeps no replica from the others.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    app::{
        App,
        maintenance::job_lease::{JobClaim, LEASE, retry_after},
    },
    domain::{Error, Result},
};

/// How long a run may take. What it has done by then stays done, and the next run goes on.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a look at a job may take, and giving it back. Its lease begins in the middle of the look.
const LOOK: Duration = Duration::from_secs(25);
const _: () =
    assert!(LOOK.as_secs() + PATIENCE.as_secs() < LEASE.as_secs(), "a run must be over before others take over");

/// Who does a job when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doer {
    /// One replica, for all.
    One,
    /// Every replica, for itself.
    Each,
}

struct Job {
    /// What it is called in the log, in metrics and in the database.
    name: &'static str,
    doer: Doer,
    period: Duration,
    run: fn(Arc<App>) -> BoxFuture<'static, Result<()>>,
}

const JOBS: [Job; 7] = [
    // Tells watchers where their inboxes end.
    Job {
        name: "heal_watchers",
        doer: Doer::Each,
        period: Duration::from_secs(2),
        run: |app| Box::pin(async move { app.heal_watchers().await }),
    },
    // Tries a store that could not take messages.
    Job {
        name: "try_store_again",
        doer: Doer::Each,
        period: Duration::from_secs(2),
        run: |app| Box::pin(async move { app.try_store_again().await }),
    },
    // Gives up long messages whose parts do not come.
    Job {
        name: "release_parts",
        doer: Doer::Each,
        period: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.release_parts().await.map(drop) }),
    },
    // Writes down rentals and cool-downs that are over.
    Job {
        name: "settle_numbers",
        doer: Doer::One,
        period: Duration::from_secs(15),
        run: |app| Box::pin(async move { app.settle_numbers().await.map(drop) }),
    },
    // Deletes what has expired.
    Job {
        name: "purge",
        doer: Doer::One,
        period: Duration::from_secs(60),
        run: |app| Box::pin(async move { app.purge().await.map(drop) }),
    },
    // Writes down what was used and what providers did.
    Job {
        name: "roll_up_usage",
        doer: Doer::Each,
        period: Duration::from_secs(60),
        run: |app| Box::pin(async move { app.roll_up_usage().await }),
    },
    // Makes the partitions of the next days.
    Job {
        name: "prepare_partitions",
        doer: Doer::One,
        period: Duration::from_secs(3600),
        run: |app| Box::pin(async move { app.prepare_partitions().await.map(drop) }),
    },
];

/// Starts every job; they end when the set is dropped.
#[must_use]
pub fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    for job in JOBS {
        jobs.spawn(job.repeat(Arc::clone(app)));
    }
    jobs
}

impl Job {
    /// Does the job now and whenever it is due again. Whatever happens to it is logged, and does not stop it.
    async fn repeat(self, app: Arc<App>) {
        let mut failures = 0;
        loop {
            let wait = match self.doer {
                Doer::One => {
                    let looked_at = app.clock().now();
                    let wait = self.acquire_job(&app).await;
                    let passed = (app.clock().now() - looked_at).to_std().unwrap_or_default();
                    wait.map(|wait| wait.saturating_sub(passed))
                }
                Doer::Each => self.run(&app).await.then_some(self.period),
            };
            failures = if wait.is_some() { 0 } else { failures + 1 };
            app.clock().sleep(wait.unwrap_or_else(|| retry_after(failures - 1, self.period))).await;
        }
    }

    /// Does the job if it is due and nobody else's. Answers how long after that it is worth looking again, where it is
    /// known.
    async fn acquire_job(&self, app: &Arc<App>) -> Option<Duration> {
        let lease = match soon(app.acquire_job(self.name, self.period)).await {
            Ok(JobClaim::Acquired(lease)) => lease,
            Ok(JobClaim::NotDue(wait)) => {
                metrics::counter!("otpwire_job_skips_total", "job" => self.name).increment(1);
                return Some(wait);
            }
            Err(error) => {
                error.log(self.name);
                return None;
            }
        };
        let succeeded = self.run(app).await;
        match soon(app.release_job(lease, succeeded)).await {
            Ok(Some(wait)) => Some(wait),
            Ok(None) => {
                tracing::warn!(job = self.name, "this replica was held up for so long that another took the job over");
                Some(self.period)
            }
            Err(error) => {
                // Whatever made the run fail has been logged.
                if succeeded {
                    error.log(self.name);
                }
                None
            }
        }
    }

    /// Does the job; answers whether it succeeded.
    async fn run(&self, app: &Arc<App>) -> bool {
        metrics::counter!("otpwire_job_runs_total", "job" => self.name).increment(1);
        let began = Instant::now();
        let run = AssertUnwindSafe(tokio::time::timeout(PATIENCE, (self.run)(Arc::clone(app)))).catch_unwind();
        let succeeded = match run.await {
            Ok(Ok(Ok(()))) => true,
            Ok(Ok(Err(error))) => {
                app.record_failure(&error);
                error.log(self.name);
                false
            }
            Ok(Err(_)) => {
                tracing::error!(job = self.name, "a job took too long; it will go on where it was");
                false
            }
            Err(_) => {
                tracing::error!(job = self.name, "a job panicked; it will be tried again");
                false
            }
        };
        metrics::histogram!("otpwire_job_seconds", "job" => self.name).record(began.elapsed().as_secs_f64());
        if succeeded {
            #[expect(clippy::cast_precision_loss, reason = "seconds are exact in a double for a long time to come")]
            let now = app.clock().now().timestamp() as f64;
            metrics::gauge!("otpwire_job_last_success_timestamp_seconds", "job" => self.name).set(now);
        } else {
            metrics::counter!("otpwire_job_failures_total", "job" => self.name).increment(1);
        }
        succeeded
    }
}

async fn soon<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(LOOK, answer).await.map_err(Error::unavailable)?
}
