//! Deleting expired rows, a batch at a time.
//!
//! Each batch is a transaction of its own and skips rows that others have locked, so nothing waits long for it. However
//! much has gathered while no job ran, every batch makes progress for good.
//!
//! Any number of replicas may purge at once, each by its own clock, and any of them may stop halfway and continue hours
//! later: what has expired stays expired, every statement sees the rows as they are when it runs, and `purged_seq` only
//! grows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::{inbox, message},
    jobs::BATCH,
    row_security::InboxScope,
    row_set::RowSet,
    sql::{execute, on_postgres, query},
};
use crate::domain::{Result, UserId};

/// What to purge, and until when. Times are inclusive.
#[derive(Clone, Copy, Debug)]
pub enum Expired {
    /// Messages, by when they were received.
    Messages(DateTime<Utc>),
    /// The payloads of reports, which quote messages, by when the report was made.
    Quotes(DateTime<Utc>),
    /// Receipts of messages, by when the message was received.
    Receipts(DateTime<Utc>),
    /// Delivery reports, by when they were made.
    Reports(DateTime<Utc>),
    /// Usage of the API, by the start of the minute.
    Usage(DateTime<Utc>),
    /// Entries of the audit log, by when they were made.
    Audit(DateTime<Utc>),
    /// Idempotency keys, by when the request was made.
    IdempotencyKeys(DateTime<Utc>),
    /// Invitations, by when they expired.
    Invitations(DateTime<Utc>),
    /// Sessions, by when they ended.
    Sessions(DateTime<Utc>),
    /// Networks that users logged in from, by when they last did.
    LoginNetworks(DateTime<Utc>),
    /// Nonces, by when their signature expired.
    Nonces(DateTime<Utc>),
    /// Messages that were released in parts, by when: senders reuse their references.
    ReleasedPartials(DateTime<Utc>),
    /// Incomplete messages in any state, by when their first part arrived.
    Partials(DateTime<Utc>),
    /// Activity of providers, by the start of the hour.
    Activity(DateTime<Utc>),
    /// Ids of roll-ups, by when they were stored.
    RollUps(DateTime<Utc>),
    /// Timelines of messages, by when the message was received.
    Timelines(DateTime<Utc>),
    /// Leases, by when they were to end at the latest.
    Leases(DateTime<Utc>),
    /// Tickets of queues for leases, by when they expired.
    LeaseTickets(DateTime<Utc>),
}

impl Expired {
    /// The table, the column of the time, and the time.
    fn target(self) -> (&'static str, &'static str, DateTime<Utc>) {
        match self {
            Self::Messages(at) => ("messages", "received_at", at),
            Self::Quotes(at) => ("delivery_reports", "created_at", at),
            Self::Receipts(at) => ("message_receipts", "received_at", at),
            Self::Reports(at) => ("delivery_reports", "created_at", at),
            Self::Usage(at) => ("api_rate_limits", "window_start", at),
            Self::Audit(at) => ("audit_log", "created_at", at),
            Self::IdempotencyKeys(at) => ("idempotency_keys", "created_at", at),
            Self::Invitations(at) => ("invitations", "expires_at", at),
            Self::Sessions(at) => ("user_sessions", "expires_at", at),
            Self::LoginNetworks(at) => ("login_networks", "last_login_at", at),
            Self::Nonces(at) => ("webhook_nonces", "expires_at", at),
            Self::ReleasedPartials(at) => ("partial_messages", "released_at", at),
            Self::Partials(at) => ("partial_messages", "first_received_at", at),
            Self::Activity(at) => ("provider_activity", "hour", at),
            Self::RollUps(at) => ("roll_ups", "created_at", at),
            Self::Timelines(at) => ("message_timelines", "committed_at", at),
            Self::Leases(at) => ("leases", "expires_at", at),
            Self::LeaseTickets(at) => ("lease_tickets", "expires_at", at),
        }
    }
}

/// A message to be deleted.
#[derive(FromQueryResult, Serialize)]
struct ExpiredMessage {
    id: i64,
    user_id: Option<i32>,
    inbox_seq: Option<i64>,
}

impl Store {
    /// Deletes a batch. Returns how many rows were deleted, and whether there may be more.
    pub async fn purge_batch(&self, expired: Expired) -> Result<(u64, bool)> {
        let (deleted, found) = match expired {
            Expired::Messages(expired_before) => self.purge_messages(expired_before).await?,
            Expired::Timelines(_) => {
                let deleted = self.purge_timelines().await?;
                (deleted, deleted)
            }
            _ => {
                let deleted = self.purge_rows(expired).await?;
                (deleted, deleted)
            }
        };
        // A batch of which nothing could be deleted would be found again and again.
        Ok((deleted, deleted > 0 && found >= BATCH))
    }

    async fn purge_rows(&self, expired: Expired) -> Result<u64> {
        let (table, column, until) = expired.target();
        let (change, state) = match expired {
            Expired::Quotes(_) => {
                (format!("UPDATE {table} SET webhook_payload = NULL"), "webhook_payload IS NOT NULL AND")
            }
            _ => (format!("DELETE FROM {table}"), ""),
        };
        let batch = format!("FROM {table} WHERE {state} {column} <= $1 ORDER BY {column} LIMIT {BATCH}");
        // Rows are found by their physical address, as not every table has an id. On PostgreSQL an update moves the
        // row, so the rows are locked when they are found.
        let sql = if self.is_sqlite() {
            format!("{change} WHERE rowid IN (SELECT rowid {batch})")
        } else {
            format!("{change} WHERE ctid = ANY (ARRAY (SELECT ctid {batch} FOR UPDATE SKIP LOCKED))")
        };
        Ok(execute(&self.write, sql, [until.into()]).await?)
    }

    /// Deletes a batch of messages, the oldest first, and advances `purged_seq` of their inboxes, so that a client with
    /// an older cursor learns of the gap. Returns how many were deleted, and how many were found.
    async fn purge_messages(&self, expired_before: DateTime<Utc>) -> Result<(u64, u64)> {
        let sql = format!(
            "SELECT id, user_id, inbox_seq FROM messages WHERE received_at <= $1 ORDER BY received_at LIMIT {BATCH}"
        );
        let messages: Vec<ExpiredMessage> =
            query(&self.inbox_connection(InboxScope::All).await?, sql, [expired_before.into()]).await?;
        if messages.is_empty() {
            return Ok((0, 0));
        }
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        for message in &messages {
            if let (Some(user), Some(seq)) = (message.user_id, message.inbox_seq) {
                let end = ends.entry(user).or_default();
                *end = seq.max(*end);
            }
        }
        let tx = self.begin_job().await?;
        // Inboxes before messages: deleting a user locks them in this order.
        if !ends.is_empty() {
            tx.advance_purged_seqs(&ends).await?;
        }
        let backend = self.write.get_database_backend();
        // A message that is locked, for example to mark it as read, is deleted the next time.
        let sql = format!(
            "DELETE FROM messages WHERE received_at <= $2 AND id IN (
                 SELECT m.id FROM messages m WHERE m.received_at <= $2 AND m.id IN (SELECT r.id FROM {}) {})",
            RowSet::of([message::Column::Id]).table(backend),
            on_postgres(backend, "FOR UPDATE OF m SKIP LOCKED")
        );
        let deleted = execute(&tx.0, sql, [RowSet::parameter(&messages)?, expired_before.into()]).await?;
        tx.commit().await?;
        Ok((deleted, messages.len() as u64))
    }
}

impl Tx {
    /// Advances `purged_seq` of inboxes: their messages up to there are gone.
    async fn advance_purged_seqs(&self, ends: &BTreeMap<i32, i64>) -> Result<()> {
        #[derive(Serialize)]
        struct Row {
            user_id: UserId,
            seq: i64,
        }
        let backend = self.0.get_database_backend();
        let sql = format!(
            "UPDATE inboxes SET purged_seq = behind.seq
             FROM (SELECT i.user_id, r.seq FROM {} JOIN inboxes i ON i.user_id = r.user_id
                   WHERE i.purged_seq < r.seq ORDER BY i.user_id {}) AS behind
             WHERE inboxes.user_id = behind.user_id AND inboxes.purged_seq < behind.seq",
            RowSet::of([inbox::Column::UserId]).with("seq", inbox::Column::PurgedSeq).table(backend),
            on_postgres(backend, "FOR UPDATE OF i")
        );
        let ends: Vec<_> = ends.iter().map(|(&user, &seq)| Row { user_id: UserId(user), seq }).collect();
        execute(&self.0, sql, [RowSet::parameter(&ends)?]).await?;
        Ok(())
    }
}
