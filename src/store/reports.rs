//! Delivery reports, for administrators, and what status callbacks add to them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect, Select,
};

use super::{
    Store,
    entity::{
        delivery_report::{self, Column, Entity},
        message,
    },
    paging::{self, Order},
    row_security::InboxScope,
    sql::{execute, query},
};
use crate::domain::{
    DeliveryReport, DeliveryState, Edge, Error, InboundSms, ListCursor, MessageId, Msisdn, PageRequest, ProviderId,
    ReportFilter, ReportId, ReportKind, ReportStatus, Result, StatusUpdate, UserId,
};

/// A report with what the provider posted.
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
    if let Some(since) = filter.since {
        select = select.filter(Column::CreatedAt.gte(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(Column::CreatedAt.lt(until));
    }
    select
}

impl Store {
    /// One page of the reports, newest first, and one more where the list goes on.
    pub async fn list_reports(
        &self,
        filter: &ReportFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, StoredReport>>> {
        let rows = paging::page(matching(filter), Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id), node: read(row)? })).collect()
    }

    /// How many reports a filter lets through.
    pub async fn count_reports(&self, filter: &ReportFilter) -> Result<u64> {
        Ok(matching(filter).count(&self.read).await?)
    }

    /// Reports by their ids. One that is not there is left out.
    pub async fn find_reports(&self, ids: &[ReportId]) -> Result<Vec<StoredReport>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(read).collect()
    }

    /// Whose messages these are, of those that are in an inbox.
    pub async fn find_owners(&self, ids: &[MessageId]) -> Result<HashMap<MessageId, UserId>> {
        let owners: Vec<(i64, Option<i32>)> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .column(message::Column::UserId)
            .filter(message::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .into_tuple()
            .all(&self.see(InboxScope::All).await?)
            .await?;
        Ok(owners.into_iter().filter_map(|(id, owner)| Some((MessageId(id), UserId(owner?)))).collect())
    }

    /// Writes down what a provider's status callbacks said. The status of each is the state that its message has
    /// come to, which is never one that it had left behind.
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
        // In one order everywhere, so that two callbacks about the same messages take turns and never wait for
        // each other.
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
            let before = latest.first().and_then(|latest| latest.status.parse::<DeliveryState>().ok());
            let state = match (before, update.state) {
                (Some(before), Some(next)) => Some(before.then(next)),
                (before, next) => before.or(next),
            };
            let row = delivery_report::ActiveModel {
                provider_id: Set(Some(provider_id.0)),
                provider_message_id: Set(Some(id.to_owned())),
                phone_number: Set(update.phone_number.as_ref().map(ToString::to_string)),
                status: Set(state.map_or(ReportStatus::Unknown.as_str(), DeliveryState::as_str).to_owned()),
                provider_status: Set(Some(clipped(&update.provider_status, 100))),
                delivery_timestamp: Set(update.at),
                error_message: Set(update.error.as_ref().map(|error| clipped(error, 500))),
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

/// As much of a text as is kept.
fn clipped(text: &str, length: usize) -> String {
    InboundSms::storable(text).chars().take(length).collect()
}
