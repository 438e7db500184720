//! The subscriptions of this replica.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, broadcast};

use super::change_notifier::{ChangeListener, ChangeNotifier};
use crate::{
    domain::{Message, NumberId, TicketId, UserId},
    tracer::TraceContext,
};

/// How many signals are kept for a subscription of an inbox. One that falls further behind gets a
/// [`InboxSignal::Resync`] and catches up from the store.
const BACKLOG: usize = 32;

/// How many changes of users are kept for a slow receiver. One that misses some drops what it cached of all users.
const USER_CHANGES: usize = 1024;

/// What is known of how a message came here, beside the message.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// When it was committed, if the replica that did it says so.
    pub committed_at: Option<DateTime<Utc>>,
    /// What brought it to this replica, if the message is traced.
    pub trace: Option<Arc<TracedArrival>>,
}

/// What brought a traced message to this replica.
#[derive(Clone, Copy, Debug)]
pub struct TracedArrival {
    /// The span that did.
    pub context: TraceContext,
    /// When it did.
    pub at: DateTime<Utc>,
}

/// What a subscription to an inbox gets.
#[derive(Clone, Debug)]
pub enum InboxSignal {
    /// A message was committed.
    Message(Arc<Message>, Provenance),
    /// The last sequence of the inbox. A subscription that has not seen it has missed something.
    End(i64),
    /// Something may have been missed: query the store.
    Resync,
}

/// What a replica learns of the rights of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSignal {
    /// Those of this user have changed.
    Changed(UserId),
    /// Those of anybody may have: signals were lost.
    Resync,
}

/// The subscriptions of this replica. Its queues are bounded: a slow subscription loses signals, and no memory grows.
#[derive(Debug)]
pub struct Hub {
    inboxes: Mutex<HashMap<UserId, WatchedInbox>>,
    user_changes: broadcast::Sender<UserSignal>,
    numbers: Arc<ChangeNotifier<NumberTopic>>,
}

/// The changes of numbers that a listener wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberTopic {
    /// Those of numbers that this user rents.
    RentedBy(UserId),
    /// Those of this number.
    Number(NumberId),
    /// Those of the leases of this number.
    LeaseOf(NumberId),
    /// Those that may be the turn of this ticket.
    Ticket(TicketId),
}

#[derive(Debug, Default)]
struct WatchedInbox {
    /// The last sequence that the subscriptions were notified of.
    last_seq: i64,
    subscriptions: Vec<Arc<SignalQueue>>,
}

impl WatchedInbox {
    fn send(&self, signal: &InboxSignal) {
        for subscription in &self.subscriptions {
            subscription.push(signal.clone());
        }
    }
}

/// The signals that wait for one subscription. Most are idle at any time, and then it holds next to nothing: the queue
/// grows with what waits in it, unlike a channel with its places made beforehand.
#[derive(Debug, Default)]
struct SignalQueue {
    signals: Mutex<VecDeque<InboxSignal>>,
    arrived: Notify,
}

impl SignalQueue {
    fn push(&self, signal: InboxSignal) {
        let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        if signals.len() < BACKLOG {
            signals.push_back(signal);
        } else {
            signals.clear();
            signals.push_back(InboxSignal::Resync);
        }
        drop(signals);
        self.arrived.notify_one();
    }

    fn pop(&self) -> Option<InboxSignal> {
        let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        let signal = signals.pop_front();
        if signals.is_empty() && signals.capacity() > 4 {
            *signals = VecDeque::new();
        }
        signal
    }
}

impl Hub {
    /// A hub without subscriptions.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            inboxes: Mutex::default(),
            user_changes: broadcast::Sender::new(USER_CHANGES),
            numbers: ChangeNotifier::new(),
        })
    }

    fn inboxes(&self) -> MutexGuard<'_, HashMap<UserId, WatchedInbox>> {
        // Nothing panics while it holds the lock, and a map of senders has no half-done state.
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes to an inbox.
    pub fn subscribe(hub: &Arc<Self>, inbox: UserId) -> InboxSubscription {
        let queue = Arc::new(SignalQueue::default());
        hub.inboxes().entry(inbox).or_default().subscriptions.push(Arc::clone(&queue));
        InboxSubscription { queue, inbox, hub: Arc::clone(hub) }
    }

    /// Notifies the subscriptions of a message's inbox.
    pub fn notify(&self, message: &Arc<Message>, provenance: &Provenance) {
        if let Some(inbox) = self.inboxes().get_mut(&message.user_id) {
            inbox.last_seq = inbox.last_seq.max(message.inbox_seq);
            inbox.send(&InboxSignal::Message(Arc::clone(message), provenance.clone()));
        }
    }

    /// Notifies the subscriptions of an inbox of its last sequence, if they were not notified of it yet.
    pub fn notify_end(&self, inbox: UserId, last_seq: i64) {
        if let Some(inbox) = self.inboxes().get_mut(&inbox)
            && inbox.last_seq < last_seq
        {
            inbox.last_seq = last_seq;
            inbox.send(&InboxSignal::End(last_seq));
        }
    }

    /// Notifies this replica that the rights of a user have changed.
    pub fn notify_user_change(&self, user: UserId) {
        // This fails when there is no receiver.
        let _ = self.user_changes.send(UserSignal::Changed(user));
    }

    /// The users whose rights change from now on.
    pub fn user_changes(&self) -> broadcast::Receiver<UserSignal> {
        self.user_changes.subscribe()
    }

    /// Listens for changes of numbers.
    pub fn subscribe_to_numbers(&self, topic: NumberTopic) -> ChangeListener<NumberTopic> {
        ChangeNotifier::listen(&self.numbers, topic)
    }

    /// Notifies this replica that a number has changed.
    pub fn notify_number_change(&self, number: NumberId, renter: Option<UserId>) {
        self.numbers.notify(&NumberTopic::Number(number));
        if let Some(renter) = renter {
            self.numbers.notify(&NumberTopic::RentedBy(renter));
        }
    }

    /// Notifies this replica that leases of a number have changed, or a pool, and whose turn it may be.
    pub fn notify_lease_change(&self, number: Option<NumberId>, tickets: &[TicketId]) {
        if let Some(number) = number {
            self.numbers.notify(&NumberTopic::LeaseOf(number));
        }
        for &ticket in tickets {
            self.numbers.notify(&NumberTopic::Ticket(ticket));
        }
    }

    /// Sends every subscription to the store, and has the rights of everybody checked, after a time in which events may
    /// have been lost.
    pub fn resync_all(&self) {
        self.numbers.notify_all();
        let _ = self.user_changes.send(UserSignal::Resync);
        for inbox in self.inboxes().values() {
            inbox.send(&InboxSignal::Resync);
        }
    }

    /// Sends the subscriptions of an inbox to the store.
    pub fn resync(&self, inbox: UserId) {
        if let Some(inbox) = self.inboxes().get(&inbox) {
            inbox.send(&InboxSignal::Resync);
        }
    }

    /// Whether an inbox has subscriptions.
    pub fn is_watched(&self, inbox: UserId) -> bool {
        self.inboxes().contains_key(&inbox)
    }

    /// The inboxes with subscriptions, and the last sequence that each was notified of.
    pub fn watched(&self) -> Vec<(UserId, i64)> {
        self.inboxes().iter().map(|(&id, inbox)| (id, inbox.last_seq)).collect()
    }
}

/// A subscription to an inbox, until it is dropped.
#[derive(Debug)]
pub struct InboxSubscription {
    queue: Arc<SignalQueue>,
    inbox: UserId,
    hub: Arc<Hub>,
}

impl InboxSubscription {
    /// The next signal. If the subscription was too slow for some, [`InboxSignal::Resync`] replaces them.
    pub async fn next(&mut self) -> InboxSignal {
        loop {
            match self.queue.pop() {
                Some(signal) => return signal,
                // What arrives in between leaves a permit, so this returns at once.
                None => self.queue.arrived.notified().await,
            }
        }
    }
}

impl Drop for InboxSubscription {
    fn drop(&mut self) {
        let mut inboxes = self.hub.inboxes();
        if let Some(inbox) = inboxes.get_mut(&self.inbox) {
            inbox.subscriptions.retain(|queue| !Arc::ptr_eq(queue, &self.queue));
            if inbox.subscriptions.is_empty() {
                inboxes.remove(&self.inbox);
            }
        }
    }
}
