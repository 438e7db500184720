//! The writer: commits whatever has gathered as one batch, and answers the webhooks that wait for it.
//!
//! When more comes than the store takes, the queue is as long as it may be, and what exceeds it is refused at once.
//! First come, first served would then have the writer work for webhooks that have just given up: each has waited
//! as long as it can when its turn comes, its provider sends it again, and the same happens to that. So while there
//! is a backlog, messages that cannot be answered in time are passed over, and what the store takes are messages
//! whose webhooks hear of it. Nobody was promised anything about the others, and their providers send them again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    task::JoinHandle,
};

use super::{
    batch::{self, Outcome, report},
    code_reader::{CodeReader, CodeReaders},
    inbound::InboundMessage,
    store_health::StoreHealth,
};
use crate::{
    app::{
        providers::{ActivityRecorder, ProviderEvent},
        settings::BATCH,
    },
    bus::Bus,
    clock::Clock,
    domain::{Error, ErrorCode, Result, StoreProblem},
    fault_injection::{self, Guarantee},
    store::Store,
};

/// How long a webhook waits for its batch. Providers give up after 10 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a message may have waited when its batch begins, if others wait behind it: what is left of the webhook's
/// patience is for the commit. It is long enough to ride out a store that stands still for a few seconds.
const LATEST: Duration = Duration::from_secs(6);
/// How long the writer waits for the store.
const STORE_PATIENCE: Duration = Duration::from_secs(15);

/// A message in the queue, and where its webhook waits.
struct QueuedMessage {
    arrival: InboundMessage,
    since: Instant,
    answer: oneshot::Sender<Result<Outcome>>,
}

impl QueuedMessage {
    /// Whether its webhook can still be told that it is stored.
    fn can_be_answered(&self) -> bool {
        self.since.elapsed() < LATEST && !self.answer.is_closed()
    }
}

/// The queue of messages that wait for the writer.
#[derive(Debug)]
pub(super) struct ReceiveQueue {
    queue: Mutex<Option<mpsc::Sender<QueuedMessage>>>,
}

impl ReceiveQueue {
    pub(super) fn start(writer: Writer, length: usize) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(length);
        (Self { queue: Mutex::new(Some(sender)) }, tokio::spawn(writer.run(receiver)))
    }

    /// How many messages wait in the queue.
    pub(super) fn count(&self) -> usize {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    pub(super) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether the writer is there to take messages.
    pub(super) fn is_alive(&self) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().is_some_and(|queue| !queue.is_closed())
    }

    /// Queues messages, all or none, and waits for what becomes of them.
    pub(super) async fn submit(&self, arrivals: Vec<InboundMessage>) -> Result<Vec<Outcome>> {
        if arrivals.is_empty() {
            return Ok(Vec::new());
        }
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(|| Error::unavailable("shutting down"))?;
        let slots = queue.try_reserve_many(arrivals.len()).map_err(|full| match full {
            TrySendError::Full(()) => {
                Error::unavailable("the receive queue is full").with_store_problem(StoreProblem::Busy)
            }
            TrySendError::Closed(()) => Error::unavailable("the writer is gone"),
        })?;
        let since = Instant::now();
        let answers: Vec<_> = slots
            .zip(arrivals)
            .map(|(slot, arrival)| {
                let (answer, wait) = oneshot::channel();
                slot.send(QueuedMessage { arrival, since, answer });
                wait
            })
            .collect();
        drop(queue);
        if fault_injection::is_disabled(Guarantee::Acknowledgement) {
            return Ok(answers.iter().map(|_| Outcome::Held).collect());
        }
        let outcomes = async {
            // All are waited for, also when one failed: a message that nobody waits for may be passed over.
            let mut outcomes = Vec::with_capacity(answers.len());
            for answer in answers {
                let passed_over = |_| {
                    Error::unavailable("more messages come than the store takes").with_store_problem(StoreProblem::Busy)
                };
                outcomes.push(answer.await.map_err(passed_over).flatten());
            }
            outcomes.into_iter().collect()
        };
        // The message may still be stored after this; then the provider's retry is a duplicate.
        let slow = |_| Error::unavailable("the store took too long").with_store_problem(StoreProblem::Busy);
        tokio::time::timeout(PATIENCE, outcomes).await.map_err(slow)?
    }
}

/// The task that stores what is queued.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) code_readers: Arc<CodeReaders>,
    pub(super) bus: Bus,
    pub(super) clock: Clock,
    pub(super) activity: Arc<ActivityRecorder>,
    pub(super) store_health: Arc<StoreHealth>,
}

impl Writer {
    /// Commits whatever has gathered, again and again, until the queue is closed and empty.
    async fn run(self, mut queue: mpsc::Receiver<QueuedMessage>) {
        let mut gathered = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut gathered, BATCH).await > 0 {
            // Without a backlog there is room for all: one that nobody waits for any longer costs next to nothing, and
            // it may come from a provider that does not send it again.
            if gathered.len() == BATCH {
                gathered.retain(QueuedMessage::can_be_answered);
                let passed_over = (BATCH - gathered.len()) as u64;
                metrics::counter!("otpwire_received_total", "outcome" => "passed_over").increment(passed_over);
            }
            if gathered.is_empty() {
                continue;
            }
            let (arrivals, answers): (Vec<_>, Vec<_>) =
                gathered.drain(..).map(|waiting| (waiting.arrival, waiting.answer)).unzip();
            let outcomes = self.commit(&arrivals).await;
            let delivered = outcomes.iter().filter_map(|outcome| match outcome {
                Ok(Outcome::Delivered(message)) => Some(Arc::clone(message)),
                _ => None,
            });
            self.bus.publish(delivered.collect());
            let now = self.clock.now();
            for ((answer, outcome), arrival) in answers.into_iter().zip(outcomes).zip(&arrivals) {
                count(&outcome);
                if let Some(event) = provider_event(&outcome) {
                    self.activity.record(arrival.provider_id, now, event);
                }
                // A webhook that stopped waiting will find a duplicate when it retries.
                let _ = answer.send(outcome);
            }
        }
    }

    /// Stores a batch in one transaction; if the store refuses it, each message in its own.
    async fn commit(&self, arrivals: &[InboundMessage]) -> Vec<Result<Outcome>> {
        let reader = self.code_readers.current().await;
        let refused = match store_batch(&self.store, &reader, arrivals).await {
            Ok(outcomes) => {
                self.store_health.record_success();
                return outcomes.into_iter().map(Ok).collect();
            }
            Err(error) if is_unavailable(&error) => {
                self.store_health.record_failure(&error);
                error.log("receive");
                return arrivals.iter().map(|_| Err(away(&error))).collect();
            }
            Err(error) => error,
        };
        tracing::warn!(messages = arrivals.len(), "the store refused a batch; trying its messages one by one");
        refused.log("receive");
        // On PostgreSQL the reason may be that today has no partition yet.
        let yesterday = self.clock.now() - TimeDelta::days(1);
        if let Err(error) = self.store.ensure_message_partitions(yesterday, 3).await {
            error.log("receive");
        }
        let mut outcomes = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            // Once the store is away, asking it again for each message would only make them wait.
            outcomes.push(match outcomes.last() {
                Some(Err(error)) if is_unavailable(error) => Err(away(error)),
                _ => self.commit_alone(&reader, arrival).await,
            });
        }
        outcomes
    }

    /// Stores one message by itself. One that the store refuses even so is reported as failed.
    async fn commit_alone(&self, reader: &CodeReader, arrival: &InboundMessage) -> Result<Outcome> {
        let refused = match store_batch(&self.store, reader, std::slice::from_ref(arrival)).await {
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
        let report = report(arrival, "failed", Some("the store refused the message"), 0);
        if let Err(error) = self.store.insert_reports(&[report]).await {
            error.log("receive");
        }
        Err(refused)
    }
}

/// The failure of a message whose batch failed. What the batch met is in the log, once.
fn away(error: &Error) -> Error {
    let away = Error::unavailable("the store does not take messages");
    error.store_problem().into_iter().fold(away, Error::with_store_problem)
}

fn is_unavailable(error: &Error) -> bool {
    error.code() == ErrorCode::Unavailable
}

/// Stores a batch, or gives up: a store that does not answer must not stop receiving for ever. If it
/// had stored the batch after all, the providers' retries are duplicates.
async fn store_batch(store: &Store, reader: &CodeReader, arrivals: &[InboundMessage]) -> Result<Vec<Outcome>> {
    let stored = batch::store_batch(store, reader, arrivals);
    let slow =
        |_| Error::unavailable("the store did not answer within 15 seconds").with_store_problem(StoreProblem::Busy);
    tokio::time::timeout(STORE_PATIENCE, stored).await.map_err(slow)?
}

/// What is told of the provider's health. A store that is away is not the provider's fault.
fn provider_event(outcome: &Result<Outcome>) -> Option<ProviderEvent> {
    match outcome {
        Ok(Outcome::Delivered(_) | Outcome::Quarantined(_) | Outcome::Held) => Some(ProviderEvent::Message),
        Ok(Outcome::Unroutable) => Some(ProviderEvent::Unroutable),
        Ok(Outcome::Duplicate(_)) => Some(ProviderEvent::Duplicate),
        Err(error) if is_unavailable(error) => None,
        Err(_) => Some(ProviderEvent::Failed),
    }
}

fn count(outcome: &Result<Outcome>) {
    let outcome = match outcome {
        Ok(Outcome::Delivered(_)) => "received",
        Ok(Outcome::Quarantined(_)) => "quarantined",
        Ok(Outcome::Held) => "held",
        Ok(Outcome::Unroutable) => "unroutable",
        Ok(Outcome::Duplicate(_)) => "duplicate",
        Err(error) if is_unavailable(error) => "unavailable",
        Err(_) => "failed",
    };
    metrics::counter!("otpwire_received_total", "outcome" => outcome).increment(1);
}
