//! The senders whose messages are refused, for each batch. `blocking` changes them.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::{
    app::settings::MEMORY,
    clock::Clock,
    domain::{BlockedSenders, Error},
    store::Store,
};

/// How long a batch waits for the list to be loaded. After that it uses the one that was loaded last.
const LOAD_TIMEOUT: Duration = Duration::from_secs(1);

/// Provides the [`BlockedSenders`] for each batch. They are cached for a few seconds, or until this replica changes
/// them.
#[derive(Debug)]
pub(super) struct BlockListSource {
    store: Store,
    clock: Clock,
    loaded: Mutex<LoadedList>,
}

/// The list as it was loaded last.
#[derive(Debug, Default)]
struct LoadedList {
    blocked: Arc<BlockedSenders>,
    /// When it was loaded, or loading was tried. `None` if never, or if it has changed since.
    loaded_at: Option<DateTime<Utc>>,
}

impl BlockListSource {
    pub(super) fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, loaded: Mutex::default() }
    }

    /// The list to use now. While the store is away this is the one that was loaded last.
    pub(super) async fn current(&self) -> Arc<BlockedSenders> {
        let mut loaded = self.loaded.lock().await;
        let now = self.clock.now();
        let is_fresh = |at: DateTime<Utc>| (now - at).to_std().is_ok_and(|age| age < MEMORY);
        if !loaded.loaded_at.is_some_and(is_fresh) {
            let result = tokio::time::timeout(LOAD_TIMEOUT, self.store.list_blocked_patterns()).await;
            // A failed load counts as a load: otherwise each batch would wait for a slow store.
            loaded.loaded_at = Some(now);
            match result.map_err(Error::unavailable).flatten() {
                Ok(patterns) => loaded.blocked = Arc::new(BlockedSenders::new(patterns)),
                Err(error) => error.log("load blocked senders"),
            }
        }
        Arc::clone(&loaded.blocked)
    }

    /// Makes the next batch load the list again.
    pub(super) async fn invalidate(&self) {
        // A load in progress may have read too early; it holds the lock until it is done.
        self.loaded.lock().await.loaded_at = None;
    }
}
