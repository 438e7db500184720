//! Operators' own patterns for one-time codes.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter, SqlErr,
};

use super::{
    Store, Tx,
    entity::otp_pattern::{ActiveModel, Column, Entity, Model},
    paging::{self, Order},
    sql::execute,
};
use crate::domain::{
    Edge, Error, ListCursor, NewOtpPattern, OtpPattern, OtpPatternChange, OtpPatternId, PageRequest, ProviderId,
    Result, Sender, Service,
};

fn read(row: Model) -> OtpPattern {
    OtpPattern {
        id: OtpPatternId(row.id),
        provider_id: row.provider_id.map(ProviderId),
        sender: row.sender.map(Sender::stored),
        pattern: row.pattern,
        service: row.service.map(Service::stored),
        is_active: row.is_active,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn text(service: Option<&Service>) -> Option<String> {
    service.map(|service| service.as_str().to_owned())
}

impl Store {
    /// One page of the patterns, by id, and one more if the list continues.
    pub async fn list_otp_patterns(&self, page: &PageRequest<ListCursor>) -> Result<Vec<Edge<ListCursor, OtpPattern>>> {
        let rows = paging::page(Entity::find(), Column::Id, Order::OldestFirst, page).all(&self.read).await?;
        Ok(rows.into_iter().map(|row| Edge { cursor: ListCursor(row.id.into()), node: read(row) }).collect())
    }

    /// The number of patterns.
    pub async fn count_otp_patterns(&self) -> Result<u64> {
        Ok(Entity::find().count(&self.read).await?)
    }

    /// Patterns, by their ids.
    pub async fn find_otp_patterns(&self, ids: &[OtpPatternId]) -> Result<Vec<OtpPattern>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        Ok(select.all(&self.read).await?.into_iter().map(read).collect())
    }

    /// The active patterns.
    pub async fn list_active_otp_patterns(&self) -> Result<Vec<OtpPattern>> {
        let select = Entity::find().filter(Column::IsActive.eq(true));
        // On the receiver's connection, because the receiver must not wait for readers.
        Ok(select.all(&self.receive).await?.into_iter().map(read).collect())
    }
}

impl Tx {
    /// The number of patterns. No other transaction adds one until this one ends.
    pub async fn lock_otp_patterns(&self) -> Result<u64> {
        // SQLite has one writer.
        if self.0.get_database_backend() == DbBackend::Postgres {
            execute(&self.0, "LOCK TABLE otp_patterns IN SHARE ROW EXCLUSIVE MODE".to_owned(), []).await?;
        }
        Ok(Entity::find().count(&self.0).await?)
    }

    /// Adds a pattern.
    ///
    /// # Errors
    /// `NOT_FOUND` when the provider does not exist.
    pub async fn insert_otp_pattern(&self, new: &NewOtpPattern, now: DateTime<Utc>) -> Result<OtpPattern> {
        let row = ActiveModel {
            provider_id: Set(new.provider_id.map(|id| id.0)),
            sender: Set(new.sender.as_ref().map(|sender| sender.as_str().to_owned())),
            pattern: Set(new.pattern.as_str().to_owned()),
            service: Set(text(new.service.as_ref())),
            is_active: Set(new.is_active),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        match Entity::insert(row).exec_with_returning(&self.0).await {
            Ok(row) => Ok(read(row)),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))) => {
                Err(Error::not_found("provider").with("field", "providerId"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a pattern.
    ///
    /// # Errors
    /// `NOT_FOUND` when it does not exist.
    pub async fn change_otp_pattern(
        &self,
        id: OtpPatternId,
        change: &OtpPatternChange,
        now: DateTime<Utc>,
    ) -> Result<OtpPattern> {
        let row = ActiveModel {
            id: Unchanged(id.0),
            pattern: change.pattern.as_ref().map_or(NotSet, |pattern| Set(pattern.as_str().to_owned())),
            service: change.service.as_ref().map_or(NotSet, |service| Set(text(service.as_ref()))),
            is_active: change.is_active.map_or(NotSet, Set),
            updated_at: Set(now),
            ..Default::default()
        };
        match Entity::update(row).exec(&self.0).await {
            Ok(row) => Ok(read(row)),
            Err(DbErr::RecordNotUpdated) => Err(Error::not_found("code pattern")),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a pattern. Returns whether it existed.
    pub async fn delete_otp_pattern(&self, id: OtpPatternId) -> Result<bool> {
        Ok(Entity::delete_by_id(id.0).exec(&self.0).await?.rows_affected == 1)
    }
}
