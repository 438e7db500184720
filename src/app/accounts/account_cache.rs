//! The cache of accounts and credentials, so that a request costs no query.
//!
//! What is cached of a user is dropped as soon as something about them changes: this replica knows its own changes, and
//! the bus tells it those of others. In case a notification is lost, nothing is relied on for longer than [`MEMORY`]
//! without being checked, by the periodic check of all of them in one query or by being read again.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use crate::{
    app::{settings::MEMORY, single_flight::SingleFlight},
    domain::{Credential, User, UserId},
    store::{Holder, PresentedCredential},
};

/// How many accounts, and how many ended credentials, are cached at most.
const CAPACITY: u64 = 100_000;
/// How long an account is cached: what the periodic check does not compare, such as names, may be so old if the
/// notification of a change was lost.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(60);
/// What was checked this long ago is checked again. The check runs every two seconds, so that nothing gets to
/// [`MEMORY`].
const CHECK_AFTER: chrono::TimeDelta = chrono::TimeDelta::seconds(3);
/// How many accounts are checked at once. Further ones are read again when they are needed.
const CHECKED_AT_ONCE: usize = 20_000;

/// Accounts with the credentials that were presented, until something about the user changes.
#[derive(Debug)]
pub(super) struct AccountCache {
    accounts: Cache<UserId, Arc<CachedAccount>>,
    /// Credentials that have ended, so that presenting one again costs no query.
    ended: Cache<(UserId, Credential), ()>,
    /// Counts the changes to any user that this replica knows of.
    changes: AtomicU64,
    /// Look-ups of credentials that are under way.
    pub(super) look_ups: SingleFlight<(UserId, Credential)>,
}

/// A user, and those of their credentials that were presented.
#[derive(Debug)]
pub(in crate::app) struct CachedAccount {
    user: Arc<User>,
    credentials: Vec<(Credential, DateTime<Utc>)>,
    /// When the store was last asked about it, in microseconds.
    checked_at: AtomicI64,
}

impl CachedAccount {
    fn checked_at(&self) -> i64 {
        self.checked_at.load(Ordering::Relaxed)
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now.timestamp_micros() - self.checked_at();
        u64::try_from(age).is_ok_and(|age| u128::from(age) < MEMORY.as_micros())
    }

    /// What is to be checked: the credentials, and the rights that came with them.
    pub(in crate::app) fn presented(&self) -> impl Iterator<Item = PresentedCredential> {
        let (user, role, plan) = (self.user.id, Some(self.user.role), Some(self.user.plan));
        self.credentials.iter().map(move |&(credential, _)| PresentedCredential { user, credential, role, plan })
    }

    /// Notes that the store has just confirmed it.
    pub(in crate::app) fn confirm(&self, now: DateTime<Utc>) {
        self.checked_at.store(now.timestamp_micros(), Ordering::Relaxed);
    }
}

impl AccountCache {
    pub(super) fn new() -> Self {
        Self {
            accounts: Cache::builder().max_capacity(CAPACITY).time_to_live(LIFETIME).build(),
            ended: Cache::builder().max_capacity(CAPACITY).time_to_live(MEMORY).build(),
            changes: AtomicU64::new(0),
            look_ups: SingleFlight::new(),
        }
    }

    fn fresh(&self, user: UserId, now: DateTime<Utc>) -> Option<Arc<CachedAccount>> {
        self.accounts.get(&user).filter(|account| account.is_fresh(now))
    }

    /// A user, whatever their credentials.
    pub(super) fn get(&self, user: UserId, now: DateTime<Utc>) -> Option<Arc<User>> {
        Some(Arc::clone(&self.fresh(user, now)?.user))
    }

    /// The user who holds a credential, if it is known to be theirs and has not expired.
    pub(super) fn get_holder(&self, user: UserId, credential: Credential, now: DateTime<Utc>) -> Option<Arc<User>> {
        let account = self.fresh(user, now)?;
        let known = account.credentials.iter().find(|(known, _)| *known == credential);
        known.filter(|(_, expires_at)| *expires_at > now).map(|_| Arc::clone(&account.user))
    }

    /// The number of changes so far. To be taken before the account is read that will be inserted.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Caches the holder of a credential, unless there was a change since `changes` was taken: the account may then be
    /// older than the change, and must not be used twice.
    pub(super) fn insert(&self, holder: &Holder, credential: Credential, read_at: DateTime<Utc>, changes: u64) {
        let user = holder.user.id;
        let Some(expires_at) = holder.expires_at.filter(|_| self.changes() == changes) else { return };
        let mut credentials = vec![(credential, expires_at)];
        let mut checked_at = read_at.timestamp_micros();
        if let Some(known) = self.fresh(user, read_at) {
            checked_at = checked_at.min(known.checked_at());
            credentials.extend(known.credentials.iter().filter(|(known, _)| *known != credential));
        }
        let account =
            CachedAccount { user: Arc::clone(&holder.user), credentials, checked_at: AtomicI64::new(checked_at) };
        self.accounts.insert(user, Arc::new(account));
        if self.changes() != changes {
            self.accounts.invalidate(&user);
        }
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

    /// Caches that a user does not have a credential, or no longer. Ended credentials never become valid again. The
    /// same credential may be another user's, whom a wrong token must not sign out.
    pub(super) fn insert_ended(&self, user: UserId, credential: Credential) {
        self.ended.insert((user, credential), ());
    }

    /// The accounts that the periodic check is to ask about.
    pub(super) fn list_unchecked(&self, now: DateTime<Utc>) -> Vec<Arc<CachedAccount>> {
        let due = (now - CHECK_AFTER).timestamp_micros();
        let accounts = self.accounts.iter().map(|(_, account)| account);
        accounts.filter(|account| account.checked_at() <= due).take(CHECKED_AT_ONCE).collect()
    }
}
