//! What this replica remembers of users and credentials, so that a request costs no query.

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

/// How many users, and ended credentials, are remembered at most.
const CAPACITY: u64 = 100_000;

/// Users as they were read a few seconds ago at most, unless something about them has changed since.
#[derive(Debug)]
pub(super) struct AccountCache {
    accounts: Cache<UserId, Arc<Account>>,
    /// Credentials that have ended: whoever goes on showing one costs no query.
    ended: Cache<Credential, ()>,
    /// How often anything about a user has changed, as far as this replica knows.
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

    /// How many changes there have been: to be asked before an account is read that will be inserted.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Remembers an account that was read, unless something has changed since `changes` were counted: then it may be
    /// older than the change, and is good for once.
    pub(super) fn insert(&self, user: UserId, account: &Arc<Account>, changes: u64) {
        if self.changes() == changes {
            self.accounts.insert(user, Arc::clone(account));
            if self.changes() != changes {
                self.accounts.invalidate(&user);
            }
        }
    }

    /// Drops what is remembered without a change: another replica may know better.
    pub(super) fn discard(&self, user: UserId) {
        self.accounts.invalidate(&user);
    }

    /// Something about a user has changed.
    pub(super) fn invalidate(&self, user: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.invalidate(&user);
    }

    /// Something about some user has changed, and it is not known which.
    pub(super) fn invalidate_all(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.invalidate_all();
    }

    pub(super) fn has_ended(&self, credential: &Credential) -> bool {
        self.ended.contains_key(credential)
    }

    /// Remembers that a credential has ended. One that has never comes back.
    pub(super) fn insert_ended(&self, credential: Credential) {
        self.ended.insert(credential, ());
    }
}
