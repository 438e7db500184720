//! Users: profiles, and what administrators change about them.

use std::sync::Arc;

use serde_json::json;

use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, Caller, Connection, Email, Error, LeaseEnd, ListCursor, NodeId, PageRequest, Plan,
        Result, Role, User, UserChange, UserFilter, UserId, is_deceptive,
    },
    store::{NewAudit, ProfileChange},
};

impl App {
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

/// Checks a name of a user; an empty one is none.
pub(super) fn check_name(field: &str, name: Option<String>) -> Result<Option<String>> {
    let Some(name) = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.chars().count() > 100 || name.contains(is_deceptive) {
        let message =
            "must have at most 100 characters, and no control characters, line breaks or overrides of direction";
        return Err(Error::invalid(field, message));
    }
    Ok(Some(name))
}
