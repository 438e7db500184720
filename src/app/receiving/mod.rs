//! Receiving: from a verified webhook to a committed message.
//!
//! ```text
//! webhooks ──▶ bounded queue ──▶ writer: gather ─▶ one transaction ─▶ publish ─▶ answer
//! ```
//!
//! One writer commits whatever has gathered as one batch, two at a time on PostgreSQL. While batches commit, the next
//! gathers: batches grow with the load, and no message waits for a batch to fill. A webhook is answered after its own
//! batch has committed, and only then: *200 means stored*.
//!
//! Guarantees, and what they rest on:
//!
//! - **Nothing twice.** A message's receipt is claimed in the transaction that stores the message, so a retry finds
//!   the receipt exactly when the message is stored. Where the provider's id does not identify a retry, a digest of
//!   the content does.
//! - **No gaps in an inbox.** The batch locks the inboxes before it takes sequences, so sequences become visible in
//!   order.
//! - **Nobody else's.** The rental that is live when the message arrives decides whose inbox it goes into. A message
//!   without one is quarantined: kept for administrators alone.
//! - **No bad neighbours.** If a batch fails because of one message, each is tried by itself.
//! - **A code never costs a message.** Messages are read before the inboxes are locked, and a reader that fails on a
//!   text costs its code alone.
//! - **No half messages,** if it can be helped. Parts of a long message wait for each other, but not for long.
//!
//! To be read in this order:
//!
//! 1. `receive`: the use cases. `admission` bounds how many webhooks are under way.
//! 2. `receive_queue` and `writer`: the queue, and the task that commits batches. `store_health` records what the store
//!    answered, and `store_checks` reports it.
//! 3. `batch`: storing one batch. It builds on `multipart` (joining parts of long messages), `route` (finding the
//!    destination) and `inbound` (recognising retries).
//! 4. `release`: gives up waiting for parts that do not arrive.
//! 5. `code_reader` and `patterns`: reading one-time codes.
//! 6. `block_list` and `blocking`: senders whose messages are refused. `sender_spread`: those that reach unusually many
//!    numbers.
//! 7. `measures` and `recorders`: what is measured and noted of all that; `batch_trace`: the spans of a batch.

mod admission;
mod batch;
mod batch_trace;
mod block_list;
mod blocking;
mod code_reader;
mod inbound;
mod measures;
mod multipart;
mod patterns;
mod receive;
mod receive_queue;
mod recorders;
mod release;
mod route;
mod sender_spread;
mod store_checks;
mod store_health;
mod writer;

use std::sync::Arc;

use tokio::task::JoinHandle;

pub use admission::BodyReservation;
pub use batch::Outcome;
pub use code_reader::BuiltInReader;
pub use inbound::Posted;
pub(super) use recorders::Recorders;

use self::{
    admission::Admission,
    block_list::BlockListSource,
    code_reader::CodeReaderSource,
    inbound::ContentKeys,
    measures::{ProvidersMeasures, ReceiveMeasures},
    receive_queue::ReceiveQueue,
    sender_spread::SenderSpread,
    store_health::StoreHealth,
    writer::Writer,
};
use super::{keyring::Keyring, settings::Settings};
use crate::{bus::Bus, clock::Clock, store::Store};

/// The state of receiving in this process.
#[derive(Debug)]
pub(super) struct Receiving {
    queue: ReceiveQueue,
    admission: Admission,
    store_health: Arc<StoreHealth>,
    code_readers: Arc<CodeReaderSource>,
    block_list: Arc<BlockListSource>,
    content_keys: ContentKeys,
    providers: ProvidersMeasures,
}

impl Receiving {
    /// Starts the writer. It ends after [`Receiving::close`], once every accepted message is stored.
    pub(super) fn start(
        store: &Store,
        bus: &Bus,
        clock: &Clock,
        keys: &Keyring,
        reader: BuiltInReader,
        recorders: Recorders,
        settings: &Settings,
    ) -> (Self, JoinHandle<()>) {
        let store_health = Arc::new(StoreHealth::new(store.is_sqlite()));
        let code_readers = Arc::new(CodeReaderSource::new(store.clone(), clock.clone(), reader));
        let block_list = Arc::new(BlockListSource::new(store.clone(), clock.clone()));
        let writer = Writer {
            store: store.clone(),
            code_readers: Arc::clone(&code_readers),
            block_list: Arc::clone(&block_list),
            sender_spread: SenderSpread::new(settings.unusual.numbers_per_sender),
            bus: bus.clone(),
            clock: clock.clone(),
            recorders,
            store_health: Arc::clone(&store_health),
            measures: ReceiveMeasures::new(),
        };
        let (queue, queued) = ReceiveQueue::new(settings.receive_queue);
        let writing = tokio::spawn(writer.run(queued));
        let admission = Admission::new(settings.receive_queue);
        let (content_keys, providers) = (ContentKeys::new(keys), ProvidersMeasures::default());
        (Self { queue, admission, store_health, code_readers, block_list, content_keys, providers }, writing)
    }

    /// Sets the metrics of the queue to what is now.
    pub(super) fn measure(&self) {
        metrics::gauge!("otpwire_receive_queue_messages").set(self.queue.count() as f64);
        metrics::gauge!("otpwire_receive_queue_capacity_messages").set(self.queue.length() as f64);
        metrics::gauge!("otpwire_receive_queue_oldest_seconds").set(self.queue.oldest_age().as_secs_f64());
    }

    /// Accepts no more messages. Those accepted before are still stored.
    pub(super) fn close(&self) {
        self.queue.close();
    }

    /// Whether the writer is running.
    pub(super) fn is_alive(&self) -> bool {
        self.queue.is_alive()
    }

    /// Whether the database is one file that is damaged.
    pub(super) fn is_store_damaged(&self) -> bool {
        self.store_health.is_damaged()
    }
}
