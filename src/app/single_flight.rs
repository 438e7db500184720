//! One look-up for all who want to know the same thing at the same time.

use std::{convert::Infallible, fmt, hash::Hash, sync::Arc};

use moka::future::Cache;

/// How many look-ups are shared at once. Further ones may be made twice.
const CAPACITY: u64 = 100_000;

/// Look-ups that are under way, by what is looked up.
pub(super) struct SingleFlight<K>(Cache<K, Infallible>);

impl<K> fmt::Debug for SingleFlight<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight")
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> SingleFlight<K> {
    pub(super) fn new() -> Self {
        Self(Cache::new(CAPACITY))
    }

    /// Waits for a look-up of the same thing if there is one, and looks it up otherwise. Nothing is kept: the cache
    /// gives what a look-up fails with to everybody who waits, so every outcome is returned as if it were a failure.
    pub(super) async fn share<T: Send + Sync + 'static>(&self, key: K, look_up: impl Future<Output = T>) -> Arc<T> {
        match self.0.try_get_with(key, async { Err(look_up.await) }).await {
            Ok(never) => match never {},
            Err(outcome) => outcome,
        }
    }
}
