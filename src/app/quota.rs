//! Limits how many of something each owner may hold at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many each owner holds.
#[derive(Debug)]
pub struct Quotas<Owner>(Arc<Mutex<HashMap<Owner, usize>>>);

/// Counts as one until it is dropped.
#[derive(Debug)]
pub struct QuotaPermit<Owner: Eq + Hash> {
    counts: Quotas<Owner>,
    owner: Owner,
}

impl<Owner> Default for Quotas<Owner> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Owner: Clone + Eq + Hash> Quotas<Owner> {
    /// Counts one more, unless the owner holds `limit` already.
    #[must_use]
    pub fn take(&self, owner: Owner, limit: usize) -> Option<QuotaPermit<Owner>> {
        let mut counts = self.lock();
        let count = counts.get(&owner).copied().unwrap_or_default();
        if count >= limit {
            return None;
        }
        counts.insert(owner.clone(), count + 1);
        Some(QuotaPermit { counts: Self(Arc::clone(&self.0)), owner })
    }

    /// How many all owners hold together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.lock().values().sum()
    }
}

impl<Owner> Quotas<Owner> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, usize>> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Owner: Eq + Hash> QuotaPermit<Owner> {
    /// Who holds it.
    pub(super) fn owner(&self) -> &Owner {
        &self.owner
    }
}

impl<Owner: Eq + Hash> Drop for QuotaPermit<Owner> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Some(count) = counts.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.owner);
            }
        }
    }
}
