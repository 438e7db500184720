//! Deleting what has outlived its use, a batch at a time.
//!
//! Each batch is a transaction of its own and waits for no row that somebody else is at, so nobody waits long for it;
//! and however much has gathered while nothing ran, each batch takes some of it away for good.
//!
//! Any number of replicas may be at it, with clocks of their own, and any of them may be stopped in the middle and go
//! on hours later: what was too old at one time is too old at every later one, every statement looks at the rows as
//! they are when it runs, and `purged_seq` only grows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::{inbox, message},
    maintenance::BATCH,
    row_security::InboxScope,
    row_set::RowSet,
    sql::{execute, on_postgres, query},
};
use crate::domain::{Result, UserId};

/// How many inboxes are told at a time that messages of theirs go with a partition.
const INBOXES: i32 = 1000;

/// Something that has outlived its use. Times are inclusive.
#[derive(Clone, Copy, Debug)]
pub enum Expired {
    /// Messages received until then.
    Messages(DateTime<Utc>),
    /// What reports quote of messages that were received until then.
    Quotes(DateTime<Utc>),
    /// Which messages were delivered until then.
    Receipts(DateTime<Utc>),
    /// What became of webhooks until then.
    Reports(DateTime<Utc>),
    /// Usage of minutes that began until then.
    Usage(DateTime<Utc>),
    /// What was done until then.
    Audit(DateTime<Utc>),
    /// The keys of requests that were made until then.
    IdempotencyKeys(DateTime<Utc>),
    /// Sessions that ended until then.
    Sessions(DateTime<Utc>),
    /// Nonces whose signatures were good until then.
    Nonces(DateTime<Utc>),
    /// Messages that were shown in parts until then: their references come round again.
    ReleasedPartials(DateTime<Utc>),
    /// Parts of messages whose first came until then, whatever keeps them.
    Partials(DateTime<Utc>),
    /// What providers did in hours that began until then.
    Activity(DateTime<Utc>),
    /// Which statistics were written down until then.
    RollUps(DateTime<Utc>),
}

impl Expired {
    /// The table, the time that is looked at, and until when.
    fn rows(self) -> (&'static str, &'static str, DateTime<Utc>) {
        match self {
            Self::Messages(at) => ("messages", "received_at", at),
            Self::Quotes(at) => ("delivery_reports", "created_at", at),
            Self::Receipts(at) => ("message_receipts", "received_at", at),
            Self::Reports(at) => ("delivery_reports", "created_at", at),
            Self::Usage(at) => ("api_rate_limits", "window_start", at),
            Self::Audit(at) => ("audit_log", "created_at", at),
            Self::IdempotencyKeys(at) => ("idempotency_keys", "created_at", at),
            Self::Sessions(at) => ("user_sessions", "expires_at", at),
            Self::Nonces(at) => ("webhook_nonces", "expires_at", at),
            Self::ReleasedPartials(at) => ("partial_messages", "released_at", at),
            Self::Partials(at) => ("partial_messages", "first_received_at", at),
            Self::Activity(at) => ("provider_activity", "hour", at),
            Self::RollUps(at) => ("roll_ups", "created_at", at),
        }
    }
}

/// A message that goes.
#[derive(FromQueryResult, Serialize)]
struct ExpiredMessage {
    id: i64,
    user_id: Option<i32>,
    inbox_seq: Option<i64>,
}

impl Store {
    /// Deletes a batch; answers how many rows went, and whether there may be more.
    ///
    /// # Errors
    /// When the database is away, or somebody keeps the inboxes for long.
    pub async fn purge_batch(&self, outlived: Expired) -> Result<(u64, bool)> {
        let (gone, found) = match outlived {
            Expired::Messages(expired_before) => self.purge_messages(expired_before).await?,
            _ => {
                let gone = self.purge_rows(outlived).await?;
                (gone, gone)
            }
        };
        // A batch of which nothing could be deleted would be found again and again.
        Ok((gone, gone > 0 && found >= BATCH))
    }

    async fn purge_rows(&self, outlived: Expired) -> Result<u64> {
        let (table, column, until) = outlived.rows();
        let (change, state) = match outlived {
            Expired::Quotes(_) => {
                (format!("UPDATE {table} SET webhook_payload = NULL"), "webhook_payload IS NOT NULL AND")
            }
            _ => (format!("DELETE FROM {table}"), ""),
        };
        let doomed = format!("FROM {table} WHERE {state} {column} <= $1 ORDER BY {column} LIMIT {BATCH}");
        // Rows are found by their place, as not every table has an id. On PostgreSQL a row has another place when it
        // is changed, so those that are found are locked.
        let sql = if self.is_sqlite() {
            format!("{change} WHERE rowid IN (SELECT rowid {doomed})")
        } else {
            format!("{change} WHERE ctid = ANY (ARRAY (SELECT ctid {doomed} FOR UPDATE SKIP LOCKED))")
        };
        Ok(execute(&self.write, sql, [until.into()]).await?)
    }

    /// Deletes a batch of messages, the oldest first, having said so in their inboxes: a reader with an old cursor is
    /// told of the gap. Answers how many went of how many.
    async fn purge_messages(&self, expired_before: DateTime<Utc>) -> Result<(u64, u64)> {
        let sql = format!(
            "SELECT id, user_id, inbox_seq FROM messages WHERE received_at <= $1 ORDER BY received_at LIMIT {BATCH}"
        );
        let doomed: Vec<ExpiredMessage> =
            query(&self.see(InboxScope::All).await?, sql, [expired_before.into()]).await?;
        if doomed.is_empty() {
            return Ok((0, 0));
        }
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        for message in &doomed {
            if let (Some(user), Some(seq)) = (message.user_id, message.inbox_seq) {
                let end = ends.entry(user).or_default();
                *end = seq.max(*end);
            }
        }
        let tx = self.begin_job().await?;
        // Inboxes before messages, as whoever deletes a user locks them.
        if !ends.is_empty() {
            tx.advance_purged_seqs(&ends).await?;
        }
        let backend = self.write.get_database_backend();
        // One that somebody is at, such as its reader, who marks it as read, goes the next time.
        let sql = format!(
            "DELETE FROM messages WHERE received_at <= $2 AND id IN (
                 SELECT m.id FROM messages m WHERE m.received_at <= $2 AND m.id IN (SELECT r.id FROM {}) {})",
            RowSet::of([message::Column::Id]).table(backend),
            on_postgres(backend, "FOR UPDATE OF m SKIP LOCKED")
        );
        let gone = execute(&tx.0, sql, [RowSet::parameter(&doomed)?, expired_before.into()]).await?;
        tx.commit().await?;
        Ok((gone, doomed.len() as u64))
    }

    /// Drops partitions all of whose messages were received at a time or before it, having said so in the inboxes.
    /// Answers how many. SQLite has none.
    ///
    /// A message that comes into one of them in between goes with it unsaid. It had outlived its retention before it
    /// was stored, and nobody was to see it.
    ///
    /// # Errors
    /// When the database is away, or somebody keeps the inboxes for long.
    pub async fn drop_message_partitions(&self, expired_before: DateTime<Utc>) -> Result<u32> {
        let mut dropped = 0;
        if self.is_sqlite() || !self.has_expired_partition(expired_before).await? {
            return Ok(dropped);
        }
        self.advance_inboxes_past_partitions(expired_before).await?;
        while self.drop_message_partition(expired_before).await? {
            dropped += 1;
        }
        Ok(dropped)
    }

    async fn has_expired_partition(&self, expired_before: DateTime<Utc>) -> Result<bool> {
        #[derive(FromQueryResult)]
        struct Found {
            found: bool,
        }
        // Their names sort as their days do.
        let sql = "SELECT EXISTS (
                       SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                       WHERE i.inhparent = 'messages'::regclass
                         AND c.relname ~ '^messages_y[0-9]{4}m[0-9]{2}d[0-9]{2}$'
                         AND c.relname < to_char($1 AT TIME ZONE 'UTC', '\"messages_y\"YYYY\"m\"MM\"d\"DD')) AS found";
        let found: Vec<Found> = query(&self.write, sql.to_owned(), [expired_before.into()]).await?;
        Ok(found.first().is_some_and(|row| row.found))
    }

    /// Says in each inbox that its messages of days that are over and expired are gone.
    async fn advance_inboxes_past_partitions(&self, expired_before: DateTime<Utc>) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Last {
            id: Option<i32>,
        }
        let last: Vec<Last> = query(&self.write, "SELECT max(user_id) AS id FROM inboxes".to_owned(), []).await?;
        let last = last.first().and_then(|row| row.id).unwrap_or(0);
        let sql = "UPDATE inboxes SET purged_seq = behind.seq
                   FROM (SELECT i.user_id, gone.seq FROM inboxes i JOIN (
                             SELECT user_id, max(inbox_seq) AS seq FROM messages
                             WHERE received_at < date_trunc('day', CAST($1 AS timestamptz), 'UTC')
                               AND user_id > $2 AND user_id <= $3 GROUP BY user_id) AS gone USING (user_id)
                         WHERE i.purged_seq < gone.seq ORDER BY i.user_id FOR UPDATE OF i) AS behind
                   WHERE inboxes.user_id = behind.user_id AND inboxes.purged_seq < behind.seq";
        let mut after = 0;
        while after < last {
            let until = after.saturating_add(INBOXES);
            let tx = self.begin_job().await?;
            let values: [Value; 3] = [expired_before.into(), after.into(), until.into()];
            execute(&tx.0, sql.to_owned(), values).await?;
            tx.commit().await?;
            after = until;
        }
        Ok(())
    }
}

impl Tx {
    /// Says in inboxes that their messages up to a sequence are gone.
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
