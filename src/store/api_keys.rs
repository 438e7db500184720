//! API keys. Only the digest of a key is stored.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::{
        api_key::{self, Column, Entity, Model},
        user,
    },
    paging::{self, Order},
    row_set::RowSet,
    sql::{execute, query, time},
    users::{self, Holder},
};
use crate::domain::{ApiKey, ApiKeyId, Edge, ListCursor, NewApiKey, PageRequest, Result, Scopes, UserId};

/// A key that a client has presented.
#[derive(Clone, Copy, Debug)]
pub struct FoundApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// The owner.
    pub user_id: UserId,
    /// What it allows.
    pub scopes: Scopes,
    /// When it expires, if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

fn read(row: Model) -> ApiKey {
    ApiKey {
        id: ApiKeyId(row.id),
        name: row.name,
        prefix: row.key_prefix,
        scopes: Scopes::stored(&row.scopes),
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    }
}

impl Store {
    /// The API keys of a user, the newest first, including expired ones.
    pub async fn list_api_keys(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let select = Entity::find().filter(Column::UserId.eq(user.0)).order_by_desc(Column::Id);
        Ok(select.all(&self.read).await?.into_iter().map(read).collect())
    }

    /// One page of the API keys of every user, or of one, each with its owner; the newest first, including expired
    /// ones, and one more if the list continues.
    pub async fn list_all_api_keys(
        &self,
        owner: Option<UserId>,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, (UserId, ApiKey)>>> {
        let mut select = Entity::find();
        if let Some(owner) = owner {
            select = select.filter(Column::UserId.eq(owner.0));
        }
        let rows = paging::page(select, Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        let edge = |row: Model| Edge { cursor: ListCursor(row.id.into()), node: (UserId(row.user_id), read(row)) };
        Ok(rows.into_iter().map(edge).collect())
    }

    /// A key by its id, with its owner, of any user.
    pub async fn find_any_api_key(&self, id: ApiKeyId) -> Result<Option<(UserId, ApiKey)>> {
        let row = Entity::find_by_id(id.0).one(&self.read).await?;
        Ok(row.map(|row| (UserId(row.user_id), read(row))))
    }

    /// A key by its digest, with its owner, of any user.
    pub async fn find_api_key(&self, digest: &str) -> Result<Option<(FoundApiKey, Holder)>> {
        #[derive(FromQueryResult)]
        struct Row {
            #[sea_orm(nested)]
            user: user::Model,
            api_key: i32,
            scopes: String,
            until: Option<DateTime<Utc>>,
        }
        let sql = format!(
            "SELECT {}, k.id AS api_key, k.scopes, k.expires_at AS until
             FROM api_keys k JOIN users ON users.id = k.user_id WHERE k.key_digest = $1",
            users::columns()
        );
        let rows: Vec<Row> = query(&self.read, sql, [digest.into()]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let user = users::read(row.user)?.user;
        let key = FoundApiKey {
            id: ApiKeyId(row.api_key),
            user_id: user.id,
            scopes: Scopes::stored(&row.scopes),
            expires_at: row.until,
        };
        let expires_at = Some(row.until.unwrap_or(DateTime::<Utc>::MAX_UTC));
        Ok(Some((key, Holder { user: Arc::new(user), expires_at })))
    }
}

impl Tx {
    /// Stores when keys were last used, in one statement. Each replica stores what it has seen, and the latest time
    /// wins.
    pub(super) async fn set_api_keys_used(&self, used: &[(ApiKeyId, DateTime<Utc>)]) -> Result<()> {
        #[derive(Serialize)]
        struct Row {
            id: ApiKeyId,
            #[serde(serialize_with = "time")]
            used_at: DateTime<Utc>,
        }
        let rows = RowSet::of([Column::Id]).with("used_at", Column::LastUsedAt);
        let sql = format!(
            "UPDATE api_keys SET last_used_at = r.used_at FROM {}
             WHERE api_keys.id = r.id AND (api_keys.last_used_at IS NULL OR api_keys.last_used_at < r.used_at)",
            rows.table(self.0.get_database_backend())
        );
        let used: Vec<_> = used.iter().map(|&(id, used_at)| Row { id, used_at }).collect();
        execute(&self.0, sql, [RowSet::parameter(&used)?]).await?;
        Ok(())
    }

    /// How many keys a user has.
    pub async fn count_api_keys(&self, user: UserId) -> Result<u64> {
        Ok(Entity::find().filter(Column::UserId.eq(user.0)).count(&self.0).await?)
    }

    /// Deletes a key of a user. Returns whether it existed.
    pub async fn delete_api_key(&self, user: UserId, id: ApiKeyId) -> Result<bool> {
        let delete = Entity::delete_many().filter(Column::Id.eq(id.0)).filter(Column::UserId.eq(user.0));
        Ok(delete.exec(&self.0).await?.rows_affected > 0)
    }

    /// Deletes every key of a user.
    pub async fn delete_api_keys(&self, user: UserId) -> Result<()> {
        Entity::delete_many().filter(Column::UserId.eq(user.0)).exec(&self.0).await?;
        Ok(())
    }

    /// Adds a key.
    pub async fn insert_api_key(
        &self,
        user: UserId,
        new: &NewApiKey,
        prefix: &str,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<ApiKey> {
        let row = api_key::ActiveModel {
            user_id: Set(user.0),
            name: Set(new.name().to_owned()),
            key_prefix: Set(prefix.to_owned()),
            key_digest: Set(digest.to_owned()),
            scopes: Set(new.scopes().to_string()),
            created_at: Set(now),
            expires_at: Set(new.expires_at(now)),
            ..Default::default()
        };
        Ok(read(Entity::insert(row).exec_with_returning(&self.0).await?))
    }
}
