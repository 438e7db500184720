//! Statistics of the platform, for administrators.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::{AsOf, Store, row_security::InboxScope, sql::query};
use crate::domain::{NumberStats, Result, UserStats, WebhookStats};

#[derive(FromQueryResult)]
struct Users {
    total: i64,
    active: i64,
    premium: i64,
}

#[derive(FromQueryResult)]
struct Numbers {
    available: i64,
    assigned: i64,
    expired: i64,
    blocked: i64,
}

#[derive(FromQueryResult)]
struct Webhooks {
    received: i64,
    duplicate: i64,
    unroutable: i64,
    quarantined: i64,
    failed: i64,
}

#[derive(FromQueryResult)]
struct Messages {
    n: i64,
}

impl Store {
    /// Users by state and plan.
    pub async fn count_users_by_kind(&self) -> Result<UserStats> {
        let sql = "SELECT count(*) AS total, count(CASE WHEN is_active THEN 1 END) AS active,
                          count(CASE WHEN plan = 'premium' THEN 1 END) AS premium FROM users";
        let rows: Vec<Users> = query(&self.read, sql.to_owned(), []).await?;
        let stats = |row: &Users| UserStats { total: row.total, active: row.active, premium: row.premium };
        Ok(rows.first().map(stats).unwrap_or_default())
    }

    /// Numbers by their status now: [`crate::domain::NumberStatus::at`] as a count.
    pub async fn count_numbers_by_status(&self, at: AsOf) -> Result<NumberStats> {
        let sql = "SELECT count(CASE WHEN meaning = 'available' THEN 1 END) AS available,
                          count(CASE WHEN meaning = 'assigned' THEN 1 END) AS assigned,
                          count(CASE WHEN meaning = 'expired' THEN 1 END) AS expired,
                          count(CASE WHEN meaning = 'blocked' THEN 1 END) AS blocked
                   FROM (SELECT CASE
                       WHEN status IN ('available', 'blocked') THEN status
                       WHEN status = 'assigned' AND expires_at > $1 THEN 'assigned'
                       WHEN expires_at > $2 THEN 'expired'
                       ELSE 'available' END AS meaning FROM phone_numbers) AS meanings";
        let rows: Vec<Numbers> = query(&self.read, sql.to_owned(), [at.now.into(), at.cooled_since().into()]).await?;
        let stats = |row: &Numbers| NumberStats {
            available: row.available,
            assigned: row.assigned,
            expired: row.expired,
            blocked: row.blocked,
        };
        Ok(rows.first().map(stats).unwrap_or_default())
    }

    /// Webhooks since a time, by outcome.
    pub async fn count_webhooks(&self, since: DateTime<Utc>) -> Result<WebhookStats> {
        let sql = "SELECT count(CASE WHEN status = 'received' THEN 1 END) AS received,
                          count(CASE WHEN status = 'duplicate' THEN 1 END) AS duplicate,
                          count(CASE WHEN status = 'unroutable' THEN 1 END) AS unroutable,
                          count(CASE WHEN status = 'quarantined' THEN 1 END) AS quarantined,
                          count(CASE WHEN status = 'failed' THEN 1 END) AS failed
                   FROM delivery_reports WHERE created_at > $1 AND kind = 'message'";
        let rows: Vec<Webhooks> = query(&self.read, sql.to_owned(), [since.into()]).await?;
        let stats = |row: &Webhooks| WebhookStats {
            received: row.received,
            duplicate: row.duplicate,
            unroutable: row.unroutable,
            quarantined: row.quarantined,
            failed: row.failed,
        };
        Ok(rows.first().map(stats).unwrap_or_default())
    }

    /// How many messages of all users are retained.
    pub async fn count_retained_messages(&self, expired_before: DateTime<Utc>) -> Result<i64> {
        let sql = "SELECT count(*) AS n FROM messages WHERE received_at > $1".to_owned();
        let connection = self.inbox_connection(InboxScope::All).await?;
        let rows: Vec<Messages> = query(&connection, sql, [expired_before.into()]).await?;
        Ok(rows.first().map_or(0, |row| row.n))
    }
}
