//! Job leases: work that concerns the whole platform is done by one replica at a time, once each time it is due.
//!
//! ```text
//! look ──▶ due, and nobody's? ──▶ take: token + 1, mine until the lease ends ──▶ work ──▶ end: due again later
//!            └ no: look again when it is due, or when the lease ends
//! ```
//!
//! What holds, and why:
//!
//! - **One takes it.** Taking is one statement that changes the job only if it is still as it was looked at: of many
//!   replicas that look at the same time, one changes it, and the others find it changed.
//! - **Nobody's death stops it.** A lease is a lease. If its holder is gone, the others take over when the lease ends.
//!   What was due while nothing ran is due at once.
//! - **Who was taken over does no harm.** A replica that was stopped for longer than its lease (a frozen machine, a
//!   debugger) may wake up in the middle of its work. It cannot end a lease that is no longer its own: the token has
//!   moved. What it still does to the tables is what any replica may do at any time: each step is a transaction of its
//!   own, looks at the rows as they are when it runs, and what was over at the time that it began with is over now. The
//!   lease spares work; nothing is right only because of it.
//! - **One clock.** When something is due and until when it is somebody's is told by the clock of the database, so it
//!   does not matter how far those of the replicas are apart. (What is old is told by the clock of the replica, as
//!   everywhere.) A time that lies further ahead than anybody would have written was written before that clock was set
//!   back; it is not waited for.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{app::App, domain::Result, store::JobState};

/// How long a replica has for its lease before others take over. It must be done by then, or have given up.
pub const LEASE: Duration = Duration::from_secs(150);
/// How soon a job that failed once is tried again; each further time it takes twice as long, up to the job's period.
const RETRY: Duration = Duration::from_secs(5);

/// A job in the hands of this replica.
#[derive(Debug)]
pub struct JobLease {
    job: &'static str,
    period: Duration,
    token: i64,
    failures: u32,
    /// By the clock that replicas share.
    taken_at: DateTime<Utc>,
    /// The same moment by the clock of this replica, which tells how long the lease took.
    began_at: DateTime<Utc>,
}

/// What a look at a job has come to.
#[derive(Debug)]
pub enum JobClaim {
    /// It is due, and this replica's.
    Acquired(JobLease),
    /// It is not due, or another replica's. It is worth looking again after this time.
    NotDue(Duration),
}

impl App {
    /// Takes a job that is to be done once every `period` by all replicas together, if it is due and nobody is at it.
    ///
    /// # Errors
    /// When the store is away.
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

    /// Gives a job back after it was done, or failed. Answers how long after it was taken it is due again, or nothing
    /// if another replica had taken over meanwhile: then that one decides.
    ///
    /// # Errors
    /// When the store is away. The others take over when the lease ends.
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

/// How long to wait before what has failed once, and `failures` times before that, is tried again.
#[must_use]
pub fn retry_after(failures: u32, period: Duration) -> Duration {
    RETRY.saturating_mul(2_u32.saturating_pow(failures)).min(period)
}

/// How long a job is not to be taken; nothing if it may be taken now.
fn wait(seen: &JobState, now: DateTime<Utc>, period: Duration) -> Option<Duration> {
    let ahead =
        |until: DateTime<Utc>, longest| (until - now).to_std().ok().filter(|left| !left.is_zero() && *left <= longest);
    let leased = seen.leased_until.and_then(|until| ahead(until, LEASE));
    // Its holder may be done long before the lease ends.
    leased.map(|left| left.min(period)).or_else(|| ahead(seen.due_at, period))
}
