//! Storing a batch of messages in one transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    code_reader::CodeReader,
    inbound::InboundMessage,
    multipart::join_parts,
    route::{Destination, route},
};
use crate::{
    domain::{Error, Extraction, Message, MessageId, Result},
    fault_injection::{self, Guarantee},
    store::{Claim, NewMessage, NewReport, Receipt, SettledPart, Store, Tx},
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
    /// Received before, this many times.
    Duplicate(i32),
}

/// Stores a batch in one transaction. Returns the outcome of each message, in order.
pub(super) async fn store_batch(
    store: &Store,
    reader: &CodeReader,
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
    let seen = messages.iter().map(|message| {
        let seen = message.receipts.iter().map(|(receipt, _)| {
            let copies = copies.entry(receipt.clone()).or_default();
            *copies += 1;
            *copies - 1
        });
        seen.max().unwrap_or_default()
    });
    let seen: Vec<i32> = match fault_injection::is_disabled(Guarantee::Deduplication) {
        true => vec![0; messages.len()],
        false => seen.collect(),
    };
    let outcomes = settle(&tx, reader, messages, &seen).await?;
    tx.commit().await?;
    Ok(outcomes)
}

/// Routes each message and stores it. `seen` is how often each was received before.
pub(super) async fn settle(
    tx: &Tx,
    reader: &CodeReader,
    messages: &[InboundMessage],
    seen: &[i32],
) -> Result<Vec<Outcome>> {
    // Find each message's destination.
    let numbers: BTreeSet<_> = messages.iter().map(|message| &message.sms.to).collect();
    let routes = tx.find_routes(&numbers).await?;
    let mut destinations: Vec<Destination> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| route(message, seen.get(at).copied().unwrap_or_default(), routes.get(&message.sms.to)))
        .collect();
    let joined = join_parts(tx, messages, &mut destinations, &routes).await?;
    let messages: Vec<&InboundMessage> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| joined.get(&at).map_or(message, |whole| &whole.message))
        .collect();

    // Read the codes, only of messages that will be stored, and of long messages as a whole.
    let read = |(message, destination): (&&InboundMessage, &Destination)| match destination.is_stored() {
        true => reader.read(message.provider_id, &message.sms),
        false => Extraction::NONE,
    };
    let readings: Vec<Extraction> = messages.iter().zip(&destinations).map(read).collect();

    // Take the inbox sequences. From here to the commit, this transaction holds the locks on these inboxes.
    let mut wanted = BTreeMap::new();
    for destination in &destinations {
        if let Destination::Inbox(_, rental) = destination {
            *wanted.entry(rental.user_id).or_insert(0) += 1;
        }
    }
    let mut next_seq = if wanted.is_empty() { BTreeMap::new() } else { tx.advance_inboxes(&wanted).await? };
    for (user, last) in &mut next_seq {
        *last -= wanted[user] - 1;
    }

    // Store the messages, then the delivery reports.
    let metadata: Vec<_> = messages.iter().map(|message| message.metadata()).collect();
    let mut rows = Vec::with_capacity(messages.len());
    for (((message, destination), metadata), reading) in
        messages.iter().zip(&destinations).zip(&metadata).zip(&readings)
    {
        let (number, rental) = match *destination {
            Destination::Inbox(number, rental) => (number, Some(rental)),
            Destination::Quarantine(number) => (number, None),
            Destination::Nowhere(_) | Destination::Held | Destination::Duplicate(_) => continue,
        };
        let inbox_seq = rental.and_then(|rental| next_seq.get_mut(&rental.user_id)).map(|next| {
            *next += 1;
            *next - 1
        });
        rows.push(NewMessage {
            phone_number_id: number,
            user_id: rental.map(|rental| rental.user_id),
            assignment_id: rental.map(|rental| rental.id),
            inbox_seq,
            sender_number: message.sms.from.as_str(),
            message_content: &message.sms.text,
            message_type: reading.message_type,
            otp: reading.otp.as_ref(),
            received_at: message.received_at,
            provider_id: message.provider_id,
            provider_message_id: &message.sms.provider_message_id,
            metadata,
        });
    }
    let ids = if rows.is_empty() { BTreeMap::new() } else { tx.insert_messages(&rows).await? };
    let mut rows = rows.into_iter();
    let mut outcomes = Vec::with_capacity(messages.len());
    let mut reports = Vec::with_capacity(messages.len());
    let mut settled = Vec::new();
    for (at, (message, destination)) in messages.iter().zip(&destinations).enumerate() {
        let (outcome, report) = match *destination {
            Destination::Duplicate(seen) => (Outcome::Duplicate(seen), report(message, "duplicate", None, seen)),
            Destination::Nowhere(why) => (Outcome::Unroutable, report(message, "unroutable", Some(why), 0)),
            Destination::Held => (Outcome::Held, report(message, "held", None, 0)),
            Destination::Inbox(..) | Destination::Quarantine(_) => {
                let id = ids.get(&message.receipt()).copied();
                let (id, row) = id.zip(rows.next()).ok_or_else(|| Error::internal("a message was not stored"))?;
                let outcome = stored(message, id, &row);
                let status = if row.user_id.is_some() { "received" } else { "quarantined" };
                (outcome, NewReport { message_id: Some(id), ..report(message, status, None, 0) })
            }
        };
        let parts = joined.get(&at).map(|whole| whole.parts.clone()).unwrap_or_default();
        let held = parts.into_iter().chain(message.was_held.then(|| message.receipt()));
        settled.extend(held.map(|receipt| SettledPart {
            receipt,
            status: report.status,
            message_id: report.message_id,
        }));
        outcomes.push(outcome);
        if !message.was_held {
            reports.push(report);
        }
    }
    tx.insert_reports(&reports).await?;
    if !settled.is_empty() {
        tx.update_held_reports(&settled).await?;
    }
    Ok(outcomes)
}

/// The outcome of a message that was stored as `row`.
fn stored(message: &InboundMessage, id: MessageId, row: &NewMessage<'_>) -> Outcome {
    let (Some(user_id), Some(inbox_seq)) = (row.user_id, row.inbox_seq) else { return Outcome::Quarantined(id) };
    Outcome::Delivered(Arc::new(Message {
        id,
        user_id,
        inbox_seq,
        phone_number_id: row.phone_number_id,
        phone_number: message.sms.to.clone(),
        sender_number: message.sms.from.clone(),
        message_content: message.sms.text.clone(),
        message_type: row.message_type,
        received_at: row.received_at,
        is_read: false,
        media: message.sms.media.clone(),
        otp: row.otp.cloned(),
    }))
}

pub(super) fn report<'a>(
    message: &'a InboundMessage,
    status: &'static str,
    why: Option<&'a str>,
    retry_count: i32,
) -> NewReport<'a> {
    NewReport {
        message_id: None,
        provider_id: message.provider_id,
        provider_message_id: Some(&message.sms.provider_message_id),
        phone_number: Some(message.sms.to.as_str()),
        status,
        error_message: why,
        webhook_payload: &message.sms.payload,
        retry_count,
        created_at: message.received_at,
    }
}
