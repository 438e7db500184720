//! Change notification: tells watchers of a message that was committed, and replicas of a user who changed.
//!
//! Nothing depends on it for correctness. An event that is late, lost or repeated costs its
//! watchers a look at the store (see [`crate::app::watching`]), never a message.
//!
//! - [`Hub`]: the watchers of this replica, by inbox.
//! - [`RedisBus`]: the wire between replicas.

mod change_notifier;
mod event;
mod hub;
mod redis;

use std::sync::Arc;

use tokio::sync::broadcast;

pub use change_notifier::{ChangeListener, ChangeNotifier};
pub use event::Event;
pub use hub::{Hub, InboxSubscription, NumberTopic, Signal};
pub use redis::RedisBus;

use crate::domain::{Message, NumberId, UserId};

/// How replicas tell each other of messages.
#[derive(Clone, Debug)]
pub enum Bus {
    /// There is one replica, and it tells itself.
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

    /// Subscribes to an inbox. When this returns, whatever is committed from now on is heard,
    /// unless the bus is away; then it is heard of when the bus is back.
    pub async fn subscribe(&self, inbox: UserId) -> InboxSubscription {
        let subscription = Hub::subscribe(self.hub(), inbox);
        if let Self::Redis(bus) = self {
            bus.listen(inbox).await;
        }
        subscription
    }

    /// Tells the watchers of committed messages: those of this replica at once, the others soon.
    /// Never waits, and cannot fail: what the wire cannot take is counted and healed later.
    pub fn publish(&self, messages: Vec<Arc<Message>>) {
        if messages.is_empty() {
            return;
        }
        for message in &messages {
            self.hub().notify(message);
        }
        if let Self::Redis(bus) = self {
            bus.publish(messages);
        }
    }

    /// Which inboxes are watched on this replica, and the last sequence that was heard of in each.
    #[must_use]
    pub fn watched(&self) -> Vec<(UserId, i64)> {
        self.hub().watched()
    }

    /// Tells the watchers of an inbox where it ends, so that those behind look at the store.
    pub fn notify_end(&self, inbox: UserId, last_seq: i64) {
        self.hub().notify_end(inbox, last_seq);
    }

    /// Tells every replica, this one included, that what a user may do has changed: what they knew of
    /// the user is outdated.
    pub fn publish_change(&self, user: UserId) {
        self.hub().notify_user_change(user);
        if let Self::Redis(bus) = self {
            bus.publish_change(user);
        }
    }

    /// Tells every replica, this one included, that a number has changed: who rents it, or rented it just
    /// before, is told by name.
    pub fn publish_number(&self, number: NumberId, renter: Option<UserId>) {
        self.hub().notify_number_change(number, renter);
        if let Self::Redis(bus) = self {
            bus.publish_number(number, renter);
        }
    }

    /// Listens for changes of numbers.
    #[must_use]
    pub fn subscribe_to_numbers(&self, topic: NumberTopic) -> ChangeListener<NumberTopic> {
        self.hub().subscribe_to_numbers(topic)
    }

    /// Returns when what was published so far is on its way, or cannot be: for a program that is about to
    /// end.
    pub async fn flush(&self) {
        if let Self::Redis(bus) = self {
            bus.flush().await;
        }
    }

    /// The users of whom something changes from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<UserId> {
        self.hub().changes()
    }

    /// Whether the wire is up.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Redis(bus) => bus.is_connected(),
        }
    }
}
