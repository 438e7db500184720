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

use super::secrets::{digest, generate};
use crate::{domain::UserId, random::Random};

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
    /// A new token of a user.
    pub(super) fn create(&self, user: UserId, random: &Random, now: DateTime<Utc>) -> SecretString {
        let token = generate("otps_", random);
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (_, expires_at)| *expires_at > now);
        tokens.insert(digest(&token), (user, now + LIFETIME));
        token.into()
    }

    /// Whose token it is. Nobody's the next time.
    pub(super) fn take(&self, token: &SecretString, now: DateTime<Utc>) -> Option<UserId> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(&digest(token.expose_secret())).filter(|(_, expires_at)| *expires_at > now).map(|(user, _)| user)
    }
}
