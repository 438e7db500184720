//! API keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain;

/// What an API key is good for.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(example = "messages:read")]
pub(in crate::rest) enum Scope {
    /// Read, wait for and watch messages, and mark them as read.
    #[serde(rename = "messages:read")]
    ReadMessages,
    /// See numbers; rent, extend and release them.
    #[serde(rename = "numbers:rent")]
    RentNumbers,
    /// Lease numbers, and read what arrives during a lease.
    #[serde(rename = "numbers:lease")]
    LeaseNumbers,
}

impl From<Scope> for domain::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::ReadMessages => Self::ReadMessages,
            Scope::RentNumbers => Self::RentNumbers,
            Scope::LeaseNumbers => Self::LeaseNumbers,
        }
    }
}

impl From<domain::Scope> for Scope {
    fn from(scope: domain::Scope) -> Self {
        match scope {
            domain::Scope::ReadMessages => Self::ReadMessages,
            domain::Scope::RentNumbers => Self::RentNumbers,
            domain::Scope::LeaseNumbers => Self::LeaseNumbers,
        }
    }
}

/// A key with which a program acts for you.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKey {
    #[schema(example = 2)]
    id: i32,
    #[schema(example = "CI of the web shop")]
    name: String,
    /// How the key begins.
    #[schema(example = "otpk_Xk3v9a")]
    prefix: String,
    scopes: Vec<Scope>,
    #[schema(example = "2024-01-01T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2024-01-01T12:30:00Z")]
    last_used_at: Option<DateTime<Utc>>,
    /// When it ends, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2024-03-31T12:00:00Z")]
    expires_at: Option<DateTime<Utc>>,
}

impl From<domain::ApiKey> for ApiKey {
    fn from(key: domain::ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.iter().map(Scope::from).collect(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
        }
    }
}
