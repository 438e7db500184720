//! Batches: one read of the store for what many rows of a list need.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

use futures_util::{
    StreamExt,
    future::{self, BoxFuture},
    task::AtomicWaker,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio_stream::wrappers::UnboundedReceiverStream;

/// One read of the store, for all keys that were asked for.
pub(super) type Batch = BoxFuture<'static, ()>;

/// What runs the batches of a request.
#[derive(Clone)]
pub(super) enum BatchRunner {
    /// [`run_with_batches`], whenever the operation can go no further: by then every row has asked for what it needs.
    Queue(UnboundedSender<Batch>),
    /// A task for each batch. For subscriptions, whose events are one row each.
    Spawn,
}

impl BatchRunner {
    pub(super) fn run(&self, batch: Batch) {
        match self {
            // When the queue is gone, so is the operation that would wait for the batch.
            Self::Queue(batches) => drop(batches.send(batch)),
            Self::Spawn => drop(tokio::spawn(batch)),
        }
    }
}

/// Runs an operation, and its batches whenever it can go no further without one.
pub(super) async fn run_with_batches<T>(operation: impl Future<Output = T>, batches: UnboundedReceiver<Batch>) -> T {
    let batches = UnboundedReceiverStream::new(batches).for_each_concurrent(None, |batch| batch);
    let (mut operation, mut batches) = (pin!(operation), pin!(batches));
    let wake_flag = Arc::new(WakeFlag::default());
    let waker = Waker::from(Arc::clone(&wake_flag));
    future::poll_fn(move |cx| {
        wake_flag.task.register(cx.waker());
        wake_flag.is_woken.store(false, Ordering::Relaxed);
        let polled = operation.as_mut().poll(&mut Context::from_waker(&waker));
        // A long list is polled a few rows at a time, and wakes itself for the next: then it can still go on.
        if polled.is_pending() && !wake_flag.is_woken.load(Ordering::Relaxed) {
            // The operation holds the sender, so the batches do not end before it.
            let _ = batches.as_mut().poll(cx);
        }
        polled
    })
    .await
}

/// Remembers whether a future woke its task while it was polled.
#[derive(Default)]
struct WakeFlag {
    is_woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Relaxed);
        self.task.wake();
    }
}
