//! Delivery reports: written as webhooks and status callbacks arrive, read by administrators.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QuerySelect, Select,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Receipt, Store, Tx,
    entity::{
        delivery_report::{self, Column, Entity},
        message,
    },
    paging::{self, Order},
    row_security::InboxScope,
    row_set::RowSet,
    sql::{execute, query, time},
};
use crate::domain::{
    DeliveryReport, DeliveryState, Edge, Error, InboundSms, ListCursor, MessageId, Msisdn, PageRequest, ProviderId,
    ReportFilter, ReportId, ReportKind, ReportReason, ReportStatus, Result, StatusUpdate, UserId,
};

/// What became of a part that was held.
#[derive(Clone, Debug)]
pub struct SettledPart {
    /// The part.
    pub receipt: Receipt,
    /// What became of it.
    pub status: &'static str,
    /// Why.
    pub status_reason: Option<&'static str>,
    /// The message that it became part of.
    pub message_id: Option<MessageId>,
}

/// The status of the report of a message that was received before.
pub(super) const REPEATED: &str = "duplicate";

/// A delivery report to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct NewReport<'a> {
    /// The message, if one was stored.
    pub message_id: Option<MessageId>,
    /// The account that it came from.
    pub provider_id: ProviderId,
    /// The provider's id of the message, if it could be read.
    pub provider_message_id: Option<&'a str>,
    /// The number that the message was sent to, if it could be read.
    pub phone_number: Option<&'a str>,
    /// What became of it.
    pub status: &'static str,
    /// Why, unless it was delivered.
    pub status_reason: Option<&'static str>,
    /// Why it was not delivered, in detail.
    pub error_message: Option<&'a str>,
    /// What the provider posted.
    pub webhook_payload: &'a RawValue,
    /// How often the provider has repeated it.
    pub retry_count: i32,
    /// When it arrived.
    #[serde(serialize_with = "time")]
    pub created_at: DateTime<Utc>,
}

impl NewReport<'_> {
    /// The report that it becomes when the message was received before, so many times.
    pub(super) fn of_repetition(self, seen: i32, reason: ReportReason) -> Self {
        Self {
            message_id: None,
            status: REPEATED,
            status_reason: Some(reason.as_str()),
            error_message: None,
            retry_count: self.retry_count + seen,
            ..self
        }
    }
}

/// A report with its payload.
#[derive(Debug)]
pub struct StoredReport {
    /// The report, without the payload.
    pub report: DeliveryReport,
    /// What the provider posted.
    pub payload: Option<serde_json::Value>,
}

fn read(row: delivery_report::Model) -> Result<StoredReport> {
    let payload = row.webhook_payload;
    let report = DeliveryReport {
        id: ReportId(row.id),
        message_id: row.message_id.map(MessageId),
        provider_id: row.provider_id.map(ProviderId),
        provider_message_id: row.provider_message_id,
        phone_number: row.phone_number.map(Msisdn::stored),
        status: ReportStatus::stored(&row.status),
        reason: row.status_reason.as_deref().map(ReportReason::stored),
        error_message: row.error_message,
        retry_count: row.retry_count,
        created_at: row.created_at,
        kind: row.kind.parse().map_err(Error::internal)?,
        provider_status: row.provider_status,
        delivered_at: row.delivery_timestamp,
        payload: None,
    };
    Ok(StoredReport { report, payload })
}

fn matching(filter: &ReportFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(number) = &filter.phone_number {
        select = select.filter(Column::PhoneNumber.eq(number.as_str()));
    }
    if let Some(provider) = filter.provider_id {
        select = select.filter(Column::ProviderId.eq(provider.0));
    }
    if let Some(id) = &filter.provider_message_id {
        select = select.filter(Column::ProviderMessageId.is_in(ReportFilter::ids_of(id)));
    }
    if let Some(message) = filter.message_id {
        select = select.filter(Column::MessageId.eq(message.0));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind.as_str()));
    }
    if let Some(status) = filter.status {
        select = select.filter(Column::Status.eq(status.as_str()));
    }
    if let Some(reason) = filter.reason {
        select = select.filter(Column::StatusReason.eq(reason.as_str()));
    }
    if let Some(since) = filter.since {
        select = select.filter(Column::CreatedAt.gte(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(Column::CreatedAt.lt(until));
    }
    select
}

impl Store {
    /// One page of the reports, newest first, and one more if the list continues.
    pub async fn list_reports(
        &self,
        filter: &ReportFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, StoredReport>>> {
        let rows = paging::page(matching(filter), Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id), node: read(row)? })).collect()
    }

    /// How many reports match a filter.
    pub async fn count_reports(&self, filter: &ReportFilter) -> Result<u64> {
        Ok(matching(filter).count(&self.read).await?)
    }

    /// Reports by their ids.
    pub async fn find_reports(&self, ids: &[ReportId]) -> Result<Vec<StoredReport>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(read).collect()
    }

    /// The owners of these messages. Those in quarantine have none and are left out.
    pub async fn find_owners(&self, ids: &[MessageId]) -> Result<HashMap<MessageId, UserId>> {
        let owners: Vec<(i64, Option<i32>)> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .column(message::Column::UserId)
            .filter(message::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .into_tuple()
            .all(&self.inbox_connection(InboxScope::All).await?)
            .await?;
        Ok(owners.into_iter().filter_map(|(id, owner)| Some((MessageId(id), UserId(owner?)))).collect())
    }

    /// Inserts delivery reports that have no message, outside any transaction.
    ///
    /// # Errors
    /// When the database refuses one of them.
    pub async fn insert_reports(&self, reports: &[NewReport<'_>]) -> Result<()> {
        insert_reports(&self.write, reports).await
    }

    /// Stores the status updates of a provider's callbacks. Each gets the state that its message has reached, which
    /// never goes back.
    pub async fn insert_statuses(
        &self,
        provider_id: ProviderId,
        updates: &[StatusUpdate],
        now: DateTime<Utc>,
    ) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Latest {
            status: String,
        }
        let tx = self.begin().await?;
        // In one order on every replica, so that callbacks about the same messages cannot deadlock.
        let mut sorted: Vec<_> = updates.iter().collect();
        sorted.sort_by(|a, b| a.provider_message_id.cmp(&b.provider_message_id));
        for update in sorted {
            let id = update.provider_message_id.as_str();
            if !self.is_sqlite() {
                let lock = "SELECT pg_advisory_xact_lock($1, hashtext($2))".to_owned();
                execute(&tx.0, lock, [provider_id.0.into(), id.into()]).await?;
            }
            let sql = "SELECT status FROM delivery_reports
                       WHERE provider_message_id = $1 AND provider_id = $2 AND kind = 'status'
                       ORDER BY id DESC LIMIT 1";
            let latest: Vec<Latest> = query(&tx.0, sql.to_owned(), [id.into(), provider_id.0.into()]).await?;
            let previous = latest.first().and_then(|latest| latest.status.parse::<DeliveryState>().ok());
            let state = match (previous, update.state) {
                (Some(previous), Some(next)) => Some(previous.then(next)),
                (previous, next) => previous.or(next),
            };
            let reason = match (update.state, state) {
                (None, _) => ReportReason::UnknownStatus,
                (reported, reached) if reported != reached => ReportReason::OutOfOrder,
                _ => ReportReason::ProviderReport,
            };
            let row = delivery_report::ActiveModel {
                provider_id: Set(Some(provider_id.0)),
                provider_message_id: Set(Some(id.to_owned())),
                phone_number: Set(update.phone_number.as_ref().map(ToString::to_string)),
                status: Set(state.map_or(ReportStatus::Unknown.as_str(), DeliveryState::as_str).to_owned()),
                status_reason: Set(Some(reason.as_str().to_owned())),
                provider_status: Set(Some(truncated(&update.provider_status, 100))),
                delivery_timestamp: Set(update.at),
                error_message: Set(update.error.as_ref().map(|error| truncated(error, 500))),
                webhook_payload: Set(serde_json::from_str(update.payload.get()).ok()),
                retry_count: Set(0),
                created_at: Set(now),
                kind: Set(ReportKind::Status.as_str().to_owned()),
                ..Default::default()
            };
            Entity::insert(row).exec(&tx.0).await?;
        }
        tx.commit().await
    }
}

impl Tx {
    pub(super) async fn insert_reports(&self, reports: &[NewReport<'_>]) -> Result<()> {
        insert_reports(&self.0, reports).await
    }

    /// Updates the reports of parts that were held.
    pub async fn update_held_reports(&self, parts: &[SettledPart]) -> Result<()> {
        #[derive(Serialize)]
        struct Row<'a> {
            provider_id: ProviderId,
            provider_message_id: &'a str,
            message_id: Option<MessageId>,
            status: &'static str,
            status_reason: Option<&'static str>,
        }
        let columns =
            [Column::ProviderId, Column::ProviderMessageId, Column::MessageId, Column::Status, Column::StatusReason];
        let rows = RowSet::of(columns);
        let sql = format!(
            "UPDATE delivery_reports
             SET status = r.status, status_reason = r.status_reason, message_id = r.message_id FROM {}
             WHERE delivery_reports.provider_message_id = r.provider_message_id
               AND delivery_reports.provider_id = r.provider_id AND delivery_reports.status = 'held'",
            rows.table(self.0.get_database_backend())
        );
        let settled = parts.iter().map(|part| Row {
            provider_id: part.receipt.provider_id,
            provider_message_id: &part.receipt.provider_message_id,
            message_id: part.message_id,
            status: part.status,
            status_reason: part.status_reason,
        });
        execute(&self.0, sql, [RowSet::parameter(&settled.collect::<Vec<_>>())?]).await?;
        Ok(())
    }
}

async fn insert_reports(connection: &impl ConnectionTrait, reports: &[NewReport<'_>]) -> Result<()> {
    let rows = RowSet::of([
        Column::MessageId,
        Column::ProviderId,
        Column::ProviderMessageId,
        Column::PhoneNumber,
        Column::Status,
        Column::StatusReason,
        Column::ErrorMessage,
        Column::WebhookPayload,
        Column::RetryCount,
        Column::CreatedAt,
    ]);
    let (names, table) = (rows.names(), rows.table(connection.get_database_backend()));
    let sql = format!("INSERT INTO delivery_reports ({names}) SELECT {names} FROM {table}");
    execute(connection, sql, [RowSet::parameter(reports)?]).await?;
    Ok(())
}

/// At most `length` characters of a text.
fn truncated(text: &str, length: usize) -> String {
    InboundSms::storable(text).chars().take(length).collect()
}
