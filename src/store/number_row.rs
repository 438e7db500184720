//! Numbers as rows, and what their stored status means at a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::{columns::Columns, conditions::Conditions};
use crate::domain::{
    CountryCode, Error, Label, Msisdn, Number, NumberId, NumberStatus, PoolId, ProviderId, Result, UserId,
};

/// A number as it is stored.
pub(super) struct NumberRow {
    id: i32,
    phone_number: String,
    country_code: String,
    provider_id: Option<i32>,
    user_id: Option<i32>,
    status: String,
    assigned_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    label: Option<String>,
    granted_pool_id: Option<i32>,
}

impl FromQueryResult for NumberRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Self::read(Columns::of(row))
    }
}

impl NumberRow {
    /// The columns that [`NumberRow::read`] reads, in its order, of the number `n`.
    pub(super) const COLUMNS: &str = "n.id, n.phone_number, n.country_code, n.provider_id, n.user_id, n.status, \
                                      n.assigned_at, n.expires_at, n.created_at, n.label, n.granted_pool_id";

    pub(super) fn read(mut columns: Columns<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: columns.read()?,
            phone_number: columns.read()?,
            country_code: columns.read()?,
            provider_id: columns.read()?,
            user_id: columns.read()?,
            status: columns.read()?,
            assigned_at: columns.read()?,
            expires_at: columns.read()?,
            created_at: columns.read()?,
            label: columns.read()?,
            granted_pool_id: columns.read()?,
        })
    }
}

/// The time and the length of a cool-down, which together decide what a stored status means.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// Now.
    pub now: DateTime<Utc>,
    /// How long a number cannot be rented after a rental.
    pub cool_down: Duration,
}

impl AsOf {
    /// Rentals that ended then or before have cooled down.
    pub(super) fn cooled_since(self) -> DateTime<Utc> {
        self.now - self.cool_down
    }

    /// That a number `n` has this status now, whether or not the job has settled it: [`NumberStatus::at`] as a
    /// condition.
    pub(super) fn is(self, status: NumberStatus, conditions: &mut Conditions) -> String {
        let mut now = || conditions.parameter(self.now);
        match status {
            NumberStatus::Blocked => "n.status = 'blocked'".to_owned(),
            NumberStatus::Assigned => format!("(n.status = 'assigned' AND n.expires_at > {})", now()),
            NumberStatus::Expired => format!(
                "(n.status IN ('assigned', 'expired') AND (n.status = 'expired' OR n.expires_at <= {})
                  AND n.expires_at > {})",
                now(),
                conditions.parameter(self.cooled_since()),
            ),
            NumberStatus::Available => format!(
                "(n.status = 'available' OR n.status IN ('assigned', 'expired') AND n.expires_at <= {})",
                conditions.parameter(self.cooled_since()),
            ),
        }
    }

    pub(super) fn number(self, row: NumberRow) -> Result<Number> {
        let stored = match row.status.as_str() {
            "available" => NumberStatus::Available,
            "assigned" => NumberStatus::Assigned,
            "expired" => NumberStatus::Expired,
            "blocked" => NumberStatus::Blocked,
            other => return Err(Error::internal(format!("a stored number has the unknown status `{other}`"))),
        };
        let status = stored.at(self.now, row.expires_at, self.cool_down);
        let assigned = status == NumberStatus::Assigned;
        Ok(Number {
            id: NumberId(row.id),
            phone_number: Msisdn::stored(row.phone_number),
            country_code: CountryCode::stored(row.country_code),
            provider_id: row.provider_id.map(ProviderId),
            status,
            user_id: row.user_id.filter(|_| assigned).map(UserId),
            assigned_at: row.assigned_at.filter(|_| assigned),
            expires_at: row.expires_at.filter(|_| assigned && row.granted_pool_id.is_none()),
            label: row.label.filter(|_| assigned).map(Label::stored),
            granted_pool_id: row.granted_pool_id.filter(|_| assigned).map(PoolId),
            created_at: row.created_at,
        })
    }
}
