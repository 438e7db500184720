//! Runs jobs when they are due, with a time limit, metrics and retries.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::Instant;

use crate::{
    app::{
        App,
        maintenance::job_lease::{JobClaim, LEASE, retry_after},
    },
    domain::{Error, Result},
};

/// How long a run may take. What it has done until then stays done, and the next run continues.
const RUN_TIMEOUT: Duration = Duration::from_secs(120);
/// How long acquiring or releasing a lease may take. The lease begins while it is being acquired.
const LEASE_TIMEOUT: Duration = Duration::from_secs(25);
const _: () = assert!(
    LEASE_TIMEOUT.as_secs() + RUN_TIMEOUT.as_secs() < LEASE.as_secs(),
    "a run must be over before another replica can take its lease"
);

/// Which replicas run a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobScope {
    /// One replica, for the whole platform.
    Platform,
    /// Every replica, for itself.
    Replica,
}

/// A use case and its schedule.
pub(super) struct Job {
    /// Its name in the log, in metrics and in the database.
    pub(super) name: &'static str,
    pub(super) scope: JobScope,
    pub(super) period: Duration,
    pub(super) run: fn(Arc<App>) -> BoxFuture<'static, Result<()>>,
}

impl Job {
    /// Runs the job now and whenever it is due again. Failures and panics are logged, and do not end it.
    pub(super) async fn repeat(self, app: Arc<App>) {
        let mut failures = 0;
        loop {
            let wait = match self.scope {
                JobScope::Platform => {
                    let started = app.clock().now();
                    let wait = self.run_if_due(&app).await;
                    let elapsed = (app.clock().now() - started).to_std().unwrap_or_default();
                    wait.map(|wait| wait.saturating_sub(elapsed))
                }
                JobScope::Replica => self.run(&app).await.then_some(self.period),
            };
            failures = if wait.is_some() { 0 } else { failures + 1 };
            app.clock().sleep(wait.unwrap_or_else(|| retry_after(failures - 1, self.period))).await;
        }
    }

    /// Runs the job if it is due and no other replica holds its lease. Returns how long after the start of the call the
    /// job may be due next, or `None` after a failure.
    async fn run_if_due(&self, app: &Arc<App>) -> Option<Duration> {
        let lease = match in_time(app.acquire_job(self.name, self.period)).await {
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
        match in_time(app.release_job(lease, succeeded)).await {
            Ok(Some(wait)) => Some(wait),
            Ok(None) => {
                tracing::warn!(job = self.name, "this replica was delayed until another one took over the job's lease");
                Some(self.period)
            }
            Err(error) => {
                // After a failed run the reason has been logged already.
                if succeeded {
                    error.log(self.name);
                }
                None
            }
        }
    }

    /// Runs the job; returns whether it succeeded.
    async fn run(&self, app: &Arc<App>) -> bool {
        metrics::counter!("otpwire_job_runs_total", "job" => self.name).increment(1);
        let started = Instant::now();
        let run = AssertUnwindSafe(tokio::time::timeout(RUN_TIMEOUT, (self.run)(Arc::clone(app)))).catch_unwind();
        let succeeded = match run.await {
            Ok(Ok(Ok(()))) => true,
            Ok(Ok(Err(error))) => {
                app.record_failure(&error);
                error.log(self.name);
                false
            }
            Ok(Err(_)) => {
                tracing::error!(job = self.name, "a job took too long; its next run will continue");
                false
            }
            Err(_) => {
                tracing::error!(job = self.name, "a job panicked; it will be tried again");
                false
            }
        };
        metrics::histogram!("otpwire_job_seconds", "job" => self.name).record(started.elapsed().as_secs_f64());
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

async fn in_time<T>(response: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(LEASE_TIMEOUT, response).await.map_err(Error::unavailable)?
}
