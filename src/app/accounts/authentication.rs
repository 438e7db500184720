//! Authentication: who is behind a credential, and what they may do now.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    domain::{Actor, Caller, Client, Credential, Error, ErrorCode, Result, Scopes, User, UserId},
    store::Account,
};

impl App {
    /// The caller behind an access token or an API key.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `TOKEN_EXPIRED`, `SESSION_ENDED` or `ACCOUNT_DEACTIVATED`; `RATE_LIMITED` after too many
    /// unknown API keys from one network.
    pub async fn authenticate(&self, token: &str, client: &Client) -> Result<Caller> {
        if Self::is_api_key(token) {
            return self.authenticate_key(token, client).await;
        }
        let token = self.accounts.access_tokens.read(token, self.clock.now())?;
        self.caller_with(token.user, Credential::Session(token.session), Scopes::all(), token.expires_at).await
    }

    /// The caller with their current rights, which may have changed since the credential was presented.
    ///
    /// # Errors
    /// `SESSION_ENDED`, `ACCOUNT_DEACTIVATED`, or `UNAUTHENTICATED` when the account is gone.
    pub async fn reauthenticate(&self, cx: &Caller) -> Result<Caller> {
        match cx {
            Caller::Guest => Ok(Caller::Guest),
            Caller::User(actor) => {
                self.caller_with(actor.user_id, actor.credential, actor.scopes, actor.expires_at).await
            }
        }
    }

    /// The caller who presents a credential, with the current rights of its user.
    pub(super) async fn caller_with(
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
        // Ended credentials stay ended, so presenting one again costs no query.
        if self.accounts.cache.has_ended(id, credential) {
            return Err(ended());
        }
        let mut account = self.find_account(id).await?.ok_or_else(gone)?;
        if !account.credentials.contains(&credential) {
            // Another replica may have issued it after this account was cached.
            self.accounts.cache.discard(id);
            account = self.find_account(id).await?.ok_or_else(gone)?;
        }
        let user = &account.user;
        must_be_active(user)?;
        if !account.credentials.contains(&credential) {
            self.accounts.cache.insert_ended(id, credential);
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
