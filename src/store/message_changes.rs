//! Marking messages as read, and deleting them.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};

use super::{
    Store, Tx,
    row_security::{InboxScope, is_in_inbox},
    sql::{execute, query},
};
use crate::domain::{MessageId, NumberId, Result, UserId};

impl Store {
    /// Marks a message of an inbox as read. Returns whether it exists.
    pub async fn mark_read(&self, owner: UserId, id: MessageId, expired_before: DateTime<Utc>) -> Result<bool> {
        let is_mine = is_in_inbox("user_id", "$2");
        let sql = format!("UPDATE messages SET is_read = true WHERE id = $1 AND {is_mine} AND received_at > $3");
        let tx = self.begin().await?;
        tx.set_inbox_scope(InboxScope::Inbox(owner)).await?;
        let marked = execute(&tx.0, sql, [id.0.into(), owner.0.into(), expired_before.into()]).await?;
        tx.commit().await?;
        Ok(marked > 0)
    }

    /// Marks the messages of an inbox up to a sequence as read: all, or those of one number. Returns those that were
    /// unread.
    pub async fn mark_all_read(
        &self,
        owner: UserId,
        number: Option<NumberId>,
        up_to: i64,
        expired_before: DateTime<Utc>,
    ) -> Result<Vec<MessageId>> {
        #[derive(FromQueryResult)]
        struct Marked {
            id: i64,
        }
        let is_mine = is_in_inbox("user_id", "$1");
        let mut sql = format!(
            "UPDATE messages SET is_read = true WHERE {is_mine} AND inbox_seq <= $2 AND received_at > $3 AND NOT is_read"
        );
        let mut values: Vec<Value> = vec![owner.0.into(), up_to.into(), expired_before.into()];
        if let Some(number) = number {
            sql.push_str(" AND phone_number_id = $4");
            values.push(number.0.into());
        }
        sql.push_str(" RETURNING id");
        let tx = self.begin().await?;
        tx.set_inbox_scope(InboxScope::Inbox(owner)).await?;
        let marked: Vec<Marked> = query(&tx.0, sql, values).await?;
        tx.commit().await?;
        Ok(marked.into_iter().map(|marked| MessageId(marked.id)).collect())
    }
}

impl Tx {
    /// Deletes a message of an inbox, and the payloads of reports that quote it. Returns whether it existed.
    pub async fn delete_message(&self, owner: UserId, id: MessageId, expired_before: DateTime<Utc>) -> Result<bool> {
        #[derive(FromQueryResult)]
        struct Deleted {
            provider_id: Option<i32>,
            provider_message_id: Option<String>,
        }
        self.set_inbox_scope(InboxScope::Inbox(owner)).await?;
        let is_mine = is_in_inbox("user_id", "$2");
        let sql = format!(
            "DELETE FROM messages WHERE id = $1 AND {is_mine} AND received_at > $3
             RETURNING provider_id, provider_message_id"
        );
        let values = [id.0.into(), owner.0.into(), expired_before.into()];
        let deleted: Vec<Deleted> = query(&self.0, sql, values).await?;
        let Some(deleted) = deleted.into_iter().next() else { return Ok(false) };
        // The reports of the provider's retries quote it as well, and so do those of the parts that it was joined from,
        // each under an id of its own. Every part of the union has an index: with OR instead, the planner would read
        // all reports there are.
        let sql = "UPDATE delivery_reports SET webhook_payload = NULL WHERE id IN (
                       SELECT d.id FROM delivery_reports d WHERE d.message_id = $1
                       UNION
                       SELECT d.id FROM delivery_reports d WHERE d.provider_message_id = $2 AND d.provider_id = $3
                       UNION
                       SELECT d.id FROM delivery_reports part JOIN delivery_reports d
                           ON d.provider_message_id = part.provider_message_id AND d.provider_id = part.provider_id
                       WHERE part.message_id = $1)";
        let values = [id.0.into(), deleted.provider_message_id.into(), deleted.provider_id.into()];
        execute(&self.0, sql.to_owned(), values).await?;
        Ok(true)
    }
}
