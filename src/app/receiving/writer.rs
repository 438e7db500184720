//! The writer: commits queued messages in batches, and answers the webhooks that wait for them.
//!
//! When more messages arrive than the store can take, the queue fills and the excess is refused at once. First come,
//! first served would then make the writer work for webhooks that are about to time out: each has waited as long as it
//! can when it is served, its provider retries, and the retry fares no better. While there is a backlog, messages
//! whose webhooks can no longer be answered in time are therefore skipped, and the store's capacity goes to messages
//! whose webhooks will hear of it. No promise is broken: a webhook that was not answered is retried by its provider.

use std::{collections::HashSet, sync::Arc, time::Duration};

use super::{
    batch::{self, Outcome, report},
    batch_trace::{BatchTrace, delivered},
    block_list::BlockListSource,
    code_reader::{CodeReader, CodeReaderSource},
    inbound::InboundMessage,
    measures::ReceiveMeasures,
    receive_queue::{Queued, QueuedMessage},
    recorders::Recorders,
    sender_spread::SenderSpread,
    store_health::StoreHealth,
};
use crate::{
    app::{providers::ProviderEvent, settings::BATCH},
    bus::Bus,
    clock::Clock,
    domain::{BlockedSenders, Error, ErrorCode, Msisdn, ReportReason, Result, StoreProblem, Timeline},
    store::Store,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream::FuturesUnordered};

/// How long the writer waits for a commit.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(15);

/// The task that stores queued messages.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) code_readers: Arc<CodeReaderSource>,
    pub(super) block_list: Arc<BlockListSource>,
    pub(super) sender_spread: SenderSpread,
    pub(super) bus: Bus,
    pub(super) clock: Clock,
    pub(super) recorders: Recorders,
    pub(super) store_health: Arc<StoreHealth>,
    pub(super) measures: ReceiveMeasures,
}

impl Writer {
    /// Commits batches until the queue is closed and empty.
    ///
    /// On PostgreSQL a second batch is prepared and sent while the first waits for its commit. It has no messages for a
    /// number that the first has messages for: those to one number are stored in the order in which they arrived.
    /// SQLite has one writer.
    pub(super) async fn run(self, queued: Queued) {
        let Queued { messages: mut queue, oldest } = queued;
        let concurrent = if self.store.is_sqlite() { 1 } else { 2 };
        let mut under_way = FuturesUnordered::new();
        let mut numbers: HashSet<Msisdn> = HashSet::new();
        let mut gathered: Vec<QueuedMessage> = Vec::with_capacity(BATCH);
        let mut is_open = true;
        while is_open || !gathered.is_empty() || !under_way.is_empty() {
            if under_way.len() < concurrent {
                let is_backlog = gathered.len() == BATCH;
                let newest = gathered.last().map(|queued| queued.waiting.queued_at);
                let (waiting, ready) =
                    gathered.into_iter().partition(|queued| numbers.contains(&queued.message.sms.to));
                gathered = waiting;
                // Whatever was not gathered yet has come later.
                if let Some(queued_at) = gathered.first().map(|queued| queued.waiting.queued_at).or(newest) {
                    oldest.set(queued_at);
                }
                let batch = self.start(ready, is_backlog);
                numbers.extend(batch.iter().map(|queued| queued.message.sms.to.clone()));
                if !batch.is_empty() {
                    under_way.push(self.commit_and_answer(batch));
                }
            }
            let room = BATCH - gathered.len();
            let may_gather = is_open && room > 0 && under_way.len() < concurrent;
            tokio::select! {
                Some(batch) = under_way.next(), if !under_way.is_empty() => {
                    for message in &batch {
                        numbers.remove(&message.sms.to);
                    }
                }
                count = queue.recv_many(&mut gathered, room), if may_gather => {
                    is_open = count > 0;
                }
                else => {}
            }
        }
    }

    /// Commits a batch, publishes what was delivered, and answers the webhooks.
    async fn commit_and_answer(&self, batch: Vec<QueuedMessage>) -> Vec<InboundMessage> {
        let (messages, waiting): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|queued| (queued.message, queued.waiting)).unzip();
        self.measures.batch.record(messages.len() as f64);
        let tracer = &self.recorders.tracer;
        let mut trace = BatchTrace::begin(tracer, &messages, self.clock.now());
        let outcomes = self.commit(&messages).await;
        let committed_at = self.clock.now();
        if let Some(trace) = &mut trace {
            trace.end_commit(&messages, &outcomes, committed_at);
        }
        self.bus.publish(delivered(trace.as_ref(), tracer, &messages, &outcomes, committed_at), committed_at);
        drop(trace);
        let now = self.clock.now();
        for ((waiting, outcome), message) in waiting.into_iter().zip(outcomes).zip(&messages) {
            self.measures.count(name_of(&outcome), 1);
            if let Some(event) = provider_event(&outcome) {
                self.recorders.activity.record(message.provider_id, now, event);
            }
            if is_first(&outcome) {
                let took = waiting.queued_at.elapsed().as_secs_f64();
                self.measures.commit.record(took);
                tracer.note_exemplar("otpwire_receive_commit_seconds", &[], took, message.trace);
                waiting.provider.record(message.lag());
                if let Some(lag) = message.lag() {
                    self.recorders.activity.record(message.provider_id, now, ProviderEvent::Lag(lag));
                }
            }
            if let Some(timeline) = timeline(&outcome, message, committed_at, now) {
                self.recorders.timelines.record(timeline);
            }
            if is_stored(&outcome) {
                self.sender_spread.observe(message, now);
            }
            // A webhook that stopped waiting will get "duplicate" on its retry.
            let _ = waiting.answer.send(outcome);
        }
        messages
    }

    /// Stores a batch in one transaction. If the store refuses it, stores each message in its own.
    async fn commit(&self, messages: &[InboundMessage]) -> Vec<Result<Outcome>> {
        let reader = self.code_readers.current().await;
        let blocked = self.block_list.current().await;
        let refused = match store_batch(&self.store, &reader, &blocked, messages).await {
            Ok(outcomes) => {
                self.store_health.record_success();
                return outcomes.into_iter().map(Ok).collect();
            }
            Err(error) if is_unavailable(&error) => {
                self.store_health.record_failure(&error);
                error.log("receive");
                return messages.iter().map(|_| Err(batch_failed(&error))).collect();
            }
            Err(error) => error,
        };
        tracing::warn!(messages = messages.len(), "the store refused a batch; trying its messages one by one");
        refused.log("receive");
        // On PostgreSQL today's partition may be missing.
        let yesterday = self.clock.now() - TimeDelta::days(1);
        if let Err(error) = self.store.ensure_message_partitions(yesterday, 3).await {
            error.log("receive");
        }
        let mut outcomes = Vec::with_capacity(messages.len());
        for message in messages {
            // Once the store is unavailable, do not make the others wait for it in turn.
            outcomes.push(match outcomes.last() {
                Some(Err(error)) if is_unavailable(error) => Err(batch_failed(error)),
                _ => self.commit_alone(&reader, &blocked, message).await,
            });
        }
        outcomes
    }

    /// Stores one message in its own transaction. If the store refuses that too, reports the message as failed.
    async fn commit_alone(
        &self,
        reader: &CodeReader,
        blocked: &BlockedSenders,
        message: &InboundMessage,
    ) -> Result<Outcome> {
        let refused = match store_batch(&self.store, reader, blocked, std::slice::from_ref(message)).await {
            Ok(mut outcomes) => match outcomes.pop() {
                Some(outcome) => {
                    self.store_health.record_success();
                    return Ok(outcome);
                }
                None => Error::internal("a message was stored without an outcome"),
            },
            Err(error) if is_unavailable(&error) => {
                self.store_health.record_failure(&error);
                return Err(error);
            }
            Err(error) => error,
        };
        refused.log("receive");
        let why = Some("the store refused the message");
        let report = report(message, "failed", Some(ReportReason::StoreRefused), why, 0);
        if let Err(error) = self.store.insert_reports(&[report]).await {
            error.log("receive");
        }
        Err(refused)
    }

    /// Frees the places of messages in the queue as their batch starts. With a backlog, leaves out those whose webhooks
    /// can no longer be answered in time. Without one, a message whose webhook has given up is stored all the same: it
    /// costs little, and its provider may not retry.
    fn start(&self, mut batch: Vec<QueuedMessage>, is_backlog: bool) -> Vec<QueuedMessage> {
        batch.iter_mut().for_each(|queued| queued.permit = None);
        if is_backlog {
            let before = batch.len();
            batch.retain(|queued| queued.waiting.can_be_answered());
            self.measures.count("passed_over", (before - batch.len()) as u64);
        }
        batch
    }
}

/// The error for each message of a failed batch. The cause itself is logged once, for the batch.
fn batch_failed(error: &Error) -> Error {
    let failed = Error::unavailable("the store does not take messages");
    error.store_problem().into_iter().fold(failed, Error::with_store_problem)
}

fn is_unavailable(error: &Error) -> bool {
    error.code() == ErrorCode::Unavailable
}

/// Stores a batch, with a timeout: a store that does not answer must not stop receiving for ever. If the batch was
/// stored after all, the providers' retries are duplicates.
async fn store_batch(
    store: &Store,
    reader: &CodeReader,
    blocked: &BlockedSenders,
    messages: &[InboundMessage],
) -> Result<Vec<Outcome>> {
    let stored = batch::store_batch(store, reader, blocked, messages);
    let slow =
        |_| Error::unavailable("the store did not answer within 15 seconds").with_store_problem(StoreProblem::Busy);
    tokio::time::timeout(COMMIT_TIMEOUT, stored).await.map_err(slow)?
}

/// What an outcome means for the provider's activity. A store that is unavailable is not the provider's fault.
fn provider_event(outcome: &Result<Outcome>) -> Option<ProviderEvent> {
    match outcome {
        Ok(Outcome::Delivered(_) | Outcome::Quarantined(_) | Outcome::Held | Outcome::Refused) => {
            Some(ProviderEvent::Message)
        }
        Ok(Outcome::Unroutable) => Some(ProviderEvent::Unroutable),
        Ok(Outcome::Duplicate(_)) => Some(ProviderEvent::Duplicate),
        Err(error) if is_unavailable(error) => None,
        Err(_) => Some(ProviderEvent::Failed),
    }
}

/// Whether a message was received for the first time: a repetition has the time of the first.
fn is_first(outcome: &Result<Outcome>) -> bool {
    is_stored(outcome) || matches!(outcome, Ok(Outcome::Unroutable | Outcome::Refused))
}

/// Whether a message, or a part of one, was stored for the first time.
fn is_stored(outcome: &Result<Outcome>) -> bool {
    matches!(outcome, Ok(Outcome::Delivered(_) | Outcome::Quarantined(_) | Outcome::Held))
}

/// The name of an outcome in the metrics.
fn name_of(outcome: &Result<Outcome>) -> &'static str {
    match outcome {
        Ok(Outcome::Delivered(_)) => "received",
        Ok(Outcome::Quarantined(_)) => "quarantined",
        Ok(Outcome::Held) => "held",
        Ok(Outcome::Unroutable) => "unroutable",
        Ok(Outcome::Refused) => "blocked",
        Ok(Outcome::Duplicate(_)) => "duplicate",
        Err(error) if is_unavailable(error) => "unavailable",
        Err(_) => "failed",
    }
}

/// What is known by now of the way of a message that was stored.
fn timeline(
    outcome: &Result<Outcome>,
    message: &InboundMessage,
    committed_at: DateTime<Utc>,
    published_at: DateTime<Utc>,
) -> Option<Timeline> {
    let (id, published_at) = match outcome {
        Ok(Outcome::Delivered(stored)) => (stored.id, Some(published_at)),
        Ok(Outcome::Quarantined(id)) => (*id, None),
        _ => return None,
    };
    Some(Timeline {
        sent_at: message.sms.provider_time(),
        received_at: Some(message.posted_at),
        committed_at: Some(committed_at),
        published_at,
        ..Timeline::of(id)
    })
}
