//! Jobs: the schedule that replicas share, with the lease of each, and the transactions that jobs work in.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{
    Store, Tx,
    row_security::InboxScope,
    sql::{execute, query},
};
use crate::domain::{Error, Result};

/// How many rows a job changes at a time, so that nothing waits long for them, nor for SQLite's one writer.
pub(super) const BATCH: u64 = 500;

/// A job as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobState {
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// When the lease of the replica that runs it ends.
    pub leased_until: Option<DateTime<Utc>>,
    /// How often it was leased.
    pub token: i64,
    /// How often it has failed since it last succeeded.
    pub failures: i32,
}

impl Store {
    /// Starts a transaction of a job, which sees all messages. The receiver queues behind its locks, so it gives up
    /// soon when it has to wait for one itself.
    pub(super) async fn begin_job(&self) -> Result<Tx> {
        let tx = self.begin().await?;
        tx.set_inbox_scope(InboxScope::All).await?;
        if !self.is_sqlite() {
            tx.0.execute_unprepared("SET LOCAL lock_timeout = '1s'").await?;
        }
        Ok(tx)
    }

    /// A job, if it was ever leased, and the time of the database's clock.
    pub async fn find_job(&self, name: &str) -> Result<(Option<JobState>, DateTime<Utc>)> {
        #[derive(FromQueryResult)]
        struct Found {
            now: DateTime<Utc>,
            due_at: Option<DateTime<Utc>>,
            leased_until: Option<DateTime<Utc>>,
            token: Option<i64>,
            failures: Option<i32>,
        }
        let now = if self.is_sqlite() { "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')" } else { "clock_timestamp()" };
        let sql = format!(
            "SELECT {now} AS now, j.due_at, j.leased_until, j.token, j.failures
             FROM (SELECT 1) AS one LEFT JOIN jobs j ON j.name = $1"
        );
        let found: Vec<Found> = query(&self.read, sql, [name.into()]).await?;
        let found = found.first().ok_or_else(|| Error::internal("a query without a row"))?;
        let state = match (found.due_at, found.token, found.failures) {
            (Some(due_at), Some(token), Some(failures)) => {
                Some(JobState { due_at, leased_until: found.leased_until, token, failures })
            }
            _ => None,
        };
        Ok((state, found.now))
    }

    /// Leases a job if it is still as it was `seen`. Returns the token, or nothing if another replica was quicker. A
    /// job that was never leased is due at `due_at`.
    pub async fn take_job(
        &self,
        name: &str,
        seen: Option<JobState>,
        due_at: DateTime<Utc>,
        leased_until: DateTime<Utc>,
    ) -> Result<Option<i64>> {
        let (taken, token) = match seen {
            None => {
                let sql = "INSERT INTO jobs (name, due_at, leased_until, token) VALUES ($1, $2, $3, 1)
                           ON CONFLICT (name) DO NOTHING";
                let values = [name.into(), due_at.into(), leased_until.into()];
                (execute(&self.write, sql.to_owned(), values).await?, 1)
            }
            Some(seen) => {
                // Leasing changes the token, and ending changes the time: a job with the same of both is unchanged.
                let sql = "UPDATE jobs SET leased_until = $4, token = token + 1
                           WHERE name = $1 AND token = $2 AND due_at = $3";
                let values = [name.into(), seen.token.into(), seen.due_at.into(), leased_until.into()];
                (execute(&self.write, sql.to_owned(), values).await?, seen.token + 1)
            }
        };
        Ok((taken == 1).then_some(token))
    }

    /// Stores when a job is due again, and whether the run succeeded. Returns whether the lease with this token was
    /// still held; if not, nothing is changed.
    pub async fn end_job(
        &self,
        name: &str,
        token: i64,
        due_at: DateTime<Utc>,
        succeeded_at: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let outcome = match succeeded_at {
            Some(_) => "failures = 0, succeeded_at = $4",
            None => "failures = failures + 1",
        };
        let sql = format!("UPDATE jobs SET due_at = $3, leased_until = NULL, {outcome} WHERE name = $1 AND token = $2");
        let values = [name.into(), token.into(), due_at.into()].into_iter().chain(succeeded_at.map(Into::into));
        Ok(execute(&self.write, sql, values).await? == 1)
    }
}
