//! Users: registration, profiles, and what administrators change about them.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use serde_json::json;

use super::password_rules::must_have_the_form;
use crate::{
    app::{App, rate_limits::client_network},
    domain::{
        Administrator, AuditAction, Caller, Client, Connection, Email, Error, LeaseEnd, ListCursor, NodeId,
        PageRequest, Plan, Result, Role, User, UserChange, UserFilter, UserId, is_deceptive,
    },
    limiter::Rule,
    store::{NewAudit, NewUser, ProfileChange},
};

/// The data of a new account.
#[derive(Debug)]
pub struct Registration {
    /// The e-mail address.
    pub email: String,
    /// 8 to 128 characters, and not easy to guess.
    pub password: SecretString,
    /// Given name, at most 100 characters.
    pub first_name: Option<String>,
    /// Family name, at most 100 characters.
    pub last_name: Option<String>,
}

impl App {
    /// Creates an account for a guest, and sends the verification mail.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a value that breaks a rule; `EMAIL_TAKEN`; `RATE_LIMITED` after too many from one
    /// network.
    pub async fn register(&self, registration: Registration, client: &Client) -> Result<User> {
        let user = self.insert_user(registration, Role::User, Some(client)).await?;
        self.accounts.mail_queue.verify_soon(&user.email);
        Ok(user)
    }

    /// The same from the command line, without authorisation. The operator vouches for the address.
    ///
    /// # Errors
    /// As [`App::register`].
    pub async fn create_user(&self, registration: Registration, role: Role) -> Result<User> {
        self.insert_user(registration, role, None).await
    }

    /// Adds a user, for a guest or for the operator.
    async fn insert_user(&self, registration: Registration, role: Role, guest: Option<&Client>) -> Result<User> {
        let email = Email::parse(&registration.email)?;
        must_have_the_form("password", &registration.password)?;
        let first_name = check_name("first_name", registration.first_name)?;
        let last_name = check_name("last_name", registration.last_name)?;
        if let Some(client) = guest {
            self.count_registration(client).await?;
        }
        let about = [Some(email.as_str()), first_name.as_deref(), last_name.as_deref()];
        let about: Vec<_> = about.into_iter().flatten().collect();
        self.must_be_acceptable("password", &registration.password, &about).await?;
        let password_hash = self.accounts.passwords.hash(registration.password).await?;
        let tx = self.store.begin().await?;
        let new = NewUser { email, password_hash, first_name, last_name, role, email_verified: guest.is_none() };
        let user = tx.insert_user(new, self.clock.now()).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Counts a registration against the network that it comes from. One that fails later stays counted: it cost as
    /// much, and may have been made to learn who has an account.
    async fn count_registration(&self, client: &Client) -> Result<()> {
        let subject = format!("register-from:{}", client_network(client));
        let rule = Rule { limit: self.settings.registrations_per_hour, window: Duration::from_secs(3600) };
        let decision = self.rate_limits.limiter().take(&subject, rule, 1, self.clock.now()).await;
        if decision.allowed {
            return Ok(());
        }
        let message = "too many accounts were made from your network; try again later";
        Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
    }

    /// The caller's own account.
    pub async fn viewer_account(&self, cx: &Caller) -> Result<Arc<User>> {
        let actor = cx.user()?;
        self.current_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))
    }

    /// Changes the caller's profile. An empty name removes it; a field that is not given stays.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a name that breaks a rule.
    pub async fn change_profile(
        &self,
        cx: &Caller,
        first_name: Option<Option<String>>,
        last_name: Option<Option<String>>,
    ) -> Result<User> {
        let (actor, _) = cx.signed_in()?;
        let change = ProfileChange {
            first_name: first_name.map(|name| check_name("first_name", name)).transpose()?,
            last_name: last_name.map(|name| check_name("last_name", name)).transpose()?,
        };
        let _notice = self.user_change_notice(actor.user_id);
        let user = self.store.change_profile(actor.user_id, change).await?;
        user.ok_or_else(|| Error::not_found("user"))
    }
}

impl App {
    /// Users, ordered by id.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a search text that is longer than an address can be.
    pub async fn list_users(
        &self,
        cx: &dyn Administrator,
        filter: &UserFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, User>> {
        cx.administrator()?;
        filter.validate()?;
        Ok(Connection::of(page, self.store.list_users(filter, page).await?))
    }

    /// The total of [`App::list_users`].
    pub async fn count_users(&self, cx: &Caller, filter: &UserFilter) -> Result<u64> {
        cx.admin()?;
        filter.validate()?;
        self.store.count_users(filter).await
    }

    /// Users by id. Ids that do not exist are left out.
    pub async fn find_users(&self, cx: &dyn Administrator, ids: &[UserId]) -> Result<Vec<User>> {
        cx.administrator()?;
        self.store.find_users(ids).await
    }

    /// The user with an e-mail address.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is no address; `NOT_FOUND`.
    pub async fn get_user_by_email(&self, cx: &dyn Administrator, email: &str) -> Result<User> {
        cx.administrator()?;
        let login = self.store.find_login(&Email::parse(email)?).await?;
        Ok(login.ok_or_else(|| Error::not_found("user"))?.user)
    }

    /// Changes a user's role, plan, or whether they may sign in. Deactivating a user closes what they have open.
    ///
    /// # Errors
    /// `NOT_FOUND`; `VALIDATION_ERROR` for administrators who would lock themselves out.
    pub async fn update_user(&self, cx: &dyn Administrator, id: UserId, change: UserChange) -> Result<User> {
        let by = cx.administrator()?;
        if by == Some(id) && change.is_active == Some(false) {
            return Err(Error::invalid("is_active", "you cannot deactivate yourself; another administrator can"));
        }
        if by == Some(id) && change.role == Some(Role::User) {
            return Err(Error::invalid("role", "you cannot stop being an administrator; another one can see to it"));
        }
        let _notice = self.user_change_notice(id);
        let tx = self.store.begin().await?;
        tx.lock_user(id).await?.ok_or_else(|| Error::not_found("user"))?;
        let user = tx.change_user(id, change).await?;
        if change.is_active == Some(false) {
            tx.end_leases_of(id, LeaseEnd::Deactivated, self.clock.now()).await?;
        }
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::UserUpdated,
            target: Some(NodeId::User(id)),
            details: json!({
                "role": change.role.map(Role::as_str),
                "plan": change.plan.map(Plan::as_str),
                "is_active": change.is_active,
            }),
        };
        tx.insert_audit(audit, self.clock.now()).await?;
        tx.commit().await?;
        Ok(user)
    }
}

fn check_name(field: &str, name: Option<String>) -> Result<Option<String>> {
    let Some(name) = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.chars().count() > 100 || name.contains(is_deceptive) {
        let message =
            "must have at most 100 characters, and no control characters, line breaks or overrides of direction";
        return Err(Error::invalid(field, message));
    }
    Ok(Some(name))
}
