//! Settling rentals that have run out: a job writes to the tables what [`NumberStatus::at`] says without it.
//!
//! [`NumberStatus::at`]: crate::domain::NumberStatus::at

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{
    Store, Tx,
    jobs::BATCH,
    sql::{execute, on_postgres},
};
use crate::domain::Result;

impl Store {
    /// Stores the end of rentals that have run out and of cool-downs that are over. A number that is locked is left for
    /// the next time. Returns how many rows were changed.
    pub async fn settle_numbers(&self, now: DateTime<Utc>, cool_down: Duration) -> Result<u64> {
        let mut changed = 0;
        loop {
            let tx = self.begin_job().await?;
            // Numbers before rentals, as renting locks them.
            let expired = tx.settle("phone_numbers", "status = 'expired', user_id = NULL", "status = 'assigned'", now);
            let expired = expired.await?;
            let ended = "ended_at = expires_at, end_reason = 'expired'";
            // A locked number may be about to be extended: its rental is left as well.
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
    /// Changes a batch of the rows of a table that are in a state and expired at or before a time.
    async fn settle(&self, table: &str, change: &str, state: &str, expired_before: DateTime<Utc>) -> Result<u64> {
        // Incoming messages refer to their number and must not wait, so the key of the row stays free. The order does
        // not matter, and with an ORDER BY the planner would read every rental that there ever was.
        let sql = format!(
            "UPDATE {table} SET {change} WHERE id IN (
                 SELECT id FROM {table} WHERE {state} AND expires_at <= $1 LIMIT {BATCH} {})",
            on_postgres(self.0.get_database_backend(), "FOR NO KEY UPDATE SKIP LOCKED")
        );
        Ok(execute(&self.0, sql, [expired_before.into()]).await?)
    }
}
