//! What the jobs do to the tables. Each of these may run at any time, on any replica, twice.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::{
    Store,
    sql::{execute, query},
};
use crate::domain::Result;

/// How many rows SQLite deletes at a time, so that receiving never waits long for the one writer.
const SQLITE_BATCH: i64 = 500;

#[derive(FromQueryResult)]
struct Count {
    n: Option<i32>,
}

impl Store {
    /// Makes the partitions of messages for a day and the days after it. SQLite has none.
    ///
    /// # Errors
    /// When the database is away.
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

    /// Writes down rentals that have run out, and cool-downs that are over.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn settle_numbers(&self, now: DateTime<Utc>, cool_down: Duration) -> Result<u64> {
        let tx = self.begin().await?;
        let closed = "UPDATE number_assignments SET ended_at = expires_at, end_reason = 'expired'
                      WHERE ended_at IS NULL AND expires_at <= $1";
        let expired = "UPDATE phone_numbers SET status = 'expired', user_id = NULL
                       WHERE status = 'assigned' AND expires_at <= $1";
        let cooled = "UPDATE phone_numbers SET status = 'available', assigned_at = NULL
                      WHERE status = 'expired' AND expires_at <= $1";
        // Numbers before rentals, as renting locks them.
        let mut changed = execute(&tx.0, expired.to_owned(), [now.into()]).await?;
        changed += execute(&tx.0, closed.to_owned(), [now.into()]).await?;
        changed += execute(&tx.0, cooled.to_owned(), [(now - cool_down).into()]).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Deletes messages received at a time or before it, and what reports quote of them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn purge_messages(&self, expired_before: DateTime<Utc>) -> Result<u64> {
        let purged = if self.is_sqlite() {
            self.purge_messages_in_batches(expired_before).await?
        } else {
            self.purge_messages_and_partitions(expired_before).await?
        };
        let sql = "UPDATE delivery_reports SET webhook_payload = NULL
                   WHERE webhook_payload IS NOT NULL AND created_at <= $1";
        execute(&self.write, sql.to_owned(), [expired_before.into()]).await?;
        Ok(purged)
    }

    /// Each step is a transaction of its own: no inbox is locked while messages go, and no lock on
    /// the table of messages is held while inboxes are waited for.
    async fn purge_messages_and_partitions(&self, expired_before: DateTime<Utc>) -> Result<u64> {
        let advance = "SELECT advance_purged_seqs($1)".to_owned();
        execute(&self.write, advance, [expired_before.into()]).await?;
        let mut purged = 0;
        loop {
            let drop = "SELECT drop_message_partition($1) AS n".to_owned();
            let counts: Vec<Count> = query(&self.write, drop, [expired_before.into()]).await?;
            match counts.first().and_then(|count| count.n) {
                Some(gone) => purged += u64::from(gone.unsigned_abs()),
                None => break,
            }
        }
        let delete = "SELECT cleanup_old_messages($1) AS n".to_owned();
        let counts: Vec<Count> = query(&self.write, delete, [expired_before.into()]).await?;
        Ok(purged + counts.first().and_then(|count| count.n).map_or(0, |n| u64::from(n.unsigned_abs())))
    }

    async fn purge_messages_in_batches(&self, expired_before: DateTime<Utc>) -> Result<u64> {
        let mut purged = 0;
        loop {
            let tx = self.begin().await?;
            let doomed = "SELECT id FROM messages WHERE received_at <= $1 ORDER BY received_at, id LIMIT $2";
            let advance = format!(
                "UPDATE inboxes SET purged_seq = max(purged_seq, gone.seq)
                 FROM (SELECT user_id, max(inbox_seq) AS seq FROM messages
                       WHERE user_id IS NOT NULL AND id IN ({doomed}) GROUP BY user_id) AS gone
                 WHERE inboxes.user_id = gone.user_id"
            );
            execute(&tx.0, advance, [expired_before.into(), SQLITE_BATCH.into()]).await?;
            let delete = format!("DELETE FROM messages WHERE id IN ({doomed})");
            let deleted = execute(&tx.0, delete, [expired_before.into(), SQLITE_BATCH.into()]).await?;
            tx.commit().await?;
            purged += deleted;
            if deleted < SQLITE_BATCH.unsigned_abs() {
                return Ok(purged);
            }
        }
    }

    /// Forgets which messages were delivered at a time or before it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn purge_receipts(&self, received_before: DateTime<Utc>) -> Result<u64> {
        let sql = "DELETE FROM message_receipts WHERE received_at <= $1".to_owned();
        Ok(execute(&self.write, sql, [received_before.into()]).await?)
    }

    /// Forgets what became of webhooks at a time or before it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn purge_reports(&self, created_before: DateTime<Utc>) -> Result<u64> {
        let sql = "DELETE FROM delivery_reports WHERE created_at <= $1".to_owned();
        Ok(execute(&self.write, sql, [created_before.into()]).await?)
    }
}
