//! Accounts at SMS providers.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::LockType,
};
use serde_json::{Map, Value};

use super::{
    Store, Tx,
    entity::sms_provider::{self, Column, Entity},
    paging::{self, Order},
    sql::{execute, query},
};
use crate::domain::{
    Edge, Error, ErrorCode, ListCursor, NewProvider, PageRequest, ProviderAccount, ProviderChange, ProviderId,
    ProviderKind, Result,
};

/// An encrypted secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret(pub String);

/// The encrypted secrets of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedSecrets {
    /// The secret that its webhooks are signed with.
    pub secret: Option<SealedSecret>,
    /// The previous one.
    pub previous: Option<SealedSecret>,
    /// The token in the address of its webhooks.
    pub address_token: Option<SealedSecret>,
}

fn read(row: sms_provider::Model) -> (ProviderAccount, SealedSecrets) {
    let secrets = SealedSecrets {
        secret: row.api_secret_encrypted.map(SealedSecret),
        previous: row.previous_secret_encrypted.map(SealedSecret),
        address_token: row.api_key_encrypted.map(SealedSecret),
    };
    let account = ProviderAccount {
        id: ProviderId(row.id),
        kind: ProviderKind::stored(row.kind),
        name: row.name,
        is_active: row.is_active,
        priority: row.priority,
        rate_limit_per_minute: row.rate_limit_per_minute,
        configuration: match row.configuration {
            Value::Object(configuration) => configuration,
            _ => Map::new(),
        },
        has_address_token: secrets.address_token.is_some(),
        secret_changed_at: row.secret_changed_at,
        secret_verified_at: row.secret_verified_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    (account, secrets)
}

fn settings(change: ProviderChange) -> sms_provider::ActiveModel {
    sms_provider::ActiveModel {
        is_active: change.is_active.map_or(NotSet, Set),
        priority: change.priority.map_or(NotSet, Set),
        rate_limit_per_minute: change.rate_limit_per_minute.map_or(NotSet, Set),
        configuration: change.configuration.map_or(NotSet, |configuration| Set(Value::Object(configuration))),
        ..Default::default()
    }
}

impl Store {
    /// The names of the active accounts.
    pub async fn list_active_provider_names(&self) -> Result<Vec<String>> {
        let connection = if self.is_sqlite() { &self.read } else { &self.receive };
        let select = Entity::find().select_only().column(Column::Name).filter(Column::IsActive.eq(true));
        Ok(select.into_tuple().all(connection).await?)
    }

    /// The names of all accounts.
    pub(super) async fn list_provider_names(&self) -> Result<Vec<String>> {
        Ok(Entity::find().select_only().column(Column::Name).into_tuple().all(&self.read).await?)
    }

    /// Accounts and their secrets, by their ids.
    pub async fn find_sealed_providers(&self, ids: &[ProviderId]) -> Result<Vec<(ProviderAccount, SealedSecrets)>> {
        let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0))).all(&self.read).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// An account and its secrets, by name.
    pub async fn find_provider_by_name(&self, name: &str) -> Result<Option<(ProviderAccount, SealedSecrets)>> {
        // Webhooks need this, and must not wait for readers. On PostgreSQL readers may use every connection of the
        // shared pool; on SQLite the only other connection is the writer's, which is busier.
        let connection = if self.is_sqlite() { &self.read } else { &self.receive };
        Ok(Entity::find().filter(Column::Name.eq(name)).one(connection).await?.map(read))
    }

    /// Every account that has a secret, with it.
    pub async fn list_sealed_secrets(&self) -> Result<Vec<(ProviderAccount, SealedSecret)>> {
        let all = Entity::find().order_by_asc(Column::Id).all(&self.read).await?.into_iter().map(read);
        Ok(all.filter_map(|(account, secrets)| Some((account, secrets.secret?))).collect())
    }

    /// Whether any account has a secret. An empty database has none.
    pub async fn has_secrets(&self) -> Result<bool> {
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        if self.migration_status().await?.iter().all(|step| !step.applied) {
            return Ok(false);
        }
        // Plain SQL, because the schema may be older than the entity: it is checked before it is migrated.
        let sql = "SELECT count(*) AS n FROM sms_providers WHERE api_secret_encrypted IS NOT NULL".to_owned();
        let found: Vec<Count> = query(&self.read, sql, []).await?;
        Ok(found.iter().any(|count| count.n > 0))
    }

    /// Accounts of a kind, each with its secrets.
    pub async fn find_providers_by_kind(&self, kind: &str) -> Result<Vec<(ProviderAccount, SealedSecrets)>> {
        Ok(Entity::find().filter(Column::Kind.eq(kind)).all(&self.read).await?.into_iter().map(read).collect())
    }

    /// Accounts, by their ids.
    pub async fn find_providers(&self, ids: &[ProviderId]) -> Result<Vec<ProviderAccount>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        Ok(select.all(&self.read).await?.into_iter().map(|row| read(row).0).collect())
    }

    /// One page of the accounts, by id, and one more if the list continues.
    pub async fn list_providers(
        &self,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, ProviderAccount>>> {
        let rows = paging::page(Entity::find(), Column::Id, Order::OldestFirst, page).all(&self.read).await?;
        Ok(rows.into_iter().map(|row| Edge { cursor: ListCursor(row.id.into()), node: read(row).0 }).collect())
    }

    /// How many accounts there are.
    pub async fn count_providers(&self) -> Result<u64> {
        Ok(Entity::find().count(&self.read).await?)
    }
}

impl Tx {
    /// Adds an account without its secrets, which are bound to its id.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when an account has the name.
    pub async fn insert_provider(
        &self,
        new: &NewProvider,
        api_endpoint: &str,
        now: DateTime<Utc>,
    ) -> Result<ProviderAccount> {
        let row = sms_provider::ActiveModel {
            kind: Set(new.kind.as_str().to_owned()),
            name: Set(new.name.clone()),
            api_endpoint: Set(api_endpoint.to_owned()),
            webhook_endpoint: Set(Some(format!("/v1/webhooks/sms?provider={}", new.name))),
            created_at: Set(now),
            updated_at: Set(now),
            rate_limit_per_minute: Set(new.settings.rate_limit_per_minute.unwrap_or(NewProvider::RATE_LIMIT)),
            ..settings(new.settings.clone())
        };
        match Entity::insert(row).exec_with_returning(&self.0).await {
            Ok(row) => Ok(read(row).0),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(Error::new(ErrorCode::AlreadyExists, "there is a provider of this name").with("field", "name"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Changes the settings of an account.
    ///
    /// # Errors
    /// `NOT_FOUND` when it does not exist.
    pub async fn change_provider(
        &self,
        id: ProviderId,
        change: ProviderChange,
        now: DateTime<Utc>,
    ) -> Result<ProviderAccount> {
        let row = sms_provider::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(id.0),
            updated_at: Set(now),
            ..settings(change)
        };
        match Entity::update(row).exec(&self.0).await {
            Ok(row) => Ok(read(row).0),
            Err(sea_orm::DbErr::RecordNotUpdated) => Err(Error::not_found("provider")),
            Err(error) => Err(error.into()),
        }
    }

    /// Locks an account until the transaction ends, and reads it.
    ///
    /// # Errors
    /// `NOT_FOUND` when it does not exist.
    pub async fn lock_provider(&self, id: ProviderId) -> Result<(ProviderAccount, SealedSecrets)> {
        // Messages refer to their account: those that are being stored need not wait.
        let select = Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate);
        select.one(&self.0).await?.map(read).ok_or_else(|| Error::not_found("provider"))
    }

    /// Replaces all secrets of an account.
    pub async fn set_provider_secrets(&self, id: ProviderId, secrets: &SealedSecrets) -> Result<()> {
        let text = |secret: &Option<SealedSecret>| Set(secret.as_ref().map(|secret| secret.0.clone()));
        let row = sms_provider::ActiveModel {
            id: Set(id.0),
            api_secret_encrypted: text(&secrets.secret),
            previous_secret_encrypted: text(&secrets.previous),
            api_key_encrypted: text(&secrets.address_token),
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Stores that the secret of an account has changed, and that no webhook was verified with the new one.
    pub async fn set_secret_changed(&self, id: ProviderId, now: DateTime<Utc>) -> Result<()> {
        let row = sms_provider::ActiveModel {
            id: Set(id.0),
            secret_changed_at: Set(Some(now)),
            secret_verified_at: Set(None),
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }
}

impl Store {
    /// Stores that a webhook was verified with this secret of an account, and removes the previous secret. Does nothing
    /// when the secret was replaced meanwhile.
    pub async fn set_secret_verified(&self, id: ProviderId, secret: &SealedSecret, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE sms_providers SET secret_verified_at = $1, previous_secret_encrypted = NULL
                   WHERE id = $2 AND api_secret_encrypted = $3 AND secret_verified_at IS NULL";
        let values = [now.into(), id.0.into(), secret.0.as_str().into()];
        Ok(execute(&self.write, sql.to_owned(), values).await? == 1)
    }

    /// The ids of all accounts.
    pub async fn list_provider_ids(&self) -> Result<Vec<ProviderId>> {
        let ids: Vec<i32> = Entity::find().select_only().column(Column::Id).into_tuple().all(&self.read).await?;
        Ok(ids.into_iter().map(ProviderId).collect())
    }
}
