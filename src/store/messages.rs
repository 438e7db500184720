//! Reading inboxes as lists. Every query here names the owner of the inbox.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;

use super::{
    Metadata, Store,
    entity::{
        message::{Column, Entity},
        phone_number,
    },
    row_security::{InboxScope, is_in_inbox, is_in_scope, is_of, within_inbox},
    row_set::RowSet,
    sql::query,
};
use crate::domain::{
    Channel, Edge, Error, InboxCursor, LeaseId, Message, MessageFilter, MessageId, MessageType, Msisdn, NumberId,
    OffsetPage, Otp, PageRequest, Result, Score, Sender, Side, UserId,
};

/// A message with its number, as a row.
#[derive(FromQueryResult)]
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
    metadata: serde_json::Value,
    lease_id: Option<i64>,
}

impl MessageRow {
    pub(super) const COLUMNS: &str = "m.id, m.user_id, m.inbox_seq, m.phone_number_id, n.phone_number, \
        m.sender_number, m.channel, m.message_content, m.message_type, m.otp_code, m.otp_service, m.otp_score, \
        m.received_at, m.is_read, m.metadata, m.lease_id";

    pub(super) fn into_message(self) -> Result<Message> {
        Ok(Message {
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
            media: serde_json::from_value::<Metadata<'_>>(self.metadata).map_err(Error::internal)?.media.into_owned(),
        })
    }
}

/// The retained messages of an inbox that match a filter.
fn inbox(owner: UserId, filter: &MessageFilter, expired_before: DateTime<Utc>, is_sqlite: bool) -> Select<Entity> {
    retained(is_of(owner), filter, expired_before, is_sqlite)
}

/// The same, with the condition that a message is in the inbox.
fn retained(is_mine: Expr, filter: &MessageFilter, expired_before: DateTime<Utc>, is_sqlite: bool) -> Select<Entity> {
    let mut select = Entity::find().filter(is_mine).filter(Column::ReceivedAt.gt(expired_before));
    if let Some(number) = filter.phone_number_id {
        select = select.filter(Column::PhoneNumberId.eq(number.0));
    }
    if !filter.types.is_empty() {
        select = select.filter(Column::MessageType.is_in(filter.types.iter().map(|kind| kind.as_str())));
    }
    if !filter.channels.is_empty() {
        select = select.filter(Column::Channel.is_in(filter.channels.iter().map(|channel| channel.as_str())));
    }
    if let Some(is_read) = filter.is_read {
        select = select.filter(Column::IsRead.eq(is_read));
    }
    if let Some(since) = filter.since {
        select = select.filter(Column::ReceivedAt.gte(since));
    }
    if let Some(sender) = &filter.sender {
        // ASCII only, as for subscriptions: how a database folds other letters depends on its locale.
        let lower = if is_sqlite { "lower(sender_number)" } else { "lower(sender_number COLLATE \"C\")" };
        let lower = Expr::cust(lower);
        select = select.filter(ExprTrait::eq(lower, sender.as_str().to_ascii_lowercase()));
    }
    if let Some(lease) = filter.lease_id {
        select = select.filter(Column::LeaseId.eq(lease.0));
    }
    if let Some(service) = &filter.service {
        select = select.filter(Column::OtpServiceKey.eq(service.key()));
    }
    select
}

/// The number that a message was sent to, for queries without a join.
const NUMBER: &str = "(SELECT n.phone_number FROM phone_numbers n WHERE n.id = messages.phone_number_id)";

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
        #[derive(FromQueryResult)]
        struct Row {
            last_seq: i64,
            #[sea_orm(nested)]
            message: Option<MessageRow>,
        }
        let backend = self.read.get_database_backend();
        let mut select = retained(is_in_scope(backend, owner), filter, expired_before, self.is_sqlite());
        if let Some(after) = page.after {
            select = select.filter(Column::InboxSeq.lt(after.seq));
        }
        if let Some(before) = page.before {
            select = select.filter(Column::InboxSeq.gt(before.seq));
        }
        let (select, order) = match page.side {
            Side::First => (select.order_by_desc(Column::InboxSeq), "DESC"),
            Side::Last => (select.order_by_asc(Column::InboxSeq), "ASC"),
        };
        let number = match filter.phone_number_id {
            // All of them are of this one, which is looked up once.
            Some(number) => {
                let own = if self.is_sqlite() { "?" } else { "$1" };
                Expr::cust_with_values(
                    format!("(SELECT n.phone_number FROM phone_numbers n WHERE n.id = {own})"),
                    [number.0],
                )
            }
            None => Expr::cust(NUMBER),
        };
        let page = select.column_as(number, "phone_number").limit(page.limit + 1).build(backend);
        let mut values = page.values.map(|values| values.0).unwrap_or_default();
        // SQLite counts the parameters in the order of the text, in which the owner is first.
        let owner_at = if self.is_sqlite() { "?".to_owned() } else { format!("${}", values.len() + 1) };
        values.insert(if self.is_sqlite() { 0 } else { values.len() }, owner.0.into());
        let sql = within_inbox(backend, &page.sql, &owner_at);
        let rows: Vec<Row> = query(&self.read, format!("{sql} ORDER BY page.inbox_seq {order}"), values).await?;
        let last_seq = rows.first().map(|row| row.last_seq).ok_or_else(|| Error::not_found("inbox"))?;
        let edges = rows.into_iter().filter_map(|row| row.message).map(|row| {
            let node = row.into_message()?;
            Ok(Edge { cursor: InboxCursor { inbox: owner, seq: node.inbox_seq }, node })
        });
        Ok((last_seq, edges.collect::<Result<_>>()?))
    }

    /// A page of an inbox by offset, newest first.
    pub async fn list_messages_at(
        &self,
        owner: UserId,
        filter: &MessageFilter,
        page: OffsetPage,
        expired_before: DateTime<Utc>,
    ) -> Result<Vec<Message>> {
        let rows: Vec<MessageRow> = inbox(owner, filter, expired_before, self.is_sqlite())
            .order_by_desc(Column::InboxSeq)
            .column_as(Expr::cust(NUMBER), "phone_number")
            .limit(page.limit)
            .offset(page.offset)
            .into_model()
            .all(&self.inbox_connection(InboxScope::Inbox(owner)).await?)
            .await?;
        rows.into_iter().map(MessageRow::into_message).collect()
    }

    /// How many messages of an inbox match a filter.
    pub async fn count_messages(
        &self,
        owner: UserId,
        filter: &MessageFilter,
        expired_before: DateTime<Utc>,
    ) -> Result<u64> {
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        Ok(inbox(owner, filter, expired_before, self.is_sqlite()).count(&connection).await?)
    }

    /// Messages of an inbox, by their ids.
    pub async fn find_messages(
        &self,
        owner: UserId,
        ids: &[MessageId],
        expired_before: DateTime<Utc>,
    ) -> Result<Vec<Message>> {
        let select = inbox(owner, &MessageFilter::default(), expired_before, self.is_sqlite());
        let select = select.filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        let rows: Vec<MessageRow> =
            select.column_as(Expr::cust(NUMBER), "phone_number").into_model().all(&connection).await?;
        rows.into_iter().map(MessageRow::into_message).collect()
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
            MessageRow::COLUMNS,
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
            let node = row.into_message()?;
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
