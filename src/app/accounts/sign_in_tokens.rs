//! Tokens with which a link signs somebody in: each once, and for a few minutes.
//!
//! They are kept in this process, because only the demo makes them: it prints the link to its own page.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    authentication::must_be_active,
    secrets::{digest, generate},
    sessions::SignedIn,
};
use crate::{
    app::App,
    domain::{Client, Error, Result, UserId},
};

/// How long a token is good: long enough to find the link in a terminal, and no longer.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// The tokens that were made and not used yet, by their digests.
#[derive(Default)]
pub(super) struct SignInTokens(Mutex<HashMap<String, (UserId, DateTime<Utc>)>>);

impl fmt::Debug for SignInTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInTokens")
    }
}

impl SignInTokens {
    fn insert(&self, digest: String, user: UserId, now: DateTime<Utc>) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (_, expires_at)| *expires_at > now);
        tokens.insert(digest, (user, now + LIFETIME));
    }

    /// Whose token it is. Nobody's the next time.
    fn take(&self, digest: &str, now: DateTime<Utc>) -> Option<UserId> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(digest).filter(|(_, expires_at)| *expires_at > now).map(|(user, _)| user)
    }
}

impl App {
    /// A token that signs a user in once, for the operator to put into a link.
    #[must_use]
    pub fn create_sign_in_token_as_operator(&self, user: UserId) -> SecretString {
        let token = generate("otps_", &self.random);
        self.accounts.sign_in_tokens.insert(digest(&token), user, self.clock.now());
        token.into()
    }

    /// Signs a user in with a token from a link: starts a session. The token is used up.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the token is not good; `ACCOUNT_DEACTIVATED`.
    pub async fn log_in_with_token(&self, token: &SecretString, client: &Client) -> Result<SignedIn> {
        let bad = || Error::invalid("sign_in_token", "is not valid, was used before, or has expired; sign in instead");
        let user =
            self.accounts.sign_in_tokens.take(&digest(token.expose_secret()), self.clock.now()).ok_or_else(bad)?;
        let tx = self.store.begin().await?;
        let user = tx.find_user(user).await?.ok_or_else(bad)?;
        must_be_active(&user)?;
        let _notice = self.user_change_notice(user.id);
        let signed_in = self.begin_session(&tx, user, client).await?;
        tx.commit().await?;
        Ok(signed_in)
    }
}
