//! Who sends a request, with which credential, and from where.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{ApiKeyId, Error, ErrorCode, Plan, Result, Role, Scope, Scopes, SessionId, UserId};

/// The credential that a request was authenticated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An access token of a session: a person who signed in.
    Session(SessionId),
    /// An API key: a program that acts for a user.
    ApiKey(ApiKeyId),
}

/// An authenticated user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// The role, which decides what they may do.
    pub role: Role,
    /// The plan, which decides their limits.
    pub plan: Plan,
    /// The credential of the request.
    pub credential: Credential,
    /// What the credential allows. A session has every scope.
    pub scopes: Scopes,
    /// When the credential expires. Subscriptions end with it.
    pub expires_at: DateTime<Utc>,
}

impl Actor {
    /// Whether this is an administrator who signed in. An API key never has the rights of an administrator.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin && matches!(self.credential, Credential::Session(_))
    }
}

/// The sender of a request, authenticated or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// No credential was sent.
    Guest,
    /// A valid credential was sent.
    User(Actor),
}

impl Caller {
    /// The authenticated user, with any credential.
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

    /// The authenticated user, if the credential has the scope.
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

    /// The user who signed in, and the session: API keys may not manage the account itself.
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

    /// The administrator who sent the request.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for everybody else.
    pub fn admin(&self) -> Result<&Actor> {
        let actor = self.user()?;
        if actor.is_admin() {
            Ok(actor)
        } else {
            Err(Error::new(ErrorCode::Forbidden, "only administrators who have signed in may do this"))
        }
    }
}

/// Who may administer the platform: a caller, if it is an administrator who has signed in, or the operator.
pub trait Administrator: Sync {
    /// The administrator, for the audit log; none for the operator.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `FORBIDDEN` for everybody else who is no administrator.
    fn administrator(&self) -> Result<Option<UserId>>;

    /// Requires the operator: not even administrators may do this.
    ///
    /// # Errors
    /// As [`Administrator::administrator`], and `FORBIDDEN` for administrators.
    fn must_be_operator(&self) -> Result<()> {
        match self.administrator()? {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorCode::Forbidden, "only the operator at the command line may do this")),
        }
    }
}

impl Administrator for Caller {
    fn administrator(&self) -> Result<Option<UserId>> {
        Ok(Some(self.admin()?.user_id))
    }
}

/// The operator at the command line, who has the database and the secret key and needs no account. Only the command
/// line may name it.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl Administrator for Operator {
    fn administrator(&self) -> Result<Option<UserId>> {
        Ok(None)
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address, as far as proxies can be trusted.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header, truncated.
    pub user_agent: Option<String>,
}
