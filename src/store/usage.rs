//! Roll-ups: what each replica has counted, for the operator. Usage of the API and of its keys, and activity of
//! providers.

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

/// How often a user or a guest used an endpoint in a minute.
#[derive(Clone, Debug, Serialize)]
pub struct Usage {
    /// The user, if it was one.
    pub user_id: Option<UserId>,
    /// The address of a guest.
    pub ip_address: Option<IpAddr>,
    /// Method and path.
    pub endpoint: String,
    /// How often.
    pub request_count: u32,
    /// When the minute began.
    #[serde(serialize_with = "time")]
    pub window_start: DateTime<Utc>,
}

/// What a replica has counted since its last roll-up.
#[derive(Clone, Debug, Default)]
pub struct RollUp {
    /// Unique among all replicas; at most 32 characters.
    pub id: String,
    /// How often endpoints were used.
    pub usage: Vec<Usage>,
    /// The activity of providers.
    pub activity: Vec<Activity>,
    /// When API keys were last used.
    pub keys: Vec<(ApiKeyId, DateTime<Utc>)>,
}

impl Store {
    /// Adds a roll-up, all of it or nothing. One with an id that was added before is not added again, so a replica that
    /// lost the connection before the answer can repeat it.
    pub async fn add_roll_up(&self, roll_up: &RollUp, now: DateTime<Utc>) -> Result<()> {
        let tx = self.begin().await?;
        let sql = "INSERT INTO roll_ups (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING".to_owned();
        // If the first attempt is still in progress, on a connection that seemed lost, this waits for it.
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
    /// Adds usage, in one statement. Users who were deleted meanwhile are left out.
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
