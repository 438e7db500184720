//! Users and their tokens.

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{app::accounts::SignedIn, domain};

/// What a user may do.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "user")]
pub(in crate::rest) enum Role {
    User,
    Admin,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    #[schema(example = 123)]
    pub(in crate::rest) id: i32,
    /// In lower case.
    #[schema(format = "email", example = "user@example.com")]
    pub(in crate::rest) email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "John")]
    pub(in crate::rest) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Doe")]
    pub(in crate::rest) last_name: Option<String>,
    pub(in crate::rest) role: Role,
    /// What they pay for: how many numbers at once, and how many requests a minute.
    pub(in crate::rest) plan: Plan,
    #[schema(example = true)]
    pub(in crate::rest) is_active: bool,
    #[schema(example = true)]
    pub(in crate::rest) email_verified: bool,
    #[schema(example = "2024-01-01T00:00:00Z")]
    pub(in crate::rest) created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2024-01-01T12:00:00Z")]
    pub(in crate::rest) last_login: Option<DateTime<Utc>>,
}

/// What a user pays for.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "free")]
pub(in crate::rest) enum Plan {
    Free,
    Premium,
}

impl From<domain::Plan> for Plan {
    fn from(plan: domain::Plan) -> Self {
        match plan {
            domain::Plan::Free => Self::Free,
            domain::Plan::Premium => Self::Premium,
        }
    }
}

impl From<Plan> for domain::Plan {
    fn from(plan: Plan) -> Self {
        match plan {
            Plan::Free => Self::Free,
            Plan::Premium => Self::Premium,
        }
    }
}

impl From<&domain::User> for User {
    fn from(user: &domain::User) -> Self {
        Self {
            id: user.id.0,
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            role: match user.role {
                domain::Role::User => Role::User,
                domain::Role::Admin => Role::Admin,
            },
            plan: user.plan.into(),
            is_active: user.is_active,
            email_verified: user.email_verified,
            created_at: user.created_at,
            last_login: user.last_login,
        }
    }
}

/// You are signed in.
#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")]
    pub(in crate::rest) access_token: String,
    /// Gets the next access token, and its own successor. It stays good until the successor is used.
    #[schema(example = "otpr_AAAAB3x0YWtlIHRoaXMgZm9yIGFuIGV4YW1wbGU")]
    pub(in crate::rest) refresh_token: String,
    /// In how many seconds the access token ends.
    #[schema(example = 3600)]
    pub(in crate::rest) expires_in: i64,
}

/// You are signed in.
#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct LoggedIn {
    #[serde(flatten)]
    pub(in crate::rest) tokens: Tokens,
    pub(in crate::rest) user: User,
}

impl Tokens {
    pub(in crate::rest) fn of(signed_in: &SignedIn, now: DateTime<Utc>) -> Self {
        Self {
            access_token: signed_in.access_token.clone(),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            expires_in: signed_in.expires_in(now),
        }
    }
}

impl LoggedIn {
    pub(in crate::rest) fn of(signed_in: &SignedIn, now: DateTime<Utc>) -> Self {
        Self { tokens: Tokens::of(signed_in, now), user: User::from(&*signed_in.user) }
    }
}
