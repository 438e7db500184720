//! Accounts at SMS providers.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use super::{
    Store, Tx,
    entity::sms_provider::{self, Column, Entity},
};
use crate::domain::{Code, Error, ProviderAccount, ProviderId, ProviderKind, Result};

/// An account to be stored.
#[derive(Debug)]
pub struct NewProvider {
    /// Which adapter reads it.
    pub kind: ProviderKind,
    /// The operator's own name for it.
    pub name: String,
}

/// A secret as the database keeps it.
#[derive(Debug)]
pub struct SealedSecret(pub String);

fn read(row: sms_provider::Model) -> Result<(ProviderAccount, Option<SealedSecret>)> {
    let account = ProviderAccount {
        id: ProviderId(row.id),
        kind: row.kind.parse().map_err(Error::internal)?,
        name: row.name,
        is_active: row.is_active,
    };
    Ok((account, row.api_secret_encrypted.map(SealedSecret)))
}

impl Store {
    /// An account and its secret, by name.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_provider_by_name(&self, name: &str) -> Result<Option<(ProviderAccount, Option<SealedSecret>)>> {
        Entity::find().filter(Column::Name.eq(name)).one(&self.read).await?.map(read).transpose()
    }

    /// An account, by id.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_provider(&self, id: ProviderId) -> Result<Option<ProviderAccount>> {
        let row = Entity::find_by_id(id.0).one(&self.read).await?;
        Ok(row.map(read).transpose()?.map(|(account, _)| account))
    }
}

impl Tx {
    /// Adds an account, still without its secret: the secret is bound to the id.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when there is one of this name.
    pub async fn insert_provider(&self, new: &NewProvider) -> Result<ProviderAccount> {
        let row = sms_provider::ActiveModel {
            kind: Set(new.kind.as_str().to_owned()),
            name: Set(new.name.clone()),
            api_endpoint: Set(new.kind.api_endpoint().to_owned()),
            webhook_endpoint: Set(Some(format!("/v1/webhooks/sms?provider={}", new.name))),
            ..Default::default()
        };
        match Entity::insert(row).exec_with_returning(&self.0).await {
            Ok(row) => Ok(read(row)?.0),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(Error::new(Code::AlreadyExists, "there is a provider of this name").with("field", "name"))
            }
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
