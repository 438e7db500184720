//! Bells: tell whoever looks after something that it may have changed.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;

/// One bell for each thing that somebody looks after.
#[derive(Debug)]
pub struct Bells<K> {
    bells: Mutex<HashMap<K, watch::Sender<u64>>>,
    /// How often any was rung.
    rings: AtomicU64,
}

impl<K: Clone + Eq + Hash> Bells<K> {
    /// No bells.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { bells: Mutex::default(), rings: AtomicU64::new(0) })
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<u64>>> {
        // Nothing panics while it holds the lock.
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the bell of a thing.
    pub(super) fn listen(bells: &Arc<Self>, thing: K) -> Bell<K> {
        let rung = bells.bells().entry(thing.clone()).or_default().subscribe();
        Bell { rung, thing, bells: Arc::clone(bells) }
    }

    /// Rings the bell of a thing.
    pub(super) fn ring(&self, thing: &K) {
        if let Some(bell) = self.bells().get(thing) {
            bell.send_replace(self.next_ring());
        }
    }

    fn next_ring(&self) -> u64 {
        self.rings.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Rings every bell.
    pub(super) fn ring_all(&self) {
        let ring = self.next_ring();
        self.bells().values().for_each(|bell| {
            bell.send_replace(ring);
        });
    }
}

/// A bell that somebody listens to. Dropping it leaves.
#[derive(Debug)]
pub struct Bell<K: Clone + Eq + Hash> {
    rung: watch::Receiver<u64>,
    thing: K,
    bells: Arc<Bells<K>>,
}

impl<K: Clone + Eq + Hash> Bell<K> {
    /// Returns when the bell was rung, once for any number of rings.
    pub async fn rung(&mut self) {
        // Its sender is there for as long as somebody listens.
        let _ = self.rung.changed().await;
    }

    /// Which ring was the last: everybody who has heard this one has heard the same.
    #[must_use]
    pub fn last_ring(&self) -> u64 {
        *self.rung.borrow()
    }
}

impl<K: Clone + Eq + Hash> Drop for Bell<K> {
    fn drop(&mut self) {
        let mut bells = self.bells.bells();
        // This listener is still counted.
        if bells.get(&self.thing).is_some_and(|bell| bell.receiver_count() <= 1) {
            bells.remove(&self.thing);
        }
    }
}
