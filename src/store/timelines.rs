//! The timelines of messages: written behind the messages, many at once.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, IdenStatic};
use serde::Serialize;

use super::{
    Store,
    entity::message_timeline::Column,
    jobs::BATCH,
    row_security::InboxScope,
    row_set::RowSet,
    sql::{execute, optional_time, query},
};
use crate::domain::{MessageId, Result, Timeline};

/// The columns of times.
const TIMES: [Column; 6] = [
    Column::SentAt,
    Column::ReceivedAt,
    Column::CommittedAt,
    Column::PublishedAt,
    Column::FirstFrameAt,
    Column::FirstReadAt,
];

#[derive(Serialize)]
struct Row {
    message_id: i64,
    #[serde(serialize_with = "optional_time")]
    sent_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_time")]
    received_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_time")]
    committed_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_time")]
    published_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_time")]
    first_frame_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_time")]
    first_read_at: Option<DateTime<Utc>>,
}

impl From<&Timeline> for Row {
    fn from(timeline: &Timeline) -> Self {
        Self {
            message_id: timeline.message_id.0,
            sent_at: timeline.sent_at,
            received_at: timeline.received_at,
            committed_at: timeline.committed_at,
            published_at: timeline.published_at,
            first_frame_at: timeline.first_frame_at,
            first_read_at: timeline.first_read_at,
        }
    }
}

impl Store {
    /// Adds what is known of the timelines of messages, in one statement: of two times the earlier stays.
    ///
    /// Every replica names the messages in one order, so that two of them cannot deadlock.
    pub async fn merge_timelines(&self, timelines: &[Timeline]) -> Result<()> {
        let mut rows: Vec<_> = timelines.iter().map(Row::from).collect();
        rows.sort_by_key(|row| row.message_id);
        let set = RowSet::of([Column::MessageId].into_iter().chain(TIMES));
        let is_news = |column: &Column| {
            let name = column.as_str();
            format!(
                "(excluded.{name} IS NOT NULL
                  AND (message_timelines.{name} IS NULL OR excluded.{name} < message_timelines.{name}))"
            )
        };
        let earlier = TIMES.iter().map(|column| {
            let name = column.as_str();
            format!("{name} = CASE WHEN {} THEN excluded.{name} ELSE message_timelines.{name} END", is_news(column))
        });
        let sql = format!(
            "INSERT INTO message_timelines ({names}) SELECT {names} FROM {table} WHERE true ORDER BY message_id
             ON CONFLICT (message_id) DO UPDATE SET {earlier} WHERE {is_news}",
            names = set.names(),
            table = set.table(self.write.get_database_backend()),
            earlier = earlier.collect::<Vec<_>>().join(", "),
            is_news = TIMES.iter().map(is_news).collect::<Vec<_>>().join(" OR "),
        );
        execute(&self.write, sql, [RowSet::parameter(&rows)?]).await?;
        Ok(())
    }

    /// The timeline of a message, whoever's it is, if there is such a message. For administrators.
    pub async fn find_timeline(&self, id: MessageId, expired_before: DateTime<Utc>) -> Result<Option<Timeline>> {
        #[derive(FromQueryResult)]
        struct Found {
            verified_at: DateTime<Utc>,
            sent_at: Option<DateTime<Utc>>,
            received_at: Option<DateTime<Utc>>,
            committed_at: Option<DateTime<Utc>>,
            published_at: Option<DateTime<Utc>>,
            first_frame_at: Option<DateTime<Utc>>,
            first_read_at: Option<DateTime<Utc>>,
        }
        let sql = "SELECT m.received_at AS verified_at, t.sent_at, t.received_at, t.committed_at, t.published_at,
                          t.first_frame_at, t.first_read_at
                   FROM messages m LEFT JOIN message_timelines t ON t.message_id = m.id
                   WHERE m.id = $1 AND m.received_at > $2";
        let connection = self.inbox_connection(InboxScope::All).await?;
        let found: Vec<Found> = query(&connection, sql.to_owned(), [id.0.into(), expired_before.into()]).await?;
        Ok(found.into_iter().next().map(|found| Timeline {
            message_id: id,
            sent_at: found.sent_at,
            received_at: found.received_at,
            verified_at: Some(found.verified_at),
            committed_at: found.committed_at,
            published_at: found.published_at,
            first_frame_at: found.first_frame_at,
            first_read_at: found.first_read_at,
        }))
    }

    /// Deletes a batch of the timelines of messages that are gone, up to the oldest that is kept. Returns how many.
    pub(super) async fn purge_timelines(&self) -> Result<u64> {
        let batch = format!(
            "FROM message_timelines WHERE message_id < (SELECT min(m.id) FROM messages m)
             ORDER BY message_id LIMIT {BATCH}"
        );
        let sql = if self.is_sqlite() {
            format!("DELETE FROM message_timelines WHERE rowid IN (SELECT rowid {batch})")
        } else {
            let rows = format!("SELECT ctid {batch} FOR UPDATE SKIP LOCKED");
            format!("DELETE FROM message_timelines WHERE ctid = ANY (ARRAY ({rows}))")
        };
        // The receiver's connections see every message.
        Ok(execute(&self.receive, sql, []).await?)
    }
}
