//! Sessions: one per device. Refresh tokens are stored as digests only.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use serde_json::Value as Json;

use super::{
    Store, Tx,
    entity::{
        api_key, user,
        user_session::{Column, Entity, Model},
    },
    row_set::RowSet,
    sql::{execute, inet, query},
};
use crate::domain::{ApiKeyId, Client, Credential, Error, Plan, Result, Role, Session, SessionId, UserId};

/// A session to be stored. Its refresh token, which names the session, is set later.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// The user.
    pub user_id: UserId,
    /// The client that signed in.
    pub client: &'a Client,
    /// When it ends, unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
}

/// A credential that was presented, and the rights of its user that something relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentedCredential {
    /// The user.
    pub user: UserId,
    /// The credential.
    pub credential: Credential,
    /// The role, if it matters.
    pub role: Option<Role>,
    /// The plan, if it matters.
    pub plan: Option<Plan>,
}

/// What is needed to check a refresh token.
#[derive(Debug)]
pub struct StoredSession {
    /// The user.
    pub user_id: UserId,
    /// The digest of the newest refresh token.
    pub refresh_token: String,
    /// The digest of the one before.
    pub previous_refresh_token: Option<String>,
    /// When the session began.
    pub created_at: DateTime<Utc>,
    /// When a refresh token was last issued.
    pub last_used_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// The changes of a refresh.
#[derive(Debug)]
pub struct Rotation<'a> {
    /// The digest of the newest refresh token.
    pub refresh_token: String,
    /// The digest of the one before, which stays valid until the newest is used.
    pub previous_refresh_token: Option<String>,
    /// The client that refreshes.
    pub client: &'a Client,
    /// When the newest token was issued.
    pub last_used_at: DateTime<Utc>,
    /// When the session ends now.
    pub expires_at: DateTime<Utc>,
}

const USER_AGENT: &str = "user_agent";

fn device_info(client: &Client) -> Json {
    match &client.user_agent {
        Some(agent) => serde_json::json!({ USER_AGENT: agent }),
        None => serde_json::json!({}),
    }
}

fn address(client: &Client) -> Option<String> {
    client.address.map(|address| address.to_string())
}

fn read(row: Model) -> Session {
    // PostgreSQL appends the prefix length when it is not that of a single address.
    let address = |text: String| text.split('/').next().and_then(|address| address.parse::<IpAddr>().ok());
    Session {
        id: SessionId(row.id),
        user_agent: row.device_info.get(USER_AGENT).and_then(Json::as_str).map(str::to_owned),
        ip_address: row.ip_address.and_then(address),
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    }
}

impl Store {
    /// The live sessions of a user, the most recently used first.
    pub async fn list_sessions(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Session>> {
        let select = Entity::find()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::ExpiresAt.gt(now))
            .order_by_desc(Column::LastUsedAt)
            .order_by_desc(Column::Id);
        Ok(select.all(&self.read).await?.into_iter().map(read).collect())
    }

    /// Ends a session of a user. Returns whether it existed.
    pub async fn end_session(&self, user: UserId, id: SessionId) -> Result<bool> {
        let delete = Entity::delete_many().filter(Column::Id.eq(id.0)).filter(Column::UserId.eq(user.0));
        Ok(delete.exec(&self.write).await?.rows_affected > 0)
    }

    /// The users of these credentials that are no longer valid, or whose rights are others now, in one query: for the
    /// periodic check that makes up for lost change notifications.
    pub async fn find_lapsed_users(
        &self,
        credentials: &[PresentedCredential],
        now: DateTime<Utc>,
    ) -> Result<Vec<UserId>> {
        #[derive(serde::Serialize)]
        struct Row {
            user_id: UserId,
            session: Option<SessionId>,
            api_key: Option<ApiKeyId>,
            role: Option<&'static str>,
            plan: Option<&'static str>,
        }
        #[derive(FromQueryResult)]
        struct Lapsed {
            user_id: i32,
        }
        let rows = RowSet::of([Column::UserId])
            .with("session", Column::Id)
            .with("api_key", api_key::Column::Id)
            .with("role", user::Column::Role)
            .with("plan", user::Column::Plan);
        let sql = format!(
            "SELECT DISTINCT r.user_id FROM {}
             LEFT JOIN users u ON u.id = r.user_id AND u.is_active
             LEFT JOIN user_sessions s ON s.id = r.session AND s.expires_at > $2
             LEFT JOIN api_keys k ON k.id = r.api_key AND (k.expires_at IS NULL OR k.expires_at > $2)
             WHERE u.id IS NULL OR (s.id IS NULL AND k.id IS NULL) OR r.role <> u.role OR r.plan <> u.plan",
            rows.table(self.read.get_database_backend())
        );
        let wanted = credentials.iter().map(|presented| {
            let (session, api_key) = match presented.credential {
                Credential::Session(id) => (Some(id), None),
                Credential::ApiKey(id) => (None, Some(id)),
            };
            let (role, plan) = (presented.role.map(Role::as_str), presented.plan.map(Plan::as_str));
            Row { user_id: presented.user, session, api_key, role, plan }
        });
        let wanted: Vec<_> = wanted.collect();
        let lapsed: Vec<Lapsed> = query(&self.read, sql, [RowSet::parameter(&wanted)?, now.into()]).await?;
        Ok(lapsed.into_iter().map(|row| UserId(row.user_id)).collect())
    }
}

impl Tx {
    /// Adds a session, which cannot be refreshed before [`Tx::rotate_session`].
    pub async fn insert_session(
        &self,
        new: NewSession<'_>,
        placeholder: &str,
        now: DateTime<Utc>,
    ) -> Result<SessionId> {
        #[derive(FromQueryResult)]
        struct Inserted {
            id: i32,
        }
        let backend = self.0.get_database_backend();
        let sql = format!(
            "INSERT INTO user_sessions
                 (user_id, refresh_token, device_info, ip_address, expires_at, created_at, last_used_at)
             VALUES ($1, $2, $3, {}, $5, $6, $6) RETURNING id",
            inet(backend, "$4")
        );
        let values = [
            new.user_id.0.into(),
            placeholder.into(),
            device_info(new.client).into(),
            address(new.client).into(),
            new.expires_at.into(),
            now.into(),
        ];
        let inserted: Vec<Inserted> = query(&self.0, sql, values).await?;
        let row = inserted.first().ok_or_else(|| Error::internal("no session was inserted"))?;
        Ok(SessionId(row.id))
    }

    /// Locks a session: of two refreshes at once, the second sees what the first did.
    pub async fn lock_session(&self, id: SessionId) -> Result<Option<StoredSession>> {
        let select = Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate);
        Ok(select.one(&self.0).await?.map(|row| StoredSession {
            user_id: UserId(row.user_id),
            refresh_token: row.refresh_token,
            previous_refresh_token: row.previous_refresh_token,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        }))
    }

    /// Stores the refresh tokens of a session.
    pub async fn rotate_session(&self, id: SessionId, rotation: Rotation<'_>) -> Result<()> {
        let backend = self.0.get_database_backend();
        let sql = format!(
            "UPDATE user_sessions SET refresh_token = $2, previous_refresh_token = $3, device_info = $4,
                 ip_address = {}, last_used_at = $6, expires_at = $7 WHERE id = $1",
            inet(backend, "$5")
        );
        let values = [
            id.0.into(),
            rotation.refresh_token.into(),
            rotation.previous_refresh_token.into(),
            device_info(rotation.client).into(),
            address(rotation.client).into(),
            rotation.last_used_at.into(),
            rotation.expires_at.into(),
        ];
        execute(&self.0, sql, values).await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn end_session(&self, id: SessionId) -> Result<()> {
        Entity::delete_by_id(id.0).exec(&self.0).await?;
        Ok(())
    }

    /// Ends every session of a user.
    pub async fn end_sessions(&self, user: UserId) -> Result<()> {
        Entity::delete_many().filter(Column::UserId.eq(user.0)).exec(&self.0).await?;
        Ok(())
    }

    /// Ends all but the `count` most recently used sessions of a user.
    pub async fn keep_newest_sessions(&self, user: UserId, count: u64) -> Result<()> {
        let sql = "DELETE FROM user_sessions WHERE user_id = $1 AND id NOT IN
                   (SELECT id FROM user_sessions WHERE user_id = $1 ORDER BY last_used_at DESC, id DESC LIMIT $2)";
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        execute(&self.0, sql.to_owned(), [user.0.into(), count.into()]).await?;
        Ok(())
    }
}
