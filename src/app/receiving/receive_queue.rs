//! The queue between webhooks and the writer: how many messages wait, and who hears what became of them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{
    batch::Outcome,
    inbound::InboundMessage,
    measures::{OldestQueued, ProviderMeasures},
};
use crate::{
    domain::{Error, Result, StoreProblem},
    fault_injection::{self, Guarantee},
};

/// How long a webhook waits for its batch. Providers time out after 10 to 30 seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);
/// The longest a message may have been queued when its batch begins, while there is a backlog. The rest of the
/// webhook's time is for the commit. Long enough to ride out a store that stalls for a few seconds.
const MAX_QUEUE_TIME: Duration = Duration::from_secs(6);
/// A queued message, with the channel on which its webhook waits for the outcome.
pub(super) struct QueuedMessage {
    pub(super) message: InboundMessage,
    pub(super) waiting: Waiting,
    /// Its permit in the queue, which is free again when the writer takes it.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// The webhook that waits for a message's outcome.
pub(super) struct Waiting {
    pub(super) queued_at: Instant,
    pub(super) answer: oneshot::Sender<Result<Outcome>>,
    /// What is measured of its provider.
    pub(super) provider: Arc<ProviderMeasures>,
}

impl Waiting {
    /// Whether it can still be answered in time.
    pub(super) fn can_be_answered(&self) -> bool {
        self.queued_at.elapsed() < MAX_QUEUE_TIME && !self.answer.is_closed()
    }
}

/// The end of the queue that the writer takes messages from.
pub(super) struct Queued {
    pub(super) messages: mpsc::UnboundedReceiver<QueuedMessage>,
    /// When the oldest message that waits was queued.
    pub(super) oldest: Arc<OldestQueued>,
}

/// The queue of messages that wait for the writer.
///
/// It is bounded by its permits. A webhook with more messages than there are permits in all needs every permit: it gets
/// in when nothing else waits. Otherwise it would be refused for ever, and with it everything its provider holds back
/// behind it. What the queue holds is thus bounded by its length or by one webhook, whichever is more.
#[derive(Debug)]
pub(super) struct ReceiveQueue {
    queue: Mutex<Option<mpsc::UnboundedSender<QueuedMessage>>>,
    permits: Arc<Semaphore>,
    length: usize,
    oldest: Arc<OldestQueued>,
}

impl ReceiveQueue {
    /// A queue with so many permits, and its end for the writer.
    pub(super) fn new(length: usize) -> (Self, Queued) {
        let (sender, messages) = mpsc::unbounded_channel();
        let (permits, oldest) = (Arc::new(Semaphore::new(length)), Arc::new(OldestQueued::new()));
        let queued = Queued { messages, oldest: Arc::clone(&oldest) };
        (Self { queue: Mutex::new(Some(sender)), permits, length, oldest }, queued)
    }

    /// The number of permits that are taken.
    pub(super) fn count(&self) -> usize {
        self.length - self.permits.available_permits()
    }

    /// How many permits there are.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// How long the oldest message has waited.
    pub(super) fn oldest_age(&self) -> Duration {
        if self.count() == 0 { Duration::ZERO } else { self.oldest.age() }
    }

    /// Takes permits for a webhook's messages: as many as there are messages, or all.
    fn take_permits(&self, messages: usize) -> Result<OwnedSemaphorePermit> {
        let full = |_| Error::unavailable("the receive queue is full").with_store_problem(StoreProblem::Busy);
        let permits = u32::try_from(messages.min(self.length)).map_err(Error::internal)?;
        Arc::clone(&self.permits).try_acquire_many_owned(permits).map_err(full)
    }

    pub(super) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether the writer is running.
    pub(super) fn is_alive(&self) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().is_some_and(|queue| !queue.is_closed())
    }

    /// Queues messages, all or none, and waits for their outcomes.
    pub(super) async fn submit(
        &self,
        messages: Vec<InboundMessage>,
        provider: &Arc<ProviderMeasures>,
    ) -> Result<Vec<Outcome>> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(|| Error::unavailable("shutting down"))?;
        if queue.is_closed() {
            return Err(Error::unavailable("the writer is gone"));
        }
        let mut permits = self.take_permits(messages.len())?;
        let queued_at = Instant::now();
        if self.count() <= messages.len() {
            self.oldest.set(queued_at);
        }
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            let (answer, wait) = oneshot::channel();
            // If the writer ends now, the answer is dropped, and the webhook is refused.
            let waiting = Waiting { queued_at, answer, provider: Arc::clone(provider) };
            let _ = queue.send(QueuedMessage { message, waiting, permit: permits.split(1) });
            answers.push(wait);
        }
        drop(queue);
        if fault_injection::is_disabled(Guarantee::Acknowledgement) {
            return Ok(answers.iter().map(|_| Outcome::Held).collect());
        }
        let outcomes = async {
            // Wait for all, even when one failed: a message that nobody waits for may be skipped.
            let mut outcomes = Vec::with_capacity(answers.len());
            for answer in answers {
                let skipped = |_| {
                    Error::unavailable("more messages come than the store takes").with_store_problem(StoreProblem::Busy)
                };
                outcomes.push(answer.await.map_err(skipped).flatten());
            }
            outcomes.into_iter().collect()
        };
        // The message may still be stored later; the provider's retry is then a duplicate.
        let slow = |_| Error::unavailable("the store took too long").with_store_problem(StoreProblem::Busy);
        tokio::time::timeout(ANSWER_TIMEOUT, outcomes).await.map_err(slow)?
    }
}
