//! Releasing: parts of long messages whose other parts do not come are shown by themselves.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    batch::{Outcome, settle},
    code_reader::CodeReader,
    inbound::InboundMessage,
};
use crate::{
    app::App,
    domain::{Error, ErrorCode, InboundSms, Result},
    store::{HeldPart, PartialId, Store},
};

/// How long the parts of a long message wait for each other.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);
/// How long the store may take to give up one.
const STORE_PATIENCE: Duration = Duration::from_secs(15);

impl App {
    /// Shows the parts of long messages whose other parts have not come in time. Answers how many. One message that
    /// the store refuses does not keep the others waiting.
    ///
    /// Any number of replicas may be at it: each message is taken by one, whose lock on it ends with the transaction
    /// that shows it, or with the replica.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn release_parts(&self) -> Result<usize> {
        let mut released = 0;
        let mut done = None;
        loop {
            // They are received now, also when this was held up since the last one.
            let now = self.clock.now();
            let overdue = self.store.find_overdue_partial(now - PATIENCE, done).await?;
            let Some(partial) = overdue else { return Ok(released) };
            done = Some(partial);
            let reader = self.receiving.code_readers.current().await;
            let release = tokio::time::timeout(STORE_PATIENCE, release(&self.store, &reader, partial, now));
            let outcomes = match release.await.map_err(Error::unavailable)? {
                Ok(outcomes) => outcomes,
                Err(error) if error.code() == ErrorCode::Unavailable => return Err(error),
                Err(error) => {
                    error.log("release_parts");
                    // On PostgreSQL the reason may be that today has no partition yet; then it is for the next round.
                    self.prepare_partitions().await?;
                    continue;
                }
            };
            released += outcomes.len();
            let delivered = outcomes.into_iter().filter_map(|outcome| match outcome {
                Outcome::Delivered(message) => Some(message),
                _ => None,
            });
            self.bus.publish(delivered.collect());
        }
    }
}

/// Stores the parts of a message by themselves, unless somebody else is at it or it is whole by now.
async fn release(store: &Store, reader: &CodeReader, partial: PartialId, now: DateTime<Utc>) -> Result<Vec<Outcome>> {
    let tx = store.begin_receiving().await?;
    let parts = tx.take_partial(partial, now).await?;
    let arrivals: Vec<_> = parts.into_iter().map(|part| released(part, now)).collect();
    let outcomes = if arrivals.is_empty() { Vec::new() } else { settle(&tx, reader, &arrivals, &[]).await? };
    tx.commit().await?;
    Ok(outcomes)
}

/// A part that has waited long enough.
fn released(part: HeldPart, now: DateTime<Utc>) -> InboundMessage {
    let mut sms = InboundSms::new(part.receipt.provider_message_id, part.sender_number, part.phone_number, &part.text);
    sms.sent_at = part.sent_at;
    sms.media = part.metadata.media.into_owned();
    sms.segments = part.metadata.segments;
    let provider_id = part.receipt.provider_id;
    InboundMessage {
        provider_id,
        received_at: now,
        arrived_at: part.received_at,
        sms,
        receipts: Vec::new(),
        was_held: true,
    }
}
