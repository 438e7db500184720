//! People with an account.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::UserId;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Rent numbers and read their messages.
    User,
    /// Run the platform.
    Admin,
}

impl Role {
    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "user" => Ok(Self::User),
            "admin" => Ok(Self::Admin),
            other => Err(format!("`{other}` is not a role: use user or admin")),
        }
    }
}

/// What a user pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing.
    Free,
    /// More numbers at once, and more requests a minute.
    Premium,
}

impl Plan {
    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Premium => "premium",
        }
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "free" => Ok(Self::Free),
            "premium" => Ok(Self::Premium),
            other => Err(format!("`{other}` is not a plan: use free or premium")),
        }
    }
}

impl Plan {
    /// How many numbers somebody may rent at once.
    #[must_use]
    pub fn numbers_at_once(self) -> u64 {
        match self {
            Self::Free => 3,
            Self::Premium => 25,
        }
    }
}

/// What an administrator changes about a user. What is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserChange {
    /// What they may do.
    pub role: Option<Role>,
    /// What they pay for.
    pub plan: Option<Plan>,
    /// Whether they may sign in.
    pub is_active: Option<bool>,
}

/// Which users a list shows.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Only those whose address has this in it, in whatever case.
    pub email_contains: Option<String>,
    /// Only those who may do this.
    pub role: Option<Role>,
    /// Only those of this plan.
    pub plan: Option<Plan>,
    /// Only those who may sign in, or only those who may not.
    pub is_active: Option<bool>,
}

/// An account.
#[derive(Clone, Debug)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address, in lower case.
    pub email: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// What they pay for.
    pub plan: Plan,
    /// Whether they may sign in.
    pub is_active: bool,
    /// Whether the address was shown to be theirs.
    pub email_verified: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_login: Option<DateTime<Utc>>,
}
