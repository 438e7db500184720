//! Who is asking, and from where.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{ApiKeyId, Error, ErrorCode, Plan, Result, Role, Scope, Scopes, SessionId, UserId};

/// What somebody shows to prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An access token of a session: somebody signed in.
    Session(SessionId),
    /// An API key: a program acts for somebody.
    ApiKey(ApiKeyId),
}

/// A user who has shown a valid credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// What they pay for.
    pub plan: Plan,
    /// What they have shown.
    pub credential: Credential,
    /// What the credential is good for. A session has every scope.
    pub scopes: Scopes,
    /// When the credential ends, and with it whatever is being watched.
    pub expires_at: DateTime<Utc>,
}

impl Actor {
    /// Whether this is an administrator who has signed in. A key in a pipeline never is one.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin && matches!(self.credential, Credential::Session(_))
    }
}

/// Somebody with or without a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Without one.
    Guest,
    /// With a valid one.
    User(Actor),
}

impl Caller {
    /// The user who is asking, with whatever credential.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest.
    pub fn user(&self) -> Result<&Actor> {
        match self {
            Self::User(actor) => Ok(actor),
            Self::Guest => Err(Error::new(
                ErrorCode::Unauthenticated,
                "sign in first: send an access token or an API key as `Authorization: Bearer …`",
            )),
        }
    }

    /// The user who is asking, if their credential is good for this.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key without the scope.
    pub fn with_scope(&self, scope: Scope) -> Result<&Actor> {
        let actor = self.user()?;
        if actor.scopes.contains(scope) {
            return Ok(actor);
        }
        let message = format!("the API key needs the scope {}", scope.as_str());
        Err(Error::new(ErrorCode::InsufficientScope, message).with("scope", scope.as_str()))
    }

    /// The user who is asking, signed in: what concerns the account itself is not for API keys.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for an API key.
    pub fn signed_in(&self) -> Result<(&Actor, SessionId)> {
        let actor = self.user()?;
        match actor.credential {
            Credential::Session(session) => Ok((actor, session)),
            Credential::ApiKey(_) => {
                Err(Error::new(ErrorCode::Forbidden, "an API key may not do this; sign in with a password"))
            }
        }
    }

    /// The administrator who is asking.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for anybody else.
    pub fn admin(&self) -> Result<&Actor> {
        let actor = self.user()?;
        if actor.is_admin() {
            Ok(actor)
        } else {
            Err(Error::new(ErrorCode::Forbidden, "only administrators who have signed in may do this"))
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address, as far as it can be believed.
    pub address: Option<IpAddr>,
    /// What the program calls itself, cut to a sane length.
    pub user_agent: Option<String>,
}
