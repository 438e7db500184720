//! Phone numbers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain;

/// What a number can be used for now.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "assigned")]
pub(in crate::rest) enum NumberStatus {
    /// It can be rented.
    Available,
    /// Somebody has rented it.
    Assigned,
    /// Its rental is over and it cools down.
    Expired,
    /// An administrator took it out of use.
    Blocked,
}

impl From<domain::NumberStatus> for NumberStatus {
    fn from(status: domain::NumberStatus) -> Self {
        match status {
            domain::NumberStatus::Available => Self::Available,
            domain::NumberStatus::Assigned => Self::Assigned,
            domain::NumberStatus::Expired => Self::Expired,
            domain::NumberStatus::Blocked => Self::Blocked,
        }
    }
}

impl From<NumberStatus> for domain::NumberStatus {
    fn from(status: NumberStatus) -> Self {
        match status {
            NumberStatus::Available => Self::Available,
            NumberStatus::Assigned => Self::Assigned,
            NumberStatus::Expired => Self::Expired,
            NumberStatus::Blocked => Self::Blocked,
        }
    }
}

/// A number that the platform owns.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhoneNumber {
    #[schema(example = 123)]
    pub(in crate::rest) id: i32,
    /// E.164, or a short code.
    #[schema(example = "+1234567890")]
    pub(in crate::rest) phone_number: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "US")]
    pub(in crate::rest) country_code: String,
    pub(in crate::rest) status: NumberStatus,
    /// When the rental began, while it is rented.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2024-01-01T12:00:00Z")]
    pub(in crate::rest) assigned_at: Option<DateTime<Utc>>,
    /// When the rental ends, while it is rented. A granted number has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2024-01-01T13:00:00Z")]
    pub(in crate::rest) expires_at: Option<DateTime<Utc>>,
    /// What you call it, for as long as you rent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 50, example = "checkout")]
    pub(in crate::rest) label: Option<String>,
    /// Whether an administrator has granted it to a pool: then it is rented without an end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(example = false)]
    pub(in crate::rest) granted: bool,
    #[schema(example = "2024-01-01T00:00:00Z")]
    pub(in crate::rest) created_at: DateTime<Utc>,
}

impl From<domain::Number> for PhoneNumber {
    fn from(number: domain::Number) -> Self {
        Self {
            id: number.id.0,
            phone_number: number.phone_number.as_str().to_owned(),
            country_code: number.country_code.as_str().to_owned(),
            status: number.status.into(),
            assigned_at: number.assigned_at,
            expires_at: number.expires_at,
            label: number.label.map(|label| label.as_str().to_owned()),
            granted: number.granted_pool_id.is_some(),
            created_at: number.created_at,
        }
    }
}
