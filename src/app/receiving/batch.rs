//! Storing a batch of messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{
    code_reader::CodeReader,
    inbound::InboundMessage,
    multipart::join_parts,
    route::{Destination, route},
};
use crate::{
    domain::{
        Assignment, BlockedSenders, Error, Extraction, LeaseId, Message, MessageId, Msisdn, NumberId, ReportReason,
        Result,
    },
    fault_injection::{self, Guarantee},
    store::{Arrival, Claim, NewMessage, NewReport, Receipt, Settled, SettledPart, Store, Tx},
};

/// What became of a message that was received.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Stored in its renter's inbox.
    Delivered(Arc<Message>),
    /// Stored without an owner: nobody rented the number when the message arrived.
    Quarantined(MessageId),
    /// One part of a long message, held until the other parts arrive.
    Held,
    /// The number is not on this platform, or belongs to another provider. A delivery report says so.
    Unroutable,
    /// Not stored: an administrator has blocked its sender. A delivery report says so.
    Refused,
    /// Received before, this many times.
    Duplicate(i32),
}

/// Stores a batch durably, all or nothing. Returns the outcome of each message, in order.
pub(super) async fn store_batch(
    store: &Store,
    reader: &CodeReader,
    blocked: &BlockedSenders,
    messages: &[InboundMessage],
) -> Result<Vec<Outcome>> {
    // Whether a part is held depends on what else has arrived, which only a transaction can settle.
    if messages.iter().any(|message| message.sms.part.is_some()) {
        return store_with_parts(store, reader, blocked, messages).await;
    }
    let routes = store.find_routes(&numbers(messages)).await?;
    let routed = messages.iter().map(|message| {
        let destination = route(message, routes.get(&message.sms.to), blocked);
        Routed::new(reader, message, destination)
    });
    let routed: Vec<_> = routed.collect();
    let arrivals: Vec<_> = routed.iter().map(|routed| routed.arrival(&routed.message.receipts)).collect();
    let settled = store.store_arrivals(&arrivals).await?;
    routed.iter().zip(settled).map(|(routed, settled)| routed.outcome(settled)).collect()
}

/// The same for a batch with parts of long messages.
async fn store_with_parts(
    store: &Store,
    reader: &CodeReader,
    blocked: &BlockedSenders,
    messages: &[InboundMessage],
) -> Result<Vec<Outcome>> {
    let tx = store.begin_receiving().await?;

    // Claim the receipts: a claim that already exists marks a retry. Copies within the batch share one claim.
    let mut claims: BTreeMap<Receipt, Claim> = BTreeMap::new();
    for message in messages {
        for (receipt, expires_at) in &message.receipts {
            let claim = Claim { received_at: message.received_at, expires_at: *expires_at, copies: 0 };
            claims.entry(receipt.clone()).or_insert(claim).copies += 1;
        }
    }
    let mut copies = tx.claim_receipts(&claims).await?;
    let repeated = messages.iter().map(|message| {
        let (mut seen, mut reason) = (0, ReportReason::SameContent);
        for (receipt, _) in &message.receipts {
            let copies = copies.entry(receipt.clone()).or_default();
            if *copies > 0 && !receipt.provider_message_id.starts_with(Receipt::CONTENT) {
                reason = ReportReason::SameId;
            }
            seen = seen.max(*copies);
            *copies += 1;
        }
        (seen > 0).then_some(Destination::Duplicate(seen, reason))
    });
    let repeated: Vec<_> = match fault_injection::is_disabled(Guarantee::Deduplication) {
        true => Vec::new(),
        false => repeated.collect(),
    };
    let outcomes = settle(&tx, reader, blocked, messages, &repeated).await?;
    tx.commit().await?;
    Ok(outcomes)
}

/// Stores messages whose receipts are claimed, joining parts of long ones. `repeated` has what becomes of those that
/// were received before.
pub(super) async fn settle(
    tx: &Tx,
    reader: &CodeReader,
    blocked: &BlockedSenders,
    messages: &[InboundMessage],
    repeated: &[Option<Destination>],
) -> Result<Vec<Outcome>> {
    let routes = tx.find_routes(&numbers(messages)).await?;
    let destination = |(at, message): (usize, &InboundMessage)| {
        let repeated = repeated.get(at).copied().flatten();
        repeated.unwrap_or_else(|| route(message, routes.get(&message.sms.to), blocked))
    };
    let mut destinations: Vec<Destination> = messages.iter().enumerate().map(destination).collect();
    let joined = join_parts(tx, messages, &mut destinations, &routes, blocked).await?;
    let routed = messages.iter().zip(destinations).enumerate().map(|(at, (message, destination))| {
        let message = joined.get(&at).map_or(message, |whole| &whole.message);
        Routed::new(reader, message, destination)
    });
    let routed: Vec<_> = routed.collect();
    let arrivals: Vec<_> = routed.iter().map(|routed| routed.arrival(&[])).collect();
    let settled = tx.store_arrivals(&arrivals).await?;

    let held = routed.iter().zip(&settled).enumerate().flat_map(|(at, (routed, settled))| {
        let parts = joined.get(&at).map(|whole| whole.parts.clone()).unwrap_or_default();
        let itself = routed.message.was_held.then(|| routed.message.receipt());
        let (status, reason) = (routed.destination.status(), routed.destination.reason());
        let status_reason = reason.map(ReportReason::as_str);
        let message_id = settled.id;
        let part = move |receipt| SettledPart { receipt, status, status_reason, message_id };
        parts.into_iter().chain(itself).map(part)
    });
    let held: Vec<_> = held.collect();
    if !held.is_empty() {
        tx.update_held_reports(&held).await?;
    }
    routed.iter().zip(settled).map(|(routed, settled)| routed.outcome(settled)).collect()
}

fn numbers(messages: &[InboundMessage]) -> BTreeSet<&Msisdn> {
    messages.iter().map(|message| &message.sms.to).collect()
}

/// A message with its destination, and the code that was read in it.
struct Routed<'a> {
    message: &'a InboundMessage,
    destination: Destination,
    reading: Extraction,
}

impl<'a> Routed<'a> {
    /// Reads the code of a message that will be stored; of a long message, as a whole.
    fn new(reader: &CodeReader, message: &'a InboundMessage, destination: Destination) -> Self {
        let reading = match destination.is_stored() {
            true => reader.read(message.provider_id, &message.sms),
            false => Extraction::NONE,
        };
        Self { message, destination, reading }
    }

    fn arrival<'b>(&'b self, receipts: &'b [(Receipt, Option<DateTime<Utc>>)]) -> Arrival<'b> {
        let message = match self.destination {
            Destination::Inbox(number, rental, lease) => Some(self.row(number, Some(rental), lease)),
            Destination::Quarantine(number, _) => Some(self.row(number, None, None)),
            Destination::Nowhere(_) | Destination::Refused | Destination::Held | Destination::Duplicate(..) => None,
        };
        let (why, seen) = match self.destination {
            Destination::Nowhere(ReportReason::OtherProvider) => (Some("the number belongs to another provider"), 0),
            Destination::Nowhere(_) => (Some("the number is not ours"), 0),
            Destination::Refused => (Some("an administrator has blocked the sender"), 0),
            Destination::Duplicate(seen, _) => (None, seen),
            _ => (None, 0),
        };
        let (status, reason) = (self.destination.status(), self.destination.reason());
        let report = report(self.message, status, reason, why, seen);
        let report = (!self.message.was_held).then_some(report);
        Arrival { receipts, received_at: self.message.received_at, message, report }
    }

    fn row(&self, number: NumberId, rental: Option<Assignment>, lease_id: Option<LeaseId>) -> NewMessage<'_> {
        let message = self.message;
        NewMessage {
            phone_number_id: number,
            user_id: rental.map(|rental| rental.user_id),
            assignment_id: rental.map(|rental| rental.id),
            lease_id,
            sender_number: message.sms.from.as_str(),
            channel: message.sms.channel,
            message_content: &message.sms.text,
            message_type: self.reading.message_type,
            otp: self.reading.otp.as_ref(),
            received_at: message.received_at,
            provider_id: message.provider_id,
            provider_message_id: &message.sms.provider_message_id,
            metadata: message.metadata(),
        }
    }

    fn outcome(&self, settled: Settled) -> Result<Outcome> {
        let id = || settled.id.ok_or_else(|| Error::internal("a message was not stored"));
        Ok(match self.destination {
            _ if settled.seen > 0 => Outcome::Duplicate(settled.seen),
            Destination::Duplicate(seen, _) => Outcome::Duplicate(seen),
            Destination::Nowhere(_) => Outcome::Unroutable,
            Destination::Refused => Outcome::Refused,
            Destination::Held => Outcome::Held,
            Destination::Quarantine(..) => Outcome::Quarantined(id()?),
            Destination::Inbox(number, rental, lease_id) => {
                let sms = &self.message.sms;
                Outcome::Delivered(Arc::new(Message {
                    id: id()?,
                    user_id: rental.user_id,
                    inbox_seq: settled.inbox_seq.ok_or_else(|| Error::internal("a message got no sequence"))?,
                    phone_number_id: number,
                    phone_number: sms.to.clone(),
                    sender_number: sms.from.clone(),
                    channel: sms.channel,
                    message_content: sms.text.clone(),
                    message_type: self.reading.message_type,
                    received_at: self.message.received_at,
                    is_read: false,
                    media: sms.media.clone(),
                    otp: self.reading.otp.clone(),
                    lease_id,
                }))
            }
        })
    }
}

pub(super) fn report<'a>(
    message: &'a InboundMessage,
    status: &'static str,
    reason: Option<ReportReason>,
    why: Option<&'a str>,
    retry_count: i32,
) -> NewReport<'a> {
    NewReport {
        message_id: None,
        provider_id: message.provider_id,
        provider_message_id: Some(&message.sms.provider_message_id),
        phone_number: Some(message.sms.to.as_str()),
        status,
        status_reason: reason.map(ReportReason::as_str),
        error_message: why,
        webhook_payload: &message.sms.payload,
        retry_count,
        created_at: message.received_at,
    }
}
