//! Accounts at SMS providers.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, SqlErr,
};

use super::{
    Store, Tx,
    entity::sms_provider::{self, Column, Entity},
    paging::{self, Order},
};
use crate::domain::{
    Code, Edge, Error, ListCursor, NewProvider, PageRequest, ProviderAccount, ProviderChange, ProviderId, Result,
};

/// A secret as the database keeps it.
#[derive(Debug)]
pub struct SealedSecret(pub String);

fn read(row: sms_provider::Model) -> Result<(ProviderAccount, Option<SealedSecret>)> {
    let account = ProviderAccount {
        id: ProviderId(row.id),
        kind: row.kind.parse().map_err(Error::internal)?,
        name: row.name,
        is_active: row.is_active,
        priority: row.priority,
        rate_limit_per_minute: row.rate_limit_per_minute,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok((account, row.api_secret_encrypted.map(SealedSecret)))
}

fn changed(change: ProviderChange) -> sms_provider::ActiveModel {
    sms_provider::ActiveModel {
        is_active: change.is_active.map_or(NotSet, Set),
        priority: change.priority.map_or(NotSet, Set),
        rate_limit_per_minute: change.rate_limit_per_minute.map_or(NotSet, Set),
        ..Default::default()
    }
}

impl Store {
    /// An account and its secret, by name.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_provider_by_name(&self, name: &str) -> Result<Option<(ProviderAccount, Option<SealedSecret>)>> {
        Entity::find().filter(Column::Name.eq(name)).one(&self.read).await?.map(read).transpose()
    }

    /// Accounts, by their ids. One that is not there is left out.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_providers(&self, ids: &[ProviderId]) -> Result<Vec<ProviderAccount>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(|row| Ok(read(row)?.0)).collect()
    }

    /// One page of the accounts, by id, and one more where the list goes on.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list_providers(
        &self,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, ProviderAccount>>> {
        let rows = paging::page(Entity::find(), Column::Id, Order::OldestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id.into()), node: read(row)?.0 })).collect()
    }

    /// How many accounts there are.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_providers(&self) -> Result<u64> {
        Ok(Entity::find().count(&self.read).await?)
    }
}

impl Tx {
    /// Adds an account, still without its secret: the secret is bound to the id.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when there is one of this name.
    pub async fn insert_provider(&self, new: &NewProvider, now: DateTime<Utc>) -> Result<ProviderAccount> {
        let row = sms_provider::ActiveModel {
            kind: Set(new.kind.as_str().to_owned()),
            name: Set(new.name.clone()),
            api_endpoint: Set(new.kind.api_endpoint().to_owned()),
            webhook_endpoint: Set(Some(format!("/v1/webhooks/sms?provider={}", new.name))),
            created_at: Set(now),
            updated_at: Set(now),
            ..changed(new.settings)
        };
        match Entity::insert(row).exec_with_returning(&self.0).await {
            Ok(row) => Ok(read(row)?.0),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(Error::new(Code::AlreadyExists, "there is a provider of this name").with("field", "name"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Changes what an operator decides about an account.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none.
    pub async fn change_provider(
        &self,
        id: ProviderId,
        change: ProviderChange,
        now: DateTime<Utc>,
    ) -> Result<ProviderAccount> {
        let row = sms_provider::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(id.0),
            updated_at: Set(now),
            ..changed(change)
        };
        match Entity::update(row).exec(&self.0).await {
            Ok(row) => Ok(read(row)?.0),
            Err(sea_orm::DbErr::RecordNotUpdated) => Err(Error::not_found("provider")),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets the secret of an account.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_provider_secret(&self, id: ProviderId, secret: SealedSecret) -> Result<()> {
        let row = sms_provider::ActiveModel {
            id: Set(id.0),
            api_secret_encrypted: Set(Some(secret.0)),
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }
}
