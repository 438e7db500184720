//! The watchers of this replica, by inbox.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast;

use super::change_notifier::{ChangeListener, ChangeNotifier};
use crate::domain::{Message, NumberId, UserId};

/// How many signals an inbox holds for its slowest watcher. One that falls further behind is told
/// so, and catches up from the store.
const BACKLOG: usize = 32;

/// How many changes of users wait to be heard. Whoever misses some forgets what it knew of everybody.
const CHANGES: usize = 1024;

/// What a watcher hears.
#[derive(Clone, Debug)]
pub enum Signal {
    /// A message was committed.
    Message(Arc<Message>),
    /// The inbox ends here; whoever is not there yet has missed something.
    End(i64),
    /// Something may have been missed: look at the store.
    Resync,
}

/// The watchers of this replica. Bounded: what a slow watcher does not take in time falls away.
#[derive(Debug)]
pub struct Hub {
    inboxes: Mutex<HashMap<UserId, WatchedInbox>>,
    changes: broadcast::Sender<UserId>,
    numbers: Arc<ChangeNotifier<NumberTopic>>,
}

/// Which changes of numbers somebody wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberTopic {
    /// Those of numbers that this user rents.
    RentedBy(UserId),
    /// Those of this number.
    Number(NumberId),
}

#[derive(Debug)]
struct WatchedInbox {
    signals: broadcast::Sender<Signal>,
    /// The last sequence that was heard of here.
    heard: i64,
    watchers: usize,
}

impl Hub {
    /// A hub without watchers.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            inboxes: Mutex::default(),
            changes: broadcast::Sender::new(CHANGES),
            numbers: ChangeNotifier::new(),
        })
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<UserId, WatchedInbox>> {
        // Nothing panics while it holds the lock, and a map of senders has no half-done state.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes to an inbox.
    pub fn subscribe(hub: &Arc<Self>, inbox: UserId) -> InboxSubscription {
        let mut inboxes = hub.inboxes();
        let entry = inboxes.entry(inbox).or_insert_with(|| WatchedInbox {
            signals: broadcast::Sender::new(BACKLOG),
            heard: 0,
            watchers: 0,
        });
        entry.watchers += 1;
        let signals = entry.signals.subscribe();
        drop(inboxes);
        InboxSubscription { signals, inbox, hub: Arc::clone(hub) }
    }

    /// Tells the watchers of its inbox of a message.
    pub fn notify(&self, message: &Arc<Message>) {
        if let Some(inbox) = self.inboxes().get_mut(&message.user_id) {
            inbox.heard = inbox.heard.max(message.inbox_seq);
            // It fails only when the last watcher is leaving at this moment.
            let _ = inbox.signals.send(Signal::Message(Arc::clone(message)));
        }
    }

    /// Tells the watchers of an inbox where it ends, unless they have heard of that.
    pub fn notify_end(&self, inbox: UserId, last_seq: i64) {
        if let Some(inbox) = self.inboxes().get_mut(&inbox)
            && inbox.heard < last_seq
        {
            inbox.heard = last_seq;
            let _ = inbox.signals.send(Signal::End(last_seq));
        }
    }

    /// Tells this replica that what a user may do has changed.
    pub fn notify_user_change(&self, user: UserId) {
        // Without anybody who listens there is nobody to tell.
        let _ = self.changes.send(user);
    }

    /// The users whose rights change from now on.
    pub fn changes(&self) -> broadcast::Receiver<UserId> {
        self.changes.subscribe()
    }

    /// Listens for changes of numbers.
    pub fn subscribe_to_numbers(&self, topic: NumberTopic) -> ChangeListener<NumberTopic> {
        ChangeNotifier::listen(&self.numbers, topic)
    }

    /// Tells this replica that a number has changed.
    pub fn notify_number_change(&self, number: NumberId, renter: Option<UserId>) {
        self.numbers.notify(&NumberTopic::Number(number));
        if let Some(renter) = renter {
            self.numbers.notify(&NumberTopic::RentedBy(renter));
        }
    }

    /// Sends every watcher to the store: the wire was down, and nobody knows what it lost.
    pub fn resync_all(&self) {
        self.numbers.notify_all();
        for inbox in self.inboxes().values() {
            let _ = inbox.signals.send(Signal::Resync);
        }
    }

    /// Sends the watchers of an inbox to the store.
    pub fn resync(&self, inbox: UserId) {
        if let Some(inbox) = self.inboxes().get(&inbox) {
            let _ = inbox.signals.send(Signal::Resync);
        }
    }

    /// Whether anybody watches an inbox.
    pub fn is_watched(&self, inbox: UserId) -> bool {
        self.inboxes().contains_key(&inbox)
    }

    /// Which inboxes are watched, and the last sequence that was heard of in each.
    pub fn watched(&self) -> Vec<(UserId, i64)> {
        self.inboxes().iter().map(|(&id, inbox)| (id, inbox.heard)).collect()
    }
}

/// A watcher's subscription to an inbox. Dropping it leaves, and the last one to leave closes the inbox.
#[derive(Debug)]
pub struct InboxSubscription {
    signals: broadcast::Receiver<Signal>,
    inbox: UserId,
    hub: Arc<Hub>,
}

impl InboxSubscription {
    /// The next signal. A watcher that was too slow for some gets [`Signal::Resync`] in their place.
    pub async fn next(&mut self) -> Signal {
        match self.signals.recv().await {
            Ok(signal) => signal,
            // The subscription keeps its inbox open, so closed cannot happen while somebody listens.
            Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed) => Signal::Resync,
        }
    }
}

impl Drop for InboxSubscription {
    fn drop(&mut self) {
        let mut inboxes = self.hub.inboxes();
        if let Some(inbox) = inboxes.get_mut(&self.inbox) {
            inbox.watchers -= 1;
            if inbox.watchers == 0 {
                inboxes.remove(&self.inbox);
            }
        }
    }
}
