//! Authentication: who is behind a credential, and what they may do now.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    domain::{Actor, Caller, Client, Credential, Error, ErrorCode, Result, Scopes, User, UserId},
    store::Holder,
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
        let now = self.clock.now();
        let user = match self.accounts.cache.get_holder(id, credential, now) {
            Some(user) => user,
            None => {
                // Boxed: most requests do not get here, and each would move the future with its own.
                let holder = Box::pin(self.find_holder(id, credential)).await?.ok_or_else(gone)?;
                must_be_active(&holder.user)?;
                if holder.expires_at.is_none_or(|expires_at| expires_at <= now) {
                    self.accounts.cache.insert_ended(id, credential);
                    return Err(ended());
                }
                holder.user
            }
        };
        must_be_active(&user)?;
        Ok(Caller::User(Actor { user_id: id, role: user.role, plan: user.plan, credential, scopes, expires_at }))
    }

    /// A user and when a credential of theirs expires, in one statement for all who present it at the same time.
    async fn find_holder(&self, id: UserId, credential: Credential) -> Result<Option<Holder>> {
        let cache = &self.accounts.cache;
        loop {
            let changes = cache.changes();
            let look_up = async {
                let (began, now) = (cache.changes(), self.clock.now());
                let found = self.store.find_holder(id, credential).await;
                if let Ok(Some(holder)) = &found {
                    cache.insert(holder, credential, now, began);
                }
                (began, found)
            };
            let (began, found) = &*cache.look_ups.share((id, credential), look_up).await;
            // One that began before a change may not have seen it, and this caller may know of it.
            if *began >= changes {
                return found.clone();
            }
        }
    }

    /// A user, cached or not.
    pub(in crate::app) async fn current_user(&self, id: UserId) -> Result<Option<Arc<User>>> {
        match self.accounts.cache.get(id, self.clock.now()) {
            Some(user) => Ok(Some(user)),
            None => Ok(self.store.find_user(id).await?.map(Arc::new)),
        }
    }
}

pub(super) fn must_be_active(user: &User) -> Result<()> {
    if user.is_active { Ok(()) } else { Err(Error::new(ErrorCode::AccountDeactivated, "the account was deactivated")) }
}
