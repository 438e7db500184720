//! The cache of accounts and credentials, so that a request costs no query.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use moka::sync::Cache;

use crate::{
    app::settings::MEMORY,
    domain::{Credential, UserId},
    store::Account,
};

/// How many accounts, and how many ended credentials, are cached at most.
const CAPACITY: u64 = 100_000;

/// Accounts, cached for a few seconds or until something about the user changes.
#[derive(Debug)]
pub(super) struct AccountCache {
    accounts: Cache<UserId, Arc<Account>>,
    /// Credentials that have ended, so that presenting one again costs no query.
    ended: Cache<(UserId, Credential), ()>,
    /// Counts the changes to any user that this replica knows of.
    changes: AtomicU64,
}

impl AccountCache {
    pub(super) fn new() -> Self {
        Self {
            accounts: Cache::builder().max_capacity(CAPACITY).time_to_live(MEMORY).build(),
            ended: Cache::builder().max_capacity(CAPACITY).time_to_live(MEMORY).build(),
            changes: AtomicU64::new(0),
        }
    }

    pub(super) fn get(&self, user: UserId) -> Option<Arc<Account>> {
        self.accounts.get(&user)
    }

    /// The number of changes so far. To be taken before the account is read that will be inserted.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Caches an account, unless there was a change since `changes` was taken: the account may then be older than the
    /// change, and must not be used twice.
    pub(super) fn insert(&self, user: UserId, account: &Arc<Account>, changes: u64) {
        if self.changes() == changes {
            self.accounts.insert(user, Arc::clone(account));
            if self.changes() != changes {
                self.accounts.invalidate(&user);
            }
        }
    }

    /// Drops an account from the cache although nothing is known to have changed.
    pub(super) fn discard(&self, user: UserId) {
        self.accounts.invalidate(&user);
    }

    /// Drops an account from the cache because something about the user has changed.
    pub(super) fn invalidate(&self, user: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.invalidate(&user);
    }

    /// The same for all users: some have changed, and it is not known which.
    pub(super) fn invalidate_all(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.invalidate_all();
    }

    pub(super) fn has_ended(&self, user: UserId, credential: Credential) -> bool {
        self.ended.contains_key(&(user, credential))
    }

    /// Caches that a user does not have a credential, or no longer. Ended credentials never become valid again. The same
    /// credential may be another user's, whom a wrong token must not sign out.
    pub(super) fn insert_ended(&self, user: UserId, credential: Credential) {
        self.ended.insert((user, credential), ());
    }
}
