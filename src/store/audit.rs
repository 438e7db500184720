//! The audit log.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{
    Store, Tx,
    entity::audit_log::{self, Column, Entity},
    paging::{self, Order},
};
use crate::domain::{
    AuditAction, AuditEntry, AuditFilter, AuditId, Edge, ListCursor, NodeId, PageRequest, Result, UserId,
};

/// An entry to be written.
#[derive(Debug)]
pub struct NewAudit {
    /// The user who acted.
    pub actor_id: Option<UserId>,
    /// The action.
    pub action: AuditAction,
    /// The object of the action.
    pub target: Option<NodeId>,
    /// What changed. Never a secret.
    pub details: serde_json::Value,
}

fn read(row: audit_log::Model) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: AuditId(row.id),
        actor_id: row.actor_id.map(UserId),
        action: AuditAction::stored(&row.action),
        target: row.target,
        details: row.details,
        created_at: row.created_at,
    })
}

fn matching(filter: &AuditFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(actor) = filter.actor_id {
        select = select.filter(Column::ActorId.eq(actor.0));
    }
    if let Some(action) = filter.action {
        select = select.filter(Column::Action.eq(action.as_str()));
    }
    if let Some(target) = &filter.target {
        select = select.filter(Column::Target.eq(target.as_str()));
    }
    if let Some(since) = filter.since {
        select = select.filter(Column::CreatedAt.gte(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(Column::CreatedAt.lt(until));
    }
    select
}

impl Tx {
    /// Inserts an entry, in the transaction of the change that it records.
    pub async fn insert_audit(&self, new: NewAudit, now: DateTime<Utc>) -> Result<()> {
        let row = audit_log::ActiveModel {
            actor_id: Set(new.actor_id.map(|id| id.0)),
            action: Set(new.action.as_str().to_owned()),
            target: Set(new.target.map(|target| target.to_string())),
            details: Set(new.details),
            created_at: Set(now),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(&self.0).await?;
        Ok(())
    }
}

impl Store {
    /// One page of the log, newest first, and one entry more if the list continues.
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, AuditEntry>>> {
        let rows = paging::page(matching(filter), Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id), node: read(row)? })).collect()
    }

    /// The entries after one, oldest first, at most `limit`.
    pub async fn list_audit_after(&self, filter: &AuditFilter, after: AuditId, limit: u64) -> Result<Vec<AuditEntry>> {
        let select = matching(filter).filter(Column::Id.gt(after.0)).order_by_asc(Column::Id).limit(limit);
        select.all(&self.read).await?.into_iter().map(read).collect()
    }

    /// How many entries match a filter.
    pub async fn count_audit(&self, filter: &AuditFilter) -> Result<u64> {
        Ok(matching(filter).count(&self.read).await?)
    }

    /// Entries, by their ids.
    pub async fn find_audit(&self, ids: &[AuditId]) -> Result<Vec<AuditEntry>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(read).collect()
    }
}
