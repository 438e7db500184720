//! Users: accounts, roles and plans.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{Error, Result, UserId};

/// The role of a user, which decides what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Rent numbers and read their messages.
    User,
    /// Administer the platform.
    Admin,
}

impl Role {
    /// The word stored in the database.
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

/// The plan of a user, which decides their limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Free of charge.
    Free,
    /// Paid: more numbers at once, and more requests a minute.
    Premium,
}

impl Plan {
    /// The word stored in the database.
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
    /// How many numbers a user may rent at once.
    #[must_use]
    pub fn numbers_at_once(self) -> u64 {
        match self {
            Self::Free => 3,
            Self::Premium => 25,
        }
    }
}

/// A change of a user by an administrator. `None` leaves a field unchanged.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserChange {
    /// The role.
    pub role: Option<Role>,
    /// The plan.
    pub plan: Option<Plan>,
    /// Whether they may sign in.
    pub is_active: Option<bool>,
}

/// Which users a list shows.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Only users whose address contains this, in any case.
    pub email_contains: Option<String>,
    /// Only users with this role.
    pub role: Option<Role>,
    /// Only users with this plan.
    pub plan: Option<Plan>,
    /// Only active users, or only deactivated ones.
    pub is_active: Option<bool>,
}

impl UserFilter {
    /// Validates the search text.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is longer than an address can be, or has control characters.
    pub fn validate(&self) -> Result<()> {
        let odd = |part: &String| part.len() > 255 || part.chars().any(char::is_control);
        if self.email_contains.as_ref().is_some_and(odd) {
            return Err(Error::invalid("email_contains", "must have at most 255 characters and no control characters"));
        }
        Ok(())
    }
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
    /// The role.
    pub role: Role,
    /// The plan.
    pub plan: Plan,
    /// Whether they may sign in.
    pub is_active: bool,
    /// Whether the user has confirmed the address.
    pub email_verified: bool,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_login: Option<DateTime<Utc>>,
}

impl User {
    /// The texts that somebody who guesses at the user's password knows.
    #[must_use]
    pub fn known_texts(&self) -> Vec<&str> {
        [Some(self.email.as_str()), self.first_name.as_deref(), self.last_name.as_deref()]
            .into_iter()
            .flatten()
            .collect()
    }
}
