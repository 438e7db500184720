//! Change notification: tells subscriptions that a message was committed, and replicas that a user or a number changed.
//!
//! Nothing depends on it for correctness. An event that is late, lost or repeated costs its subscriptions a query of
//! the store (see [`crate::app::watching`]), never a message.
//!
//! In reading order: [`Hub`] has the subscriptions of this replica, and [`ChangeNotifier`] those that need no more than
//! "something has changed". [`RedisBus`] connects the hubs of replicas; [`Event`] is what they send each other.

mod change_notifier;
mod event;
mod hub;
mod redis;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

pub use change_notifier::{ChangeListener, ChangeNotifier};
pub use event::{Committed, Event};
pub use hub::{Hub, InboxSignal, InboxSubscription, NumberTopic, Provenance, TracedArrival, UserSignal};
pub use redis::RedisBus;

use crate::domain::{NumberId, Result, TicketId, UserId};

/// How replicas notify each other.
#[derive(Clone, Debug)]
pub enum Bus {
    /// There is one replica.
    Memory(Arc<Hub>),
    /// Any number of replicas, over Redis publish/subscribe.
    Redis(RedisBus),
}

impl Bus {
    fn hub(&self) -> &Arc<Hub> {
        match self {
            Self::Memory(hub) => hub,
            Self::Redis(bus) => bus.hub(),
        }
    }

    /// Subscribes to an inbox. When this returns, the subscription gets whatever is committed from now on; if Redis is
    /// away, it gets a [`InboxSignal::Resync`] when Redis is back.
    pub async fn subscribe(&self, inbox: UserId) -> InboxSubscription {
        let subscription = Hub::subscribe(self.hub(), inbox);
        if let Self::Redis(bus) = self {
            bus.subscribe(inbox).await;
        }
        subscription
    }

    /// Notifies the subscriptions of committed messages: those of this replica at once, the others soon. Never waits
    /// and cannot fail: what Redis does not take is counted, and the periodic check makes up for it.
    ///
    /// The spans of those that are traced end when Redis has taken the messages; without Redis, at once.
    pub fn publish(&self, messages: Vec<Committed>, committed_at: DateTime<Utc>) {
        if messages.is_empty() {
            return;
        }
        for Committed { message, span } in &messages {
            let trace = span.as_ref().map(|span| TracedArrival { context: span.context(), at: committed_at });
            let provenance = Provenance { committed_at: Some(committed_at), trace: trace.map(Arc::new) };
            self.hub().notify(message, &provenance);
        }
        if let Self::Redis(bus) = self {
            bus.publish(messages, committed_at);
        }
    }

    /// The inboxes with subscriptions on this replica, and the last sequence that each was notified of.
    #[must_use]
    pub fn watched(&self) -> Vec<(UserId, i64)> {
        self.hub().watched()
    }

    /// Notifies the subscriptions of an inbox of its last sequence, so that those that are behind query the store.
    pub fn notify_end(&self, inbox: UserId, last_seq: i64) {
        self.hub().notify_end(inbox, last_seq);
    }

    /// Notifies the other replicas that the rights of a user have changed. This one knows.
    pub fn publish_user_change(&self, user: UserId) {
        if let Self::Redis(bus) = self {
            bus.publish_user_change(user);
        }
    }

    /// Notifies every replica, including this one, that a number has changed. `renter` is its renter now or until the
    /// change.
    pub fn publish_number_change(&self, number: NumberId, renter: Option<UserId>) {
        self.hub().notify_number_change(number, renter);
        if let Self::Redis(bus) = self {
            bus.publish_number_change(number, renter);
        }
    }

    /// Notifies every replica, including this one, that leases of a number have changed, or a pool, and of the tickets
    /// whose turn it may be.
    pub fn publish_lease_change(&self, number: Option<NumberId>, tickets: Vec<TicketId>) {
        self.hub().notify_lease_change(number, &tickets);
        if let Self::Redis(bus) = self {
            bus.publish_lease_change(number, tickets);
        }
    }

    /// Listens for changes of numbers.
    #[must_use]
    pub fn subscribe_to_numbers(&self, topic: NumberTopic) -> ChangeListener<NumberTopic> {
        self.hub().subscribe_to_numbers(topic)
    }

    /// Returns when everything that was published so far was sent or given up. For a program that is about to end.
    ///
    /// # Errors
    /// `UNAVAILABLE` when that takes too long: some events were not sent, and their subscriptions on other replicas
    /// recover at the next periodic check.
    pub async fn flush(&self) -> Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(bus) => bus.flush().await,
        }
    }

    /// The users whose rights change from now on.
    #[must_use]
    pub fn user_changes(&self) -> broadcast::Receiver<UserSignal> {
        self.hub().user_changes()
    }

    /// Sets the metrics of the connection to Redis, if there is one, to what is now.
    pub fn measure(&self) {
        if let Self::Redis(bus) = self {
            bus.measure();
        }
    }

    /// Whether events of other replicas arrive.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Redis(bus) => bus.is_connected(),
        }
    }
}
