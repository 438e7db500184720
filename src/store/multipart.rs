//! Parts of long messages, held until all have arrived or the wait has been too long.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Iterable};
use serde::Serialize;

use super::{
    Metadata, Receipt, Store, Tx,
    entity::{message_part, partial_message},
    row_set::RowSet,
    sql::{execute, on_postgres, optional_time, query, time},
};
use crate::domain::{Error, Msisdn, ProviderId, Result, Sender};

/// What the parts of one message have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MultipartKey<'a> {
    /// The account that delivers them.
    pub provider_id: ProviderId,
    /// The number that they were sent to.
    pub phone_number: &'a str,
    /// Who sent them.
    pub sender_number: &'a str,
    /// The reference that the sender gave the message.
    pub part_reference: &'a str,
    /// How many parts the message has.
    pub part_count: u8,
}

/// A part to be held.
#[derive(Clone, Debug)]
pub struct NewPart<'a> {
    /// The message that it belongs to.
    pub key: MultipartKey<'a>,
    /// Its position: 1 to the number of parts.
    pub number: u8,
    /// The provider's id of the part.
    pub provider_message_id: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Media and segments.
    pub metadata: Metadata<'a>,
    /// The latest time at which it can have been sent, if that is known: the column `sent_at`.
    pub sent_by: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
}

/// A part that was held.
#[derive(Clone, Debug)]
pub struct HeldPart {
    /// The account that delivered it, and its id there.
    pub receipt: Receipt,
    /// The number that it was sent to.
    pub phone_number: Msisdn,
    /// Who sent it.
    pub sender_number: Sender,
    /// Its text.
    pub text: String,
    /// Media and segments.
    pub metadata: Metadata<'static>,
    /// The latest time at which it can have been sent, if that is known: the column `sent_at`.
    pub sent_by: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct PartRow {
    provider_id: i32,
    phone_number: String,
    sender_number: String,
    provider_message_id: String,
    message_content: String,
    metadata: serde_json::Value,
    sent_at: Option<DateTime<Utc>>,
    received_at: DateTime<Utc>,
}

impl PartRow {
    fn into_part(self) -> Result<HeldPart> {
        Ok(HeldPart {
            receipt: Receipt {
                provider_id: ProviderId(self.provider_id),
                provider_message_id: self.provider_message_id,
            },
            phone_number: Msisdn::stored(self.phone_number),
            sender_number: Sender::stored(self.sender_number),
            text: self.message_content,
            metadata: serde_json::from_value(self.metadata).map_err(Error::internal)?,
            sent_by: self.sent_at,
            received_at: self.received_at,
        })
    }
}

const PARTS: &str = "SELECT w.provider_id, w.phone_number, w.sender_number, p.provider_message_id,
                            p.message_content, p.metadata, p.sent_at, p.received_at
                     FROM message_parts p JOIN partial_messages w ON w.id = p.partial_id";

/// What holding a part has led to.
#[derive(Clone, Debug)]
pub enum HoldOutcome {
    /// Other parts are missing.
    Waiting,
    /// All parts are here, in order, and are held no longer.
    Complete(Vec<HeldPart>),
    /// The message was released in parts already, or another part has this position: show the part by itself.
    Separate,
}

impl Tx {
    /// Holds parts, and returns the outcome of each. When several of them complete one message, the last one has the
    /// whole message, and the others are waiting.
    ///
    /// The messages stay locked until the transaction ends: of two replicas with the last two parts, one finds the
    /// message complete.
    pub async fn hold_parts(&self, parts: &[NewPart<'_>]) -> Result<Vec<HoldOutcome>> {
        let mut partials = self.open_partials(parts).await?;
        let mut outcomes = Vec::with_capacity(parts.len());
        for part in parts {
            let key = row_key(&part.key);
            if !partials.contains_key(&key) {
                // An earlier part has just completed that message: the reference starts a new one.
                partials.append(&mut self.open_partials(std::slice::from_ref(part)).await?);
            }
            let found = partials.get(&key);
            let Some(&(id, released)) = found else { return Err(Error::internal("a partial message was not opened")) };
            let outcome = if released || !self.insert_part(id, part).await? {
                HoldOutcome::Separate
            } else {
                self.take_if_complete(id, part.key.part_count).await?
            };
            if matches!(outcome, HoldOutcome::Complete(_)) {
                partials.remove(&key);
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Finds or inserts the partial messages of parts, and locks them in one order on every replica.
    async fn open_partials(&self, parts: &[NewPart<'_>]) -> Result<BTreeMap<RowKey, (i64, bool)>> {
        #[derive(Serialize)]
        struct Row<'a> {
            #[serde(flatten)]
            key: &'a MultipartKey<'a>,
            #[serde(serialize_with = "time")]
            first_received_at: DateTime<Utc>,
        }
        #[derive(FromQueryResult)]
        struct Opened {
            id: i64,
            provider_id: i32,
            phone_number: String,
            sender_number: String,
            part_reference: String,
            part_count: i32,
            released: bool,
        }
        let mut messages = BTreeMap::new();
        for part in parts {
            messages.entry(&part.key).or_insert(part.received_at);
        }
        let rows = RowSet::of([
            partial_message::Column::ProviderId,
            partial_message::Column::PhoneNumber,
            partial_message::Column::SenderNumber,
            partial_message::Column::PartReference,
            partial_message::Column::PartCount,
            partial_message::Column::FirstReceivedAt,
        ]);
        let names = rows.names();
        let sql = format!(
            "INSERT INTO partial_messages ({names}) SELECT {names} FROM {} WHERE true
             ORDER BY provider_id, phone_number, sender_number, part_reference, part_count
             ON CONFLICT (provider_id, phone_number, sender_number, part_reference, part_count)
                 DO UPDATE SET part_count = excluded.part_count
             RETURNING id, provider_id, phone_number, sender_number, part_reference, part_count,
                       released_at IS NOT NULL AS released",
            rows.table(self.0.get_database_backend())
        );
        let messages: Vec<_> = messages.iter().map(|(key, at)| Row { key, first_received_at: *at }).collect();
        let opened: Vec<Opened> = query(&self.0, sql, [RowSet::parameter(&messages)?]).await?;
        let found = opened.into_iter().map(|row| {
            let key = (row.provider_id, row.phone_number, row.sender_number, row.part_reference, row.part_count);
            (key, (row.id, row.released))
        });
        Ok(found.collect())
    }

    /// Inserts a part. Returns whether its position was free.
    async fn insert_part(&self, partial_id: i64, part: &NewPart<'_>) -> Result<bool> {
        #[derive(Serialize)]
        struct Row<'a> {
            partial_id: i64,
            part_number: u8,
            provider_message_id: &'a str,
            message_content: &'a str,
            metadata: &'a Metadata<'a>,
            #[serde(serialize_with = "optional_time")]
            sent_at: Option<DateTime<Utc>>,
            #[serde(serialize_with = "time")]
            received_at: DateTime<Utc>,
        }
        let rows = RowSet::of(message_part::Column::iter());
        let names = rows.names();
        let sql = format!(
            "INSERT INTO message_parts ({names}) SELECT {names} FROM {} WHERE true
             ON CONFLICT (partial_id, part_number) DO NOTHING",
            rows.table(self.0.get_database_backend())
        );
        let row = Row {
            partial_id,
            part_number: part.number,
            provider_message_id: part.provider_message_id,
            message_content: part.text,
            metadata: &part.metadata,
            sent_at: part.sent_by,
            received_at: part.received_at,
        };
        Ok(execute(&self.0, sql, [RowSet::parameter(&[row])?]).await? == 1)
    }

    async fn take_if_complete(&self, partial_id: i64, count: u8) -> Result<HoldOutcome> {
        let sql = format!("{PARTS} WHERE p.partial_id = $1 ORDER BY p.part_number");
        let parts: Vec<PartRow> = query(&self.0, sql, [partial_id.into()]).await?;
        if parts.len() < usize::from(count) {
            return Ok(HoldOutcome::Waiting);
        }
        execute(&self.0, "DELETE FROM partial_messages WHERE id = $1".to_owned(), [partial_id.into()]).await?;
        Ok(HoldOutcome::Complete(parts.into_iter().map(PartRow::into_part).collect::<Result<_>>()?))
    }

    /// Takes the parts of a message that has waited long enough. There are none if another replica is releasing it, or
    /// if it is complete by now.
    pub async fn take_partial(&self, partial: PartialMessageId, now: DateTime<Utc>) -> Result<Vec<HeldPart>> {
        let sql = format!(
            "SELECT id FROM partial_messages WHERE id = $1 AND released_at IS NULL {}",
            on_postgres(self.0.get_database_backend(), "FOR UPDATE SKIP LOCKED")
        );
        let overdue: Vec<IdRow> = query(&self.0, sql, [partial.0.into()]).await?;
        let Some(id) = overdue.first().map(|row| row.id) else { return Ok(Vec::new()) };
        let sql = format!("{PARTS} WHERE p.partial_id = $1 ORDER BY p.part_number");
        let parts: Vec<PartRow> = query(&self.0, sql, [id.into()]).await?;
        execute(&self.0, "DELETE FROM message_parts WHERE partial_id = $1".to_owned(), [id.into()]).await?;
        // Parts of this message that arrive later are shown by themselves.
        let sql = "UPDATE partial_messages SET released_at = $2 WHERE id = $1".to_owned();
        execute(&self.0, sql, [id.into(), now.into()]).await?;
        parts.into_iter().map(PartRow::into_part).collect()
    }
}

/// The id of a message that is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialMessageId(i64);

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Store {
    /// The first incomplete message after `after` whose first part arrived at or before a time.
    pub async fn find_overdue_partial(
        &self,
        first_before: DateTime<Utc>,
        after: Option<PartialMessageId>,
    ) -> Result<Option<PartialMessageId>> {
        let sql = "SELECT id FROM partial_messages
                   WHERE first_received_at <= $1 AND released_at IS NULL AND id > $2 ORDER BY id LIMIT 1";
        let after = after.map_or(0, |partial| partial.0);
        let overdue: Vec<IdRow> = query(&self.read, sql.to_owned(), [first_before.into(), after.into()]).await?;
        Ok(overdue.first().map(|row| PartialMessageId(row.id)))
    }
}

/// A [`MultipartKey`] as the database returns it.
type RowKey = (i32, String, String, String, i32);

fn row_key(key: &MultipartKey<'_>) -> RowKey {
    (
        key.provider_id.0,
        key.phone_number.to_owned(),
        key.sender_number.to_owned(),
        key.part_reference.to_owned(),
        key.part_count.into(),
    )
}
