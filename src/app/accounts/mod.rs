//! Accounts: users, how they sign in, and what their credentials are good for. To be read in this order:
//!
//! 1. `registration` and `invitations`: who may make an account; `users`: profiles, and what administrators decide
//!    about a user.
//! 2. `sessions`: signing in, refreshing, signing out. `access_tokens` and `refresh_tokens` are what a client holds;
//!    `passwords` hashes and verifies, and
//!    `password_rules` decides which are accepted; `sign_in_tokens` are for links that sign in once.
//! 3. `authentication`: from a credential to a caller, cached in `account_cache` until something about the user
//!    changes.
//! 4. `api_keys`: credentials for programs, cached in `api_key_cache`.
//! 5. `recovery`: verifying an address and resetting a password; `mail_queue` sends the mail for both.
//! 6. `login_attempts`: limiting guesses. `change_notice`: publishing that an account has changed, and following
//!    such changes. `secrets`: secrets of which only a digest is stored.

mod access_tokens;
mod account_cache;
mod api_key_cache;
mod api_keys;
mod authentication;
mod change_notice;
mod invitations;
mod login_attempts;
mod mail_queue;
mod password_rules;
mod passwords;
mod recovery;
mod refresh_tokens;
mod registration;
mod secrets;
mod sessions;
mod sign_in_tokens;
mod users;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;

use self::{
    access_tokens::AccessTokens,
    account_cache::{AccountCache, CachedAccount},
    api_key_cache::ApiKeyCache,
    mail_queue::{MailQueue, MailWorker},
    passwords::Passwords,
    refresh_tokens::RefreshTokens,
    sign_in_tokens::SignInTokens,
};
pub use invitations::Invited;
pub(super) use login_attempts::KNOWN_NETWORK;
pub use mail_queue::MailLinks;
pub use passwords::PasswordCost;
pub use registration::Registration;
pub use sessions::SignedIn;

use super::{keyring::Keyring, settings::Settings};
use crate::{
    clock::Clock,
    domain::{ApiKeyId, UserId},
    limiter::Limiter,
    mail::Mailer,
    random::Random,
    store::Store,
};

/// The state of accounts in this process.
#[derive(Debug)]
pub(super) struct Accounts {
    passwords: Passwords,
    access_tokens: AccessTokens,
    refresh_tokens: RefreshTokens,
    sign_in_tokens: SignInTokens,
    cache: AccountCache,
    api_keys: ApiKeyCache,
    mail_queue: MailQueue,
}

impl Accounts {
    /// Starts the mail worker. It ends after [`Accounts::close`], once everything that was accepted is sent.
    pub(super) fn start(
        store: &Store,
        mailer: Mailer,
        limiter: &Arc<Limiter>,
        clock: &Clock,
        random: &Random,
        keys: &Keyring,
        settings: &Settings,
    ) -> (Self, JoinHandle<()>) {
        let worker = MailWorker {
            store: store.clone(),
            mailer,
            limiter: Arc::clone(limiter),
            clock: clock.clone(),
            random: random.clone(),
            links: settings.mail_links.clone(),
        };
        let (mail_queue, sending) = MailQueue::start(worker);
        let accounts = Self {
            passwords: Passwords::new(settings.password_cost, random.clone()),
            access_tokens: AccessTokens::new(keys),
            refresh_tokens: RefreshTokens::new(keys),
            sign_in_tokens: SignInTokens::default(),
            cache: AccountCache::new(),
            api_keys: ApiKeyCache::new(),
            mail_queue,
        };
        (accounts, sending)
    }

    /// Accepts no more mail. What was accepted before is still sent.
    pub(super) fn close(&self) {
        self.mail_queue.close();
    }

    /// Drops what is cached of a user.
    pub(super) fn invalidate(&self, user: UserId) {
        self.cache.invalidate(user);
    }

    /// The accounts whose credentials the periodic check is to ask about.
    pub(super) fn list_unchecked(&self, now: DateTime<Utc>) -> Vec<Arc<CachedAccount>> {
        self.cache.list_unchecked(now)
    }

    /// Takes the API keys that were used since the last call, with the time of their last use.
    pub(super) fn take_key_usage(&self) -> Vec<(ApiKeyId, DateTime<Utc>)> {
        self.api_keys.take_usage()
    }
}
