//! Partitions of messages on PostgreSQL: one a day, created ahead and dropped once all of it has expired. SQLite has
//! none.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};

use super::{
    Store,
    sql::{execute, query},
};
use crate::domain::Result;

/// How many inboxes are updated at a time before a partition is dropped.
const INBOXES: i32 = 1000;

#[derive(FromQueryResult)]
struct Count {
    n: Option<i32>,
}

impl Store {
    /// Creates the partitions for a day and the days after it. Returns how many were missing.
    pub async fn ensure_message_partitions(&self, first_day: DateTime<Utc>, days: i32) -> Result<i32> {
        if self.is_sqlite() {
            return Ok(0);
        }
        let sql = "SELECT ensure_message_partitions($1, $2) AS n".to_owned();
        let made: Vec<Count> = query(&self.write, sql, [first_day.date_naive().into(), days.into()]).await?;
        Ok(made.first().and_then(|count| count.n).unwrap_or(0))
    }

    /// Drops the partitions whose messages were all received at or before a time, after advancing `purged_seq` of the
    /// inboxes. Returns how many.
    ///
    /// A message that is stored in such a partition in between is dropped without a trace in its inbox. It had expired
    /// before it was stored, so no client was to see it.
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
        // The names sort like the days.
        let sql = "SELECT EXISTS (
                       SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                       WHERE i.inhparent = 'messages'::regclass
                         AND c.relname ~ '^messages_y[0-9]{4}m[0-9]{2}d[0-9]{2}$'
                         AND c.relname < to_char($1 AT TIME ZONE 'UTC', '\"messages_y\"YYYY\"m\"MM\"d\"DD')) AS found";
        let found: Vec<Found> = query(&self.write, sql.to_owned(), [expired_before.into()]).await?;
        Ok(found.first().is_some_and(|row| row.found))
    }

    /// Advances `purged_seq` of every inbox past the messages of days that have wholly expired.
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

    /// Drops one partition whose messages were all received at or before a time. Returns whether it did: it does not if
    /// there is none, or if a long-running query keeps the partition locked.
    async fn drop_message_partition(&self, expired_before: DateTime<Utc>) -> Result<bool> {
        let sql = "SELECT drop_message_partition($1) AS n".to_owned();
        let dropped: Vec<Count> = query(&self.write, sql, [expired_before.into()]).await?;
        Ok(dropped.first().is_some_and(|count| count.n.is_some()))
    }
}
