//! Recording the timelines of messages, behind their way and not on it.
//!
//! What is known of a message goes into a bounded queue, from which one task writes many at once, a moment later. When
//! the queue is full, or the store does not take them, they are counted and dropped: a timeline helps to find a
//! message, and no message waits for one.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use metrics::Counter;
use tokio::sync::{mpsc, oneshot};

use crate::{
    clock::Clock,
    domain::{MessageId, Timeline},
    store::Store,
};

/// How many entries may wait: about a megabyte.
const QUEUE: usize = 8192;
/// How long entries gather before they are written. On SQLite a write of their own for each would halve how many
/// messages it takes, one after the other.
const GATHER: Duration = Duration::from_secs(1);
/// How many messages are written at once.
const ROWS: usize = 1000;
/// How long a write may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long somebody waits for what is queued to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug)]
enum Entry {
    /// What is known of a message.
    Known(Timeline),
    /// Nothing. The task answers when it has written everything before it.
    Flush(oneshot::Sender<()>),
}

/// Takes what is known of messages: a handle that is cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct TimelineRecorder {
    queue: mpsc::Sender<Entry>,
    dropped: Counter,
}

impl TimelineRecorder {
    /// Starts the task that writes. It ends when every handle is dropped.
    pub(super) fn start(store: &Store, clock: &Clock) -> Self {
        let (queue, queued) = mpsc::channel(QUEUE);
        let dropped = metrics::counter!("otpwire_timelines_dropped_total");
        let writer = TimelineWriter { store: store.clone(), clock: clock.clone(), dropped: dropped.clone() };
        tokio::spawn(writer.run(queued));
        Self { queue, dropped }
    }

    /// Adds to the timeline of a message. Never waits.
    pub(super) fn record(&self, known: Timeline) {
        if self.queue.try_send(Entry::Known(known)).is_err() {
            self.dropped.increment(1);
        }
    }

    /// Notes that a message was handed to a connection of its owner.
    pub(super) fn record_frame(&self, id: MessageId, at: DateTime<Utc>) {
        self.record(Timeline { first_frame_at: Some(at), ..Timeline::of(id) });
    }

    /// Notes that a message was marked as read.
    pub(super) fn record_read(&self, id: MessageId, at: DateTime<Utc>) {
        self.record(Timeline { first_read_at: Some(at), ..Timeline::of(id) });
    }

    /// Returns when what was recorded before is written, or cannot be for now.
    pub(super) async fn flush(&self) {
        let flush = async {
            let (answer, flushed) = oneshot::channel();
            // It waits for its turn. Without a task there is nothing to wait for.
            if self.queue.send(Entry::Flush(answer)).await.is_ok() {
                let _ = flushed.await;
            }
        };
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, flush).await;
    }
}

/// The task that writes timelines.
struct TimelineWriter {
    store: Store,
    clock: Clock,
    dropped: Counter,
}

impl TimelineWriter {
    async fn run(self, mut queue: mpsc::Receiver<Entry>) {
        while let Some(entry) = queue.recv().await {
            let mut known = BTreeMap::new();
            let mut flushed = gather(entry, &mut known);
            let gathered = self.clock.sleep(GATHER);
            tokio::pin!(gathered);
            while flushed.is_none() && known.len() < ROWS {
                tokio::select! {
                    biased;
                    () = &mut gathered => break,
                    entry = queue.recv() => match entry {
                        Some(entry) => flushed = gather(entry, &mut known),
                        None => break,
                    },
                }
            }
            self.write(known.into_values().collect()).await;
            if let Some(flushed) = flushed {
                let _ = flushed.send(());
            }
        }
    }

    async fn write(&self, known: Vec<Timeline>) {
        if known.is_empty() {
            return;
        }
        let failed = match tokio::time::timeout(WRITE_TIMEOUT, self.store.merge_timelines(&known)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the store did not answer in time".to_owned(),
        };
        self.dropped.increment(known.len() as u64);
        tracing::debug!(messages = known.len(), failed, "the timelines of messages could not be stored");
    }
}

/// Adds an entry to what is known, or returns the answer that somebody waits for.
fn gather(entry: Entry, known: &mut BTreeMap<MessageId, Timeline>) -> Option<oneshot::Sender<()>> {
    match entry {
        Entry::Known(more) => {
            known.entry(more.message_id).or_insert_with(|| Timeline::of(more.message_id)).merge(&more);
            None
        }
        Entry::Flush(answer) => Some(answer),
    }
}
