//! What the jobs do to the tables, besides deleting (`purging.rs`). Each of these may run at any time, on any replica,
//! twice.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{
    Store, Tx,
    row_security::InboxScope,
    sql::{execute, on_postgres, query},
};
use crate::domain::Result;

/// How many rows are changed at a time, so that nobody waits long for them, nor for SQLite's one writer.
pub(super) const BATCH: u64 = 500;

#[derive(FromQueryResult)]
struct Count {
    n: Option<i32>,
}

impl Store {
    /// Starts a transaction of a job, which sees all messages. Whoever receives waits behind it, so it gives up soon
    /// when it has to wait itself.
    pub(super) async fn begin_job(&self) -> Result<Tx> {
        let tx = self.begin().await?;
        tx.reach(InboxScope::All).await?;
        if !self.is_sqlite() {
            tx.0.execute_unprepared("SET LOCAL lock_timeout = '1s'").await?;
        }
        Ok(tx)
    }

    /// Makes the partitions of messages for a day and the days after it. SQLite has none.
    pub async fn ensure_message_partitions(&self, first_day: DateTime<Utc>, days: i32) -> Result<i32> {
        if self.is_sqlite() {
            return Ok(0);
        }
        let sql = "SELECT ensure_message_partitions($1, $2) AS n".to_owned();
        let made: Vec<Count> = query(&self.write, sql, [first_day.date_naive().into(), days.into()]).await?;
        Ok(made.first().and_then(|count| count.n).unwrap_or(0))
    }

    /// Writes something, durably, that nobody sees: it is gone in the same transaction. It goes where messages go.
    ///
    /// # Errors
    /// Why the database takes no changes.
    pub async fn try_writing(&self, now: DateTime<Utc>) -> Result<()> {
        let tx = self.begin_receiving().await?;
        let insert = "INSERT INTO api_rate_limits (endpoint, request_count, window_start) VALUES ($1, 1, $2)";
        execute(&tx.0, insert.to_owned(), ["otpwire.try_writing".into(), now.into()]).await?;
        let delete = "DELETE FROM api_rate_limits WHERE endpoint = $1";
        execute(&tx.0, delete.to_owned(), ["otpwire.try_writing".into()]).await?;
        tx.commit().await
    }

    /// Drops a partition all of whose messages were received at a time or before it, if there is one and nobody reads
    /// for long; answers whether it did. What it took along must have been said in the inboxes before. SQLite has none.
    pub(super) async fn drop_message_partition(&self, expired_before: DateTime<Utc>) -> Result<bool> {
        let sql = "SELECT drop_message_partition($1) AS n".to_owned();
        let dropped: Vec<Count> = query(&self.write, sql, [expired_before.into()]).await?;
        Ok(dropped.first().is_some_and(|count| count.n.is_some()))
    }

    /// Writes down rentals that have run out, and cool-downs that are over. A number that somebody is at is left for
    /// the next time.
    pub async fn settle_numbers(&self, now: DateTime<Utc>, cool_down: Duration) -> Result<u64> {
        let mut changed = 0;
        loop {
            let tx = self.begin_job().await?;
            // Numbers before rentals, as renting locks them.
            let expired = tx.settle("phone_numbers", "status = 'expired', user_id = NULL", "status = 'assigned'", now);
            let expired = expired.await?;
            let ended = "ended_at = expires_at, end_reason = 'expired'";
            // A number that was left may be about to be extended: its rental is left, too.
            let left = "ended_at IS NULL AND phone_number_id NOT IN (
                            SELECT id FROM phone_numbers WHERE status = 'assigned' AND expires_at <= $1)";
            let closed = tx.settle("number_assignments", ended, left, now).await?;
            let available = "status = 'available', assigned_at = NULL";
            let cooled = tx.settle("phone_numbers", available, "status = 'expired'", now - cool_down).await?;
            tx.commit().await?;
            changed += expired + closed + cooled;
            if expired.max(closed).max(cooled) < BATCH {
                return Ok(changed);
            }
        }
    }
}

impl Tx {
    /// Changes some of the rows of a table that are in a state and expired at a time or before it.
    async fn settle(&self, table: &str, change: &str, state: &str, expired_before: DateTime<Utc>) -> Result<u64> {
        // Messages that come in refer to their number, and must not wait: the key of the row stays free. In which order
        // rows are settled does not matter, and asked for one the planner would read every rental that there ever was.
        let sql = format!(
            "UPDATE {table} SET {change} WHERE id IN (
                 SELECT id FROM {table} WHERE {state} AND expires_at <= $1 LIMIT {BATCH} {})",
            on_postgres(self.0.get_database_backend(), "FOR NO KEY UPDATE SKIP LOCKED")
        );
        Ok(execute(&self.0, sql, [expired_before.into()]).await?)
    }
}
