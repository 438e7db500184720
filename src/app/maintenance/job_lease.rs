//! Job leases: work that concerns the whole platform is done by one replica at a time, once each time it is due.
//!
//! ```text
//! read ──▶ due, and not leased? ──▶ acquire: token + 1, leased for LEASE ──▶ work ──▶ release: due again later
//!             └ no: try again when it is due, or when the lease expires
//! ```
//!
//! Guarantees, and what they rest on:
//!
//! - **One replica gets it.** A lease is acquired by one statement that changes the job only if it is unchanged since
//!   it was read: of several replicas that try at the same time, one succeeds.
//! - **A crash does not stop it.** If the holder of a lease disappears, others take over when the lease expires. What
//!   became due while nothing ran is due at once.
//! - **A late holder does no harm.** A replica that was suspended for longer than its lease may resume in the middle
//!   of its work. It cannot release a lease that is no longer its own, because the fencing token has moved on. What it
//!   still writes is what any replica may write at any time: each step is a transaction of its own, reads the rows as
//!   they are when it runs, and what had expired when the job began has expired now. The lease saves work; correctness
//!   does not depend on it.
//! - **One clock.** Due times and leases use the database's clock, so it does not matter how far the replicas' clocks
//!   are apart. (Expiry of data uses the replica's clock, as everywhere.) A time further ahead than any replica would
//!   have written was written before the database's clock was set back, and is ignored.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{app::App, domain::Result, store::JobState};

/// How long a lease lasts. The holder must be done by then, or have given up.
pub const LEASE: Duration = Duration::from_secs(150);
/// The delay before the first retry of a failed job. It doubles with each failure, up to the job's period.
const RETRY: Duration = Duration::from_secs(5);

/// A job that this replica holds.
#[derive(Debug)]
pub struct JobLease {
    job: &'static str,
    period: Duration,
    token: i64,
    failures: u32,
    /// By the database's clock.
    taken_at: DateTime<Utc>,
    /// The same moment by this replica's clock, to measure how long the work took.
    began_at: DateTime<Utc>,
}

/// The result of trying to acquire a job.
#[derive(Debug)]
pub enum JobClaim {
    /// It is due, and this replica holds it.
    Acquired(JobLease),
    /// It is not due, or another replica holds it. Try again after this time.
    NotDue(Duration),
}

impl App {
    /// Acquires a job that all replicas together do once every `period`, if it is due and nobody holds it.
    pub async fn acquire_job(&self, job: &'static str, period: Duration) -> Result<JobClaim> {
        let (seen, shown) = self.store.find_job(job).await?;
        let now = self.clock.shared(shown);
        if let Some(wait) = seen.and_then(|seen| wait(&seen, now, period)) {
            return Ok(JobClaim::NotDue(wait));
        }
        let Some(token) = self.store.take_job(job, seen, now, now + LEASE).await? else {
            return Ok(JobClaim::NotDue(period));
        };
        let failures = seen.map_or(0, |seen| seen.failures.unsigned_abs());
        let lease = JobLease { job, period, token, failures, taken_at: now, began_at: self.clock.now() };
        Ok(JobClaim::Acquired(lease))
    }

    /// Releases a job after it was done or has failed. Returns how long after its acquisition it is due again, or
    /// `None` if another replica had taken over and decides.
    pub async fn release_job(&self, lease: JobLease, succeeded: bool) -> Result<Option<Duration>> {
        let took = (self.clock.now() - lease.began_at).to_std().unwrap_or_default();
        let wait = match succeeded {
            true => lease.period,
            false => took + retry_after(lease.failures, lease.period),
        };
        let succeeded_at = succeeded.then_some(lease.taken_at + took);
        let ended = self.store.end_job(lease.job, lease.token, lease.taken_at + wait, succeeded_at).await?;
        Ok(ended.then_some(wait))
    }
}

/// The delay before a retry, after `failures` + 1 failures in a row.
#[must_use]
pub fn retry_after(failures: u32, period: Duration) -> Duration {
    RETRY.saturating_mul(2_u32.saturating_pow(failures)).min(period)
}

/// How long a job cannot be acquired, or `None` if it can be now.
fn wait(seen: &JobState, now: DateTime<Utc>, period: Duration) -> Option<Duration> {
    let ahead =
        |until: DateTime<Utc>, longest| (until - now).to_std().ok().filter(|left| !left.is_zero() && *left <= longest);
    let leased = seen.leased_until.and_then(|until| ahead(until, LEASE));
    // Its holder may be done long before the lease expires.
    leased.map(|left| left.min(period)).or_else(|| ahead(seen.due_at, period))
}
