//! Reading inboxes as lists. Every query here names the owner of the inbox.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, DbErr, FromQueryResult, QueryResult, sqlx::types::Json};
use serde::Serialize;

use super::{
    Metadata, Store,
    columns::Columns,
    conditions::Conditions,
    entity::phone_number,
    row_security::{InboxScope, is_in_inbox, is_in_scope, within_inbox},
    row_set::RowSet,
    sql::query,
};
use crate::domain::{
    Channel, Edge, Error, InboxCursor, LeaseId, Message, MessageFilter, MessageId, MessageType, Msisdn, NumberId,
    OffsetPage, Otp, PageRequest, Result, Score, Sender, Side, UserId,
};

/// A message with its number, as a row.
pub(super) struct MessageRow {
    id: i64,
    user_id: i32,
    inbox_seq: i64,
    phone_number_id: i32,
    phone_number: String,
    sender_number: String,
    channel: String,
    message_content: String,
    message_type: String,
    otp_code: Option<String>,
    otp_service: Option<String>,
    otp_score: Option<i16>,
    received_at: DateTime<Utc>,
    is_read: bool,
    metadata: Json<Metadata<'static>>,
    lease_id: Option<i64>,
}

impl FromQueryResult for MessageRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Self::read(Columns::of(row))
    }
}

impl MessageRow {
    /// The columns that [`MessageRow::read`] reads, in its order, of the message `m` and its number, which is this
    /// expression.
    pub(super) fn columns(number: &str) -> String {
        format!(
            "m.id, m.user_id, m.inbox_seq, m.phone_number_id, {number}, m.sender_number, m.channel, m.message_content, \
             m.message_type, m.otp_code, m.otp_service, m.otp_score, m.received_at, m.is_read, m.metadata, m.lease_id"
        )
    }

    fn read(mut columns: Columns<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: columns.read()?,
            user_id: columns.read()?,
            inbox_seq: columns.read()?,
            phone_number_id: columns.read()?,
            phone_number: columns.read()?,
            sender_number: columns.read()?,
            channel: columns.read()?,
            message_content: columns.read()?,
            message_type: columns.read()?,
            otp_code: columns.read()?,
            otp_service: columns.read()?,
            otp_score: columns.read()?,
            received_at: columns.read()?,
            is_read: columns.read()?,
            metadata: columns.read()?,
            lease_id: columns.read()?,
        })
    }

    pub(super) fn into_message(self) -> Message {
        Message {
            id: MessageId(self.id),
            user_id: UserId(self.user_id),
            inbox_seq: self.inbox_seq,
            phone_number_id: NumberId(self.phone_number_id),
            phone_number: Msisdn::stored(self.phone_number),
            sender_number: Sender::stored(self.sender_number),
            channel: Channel::stored(&self.channel),
            message_content: self.message_content,
            message_type: match self.message_type.as_str() {
                "otp" => MessageType::Otp,
                "verification" => MessageType::Verification,
                // Or a type that a newer replica has stored.
                _ => MessageType::Sms,
            },
            received_at: self.received_at,
            is_read: self.is_read,
            otp: self.otp_code.map(|code| Otp {
                code,
                service: self.otp_service,
                score: Score::of(self.otp_score.and_then(|score| score.try_into().ok()).unwrap_or_default()),
            }),
            lease_id: self.lease_id.map(LeaseId),
            media: self.metadata.0.media.into_owned(),
        }
    }
}

/// A query of retained messages of an inbox.
struct MessageQuery {
    conditions: Conditions,
    /// The number that a message was sent to, as an expression.
    number: String,
}

impl MessageQuery {
    fn new(owner: UserId, filter: &MessageFilter, expired_before: DateTime<Utc>, backend: DbBackend) -> Self {
        Self::with(is_in_inbox("m.user_id", "$1"), owner, filter, expired_before, backend)
    }

    /// The messages that match a filter. `is_mine` is the condition that one is in the inbox of `$1`.
    fn with(
        is_mine: String,
        owner: UserId,
        filter: &MessageFilter,
        expired_before: DateTime<Utc>,
        backend: DbBackend,
    ) -> Self {
        let mut conditions = Conditions::new(is_mine, [owner.0.into()]);
        conditions.compare("m.received_at >", expired_before);
        let number = match filter.phone_number_id {
            // All messages are of this one, which is looked up once.
            Some(number) => conditions.compare("m.phone_number_id =", number.0),
            None => "m.phone_number_id".to_owned(),
        };
        let number = format!("(SELECT n.phone_number FROM phone_numbers n WHERE n.id = {number})");
        conditions.is_one_of("m.message_type", filter.types.iter().map(|kind| kind.as_str()));
        conditions.is_one_of("m.channel", filter.channels.iter().map(|channel| channel.as_str()));
        if let Some(is_read) = filter.is_read {
            conditions.compare("m.is_read =", is_read);
        }
        if let Some(since) = filter.since {
            conditions.compare("m.received_at >=", since);
        }
        if let Some(sender) = &filter.sender {
            // ASCII only, as for subscriptions: how a database folds other letters depends on its locale.
            let lower = match backend {
                DbBackend::Postgres => "lower(m.sender_number COLLATE \"C\") =",
                _ => "lower(m.sender_number) =",
            };
            conditions.compare(lower, sender.as_str().to_ascii_lowercase());
        }
        if let Some(lease) = filter.lease_id {
            conditions.compare("m.lease_id =", lease.0);
        }
        if let Some(service) = &filter.service {
            conditions.compare("m.otp_service_key =", service.key());
        }
        Self { conditions, number }
    }

    /// The rows, in an order and as many as `rest` says.
    fn select(&self, rest: &str) -> String {
        let columns = MessageRow::columns(&self.number);
        format!("SELECT {columns} FROM messages m WHERE {} {rest}", self.conditions.text())
    }
}

impl Store {
    /// One page of an inbox, newest first, and one message more if the list continues. A page from the end is in
    /// reverse order. Also the last sequence of the inbox when the page was read.
    ///
    /// # Errors
    /// `NOT_FOUND` when the inbox does not exist.
    pub async fn list_messages(
        &self,
        owner: UserId,
        filter: &MessageFilter,
        page: &PageRequest<InboxCursor>,
        expired_before: DateTime<Utc>,
    ) -> Result<(i64, Vec<Edge<InboxCursor, Message>>)> {
        struct Row {
            last_seq: i64,
            message: Option<MessageRow>,
        }
        impl FromQueryResult for Row {
            fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
                let mut columns = Columns::of(row);
                let last_seq = columns.read()?;
                // An inbox without messages is a row without one.
                let message = match columns.peek::<Option<i64>>()? {
                    Some(_) => Some(MessageRow::read(columns)?),
                    None => None,
                };
                Ok(Self { last_seq, message })
            }
        }
        let backend = self.read.get_database_backend();
        let is_mine = is_in_scope(backend, "m.user_id", "$1");
        let mut messages = MessageQuery::with(is_mine, owner, filter, expired_before, backend);
        if let Some(after) = page.after {
            messages.conditions.compare("m.inbox_seq <", after.seq);
        }
        if let Some(before) = page.before {
            messages.conditions.compare("m.inbox_seq >", before.seq);
        }
        let order = if page.side == Side::First { "DESC" } else { "ASC" };
        let rows = messages.conditions.rows(page.limit + 1, 0);
        let page = messages.select(&format!("ORDER BY m.inbox_seq {order} {rows}"));
        let sql = format!("{} ORDER BY page.inbox_seq {order}", within_inbox(backend, &page, "$1"));
        let rows: Vec<Row> = query(&self.read, sql, messages.conditions.into_values()).await?;
        let last_seq = rows.first().map(|row| row.last_seq).ok_or_else(|| Error::not_found("inbox"))?;
        let messages = rows.into_iter().filter_map(|row| row.message).map(MessageRow::into_message);
        let edges = messages.map(|node| Edge { cursor: InboxCursor { inbox: owner, seq: node.inbox_seq }, node });
        Ok((last_seq, edges.collect()))
    }

    /// A page of an inbox by offset, newest first.
    pub async fn list_messages_at(
        &self,
        owner: UserId,
        filter: &MessageFilter,
        page: OffsetPage,
        expired_before: DateTime<Utc>,
    ) -> Result<Vec<Message>> {
        let mut messages = MessageQuery::new(owner, filter, expired_before, self.read.get_database_backend());
        let rows = messages.conditions.rows(page.limit, page.offset);
        let sql = messages.select(&format!("ORDER BY m.inbox_seq DESC {rows}"));
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        let rows: Vec<MessageRow> = query(&connection, sql, messages.conditions.into_values()).await?;
        Ok(rows.into_iter().map(MessageRow::into_message).collect())
    }

    /// How many messages of an inbox match a filter.
    pub async fn count_messages(
        &self,
        owner: UserId,
        filter: &MessageFilter,
        expired_before: DateTime<Utc>,
    ) -> Result<u64> {
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        let messages = MessageQuery::new(owner, filter, expired_before, self.read.get_database_backend());
        let sql = format!("SELECT count(*) AS n FROM messages m WHERE {}", messages.conditions.text());
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        let counted: Vec<Count> = query(&connection, sql, messages.conditions.into_values()).await?;
        Ok(counted.first().map_or(0, |count| count.n.unsigned_abs()))
    }

    /// Messages of an inbox, by their ids.
    pub async fn find_messages(
        &self,
        owner: UserId,
        ids: &[MessageId],
        expired_before: DateTime<Utc>,
    ) -> Result<Vec<Message>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let backend = self.read.get_database_backend();
        let mut messages = MessageQuery::new(owner, &MessageFilter::default(), expired_before, backend);
        messages.conditions.is_one_of("m.id", ids.iter().map(|id| id.0));
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        let rows: Vec<MessageRow> = query(&connection, messages.select(""), messages.conditions.into_values()).await?;
        Ok(rows.into_iter().map(MessageRow::into_message).collect())
    }

    /// A page of the inbox for each of these numbers: [`Store::list_messages`] for many numbers in one query.
    pub async fn list_messages_by_number(
        &self,
        owner: UserId,
        numbers: &[NumberId],
        page: &PageRequest<InboxCursor>,
        expired_before: DateTime<Utc>,
    ) -> Result<HashMap<NumberId, Vec<Edge<InboxCursor, Message>>>> {
        let order = if page.side == Side::First { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT {} FROM (
                 SELECT p.*, row_number() OVER (PARTITION BY p.phone_number_id ORDER BY p.inbox_seq {order}) AS rank
                 FROM messages p
                 WHERE {} AND p.received_at > $3 AND p.inbox_seq < $4 AND p.inbox_seq > $5
                     AND p.phone_number_id IN (SELECT id FROM {})) AS m
             JOIN phone_numbers n ON n.id = m.phone_number_id
             WHERE m.rank <= $6 ORDER BY m.phone_number_id, m.rank",
            MessageRow::columns("n.phone_number"),
            is_in_inbox("p.user_id", "$2"),
            RowSet::of([phone_number::Column::Id]).table(self.read.get_database_backend())
        );
        let ids: Vec<_> = numbers.iter().map(|&id| NumberRow { id }).collect();
        let values = [
            RowSet::parameter(&ids)?,
            owner.0.into(),
            expired_before.into(),
            page.after.map_or(i64::MAX, |after| after.seq).into(),
            page.before.map_or(0, |before| before.seq).into(),
            i64::try_from(page.limit + 1).unwrap_or(i64::MAX).into(),
        ];
        let found: Vec<MessageRow> =
            query(&self.inbox_connection(InboxScope::Inbox(owner)).await?, sql, values).await?;
        let mut listed: HashMap<NumberId, Vec<_>> = numbers.iter().map(|&number| (number, Vec::new())).collect();
        for row in found {
            let node = row.into_message();
            let edge = Edge { cursor: InboxCursor { inbox: owner, seq: node.inbox_seq }, node };
            listed.entry(edge.node.phone_number_id).or_default().push(edge);
        }
        Ok(listed)
    }

    /// How many messages an inbox has for each of these numbers, in one query; with `unread`, how many unread ones. A
    /// number without any is left out.
    pub async fn count_messages_by_number(
        &self,
        owner: UserId,
        numbers: &[NumberId],
        unread: bool,
        expired_before: DateTime<Utc>,
    ) -> Result<HashMap<NumberId, i64>> {
        #[derive(FromQueryResult)]
        struct CountRow {
            phone_number_id: i32,
            n: i64,
        }
        let only = if unread { "AND NOT is_read" } else { "" };
        let sql = format!(
            "SELECT phone_number_id, count(*) AS n FROM messages
             WHERE {} AND received_at > $3 {only} AND phone_number_id IN (SELECT id FROM {})
             GROUP BY phone_number_id",
            is_in_inbox("user_id", "$2"),
            RowSet::of([phone_number::Column::Id]).table(self.read.get_database_backend())
        );
        let ids: Vec<_> = numbers.iter().map(|&id| NumberRow { id }).collect();
        let values = [RowSet::parameter(&ids)?, owner.0.into(), expired_before.into()];
        let counted: Vec<CountRow> =
            query(&self.inbox_connection(InboxScope::Inbox(owner)).await?, sql, values).await?;
        Ok(counted.into_iter().map(|row| (NumberId(row.phone_number_id), row.n)).collect())
    }
}

/// A number as a row of a statement's parameter.
#[derive(Serialize)]
struct NumberRow {
    id: NumberId,
}
