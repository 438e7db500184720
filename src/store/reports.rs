//! Reading delivery reports, for administrators.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use super::{
    Store,
    entity::delivery_report::{self, Column, Entity},
    paging::{self, Order},
};
use crate::domain::{
    DeliveryReport, Edge, Error, ListCursor, MessageId, Msisdn, PageRequest, ProviderId, ReportFilter, ReportId, Result,
};

fn read(row: delivery_report::Model) -> Result<DeliveryReport> {
    Ok(DeliveryReport {
        id: ReportId(row.id),
        message_id: row.message_id.map(MessageId),
        provider_id: row.provider_id.map(ProviderId),
        provider_message_id: row.provider_message_id,
        phone_number: row.phone_number.map(Msisdn::stored),
        status: row.status.parse().map_err(Error::internal)?,
        error_message: row.error_message,
        retry_count: row.retry_count,
        created_at: row.created_at,
    })
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
        select = select.filter(Column::ProviderMessageId.eq(id.as_str()));
    }
    if let Some(message) = filter.message_id {
        select = select.filter(Column::MessageId.eq(message.0));
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
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list_reports(
        &self,
        filter: &ReportFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, DeliveryReport>>> {
        let rows = paging::page(matching(filter), Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id), node: read(row)? })).collect()
    }

    /// How many reports a filter lets through.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_reports(&self, filter: &ReportFilter) -> Result<u64> {
        Ok(matching(filter).count(&self.read).await?)
    }

    /// Reports by their ids. One that is not there is left out.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_reports(&self, ids: &[ReportId]) -> Result<Vec<DeliveryReport>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(read).collect()
    }
}
