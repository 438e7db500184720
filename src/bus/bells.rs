//! Bells: tell whoever looks after something that it may have changed.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// One bell for each thing that somebody looks after.
#[derive(Debug)]
pub struct Bells<K>(Mutex<HashMap<K, watch::Sender<()>>>);

impl<K: Clone + Eq + Hash> Bells<K> {
    /// No bells.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::default()))
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<()>>> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the bell of a thing.
    pub(super) fn listen(bells: &Arc<Self>, thing: K) -> Bell<K> {
        let rung = bells.bells().entry(thing.clone()).or_default().subscribe();
        Bell { rung, thing, bells: Arc::clone(bells) }
    }

    /// Rings the bell of a thing.
    pub(super) fn ring(&self, thing: &K) {
        if let Some(bell) = self.bells().get(thing) {
            bell.send_replace(());
        }
    }

    /// Rings every bell.
    pub(super) fn ring_all(&self) {
        self.bells().values().for_each(|bell| bell.send_replace(()));
    }
}

/// A bell that somebody listens to. Dropping it leaves.
#[derive(Debug)]
pub struct Bell<K: Clone + Eq + Hash> {
    rung: watch::Receiver<()>,
    thing: K,
    bells: Arc<Bells<K>>,
}

impl<K: Clone + Eq + Hash> Bell<K> {
    /// Returns when the bell was rung, once for any number of rings.
    pub async fn rung(&mut self) {
        // Its sender is there for as long as somebody listens.
        let _ = self.rung.changed().await;
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
