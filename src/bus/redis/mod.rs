//! The wire between replicas: Redis publish/subscribe, one channel for each watched inbox.
//!
//! One task owns the one connection that listens; another sends. Redis promises nothing about
//! delivery and does not have to: after every reconnect all watchers look at the store.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use redis::{Client, Msg, RedisResult, aio::MultiplexedConnection};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Event, Hub};
use crate::domain::{Error, Message, NumberId, Result, UserId};

/// How many committed batches wait for the wire. More are dropped and counted: their watchers on
/// other replicas heal at the next tick.
const OUTBOX: usize = 1024;
/// How many inboxes are asked for at a time.
const WISHES: usize = 256;
/// How long to wait before the first try to reconnect, and the most between two.
const RETRY: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];
/// How long an answer of Redis may take before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// The bus of a cluster.
#[derive(Clone, Debug)]
pub struct RedisBus {
    hub: Arc<Hub>,
    listen: mpsc::UnboundedSender<Listen>,
    outbox: mpsc::Sender<Outgoing>,
    connected: Arc<AtomicBool>,
}

/// What goes out over the wire.
#[derive(Debug)]
enum Outgoing {
    /// A committed batch.
    Messages(Vec<Arc<Message>>),
    /// What a user may do has changed.
    Changed(UserId),
    /// A number has changed.
    Number(NumberId, Option<UserId>),
    /// Nothing; somebody wants to know that everything before it is gone.
    Flush(oneshot::Sender<()>),
}

impl Outgoing {
    fn len(&self) -> u64 {
        match self {
            Self::Messages(messages) => messages.len() as u64,
            Self::Changed(_) | Self::Number(..) => 1,
            Self::Flush(_) => 0,
        }
    }

    /// The commands that tell it.
    fn commands(&self, channels: &Channels) -> serde_json::Result<redis::Pipeline> {
        let mut pipeline = redis::pipe();
        match self {
            Self::Messages(messages) => {
                for message in messages {
                    let event = serde_json::to_vec(&Event::Message { message: message.as_ref() })?;
                    pipeline.publish(channels.of(message.user_id), event).ignore();
                }
            }
            Self::Changed(user) => {
                let event = serde_json::to_vec(&Event::<Message>::UserChanged { user: *user })?;
                pipeline.publish(channels.users(), event).ignore();
            }
            Self::Number(number, renter) => {
                let event = Event::<Message>::NumberChanged { number: *number, renter: *renter };
                pipeline.publish(channels.users(), serde_json::to_vec(&event)?).ignore();
            }
            Self::Flush(_) => {}
        }
        Ok(pipeline)
    }
}

/// A wish to hear an inbox; the sender is told when it is heard, or cannot be for now.
type Listen = (UserId, oneshot::Sender<()>);

/// The names of channels. Publish/subscribe has no databases, so what keeps two deployments on one
/// Redis apart is a name that only replicas with the same root key know.
#[derive(Clone, Debug)]
struct Channels(Arc<str>);

impl Channels {
    fn of(&self, inbox: UserId) -> String {
        format!("{}inbox:{inbox}", self.0)
    }

    fn inbox(&self, channel: &str) -> Option<UserId> {
        channel.strip_prefix(&*self.0)?.strip_prefix("inbox:")?.parse().ok().map(UserId)
    }

    /// Where every replica hears of changes to users and numbers.
    fn users(&self) -> String {
        format!("{}users", self.0)
    }
}

impl RedisBus {
    /// Connects if it can, and starts the two tasks, which end with `shutdown`. Replicas that share a
    /// `namespace` hear each other.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the address cannot be read. A Redis that is away is waited for while everything else
    /// goes on: a replica must be able to start without it.
    pub async fn init(url: &str, namespace: &str, shutdown: CancellationToken) -> Result<Self> {
        let channels = Channels(format!("otpwire:{namespace}:").into());
        let client = Client::open(url).map_err(Error::unavailable)?;
        let connection = match connect(&client).await {
            Ok(connection) => Some(connection),
            Err(error) => {
                tracing::warn!(%error, "cannot reach Redis; trying again while watchers heal from the store");
                None
            }
        };
        let hub = Hub::new();
        let connected = Arc::new(AtomicBool::new(false));
        let (listen, wishes) = mpsc::unbounded_channel();
        let (outbox, batches) = mpsc::channel(OUTBOX);
        let listener = Listener {
            client: client.clone(),
            channels: channels.clone(),
            hub: Arc::clone(&hub),
            connected: Arc::clone(&connected),
        };
        tokio::spawn(shutdown.clone().run_until_cancelled_owned(listener.run(wishes)));
        tokio::spawn(shutdown.run_until_cancelled_owned(send(client, channels, connection, batches)));
        Ok(Self { hub, listen, outbox, connected })
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Returns when messages of an inbox are heard, or at once when Redis is away: the watcher
    /// will be sent to the store when it is back.
    pub(super) async fn listen(&self, inbox: UserId) {
        let (heard, wait) = oneshot::channel();
        if self.listen.send((inbox, heard)).is_ok() {
            let _ = wait.await;
        }
    }

    pub(super) fn publish(&self, messages: Vec<Arc<Message>>) {
        self.post(Outgoing::Messages(messages));
    }

    pub(super) fn publish_change(&self, user: UserId) {
        self.post(Outgoing::Changed(user));
    }

    pub(super) fn publish_number(&self, number: NumberId, renter: Option<UserId>) {
        self.post(Outgoing::Number(number, renter));
    }

    pub(super) async fn flush(&self) {
        let (flushed, wait) = oneshot::channel();
        self.post(Outgoing::Flush(flushed));
        // The sender drops it when its turn comes.
        let _ = tokio::time::timeout(PATIENCE, wait).await;
    }

    fn post(&self, outgoing: Outgoing) {
        let count = outgoing.len();
        if self.outbox.try_send(outgoing).is_err() {
            metrics::counter!("otpwire_bus_dropped_total").increment(count);
        }
    }
}

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config =
        redis::AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// Sends committed messages, one pipeline a batch. A batch that cannot be sent is counted and let
/// go: keeping it would only delay the next, and its watchers heal without it.
async fn send(
    client: Client,
    channels: Channels,
    mut connection: Option<MultiplexedConnection>,
    mut batches: mpsc::Receiver<Outgoing>,
) {
    while let Some(batch) = batches.recv().await {
        if let Outgoing::Flush(flushed) = batch {
            let _ = flushed.send(());
            continue;
        }
        let pipeline = match batch.commands(&channels) {
            Ok(pipeline) if pipeline.is_empty() => continue,
            Ok(pipeline) => pipeline,
            Err(error) => {
                tracing::error!(%error, "failed to encode an event");
                continue;
            }
        };
        let sent = async {
            if connection.is_none() {
                connection = Some(connect(&client).await?);
            }
            match connection.as_mut() {
                Some(connection) => pipeline.query_async::<()>(connection).await,
                None => Ok(()),
            }
        };
        if let Err(error) = sent.await {
            connection = None;
            metrics::counter!("otpwire_bus_failed_total").increment(batch.len());
            tracing::warn!(%error, events = batch.len(), "failed to publish; watchers elsewhere will heal from the store");
        }
    }
}

/// The task that owns the listening connection.
struct Listener {
    client: Client,
    channels: Channels,
    hub: Arc<Hub>,
    connected: Arc<AtomicBool>,
}

impl Listener {
    async fn run(self, mut wishes: mpsc::UnboundedReceiver<Listen>) {
        let mut pause = RETRY[0];
        loop {
            let reached = self.serve(&mut wishes).await;
            self.connected.store(false, Ordering::Relaxed);
            match reached {
                // The bus is gone, and so is everybody who could listen.
                Ok(Ended::Unwanted) => return,
                Ok(Ended::Disconnected) => {
                    pause = RETRY[0];
                    tracing::warn!("lost the connection to Redis; watchers heal from the store meanwhile");
                }
                Err(error) => tracing::warn!(%error, "failed to listen on Redis; trying again"),
            }
            // Nobody waits for a wire that is down: wishes are granted now and kept by the hub.
            let retry = tokio::time::sleep(pause);
            tokio::pin!(retry);
            loop {
                tokio::select! {
                    () = &mut retry => break,
                    wish = wishes.recv() => match wish {
                        Some((_, heard)) => drop(heard.send(())),
                        None => return,
                    },
                }
            }
            pause = (pause * 2).min(RETRY[1]);
        }
    }

    /// Listens for as long as one connection lasts.
    async fn serve(&self, wishes: &mut mpsc::UnboundedReceiver<Listen>) -> RedisResult<Ended> {
        let connection = tokio::time::timeout(PATIENCE, self.client.get_async_pubsub());
        let (mut sink, mut stream) = connection.await.map_err(timed_out)??.split();
        let mut heard: HashSet<UserId> = self.hub.watched().into_iter().map(|(inbox, _)| inbox).collect();
        let mut channels: Vec<_> = heard.iter().map(|&inbox| self.channels.of(inbox)).collect();
        channels.push(self.channels.users());
        tokio::time::timeout(PATIENCE, sink.subscribe(channels)).await.map_err(timed_out)??;
        self.connected.store(true, Ordering::Relaxed);
        // Whatever was published before this moment may have been missed.
        self.hub.resync_all();
        let mut wanted = Vec::new();
        let mut sweep = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(message) => self.hear(&message),
                    None => return Ok(Ended::Disconnected),
                },
                // All that wait are granted in one round trip.
                count = wishes.recv_many(&mut wanted, WISHES) => {
                    if count == 0 {
                        return Ok(Ended::Unwanted);
                    }
                    let new = wanted.iter().filter(|(inbox, _)| heard.insert(*inbox));
                    let new: Vec<_> = new.map(|(inbox, _)| self.channels.of(*inbox)).collect();
                    if !new.is_empty() {
                        tokio::time::timeout(PATIENCE, sink.subscribe(new)).await.map_err(timed_out)??;
                    }
                    for (_, granted) in wanted.drain(..) {
                        let _ = granted.send(());
                    }
                }
                // Inboxes that nobody watches any longer are left together, a little later: a client
                // that reconnects finds its channel still open.
                _ = sweep.tick() => {
                    let left = heard.extract_if(|&inbox| !self.hub.is_watched(inbox));
                    let left: Vec<_> = left.map(|inbox| self.channels.of(inbox)).collect();
                    if !left.is_empty() {
                        tokio::time::timeout(PATIENCE, sink.unsubscribe(left)).await.map_err(timed_out)??;
                    }
                }
            }
        }
    }

    fn hear(&self, message: &Msg) {
        match serde_json::from_slice::<Event>(message.get_payload_bytes()) {
            Ok(Event::Message { message }) => self.hub.notify(&Arc::new(message)),
            Ok(Event::UserChanged { user }) => self.hub.notify_user_change(user),
            Ok(Event::NumberChanged { number, renter }) => self.hub.notify_number_change(number, renter),
            Err(error) => {
                // A newer replica may speak a version that this one does not know.
                metrics::counter!("otpwire_bus_undecodable_total").increment(1);
                tracing::debug!(%error, "an event could not be read; its watchers look at the store");
                if let Some(inbox) = self.channels.inbox(message.get_channel_name()) {
                    self.hub.resync(inbox);
                }
            }
        }
    }
}

/// Why listening ended.
enum Ended {
    Disconnected,
    Unwanted,
}

fn timed_out(_: tokio::time::error::Elapsed) -> redis::RedisError {
    redis::RedisError::from((redis::ErrorKind::Io, "no answer in time"))
}
