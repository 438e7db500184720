//! Redis publish/subscribe between replicas, with one channel per watched inbox.
//!
//! One task subscribes and another publishes, each on a connection of its own. Redis promises nothing about delivery
//! and does not have to: after every reconnect all subscriptions query the store.

mod channels;
mod connection;
mod publisher;
mod subscriber;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use redis::Client;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::{
    channels::ChannelNames,
    connection::{TIMEOUT, connect},
    publisher::{Publication, publish},
    subscriber::{ChannelRequest, Subscriber},
};
use super::{Hub, event::Committed};
use crate::{
    domain::{Error, NumberId, Result, TicketId, UserId},
    tracer::Tracer,
};

/// How many batches wait to be published. More are dropped and counted: their subscriptions on other replicas recover
/// at the next periodic check.
const QUEUE: usize = 1024;

/// The bus of a cluster.
#[derive(Clone, Debug)]
pub struct RedisBus {
    hub: Arc<Hub>,
    requests: mpsc::UnboundedSender<ChannelRequest>,
    queue: mpsc::Sender<Publication>,
    connected: Arc<AtomicBool>,
}

impl RedisBus {
    /// Connects if it can, and starts the two tasks, which end with `shutdown`. Replicas with the same `namespace`
    /// notify each other.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the address is malformed. A Redis that is away is none: the tasks connect when it is back, so
    /// that a replica can start without it.
    pub async fn init(url: &str, namespace: &str, tracer: &Tracer, shutdown: CancellationToken) -> Result<Self> {
        let channels = ChannelNames::new(namespace);
        let client = Client::open(url).map_err(Error::unavailable)?;
        let connection = match connect(&client).await {
            Ok(connection) => Some(connection),
            Err(error) => {
                tracing::warn!(%error, "cannot reach Redis; trying again while subscriptions recover from the store");
                None
            }
        };
        let hub = Hub::new();
        let connected = Arc::new(AtomicBool::new(false));
        let (requests, requested) = mpsc::unbounded_channel();
        let (queue, queued) = mpsc::channel(QUEUE);
        let subscriber = Subscriber {
            client: client.clone(),
            channels: channels.clone(),
            hub: Arc::clone(&hub),
            connected: Arc::clone(&connected),
            tracer: tracer.clone(),
        };
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(subscriber.run(requested)));
        tokio::spawn(shutdown.run_until_cancelled_owned(publish(client, channels, connection, queued)));
        Ok(Self { hub, requests, queue, connected })
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Sets the metrics of the connection to what is now.
    pub(super) fn measure(&self) {
        metrics::gauge!("otpwire_redis_up").set(if self.is_connected() { 1.0 } else { 0.0 });
        let queued = self.queue.max_capacity() - self.queue.capacity();
        metrics::gauge!("otpwire_bus_queue_batches").set(queued as f64);
    }

    /// Returns when events of an inbox arrive, or at once when Redis is away: then its subscriptions are sent to the
    /// store when Redis is back.
    pub(super) async fn subscribe(&self, inbox: UserId) {
        let (answer, subscribed) = oneshot::channel();
        if self.requests.send((inbox, answer)).is_ok() {
            let _ = subscribed.await;
        }
    }

    pub(super) fn publish(&self, messages: Vec<Committed>, committed_at: DateTime<Utc>) {
        self.enqueue(Publication::Messages(messages, committed_at));
    }

    pub(super) fn publish_user_change(&self, user: UserId) {
        self.enqueue(Publication::UserChange(user));
    }

    pub(super) fn publish_number_change(&self, number: NumberId, renter: Option<UserId>) {
        self.enqueue(Publication::NumberChange(number, renter));
    }

    pub(super) fn publish_lease_change(&self, number: Option<NumberId>, tickets: Vec<TicketId>) {
        self.enqueue(Publication::LeaseChange(number, tickets));
    }

    pub(super) async fn flush(&self) -> Result<()> {
        let flush = async {
            let (answer, flushed) = oneshot::channel();
            // It waits for its turn: a full queue is what there is to flush.
            self.queue.send(Publication::Flush(answer)).await.map_err(Error::unavailable)?;
            flushed.await.map_err(Error::unavailable)
        };
        let late = |_| Err(Error::unavailable("some events could not be sent to Redis in time"));
        tokio::time::timeout(TIMEOUT, flush).await.unwrap_or_else(late)
    }

    fn enqueue(&self, publication: Publication) {
        let events = publication.len();
        if self.queue.try_send(publication).is_err() {
            metrics::counter!("otpwire_bus_dropped_total").increment(events);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// A bus without Redis, and the queue that its publisher would read.
    fn bus() -> (RedisBus, mpsc::Receiver<Publication>) {
        let (queue, queued) = mpsc::channel(QUEUE);
        let (requests, _) = mpsc::unbounded_channel();
        (RedisBus { hub: Hub::new(), requests, queue, connected: Arc::default() }, queued)
    }

    #[tokio::test]
    async fn a_flush_waits_for_a_full_queue() {
        let (bus, mut queued) = bus();
        for _ in 0..=QUEUE {
            bus.publish_user_change(UserId(1));
        }
        let mut flush = Box::pin(bus.flush());
        assert!((&mut flush).now_or_never().is_none(), "nothing was sent yet");
        for _ in 0..QUEUE {
            assert!(matches!(queued.recv().await, Some(Publication::UserChange(_))));
            assert!((&mut flush).now_or_never().is_none(), "not everything was sent yet");
        }
        match queued.recv().await {
            Some(Publication::Flush(answer)) => answer.send(()).unwrap(),
            other => panic!("{other:?}"),
        }
        flush.await.unwrap();
    }

    #[tokio::test]
    async fn a_flush_that_cannot_be_says_so() {
        let (bus, queued) = bus();
        for _ in 0..=QUEUE {
            bus.publish_user_change(UserId(1));
        }
        // Nobody publishes: the queue stays full.
        assert_eq!(bus.flush().await.unwrap_err().code().name(), "UNAVAILABLE");
        drop(queued);
        assert_eq!(bus.flush().await.unwrap_err().code().name(), "UNAVAILABLE");
    }
}
