//! Accounts: who somebody is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::App;
use crate::{
    domain::{Actor, Caller, Code, Email, Error, Result, Role, User, UserId},
    store::NewUser,
};

/// What somebody tells of themselves to get an account.
#[derive(Debug)]
pub struct Registration {
    /// The address.
    pub email: String,
    /// 8 to 128 characters.
    pub password: SecretString,
    /// Given name, at most 100 characters.
    pub first_name: Option<String>,
    /// Family name, at most 100 characters.
    pub last_name: Option<String>,
}

/// Somebody who has signed in.
pub struct SignedIn {
    /// Who.
    pub user: Arc<User>,
    /// What shows it: a JWT.
    pub access_token: String,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
}

impl App {
    /// Makes an account for anybody who asks.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a value that breaks a rule; `EMAIL_TAKEN`.
    pub async fn register(&self, registration: Registration) -> Result<User> {
        self.insert_user(registration, Role::User).await
    }

    /// Makes an account for the operator at the command line, who needs no permission.
    ///
    /// # Errors
    /// As [`App::register`].
    pub async fn create_user(&self, registration: Registration, role: Role) -> Result<User> {
        self.insert_user(registration, role).await
    }

    async fn insert_user(&self, registration: Registration, role: Role) -> Result<User> {
        let email = Email::parse(&registration.email)?;
        check_password(&registration.password)?;
        let first_name = check_name("first_name", registration.first_name)?;
        let last_name = check_name("last_name", registration.last_name)?;
        let password_hash = self.passwords.hash(registration.password).await?;
        let tx = self.store.begin().await?;
        let new = NewUser { email, password_hash, first_name, last_name, role };
        let user = tx.insert_user(new, self.clock.now()).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` when there is no such account or the password is wrong: neither the
    /// answer nor its time tells which. `ACCOUNT_DEACTIVATED` for the right password of an account
    /// that may not be used.
    pub async fn log_in(&self, email: &str, password: SecretString) -> Result<SignedIn> {
        let login = match Email::parse(email) {
            Ok(email) => self.store.find_login(&email).await?,
            Err(_) => None,
        };
        let (mut user, expected) = login.map(|login| (login.user, login.password_hash)).unzip();
        if !self.passwords.verify(password, expected).await? {
            user = None;
        }
        let mut user =
            user.ok_or_else(|| Error::new(Code::InvalidCredentials, "the e-mail address or the password is wrong"))?;
        must_be_active(&user)?;
        let now = self.clock.now();
        self.store.set_last_login(user.id, now).await?;
        user.last_login = Some(now);
        let (access_token, expires_at) = self.tokens.issue(user.id, now)?;
        Ok(SignedIn { user: Arc::new(user), access_token, expires_at })
    }

    /// Who is behind a token.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED` or `ACCOUNT_DEACTIVATED`.
    pub async fn authenticate(&self, token: &str) -> Result<Caller> {
        let (id, expires_at) = self.tokens.read(token, self.clock.now())?;
        self.actor(id, expires_at).await
    }

    async fn actor(&self, id: UserId, expires_at: DateTime<Utc>) -> Result<Caller> {
        let user = self.find_user(id).await?;
        let user = user.ok_or_else(|| Error::new(Code::Unauthenticated, "the access token is not valid"))?;
        must_be_active(&user)?;
        Ok(Caller::User(Actor { user_id: id, role: user.role, plan: user.plan, expires_at }))
    }

    /// The caller as they are now: what a user may do can change after they have shown their token.
    ///
    /// # Errors
    /// `ACCOUNT_DEACTIVATED`, or `UNAUTHENTICATED` when the account is gone.
    pub async fn refresh(&self, cx: &Caller) -> Result<Caller> {
        match cx {
            Caller::Guest => Ok(Caller::Guest),
            Caller::User(actor) => self.actor(actor.user_id, actor.expires_at).await,
        }
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest.
    pub async fn viewer_account(&self, cx: &Caller) -> Result<Arc<User>> {
        let actor = cx.user()?;
        self.find_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))
    }

    async fn find_user(&self, id: UserId) -> Result<Option<Arc<User>>> {
        if let Some(user) = self.users.get(&id).await {
            return Ok(Some(user));
        }
        let user = self.store.find_user(id).await?.map(Arc::new);
        if let Some(user) = &user {
            self.users.insert(id, Arc::clone(user)).await;
        }
        Ok(user)
    }
}

fn must_be_active(user: &User) -> Result<()> {
    if user.is_active { Ok(()) } else { Err(Error::new(Code::AccountDeactivated, "the account was deactivated")) }
}

/// The bounds of a password. The upper one keeps hashing cheap for us; NIST SP 800-63B asks that at
/// least 64 characters be allowed, and nothing about their kinds.
fn check_password(password: &SecretString) -> Result<()> {
    match password.expose_secret().chars().count() {
        8..=128 => Ok(()),
        _ => Err(Error::invalid("password", "must have 8 to 128 characters")),
    }
}

fn check_name(field: &str, name: Option<String>) -> Result<Option<String>> {
    let Some(name) = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must have at most 100 characters, and no control characters"));
    }
    Ok(Some(name))
}
