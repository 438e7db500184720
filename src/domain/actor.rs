//! Who is asking.

use chrono::{DateTime, Utc};

use super::{Code, Error, Plan, Result, Role, UserId};

/// A user who has shown a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// What they pay for.
    pub plan: Plan,
    /// When the token ends, and with it whatever is being watched.
    pub expires_at: DateTime<Utc>,
}

impl Actor {
    /// Whether this is an administrator.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// Somebody with or without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Without a token.
    Guest,
    /// With a valid one.
    User(Actor),
}

impl Caller {
    /// The user who is asking.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest.
    pub fn user(&self) -> Result<&Actor> {
        match self {
            Self::User(actor) => Ok(actor),
            Self::Guest => Err(Error::new(
                Code::Unauthenticated,
                "sign in first: send the access token as `Authorization: Bearer …`",
            )),
        }
    }

    /// The administrator who is asking.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for anybody else.
    pub fn admin(&self) -> Result<&Actor> {
        let actor = self.user()?;
        if actor.is_admin() { Ok(actor) } else { Err(Error::new(Code::Forbidden, "only administrators may do this")) }
    }
}
