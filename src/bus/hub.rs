//! The watchers of this replica, by inbox.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast;

use super::bells::{Bell, Bells};
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
    Look,
}

/// The watchers of this replica. Bounded: what a slow watcher does not take in time falls away.
#[derive(Debug)]
pub struct Hub {
    inboxes: Mutex<HashMap<UserId, Inbox>>,
    changes: broadcast::Sender<UserId>,
    numbers: Arc<Bells<NumberTopic>>,
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
struct Inbox {
    signals: broadcast::Sender<Signal>,
    /// The last sequence that was rung or noted here.
    heard: i64,
    watchers: usize,
}

impl Hub {
    /// A hub without watchers.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { inboxes: Mutex::default(), changes: broadcast::Sender::new(CHANGES), numbers: Bells::new() })
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<UserId, Inbox>> {
        // Nothing panics while it holds the lock, and a map of senders has no half-done state.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a seat at an inbox.
    pub fn join(hub: &Arc<Self>, inbox: UserId) -> Seat {
        let mut inboxes = hub.inboxes();
        let entry = inboxes.entry(inbox).or_insert_with(|| Inbox {
            signals: broadcast::Sender::new(BACKLOG),
            heard: 0,
            watchers: 0,
        });
        entry.watchers += 1;
        let signals = entry.signals.subscribe();
        drop(inboxes);
        Seat { signals, inbox, hub: Arc::clone(hub) }
    }

    /// Tells the watchers of its inbox of a message.
    pub fn ring(&self, message: &Arc<Message>) {
        if let Some(inbox) = self.inboxes().get_mut(&message.user_id) {
            inbox.heard = inbox.heard.max(message.inbox_seq);
            // It fails only when the last watcher is leaving at this moment.
            let _ = inbox.signals.send(Signal::Message(Arc::clone(message)));
        }
    }

    /// Tells the watchers of an inbox where it ends, unless they have heard of that.
    pub fn note_end(&self, inbox: UserId, last_seq: i64) {
        if let Some(inbox) = self.inboxes().get_mut(&inbox)
            && inbox.heard < last_seq
        {
            inbox.heard = last_seq;
            let _ = inbox.signals.send(Signal::End(last_seq));
        }
    }

    /// Tells this replica that what a user may do has changed.
    pub fn note_change(&self, user: UserId) {
        // Without anybody who listens there is nobody to tell.
        let _ = self.changes.send(user);
    }

    /// The users whose rights change from now on.
    pub fn changes(&self) -> broadcast::Receiver<UserId> {
        self.changes.subscribe()
    }

    /// Listens for changes of numbers.
    pub fn listen_to_numbers(&self, topic: NumberTopic) -> Bell<NumberTopic> {
        Bells::listen(&self.numbers, topic)
    }

    /// Tells this replica that a number has changed.
    pub fn note_number(&self, number: NumberId, renter: Option<UserId>) {
        self.numbers.ring(&NumberTopic::Number(number));
        if let Some(renter) = renter {
            self.numbers.ring(&NumberTopic::RentedBy(renter));
        }
    }

    /// Sends every watcher to the store: the wire was down, and nobody knows what it lost.
    pub fn look_everywhere(&self) {
        self.numbers.ring_all();
        for inbox in self.inboxes().values() {
            let _ = inbox.signals.send(Signal::Look);
        }
    }

    /// Sends the watchers of an inbox to the store.
    pub fn look_at(&self, inbox: UserId) {
        if let Some(inbox) = self.inboxes().get(&inbox) {
            let _ = inbox.signals.send(Signal::Look);
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

/// A watcher's place at an inbox. Dropping it leaves, and the last one to leave closes the inbox.
#[derive(Debug)]
pub struct Seat {
    signals: broadcast::Receiver<Signal>,
    inbox: UserId,
    hub: Arc<Hub>,
}

impl Seat {
    /// The next signal. A watcher that was too slow for some gets [`Signal::Look`] in their place.
    pub async fn next(&mut self) -> Signal {
        match self.signals.recv().await {
            Ok(signal) => signal,
            // The seat keeps its inbox open, so closed cannot happen while somebody listens.
            Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed) => Signal::Look,
        }
    }
}

impl Drop for Seat {
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
