//! Parts of long messages, until they are whole or it has taken too long.

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

/// What the parts of a message have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PartialKey<'a> {
    /// Which account brings them.
    pub provider_id: ProviderId,
    /// The number that they were sent to.
    pub phone_number: &'a str,
    /// Who sent them.
    pub sender_number: &'a str,
    /// What the sender counts them by.
    pub part_reference: &'a str,
    /// How many there are.
    pub part_count: u8,
}

/// A part that is to be held back.
#[derive(Clone, Debug)]
pub struct NewPart<'a> {
    /// Which message it is of.
    pub of: PartialKey<'a>,
    /// Which part: 1 to the number of parts.
    pub number: u8,
    /// The provider's id of the part.
    pub provider_message_id: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What else is known of it.
    pub metadata: Metadata<'a>,
    /// When it was sent, where the provider says so.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
}

/// A part that was held back.
#[derive(Clone, Debug)]
pub struct HeldPart {
    /// Which account brought it, and its id there.
    pub receipt: Receipt,
    /// The number that it was sent to.
    pub phone_number: Msisdn,
    /// Who sent it.
    pub sender_number: Sender,
    /// Its text.
    pub text: String,
    /// What else is known of it.
    pub metadata: Metadata<'static>,
    /// When it was sent, where the provider says so.
    pub sent_at: Option<DateTime<Utc>>,
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
    fn read(self) -> Result<HeldPart> {
        Ok(HeldPart {
            receipt: Receipt {
                provider_id: ProviderId(self.provider_id),
                provider_message_id: self.provider_message_id,
            },
            phone_number: Msisdn::stored(self.phone_number),
            sender_number: Sender::stored(self.sender_number),
            text: self.message_content,
            metadata: serde_json::from_value(self.metadata).map_err(Error::internal)?,
            sent_at: self.sent_at,
            received_at: self.received_at,
        })
    }
}

const PARTS: &str = "SELECT w.provider_id, w.phone_number, w.sender_number, p.provider_message_id,
                            p.message_content, p.metadata, p.sent_at, p.received_at
                     FROM message_parts p JOIN partial_messages w ON w.id = p.partial_id";

/// What a message in parts has come to.
#[derive(Clone, Debug)]
pub enum Held {
    /// Parts are missing.
    Waiting,
    /// All parts are here, in their order. They are held no longer.
    Whole(Vec<HeldPart>),
    /// It has been shown in parts already, or the part's place is taken: it is to be shown by itself.
    Singly,
}

impl Tx {
    /// Holds parts back, and tells for each what its message has come to. Of several parts that make one message
    /// whole, the last tells so, and the others wait for it.
    ///
    /// The messages stay locked until the transaction ends: of two replicas with the last two parts, one finds the
    /// message whole.
    pub async fn hold_parts(&self, parts: &[NewPart<'_>]) -> Result<Vec<Held>> {
        let mut partials = self.open_partials(parts).await?;
        let mut outcomes = Vec::with_capacity(parts.len());
        for part in parts {
            let key = owned(&part.of);
            if !partials.contains_key(&key) {
                // The last one was made whole a moment ago: the reference begins another.
                partials.append(&mut self.open_partials(std::slice::from_ref(part)).await?);
            }
            let found = partials.get(&key);
            let Some(&(id, released)) = found else { return Err(Error::internal("a partial message was not opened")) };
            let held = if released || !self.insert_part(id, part).await? {
                Held::Singly
            } else {
                self.take_if_whole(id, part.of.part_count).await?
            };
            if matches!(held, Held::Whole(_)) {
                partials.remove(&key);
            }
            outcomes.push(held);
        }
        Ok(outcomes)
    }

    /// Finds or makes the messages that parts are of, and locks them, in one order everywhere.
    async fn open_partials(&self, parts: &[NewPart<'_>]) -> Result<BTreeMap<Owned, (i64, bool)>> {
        #[derive(Serialize)]
        struct Row<'a> {
            #[serde(flatten)]
            key: &'a PartialKey<'a>,
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
        let mut wanted = BTreeMap::new();
        for part in parts {
            wanted.entry(&part.of).or_insert(part.received_at);
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
        let wanted: Vec<_> = wanted.iter().map(|(key, at)| Row { key, first_received_at: *at }).collect();
        let opened: Vec<Opened> = query(&self.0, sql, [RowSet::parameter(&wanted)?]).await?;
        let found = opened.into_iter().map(|row| {
            let key = (row.provider_id, row.phone_number, row.sender_number, row.part_reference, row.part_count);
            (key, (row.id, row.released))
        });
        Ok(found.collect())
    }

    /// Whether there was room for the part: no other has its number.
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
            sent_at: part.sent_at,
            received_at: part.received_at,
        };
        Ok(execute(&self.0, sql, [RowSet::parameter(&[row])?]).await? == 1)
    }

    async fn take_if_whole(&self, partial_id: i64, count: u8) -> Result<Held> {
        let sql = format!("{PARTS} WHERE p.partial_id = $1 ORDER BY p.part_number");
        let parts: Vec<PartRow> = query(&self.0, sql, [partial_id.into()]).await?;
        if parts.len() < usize::from(count) {
            return Ok(Held::Waiting);
        }
        execute(&self.0, "DELETE FROM partial_messages WHERE id = $1".to_owned(), [partial_id.into()]).await?;
        Ok(Held::Whole(parts.into_iter().map(PartRow::read).collect::<Result<_>>()?))
    }

    /// Takes the parts of a message that has waited long enough. There are none if another replica is at it, or it
    /// is whole by now.
    pub async fn take_partial(&self, partial: PartialId, now: DateTime<Utc>) -> Result<Vec<HeldPart>> {
        #[derive(FromQueryResult)]
        struct Overdue {
            id: i64,
        }
        let sql = format!(
            "SELECT id FROM partial_messages WHERE id = $1 AND released_at IS NULL {}",
            on_postgres(self.0.get_database_backend(), "FOR UPDATE SKIP LOCKED")
        );
        let overdue: Vec<Overdue> = query(&self.0, sql, [partial.0.into()]).await?;
        let Some(id) = overdue.first().map(|overdue| overdue.id) else { return Ok(Vec::new()) };
        let sql = format!("{PARTS} WHERE p.partial_id = $1 ORDER BY p.part_number");
        let parts: Vec<PartRow> = query(&self.0, sql, [id.into()]).await?;
        execute(&self.0, "DELETE FROM message_parts WHERE partial_id = $1".to_owned(), [id.into()]).await?;
        // What comes later of this message is shown by itself.
        let sql = "UPDATE partial_messages SET released_at = $2 WHERE id = $1".to_owned();
        execute(&self.0, sql, [id.into(), now.into()]).await?;
        parts.into_iter().map(PartRow::read).collect()
    }
}

/// A message that is not whole, as the database knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialId(i64);

impl Store {
    /// The first message after `after` whose first part came at a time or before it, and which is not whole.
    pub async fn find_overdue_partial(
        &self,
        first_before: DateTime<Utc>,
        after: Option<PartialId>,
    ) -> Result<Option<PartialId>> {
        #[derive(FromQueryResult)]
        struct Overdue {
            id: i64,
        }
        let sql = "SELECT id FROM partial_messages
                   WHERE first_received_at <= $1 AND released_at IS NULL AND id > $2 ORDER BY id LIMIT 1";
        let after = after.map_or(0, |partial| partial.0);
        let found: Vec<Overdue> = query(&self.read, sql.to_owned(), [first_before.into(), after.into()]).await?;
        Ok(found.first().map(|overdue| PartialId(overdue.id)))
    }
}

/// A key as the database gives it back.
type Owned = (i32, String, String, String, i32);

fn owned(key: &PartialKey<'_>) -> Owned {
    (
        key.provider_id.0,
        key.phone_number.to_owned(),
        key.sender_number.to_owned(),
        key.part_reference.to_owned(),
        key.part_count.into(),
    )
}
