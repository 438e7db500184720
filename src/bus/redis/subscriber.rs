//! The task that receives the events of other replicas. It owns the one connection that subscribes to channels.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use redis::{Client, Msg, RedisResult};
use tokio::sync::{mpsc, oneshot};

use super::{
    super::{Event, Hub, Provenance, TracedArrival},
    channels::ChannelNames,
    connection::in_time,
};
use crate::{
    domain::UserId,
    tracer::{SpanKind, TraceContext, Tracer},
};

/// How many requests for channels are answered at a time.
const REQUESTS: usize = 256;
/// The pause before the first attempt to reconnect, and the longest between two attempts.
const RETRY: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];
/// How often channels without subscriptions are left.
const SWEEP: Duration = Duration::from_secs(1);

/// A request for the channel of an inbox. It is answered when the channel is subscribed to, or cannot be for now.
pub(super) type ChannelRequest = (UserId, oneshot::Sender<()>);

/// Why a connection is no longer used.
enum Disconnect {
    /// Redis has closed it.
    Lost,
    /// The bus was dropped, and with it every subscription.
    Unused,
}

/// The state of the task.
pub(super) struct Subscriber {
    pub(super) client: Client,
    pub(super) channels: ChannelNames,
    pub(super) hub: Arc<Hub>,
    pub(super) connected: Arc<AtomicBool>,
    pub(super) tracer: Tracer,
}

impl Subscriber {
    /// Keeps a connection until the bus is dropped.
    pub(super) async fn run(self, mut requests: mpsc::UnboundedReceiver<ChannelRequest>) {
        let mut pause = RETRY[0];
        loop {
            let outcome = self.serve(&mut requests).await;
            self.connected.store(false, Ordering::Relaxed);
            match outcome {
                Ok(Disconnect::Unused) => return,
                Ok(Disconnect::Lost) => {
                    pause = RETRY[0];
                    tracing::warn!("lost the connection to Redis; subscriptions recover from the store meanwhile");
                }
                Err(error) => tracing::warn!(%error, "failed to subscribe to Redis; trying again"),
            }
            // Without a connection, requests are answered at once: the hub has the inbox, and the next connection
            // subscribes to its channel.
            let retry = tokio::time::sleep(pause);
            tokio::pin!(retry);
            loop {
                tokio::select! {
                    () = &mut retry => break,
                    request = requests.recv() => match request {
                        Some((_, answer)) => drop(answer.send(())),
                        None => return,
                    },
                }
            }
            pause = (pause * 2).min(RETRY[1]);
        }
    }

    /// Receives events for as long as one connection lasts.
    async fn serve(&self, requests: &mut mpsc::UnboundedReceiver<ChannelRequest>) -> RedisResult<Disconnect> {
        let (mut sink, mut events) = in_time(self.client.get_async_pubsub()).await?.split();
        let mut subscribed: HashSet<UserId> = self.hub.watched().into_iter().map(|(inbox, _)| inbox).collect();
        let mut channels: Vec<_> = subscribed.iter().map(|&inbox| self.channels.inbox(inbox)).collect();
        channels.push(self.channels.users());
        in_time(sink.subscribe(channels)).await?;
        self.connected.store(true, Ordering::Relaxed);
        // Whatever was published before this moment may have been missed.
        self.hub.resync_all();
        let mut batch = Vec::new();
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => self.deliver(&event),
                    None => return Ok(Disconnect::Lost),
                },
                // All requests that wait are answered after one round trip.
                count = requests.recv_many(&mut batch, REQUESTS) => {
                    if count == 0 {
                        return Ok(Disconnect::Unused);
                    }
                    let new = batch.iter().filter(|(inbox, _)| subscribed.insert(*inbox));
                    let new: Vec<_> = new.map(|(inbox, _)| self.channels.inbox(*inbox)).collect();
                    if !new.is_empty() {
                        in_time(sink.subscribe(new)).await?;
                    }
                    for (_, answer) in batch.drain(..) {
                        let _ = answer.send(());
                    }
                }
                // Channels are left together and a little later, so that a client that reconnects finds its own open.
                _ = sweep.tick() => {
                    let unused = subscribed.extract_if(|&inbox| !self.hub.is_watched(inbox));
                    let unused: Vec<_> = unused.map(|inbox| self.channels.inbox(inbox)).collect();
                    if !unused.is_empty() {
                        in_time(sink.unsubscribe(unused)).await?;
                    }
                }
            }
        }
    }

    fn deliver(&self, event: &Msg) {
        match serde_json::from_slice::<Event>(event.get_payload_bytes()) {
            Ok(Event::Message { message, committed_at, traceparent }) => {
                let sent = traceparent.as_deref().and_then(TraceContext::from_traceparent);
                let span = self.tracer.begin_remote("receive", SpanKind::Consumer, sent);
                let trace = span.as_ref().map(|span| TracedArrival { context: span.context(), at: span.began_at() });
                let provenance = Provenance { committed_at, trace: trace.map(Arc::new) };
                self.hub.notify(&Arc::new(message), &provenance);
            }
            Ok(Event::UserChanged { user }) => self.hub.notify_user_change(user),
            Ok(Event::NumberChanged { number, renter }) => self.hub.notify_number_change(number, renter),
            Ok(Event::LeaseChanged { number, tickets }) => self.hub.notify_lease_change(number, &tickets),
            Err(error) => {
                // A newer replica may send a version that this one does not know.
                metrics::counter!("otpwire_bus_undecodable_total").increment(1);
                tracing::debug!(%error, "an event could not be read; subscriptions to its inbox query the store");
                if let Some(inbox) = self.channels.inbox_of(event.get_channel_name()) {
                    self.hub.resync(inbox);
                }
            }
        }
    }
}
