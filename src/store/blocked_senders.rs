//! Senders whose messages are refused.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::LockType,
};

use super::{
    Store, Tx,
    entity::blocked_sender::{ActiveModel, Column, Entity, Model},
    paging::{self, Order},
    sql::execute,
};
use crate::domain::{
    BlockedSender, BlockedSenderId, Edge, ListCursor, NewBlockedSender, PageRequest, Result, SenderPattern, UserId,
};

fn read(row: Model) -> BlockedSender {
    BlockedSender {
        id: BlockedSenderId(row.id),
        pattern: SenderPattern::stored(row.pattern),
        note: row.note,
        created_by: row.created_by.map(UserId),
        created_at: row.created_at,
    }
}

impl Store {
    /// One page of the blocked senders, newest first, and one more if the list continues.
    pub async fn list_blocked_senders(
        &self,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, BlockedSender>>> {
        let rows = paging::page(Entity::find(), Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        Ok(rows.into_iter().map(|row| Edge { cursor: ListCursor(row.id.into()), node: read(row) }).collect())
    }

    /// Every blocked sender, newest first. There are no more than [`NewBlockedSender::MAX`].
    pub async fn list_all_blocked_senders(&self) -> Result<Vec<BlockedSender>> {
        let rows = Entity::find().order_by_desc(Column::Id).all(&self.read).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The number of blocked senders.
    pub async fn count_blocked_senders(&self) -> Result<u64> {
        Ok(Entity::find().count(&self.read).await?)
    }

    /// Blocked senders, by their ids.
    pub async fn find_blocked_senders(&self, ids: &[BlockedSenderId]) -> Result<Vec<BlockedSender>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        Ok(select.all(&self.read).await?.into_iter().map(read).collect())
    }

    /// The patterns of all blocked senders.
    pub async fn list_blocked_patterns(&self) -> Result<Vec<SenderPattern>> {
        // On the receiver's connection, because the receiver must not wait for readers.
        Ok(Entity::find().all(&self.receive).await?.into_iter().map(|row| read(row).pattern).collect())
    }
}

impl Tx {
    /// The patterns of all blocked senders. No other transaction adds one until this one ends.
    pub async fn lock_blocked_senders(&self) -> Result<Vec<SenderPattern>> {
        // SQLite has one writer.
        if self.0.get_database_backend() == DbBackend::Postgres {
            execute(&self.0, "LOCK TABLE blocked_senders IN SHARE ROW EXCLUSIVE MODE".to_owned(), []).await?;
        }
        Ok(Entity::find().all(&self.0).await?.into_iter().map(|row| read(row).pattern).collect())
    }

    /// Adds a blocked sender.
    pub async fn insert_blocked_sender(
        &self,
        by: Option<UserId>,
        new: &NewBlockedSender,
        now: DateTime<Utc>,
    ) -> Result<BlockedSender> {
        let row = ActiveModel {
            pattern: Set(new.pattern.as_str().to_owned()),
            note: Set(new.note.clone()),
            created_by: Set(by.map(|id| id.0)),
            created_at: Set(now),
            ..Default::default()
        };
        Ok(read(Entity::insert(row).exec_with_returning(&self.0).await?))
    }

    /// Deletes a blocked sender, and returns it, if there is one.
    pub async fn take_blocked_sender(&self, id: BlockedSenderId) -> Result<Option<BlockedSender>> {
        let Some(row) = Entity::find_by_id(id.0).lock(LockType::Update).one(&self.0).await? else { return Ok(None) };
        Entity::delete_by_id(id.0).exec(&self.0).await?;
        Ok(Some(read(row)))
    }
}
