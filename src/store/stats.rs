//! Statistics of the platform, for administrators.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::{AsOf, Store, row_security::InboxScope, sql::query};
use crate::domain::{NumberStats, NumberStatus, Result, UserStats, WebhookStats};

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

/// Counts of the platform that operators watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformCounts {
    /// Numbers by status and country.
    pub numbers: Vec<(&'static str, String, i64)>,
    /// Leases that are held.
    pub leases_held: i64,
    /// Tickets of those who wait for one.
    pub leases_waiting: i64,
    /// The names of the accounts at providers.
    pub providers: Vec<String>,
}

#[derive(FromQueryResult)]
struct Messages {
    n: i64,
}

const STATUSES: [NumberStatus; 4] =
    [NumberStatus::Available, NumberStatus::Assigned, NumberStatus::Expired, NumberStatus::Blocked];

/// What the status of a number means at `$1`, when its cool-down began after `$2`:
/// [`NumberStatus::at`] as an expression.
const MEANING: &str = "CASE
    WHEN status IN ('available', 'blocked') THEN status
    WHEN status = 'assigned' AND expires_at > $1 THEN 'assigned'
    WHEN expires_at > $2 THEN 'expired'
    ELSE 'available' END AS meaning";

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
        let sql = format!(
            "SELECT count(CASE WHEN meaning = 'available' THEN 1 END) AS available,
                          count(CASE WHEN meaning = 'assigned' THEN 1 END) AS assigned,
                          count(CASE WHEN meaning = 'expired' THEN 1 END) AS expired,
                          count(CASE WHEN meaning = 'blocked' THEN 1 END) AS blocked
                   FROM (SELECT {MEANING} FROM phone_numbers) AS meanings"
        );
        let rows: Vec<Numbers> = query(&self.read, sql, [at.now.into(), at.cooled_since().into()]).await?;
        let stats = |row: &Numbers| NumberStats {
            available: row.available,
            assigned: row.assigned,
            expired: row.expired,
            blocked: row.blocked,
        };
        Ok(rows.first().map(stats).unwrap_or_default())
    }

    /// Numbers by their status now and country, and leases.
    pub async fn count_platform(&self, at: AsOf) -> Result<PlatformCounts> {
        #[derive(FromQueryResult)]
        struct Country {
            meaning: String,
            country_code: String,
            n: i64,
        }
        #[derive(FromQueryResult)]
        struct Leases {
            held: i64,
            waiting: i64,
        }
        let sql = format!(
            "SELECT meaning, country_code, count(*) AS n
             FROM (SELECT country_code, {MEANING} FROM phone_numbers) AS meanings GROUP BY meaning, country_code"
        );
        let numbers: Vec<Country> = query(&self.read, sql, [at.now.into(), at.cooled_since().into()]).await?;
        let sql = "SELECT (SELECT count(*) FROM leases WHERE ended_at IS NULL AND expires_at > $1) AS held,
                          (SELECT count(*) FROM lease_tickets WHERE expires_at > $1) AS waiting";
        let leases: Vec<Leases> = query(&self.read, sql.to_owned(), [at.now.into()]).await?;
        let named = numbers.into_iter().filter_map(|row| {
            let status = STATUSES.iter().find(|status| status.as_str() == row.meaning)?;
            Some((status.as_str(), row.country_code, row.n))
        });
        let (leases_held, leases_waiting) = leases.first().map_or((0, 0), |leases| (leases.held, leases.waiting));
        let providers = self.list_provider_names().await?;
        Ok(PlatformCounts { numbers: named.collect(), leases_held, leases_waiting, providers })
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
