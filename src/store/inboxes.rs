//! Reading inboxes after a sequence, and the sequences where inboxes begin and end.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use super::{
    Store,
    entity::inbox,
    messages::MessageRow,
    row_security::{InboxScope, is_in_inbox},
    row_set::RowSet,
    sql::query,
};
use crate::domain::{Error, Message, Result, UserId};

/// The messages of an inbox after a sequence.
#[derive(Debug)]
pub struct InboxPage {
    /// The oldest messages after the sequence, in order, including expired ones that are not deleted yet.
    pub messages: Vec<Message>,
    /// The state of the inbox at the same instant.
    pub state: InboxState,
}

/// The sequences where an inbox begins and ends.
#[derive(Clone, Copy, Debug)]
pub struct InboxState {
    /// The last sequence given out.
    pub last_seq: i64,
    /// The last sequence that was purged.
    pub purged_seq: i64,
}

#[derive(FromQueryResult)]
struct StateRow {
    user_id: i32,
    last_seq: i64,
    purged_seq: i64,
}

impl From<&StateRow> for InboxState {
    fn from(row: &StateRow) -> Self {
        Self { last_seq: row.last_seq, purged_seq: row.purged_seq }
    }
}

impl Store {
    /// Reads an inbox after a sequence, oldest first, at most `limit` messages.
    ///
    /// The messages are read before the state, so a purge between the two shows as a `purged_seq` beyond the sequence,
    /// never as messages that are silently missing.
    ///
    /// # Errors
    /// `NOT_FOUND` when the inbox does not exist.
    pub async fn read_inbox_after(&self, inbox: UserId, seq: i64, limit: u64) -> Result<InboxPage> {
        let sql = format!(
            "SELECT {} FROM messages m JOIN phone_numbers n ON n.id = m.phone_number_id
             WHERE {} AND m.inbox_seq > $2 ORDER BY m.inbox_seq LIMIT $3",
            MessageRow::columns("n.phone_number"),
            is_in_inbox("m.user_id", "$1"),
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let connection = self.inbox_connection(InboxScope::Inbox(inbox)).await?;
        let rows: Vec<MessageRow> = query(&connection, sql, [inbox.0.into(), seq.into(), limit.into()]).await?;
        let state = find_inbox(&connection, inbox).await?.ok_or_else(|| Error::not_found("inbox"))?;
        Ok(InboxPage { messages: rows.into_iter().map(MessageRow::into_message).collect(), state })
    }

    /// The state of an inbox.
    pub async fn find_inbox(&self, inbox: UserId) -> Result<Option<InboxState>> {
        find_inbox(&self.read, inbox).await
    }

    /// The state of many inboxes, in one query: for the periodic check of all subscriptions.
    pub async fn find_inboxes(&self, inboxes: &[UserId]) -> Result<Vec<(UserId, InboxState)>> {
        #[derive(Serialize)]
        struct Row {
            user_id: UserId,
        }
        let sql = format!(
            "SELECT i.user_id, i.last_seq, i.purged_seq FROM inboxes i WHERE i.user_id IN (SELECT user_id FROM {})",
            RowSet::of([inbox::Column::UserId]).table(self.read.get_database_backend())
        );
        let ids: Vec<_> = inboxes.iter().map(|&user_id| Row { user_id }).collect();
        let found: Vec<StateRow> = query(&self.read, sql, [RowSet::parameter(&ids)?]).await?;
        Ok(found.iter().map(|row| (UserId(row.user_id), row.into())).collect())
    }

    /// The sequence before the first message that was received at or after a time, or the last sequence if there is
    /// none.
    ///
    /// # Errors
    /// `NOT_FOUND` when the inbox does not exist.
    pub async fn find_seq_before(&self, inbox: UserId, since: DateTime<Utc>) -> Result<i64> {
        #[derive(FromQueryResult)]
        struct First {
            seq: i64,
        }
        // The state is read first: a message that is stored between the two queries is found by the second one, or lies
        // after the end that was read.
        let end = self.find_inbox(inbox).await?.ok_or_else(|| Error::not_found("inbox"))?.last_seq;
        let is_mine = is_in_inbox("user_id", "$1");
        let sql = format!(
            "SELECT min(inbox_seq) - 1 AS seq FROM messages WHERE {is_mine} AND received_at >= $2
             HAVING min(inbox_seq) IS NOT NULL"
        );
        let connection = self.inbox_connection(InboxScope::Inbox(inbox)).await?;
        let rows: Vec<First> = query(&connection, sql, [inbox.0.into(), since.into()]).await?;
        Ok(rows.first().map_or(end, |row| row.seq))
    }

    /// The sequence of the last expired message of an inbox: the oldest usable cursor.
    pub async fn last_expired_seq(&self, inbox: UserId, expired_before: DateTime<Utc>) -> Result<i64> {
        #[derive(FromQueryResult)]
        struct Last {
            seq: Option<i64>,
        }
        let is_mine = is_in_inbox("user_id", "$1");
        let sql = format!("SELECT max(inbox_seq) AS seq FROM messages WHERE {is_mine} AND received_at <= $2");
        let connection = self.inbox_connection(InboxScope::Inbox(inbox)).await?;
        let rows: Vec<Last> = query(&connection, sql, [inbox.0.into(), expired_before.into()]).await?;
        Ok(rows.first().and_then(|row| row.seq).unwrap_or(0))
    }
}

async fn find_inbox(connection: &impl ConnectionTrait, inbox: UserId) -> Result<Option<InboxState>> {
    let sql = "SELECT user_id, last_seq, purged_seq FROM inboxes WHERE user_id = $1";
    let rows: Vec<StateRow> = query(connection, sql.to_owned(), [inbox.0.into()]).await?;
    Ok(rows.first().map(InboxState::from))
}
