//! What responses may cost in memory: the texts of one, and the events of a connection that its client has not read
//! yet.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Context, ContextBase};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::{Stream, StreamExt};

use super::error::to_graphql;
use crate::domain::{Error, ErrorCode};

/// How many bytes of messages' texts a response may have. Aliases can repeat a text, so the number of messages is no
/// bound.
const RESPONSE: usize = 8 << 20;
/// The same for each event of a subscription.
const EVENT: usize = 1 << 20;

/// The bytes of texts that a response may still have.
#[derive(Debug)]
pub(super) struct ResponseBudget {
    limit: usize,
    left: AtomicUsize,
}

impl ResponseBudget {
    pub(super) fn of_response() -> Arc<Self> {
        Self::new(RESPONSE)
    }

    pub(super) fn of_events() -> Arc<Self> {
        Self::new(EVENT)
    }

    fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, left: AtomicUsize::new(limit) })
    }

    fn charge(&self, bytes: usize) -> Result<(), Error> {
        let charged = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        charged.map(drop).map_err(|_| {
            let message =
                "the texts of this response are too long; ask for fewer messages at once, and for each text once";
            Error::new(ErrorCode::QueryTooComplex, message).with("limit", self.limit)
        })
    }

    /// Begins the next event.
    fn refill(&self) {
        self.left.store(self.limit, Ordering::Relaxed);
    }
}

/// Charges a text to the response that it becomes part of.
pub(super) fn charge<'t, T>(ctx: &ContextBase<'_, T>, text: &'t str) -> async_graphql::Result<&'t str> {
    if let Some(budget) = ctx.data_opt::<Arc<ResponseBudget>>() {
        budget.charge(text.len()).map_err(to_graphql)?;
    }
    Ok(text)
}

/// Lets a subscription make the response to an event only when its connection has a permit for it: the responses that a
/// client has not read yet would fill the memory otherwise.
#[derive(Debug)]
pub(super) struct EventPermits {
    /// The permits of the connection.
    free: Arc<Semaphore>,
    /// The permit of the event whose response is being made.
    taken: Mutex<Option<OwnedSemaphorePermit>>,
}

impl EventPermits {
    pub(super) fn new(free: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { free, taken: Mutex::default() })
    }

    fn taken(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_permit(&self) {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        *self.taken() = permit;
    }

    /// The permit of the response that was just made. It is free again when that is dropped.
    pub(super) fn hand_over(&self) -> Option<OwnedSemaphorePermit> {
        self.taken().take()
    }
}

/// The events of a subscription, each when there is a permit for its response.
pub(super) fn paced<S: Stream<Item: Send> + Send>(
    ctx: &Context<'_>,
    events: S,
) -> impl Stream<Item = S::Item> + Send + use<S> {
    let permits = ctx.data_opt::<Arc<EventPermits>>().cloned();
    let budget = ctx.data_opt::<Arc<ResponseBudget>>().cloned();
    events.then(move |event| {
        let (permits, budget) = (permits.clone(), budget.clone());
        async move {
            if let Some(permits) = permits {
                permits.take_permit().await;
            }
            if let Some(budget) = budget {
                budget.refill();
            }
            event
        }
    })
}
