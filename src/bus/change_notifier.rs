//! Change notifiers: tell the listeners of a topic that it may have changed.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;

/// One channel per topic with listeners.
#[derive(Debug)]
pub struct ChangeNotifier<K> {
    senders: Mutex<HashMap<K, watch::Sender<u64>>>,
    /// The number of changes so far, of all topics.
    version: AtomicU64,
}

impl<K: Clone + Eq + Hash> ChangeNotifier<K> {
    /// A notifier without listeners.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { senders: Mutex::default(), version: AtomicU64::new(0) })
    }

    fn senders(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<u64>>> {
        // Nothing panics while it holds the lock.
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens for changes of a topic.
    pub(super) fn listen(notifier: &Arc<Self>, topic: K) -> ChangeListener<K> {
        let changed = notifier.senders().entry(topic.clone()).or_default().subscribe();
        ChangeListener { changed, topic, notifier: Arc::clone(notifier) }
    }

    /// Notifies the listeners of a topic.
    pub(super) fn notify(&self, topic: &K) {
        if let Some(sender) = self.senders().get(topic) {
            sender.send_replace(self.next_version());
        }
    }

    fn next_version(&self) -> u64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Notifies the listeners of all topics.
    pub(super) fn notify_all(&self) {
        let version = self.next_version();
        self.senders().values().for_each(|sender| {
            sender.send_replace(version);
        });
    }
}

/// Listens for changes of a topic until it is dropped.
///
/// It is no `Stream`, for the same reason as a subscription to an inbox.
#[derive(Debug)]
pub struct ChangeListener<K: Clone + Eq + Hash> {
    changed: watch::Receiver<u64>,
    topic: K,
    notifier: Arc<ChangeNotifier<K>>,
}

impl<K: Clone + Eq + Hash> ChangeListener<K> {
    /// Returns when the topic has changed: once for any number of changes since the last call.
    pub async fn changed(&mut self) {
        // The sender exists for as long as there is a listener.
        let _ = self.changed.changed().await;
    }

    /// The version of the topic: listeners that have seen the same version have seen the same changes.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.changed.borrow()
    }
}

impl<K: Clone + Eq + Hash> Drop for ChangeListener<K> {
    fn drop(&mut self) {
        let mut senders = self.notifier.senders();
        // This listener is still counted as a receiver.
        if senders.get(&self.topic).is_some_and(|sender| sender.receiver_count() <= 1) {
            senders.remove(&self.topic);
        }
    }
}
