//! Releasing the parts of long messages whose other parts do not arrive: they are stored one by one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    batch::{Outcome, settle},
    code_reader::CodeReader,
    inbound::InboundMessage,
};
use crate::{
    app::App,
    bus::Committed,
    domain::{BlockedSenders, Error, ErrorCode, InboundSms, Result},
    providers::join_texts,
    store::{HeldPart, PartialMessageId, Store},
};

/// How long parts wait for each other.
const HOLD_TIME: TimeDelta = TimeDelta::seconds(60);
/// How long the store may take to release one message.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(15);

impl App {
    /// Stores the parts of long messages that were not completed in time. Returns how many. A message that the store
    /// refuses does not keep the others waiting.
    ///
    /// Replicas may run this at the same time: each message is locked by the one whose transaction releases it.
    pub async fn release_parts(&self) -> Result<usize> {
        let mut released = 0;
        let mut last = None;
        loop {
            // The time of each iteration, in case this was suspended since the last one.
            let now = self.clock.now();
            let overdue = self.store.find_overdue_partial(now - HOLD_TIME, last).await?;
            let Some(partial) = overdue else { return Ok(released) };
            last = Some(partial);
            let reader = self.receiving.code_readers.current().await;
            let blocked = self.receiving.block_list.current().await;
            let release = release(&self.store, &reader, &blocked, partial, now);
            let release = tokio::time::timeout(RELEASE_TIMEOUT, release);
            let outcomes = match release.await.map_err(Error::unavailable)? {
                Ok(outcomes) => outcomes,
                Err(error) if error.code() == ErrorCode::Unavailable => return Err(error),
                Err(error) => {
                    error.log("release_parts");
                    // On PostgreSQL today's partition may be missing. Make it, and leave this message to the next run.
                    self.prepare_partitions().await?;
                    continue;
                }
            };
            released += outcomes.len();
            let delivered = outcomes.into_iter().filter_map(|outcome| match outcome {
                Outcome::Delivered(message) => Some(message),
                _ => None,
            });
            self.bus.publish(delivered.map(Committed::from).collect(), self.clock.now());
        }
    }
}

/// Stores the parts of one message, unless another replica is doing so or the message is complete by now.
async fn release(
    store: &Store,
    reader: &CodeReader,
    blocked: &BlockedSenders,
    partial: PartialMessageId,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>> {
    let tx = store.begin_receiving().await?;
    let parts = tx.take_partial(partial, now).await?;
    let messages: Vec<_> = parts.into_iter().map(|part| released(part, now)).collect();
    let outcomes = match messages.is_empty() {
        true => Vec::new(),
        false => settle(&tx, reader, blocked, &messages, &[]).await?,
    };
    tx.commit().await?;
    Ok(outcomes)
}

/// A released part as a message of its own.
fn released(part: HeldPart, now: DateTime<Utc>) -> InboundMessage {
    let text = join_texts([part.text.as_str()]);
    let mut sms = InboundSms::new(part.receipt.provider_message_id, part.sender_number, part.phone_number, &text);
    sms.media = part.metadata.media.into_owned();
    sms.segments = part.metadata.segments;
    let provider_id = part.receipt.provider_id;
    InboundMessage {
        provider_id,
        posted_at: part.received_at,
        received_at: now,
        arrived_at: part.received_at,
        trace: None,
        sms,
        sent_by: part.sent_by,
        receipts: Vec::new(),
        was_held: true,
    }
}
