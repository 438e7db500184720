//! What a replica counted and saw, for the operator: usage of the API and of its keys, and how providers are doing.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::{
    Activity, Store, Tx,
    entity::api_rate_limit::Column,
    row_set::RowSet,
    sql::{execute, time},
};
use crate::domain::{ApiKeyId, Result, UserId};

/// How often somebody used an endpoint in a minute.
#[derive(Clone, Debug, Serialize)]
pub struct Usage {
    /// Who, when it was a user.
    pub user_id: Option<UserId>,
    /// From where, when it was a guest.
    pub ip_address: Option<IpAddr>,
    /// Which: method and path.
    pub endpoint: String,
    /// How often.
    pub request_count: u32,
    /// When the minute began.
    #[serde(serialize_with = "time")]
    pub window_start: DateTime<Utc>,
}

/// What a replica counted and saw since the last time.
#[derive(Clone, Debug, Default)]
pub struct RollUp {
    /// What tells it from any other: 32 characters at the most.
    pub id: String,
    /// How often endpoints were used.
    pub usage: Vec<Usage>,
    /// What providers did.
    pub activity: Vec<Activity>,
    /// When API keys were last used.
    pub keys: Vec<(ApiKeyId, DateTime<Utc>)>,
}

impl Store {
    /// Adds what a replica counted, all of it or nothing. What was added under this id before is not added again, so a
    /// replica that lost the connection before it had the answer can do it once more.
    ///
    /// # Errors
    /// When the database is away, or refuses it.
    pub async fn add_roll_up(&self, roll_up: &RollUp, now: DateTime<Utc>) -> Result<()> {
        let tx = self.begin().await?;
        let sql = "INSERT INTO roll_ups (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING".to_owned();
        // One that is still on its way, on a connection that we think lost, is waited for here.
        if execute(&tx.0, sql, [roll_up.id.as_str().into(), now.into()]).await? == 0 {
            return Ok(());
        }
        if !roll_up.usage.is_empty() {
            tx.insert_usage(&roll_up.usage, now).await?;
        }
        if !roll_up.activity.is_empty() {
            tx.add_activity(&roll_up.activity).await?;
        }
        if !roll_up.keys.is_empty() {
            tx.set_api_keys_used(&roll_up.keys).await?;
        }
        tx.commit().await
    }
}

impl Tx {
    /// Adds what was used, in one statement. Users that are gone meanwhile are left out.
    async fn insert_usage(&self, usage: &[Usage], now: DateTime<Utc>) -> Result<()> {
        let rows = RowSet::of([
            Column::UserId,
            Column::IpAddress,
            Column::Endpoint,
            Column::RequestCount,
            Column::WindowStart,
        ]);
        let names = rows.names();
        let sql = format!(
            "INSERT INTO api_rate_limits ({names}, created_at) SELECT {names}, $2 FROM {}
             WHERE r.user_id IS NULL OR EXISTS (SELECT 1 FROM users u WHERE u.id = r.user_id)",
            rows.table(self.0.get_database_backend())
        );
        execute(&self.0, sql, [RowSet::parameter(usage)?, now.into()]).await?;
        Ok(())
    }
}
