//! Authentication: who is behind a credential, and what they may do now.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    domain::{Actor, Caller, Client, Credential, Error, ErrorCode, Result, Scopes, User, UserId},
    store::Account,
};

impl App {
    /// Who is behind an access token or an API key.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`, `SESSION_ENDED` or `ACCOUNT_DEACTIVATED`; `RATE_LIMITED` after
    /// too many API keys from one place that there are not.
    pub async fn authenticate(&self, token: &str, client: &Client) -> Result<Caller> {
        if Self::is_api_key(token) {
            return self.authenticate_key(token, client).await;
        }
        let token = self.accounts.access_tokens.read(token, self.clock.now())?;
        self.actor(token.user, Credential::Session(token.session), Scopes::all(), token.expires_at).await
    }

    /// The caller as they are now: what a user may do can change after they have shown their credential.
    ///
    /// # Errors
    /// `SESSION_ENDED`, `ACCOUNT_DEACTIVATED`, or `UNAUTHENTICATED` when the account is gone.
    pub async fn reauthenticate(&self, cx: &Caller) -> Result<Caller> {
        match cx {
            Caller::Guest => Ok(Caller::Guest),
            Caller::User(actor) => self.actor(actor.user_id, actor.credential, actor.scopes, actor.expires_at).await,
        }
    }

    pub(super) async fn actor(
        &self,
        id: UserId,
        credential: Credential,
        scopes: Scopes,
        expires_at: DateTime<Utc>,
    ) -> Result<Caller> {
        let gone = || Error::new(ErrorCode::Unauthenticated, "the access token is not valid");
        let ended = || match credential {
            Credential::Session(_) => Error::new(ErrorCode::SessionEnded, "the session was ended; sign in again"),
            Credential::ApiKey(_) => Error::new(ErrorCode::Unauthenticated, "the API key was revoked or has expired"),
        };
        // What has ended never comes back, so whoever goes on showing it costs nothing.
        if self.accounts.cache.has_ended(&credential) {
            return Err(ended());
        }
        let mut account = self.find_account(id).await?.ok_or_else(gone)?;
        if !account.credentials.contains(&credential) {
            // Another replica may have given it out after this one last looked.
            self.accounts.cache.discard(id);
            account = self.find_account(id).await?.ok_or_else(gone)?;
        }
        let user = &account.user;
        must_be_active(user)?;
        if !account.credentials.contains(&credential) {
            self.accounts.cache.insert_ended(credential);
            return Err(ended());
        }
        Ok(Caller::User(Actor { user_id: id, role: user.role, plan: user.plan, credential, scopes, expires_at }))
    }

    pub(super) async fn find_account(&self, id: UserId) -> Result<Option<Arc<Account>>> {
        let cache = &self.accounts.cache;
        if let Some(account) = cache.get(id) {
            return Ok(Some(account));
        }
        let changes = cache.changes();
        let Some(account) = self.store.find_account(id, self.clock.now()).await? else { return Ok(None) };
        let account = Arc::new(account);
        cache.insert(id, &account, changes);
        Ok(Some(account))
    }
}

pub(super) fn must_be_active(user: &User) -> Result<()> {
    if user.is_active { Ok(()) } else { Err(Error::new(ErrorCode::AccountDeactivated, "the account was deactivated")) }
}
