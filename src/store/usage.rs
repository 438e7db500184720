//! How much the API is used, for the operator.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Store,
    sql::{execute, inet, rows, rows_value, time},
};
use crate::domain::{Result, UserId};

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

impl Store {
    /// Adds what was used, in one statement. Users that are gone meanwhile are left out.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn insert_usage(&self, usage: &[Usage], now: DateTime<Utc>) -> Result<()> {
        let backend = self.write.get_database_backend();
        let columns = [
            ("user_id", "integer"),
            ("ip_address", "text"),
            ("endpoint", "text"),
            ("request_count", "integer"),
            ("window_start", "timestamptz"),
        ];
        let sql = format!(
            "INSERT INTO api_rate_limits (user_id, ip_address, endpoint, request_count, window_start, created_at)
             SELECT r.user_id, {}, r.endpoint, r.request_count, r.window_start, $2 FROM {}
             WHERE r.user_id IS NULL OR EXISTS (SELECT 1 FROM users u WHERE u.id = r.user_id)",
            inet(backend, "r.ip_address"),
            rows(backend, &columns)
        );
        execute(&self.write, sql, [rows_value(usage)?, now.into()]).await?;
        Ok(())
    }

    /// Forgets usage of a time and before it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn purge_usage(&self, before: DateTime<Utc>) -> Result<u64> {
        let sql = "DELETE FROM api_rate_limits WHERE window_start <= $1".to_owned();
        Ok(execute(&self.write, sql, [before.into()]).await?)
    }
}
