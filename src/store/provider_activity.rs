//! The activity of providers, by the hour.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Iterable};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::{provider_activity, sms_provider},
    row_set::RowSet,
    sql::{execute, optional_time, query, time},
};
use crate::domain::{ProviderHealth, ProviderId, Result};

/// What happened with a provider's webhooks in an hour.
#[derive(Clone, Debug, Serialize)]
pub struct Activity {
    /// The account.
    pub provider_id: ProviderId,
    /// When the hour began.
    #[serde(serialize_with = "time")]
    pub hour: DateTime<Utc>,
    /// Messages that were stored.
    pub messages: i64,
    /// Messages that had been delivered before.
    pub duplicates: i64,
    /// Messages to numbers that are not ours.
    pub unroutable: i64,
    /// Status callbacks.
    pub statuses: i64,
    /// Webhooks that could not be read or stored.
    pub failures: i64,
    /// Requests that failed verification.
    pub refusals: i64,
    /// Webhooks beyond the account's rate limit.
    pub limited: i64,
    /// When the last message was stored.
    #[serde(serialize_with = "optional_time")]
    pub last_message_at: Option<DateTime<Utc>>,
    /// When a webhook last could not be read or stored.
    #[serde(serialize_with = "optional_time")]
    pub last_failure_at: Option<DateTime<Utc>>,
    /// When a request last failed verification.
    #[serde(serialize_with = "optional_time")]
    pub last_refusal_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub last_refusal: Option<String>,
    /// How long a message took at least from the provider's time to its arrival.
    pub least_lag_seconds: Option<i64>,
}

impl Tx {
    /// Adds activity, in one statement. Providers that were deleted meanwhile are left out.
    pub(super) async fn add_activity(&self, activity: &[Activity]) -> Result<()> {
        let counts = ["messages", "duplicates", "unroutable", "statuses", "failures", "refusals", "limited"];
        let times = ["last_message_at", "last_failure_at", "last_refusal_at"];
        let rows = RowSet::of(provider_activity::Column::iter());
        let added = counts.map(|name| format!("{name} = provider_activity.{name} + excluded.{name}"));
        // What one replica did not see must not overwrite what another did.
        let latest = |name: &str| format!("{name} = coalesce(excluded.{name}, provider_activity.{name})");
        let sql = format!(
            "INSERT INTO provider_activity ({names}) SELECT {names} FROM {rows}
             WHERE EXISTS (SELECT 1 FROM sms_providers s WHERE s.id = r.provider_id)
             ORDER BY provider_id, hour
             ON CONFLICT (provider_id, hour) DO UPDATE SET {added}, {times}, {reason}, {lag}",
            names = rows.names(),
            rows = rows.table(self.0.get_database_backend()),
            added = added.join(", "),
            times = times.map(latest).join(", "),
            reason = latest("last_refusal"),
            lag = "least_lag_seconds = CASE
                       WHEN excluded.least_lag_seconds > provider_activity.least_lag_seconds
                       THEN provider_activity.least_lag_seconds
                       ELSE coalesce(excluded.least_lag_seconds, provider_activity.least_lag_seconds) END",
        );
        execute(&self.0, sql, [RowSet::parameter(activity)?]).await?;
        Ok(())
    }
}

impl Store {
    /// The health of providers, in the order of the ids: counts from `since` on, and the last events of all time.
    pub async fn find_health(&self, ids: &[ProviderId], since: DateTime<Utc>) -> Result<Vec<ProviderHealth>> {
        #[derive(Serialize)]
        struct Row {
            id: ProviderId,
        }
        #[derive(FromQueryResult)]
        struct Found {
            provider_id: i32,
            messages: i64,
            duplicates: i64,
            unroutable: i64,
            statuses: i64,
            failures: i64,
            refusals: i64,
            limited: i64,
            last_message_at: Option<DateTime<Utc>>,
            last_failure_at: Option<DateTime<Utc>>,
            last_refusal_at: Option<DateTime<Utc>>,
            last_refusal: Option<String>,
            least_lag_seconds: Option<i64>,
        }
        let recent =
            |name: &str| format!("CAST(coalesce(sum(CASE WHEN a.hour > $2 THEN a.{name} END), 0) AS bigint) AS {name}");
        let sql = format!(
            "SELECT a.provider_id, {}, max(a.last_message_at) AS last_message_at,
                    max(a.last_failure_at) AS last_failure_at, max(a.last_refusal_at) AS last_refusal_at,
                    (SELECT l.last_refusal FROM provider_activity l
                     WHERE l.provider_id = a.provider_id AND l.last_refusal_at IS NOT NULL
                     ORDER BY l.last_refusal_at DESC LIMIT 1) AS last_refusal,
                    (SELECT l.least_lag_seconds FROM provider_activity l
                     WHERE l.provider_id = a.provider_id AND l.least_lag_seconds IS NOT NULL AND l.hour > $2
                     ORDER BY l.hour DESC LIMIT 1) AS least_lag_seconds
             FROM provider_activity a JOIN {} ON r.id = a.provider_id GROUP BY a.provider_id",
            ["messages", "duplicates", "unroutable", "statuses", "failures", "refusals", "limited"]
                .map(recent)
                .join(", "),
            RowSet::of([sms_provider::Column::Id]).table(self.read.get_database_backend())
        );
        let wanted: Vec<_> = ids.iter().map(|&id| Row { id }).collect();
        let found: Vec<Found> = query(&self.read, sql, [RowSet::parameter(&wanted)?, since.into()]).await?;
        let health = ids.iter().map(|id| {
            let row = found.iter().find(|row| row.provider_id == id.0);
            row.map_or_else(ProviderHealth::default, |row| ProviderHealth {
                messages: row.messages,
                duplicates: row.duplicates,
                unroutable: row.unroutable,
                statuses: row.statuses,
                failures: row.failures,
                refusals: row.refusals,
                limited: row.limited,
                last_message_at: row.last_message_at,
                last_failure_at: row.last_failure_at,
                last_refusal_at: row.last_refusal_at,
                last_refusal: row.last_refusal.clone(),
                clock_offset: row.least_lag_seconds.map(|lag| TimeDelta::seconds(-lag)),
                is_clock_off: false,
                has_weak_secret: false,
            })
        });
        Ok(health.collect())
    }
}
