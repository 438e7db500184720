//! A batch: messages that are stored in one transaction.

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

/// What became of a message.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is in its renter's inbox.
    Delivered(Arc<Message>),
    /// It is stored, and nobody's: the number had no renter when it arrived.
    Quarantined(MessageId),
    /// It is a part of a long message, and waits for the others.
    Held,
    /// The number is not ours, or not this provider's; a report says so.
    Unroutable,
    /// It had arrived before, this many times.
    Duplicate(i32),
}

/// Stores a batch in one transaction and tells what became of each message, in order.
pub(super) async fn store_batch(
    store: &Store,
    reader: &CodeReader,
    arrivals: &[InboundMessage],
) -> Result<Vec<Outcome>> {
    let tx = store.begin_receiving().await?;

    // Which of them are new? Copies within the batch share one claim.
    let mut claims: BTreeMap<Receipt, Claim> = BTreeMap::new();
    for arrival in arrivals {
        for (receipt, expires_at) in &arrival.receipts {
            let claim = Claim { received_at: arrival.received_at, expires_at: *expires_at, copies: 0 };
            claims.entry(receipt.clone()).or_insert(claim).copies += 1;
        }
    }
    let mut copies = tx.claim_receipts(&claims).await?;
    let seen = arrivals.iter().map(|arrival| {
        let seen = arrival.receipts.iter().map(|(receipt, _)| {
            let copies = copies.entry(receipt.clone()).or_default();
            *copies += 1;
            *copies - 1
        });
        seen.max().unwrap_or_default()
    });
    let seen: Vec<i32> = match fault_injection::is_disabled(Guarantee::Deduplication) {
        true => vec![0; arrivals.len()],
        false => seen.collect(),
    };
    let outcomes = settle(&tx, reader, arrivals, &seen).await?;
    tx.commit().await?;
    Ok(outcomes)
}

/// Routes each message, and stores it. `seen` tells how often each had come before.
pub(super) async fn settle(
    tx: &Tx,
    reader: &CodeReader,
    arrivals: &[InboundMessage],
    seen: &[i32],
) -> Result<Vec<Outcome>> {
    // Where does each go?
    let numbers: BTreeSet<_> = arrivals.iter().map(|arrival| &arrival.sms.to).collect();
    let routes = tx.find_routes(&numbers).await?;
    let mut destinations: Vec<Destination> = arrivals
        .iter()
        .enumerate()
        .map(|(at, arrival)| route(arrival, seen.get(at).copied().unwrap_or_default(), routes.get(&arrival.sms.to)))
        .collect();
    let joined = join_parts(tx, arrivals, &mut destinations, &routes).await?;
    let arrivals: Vec<&InboundMessage> = arrivals
        .iter()
        .enumerate()
        .map(|(at, arrival)| joined.get(&at).map_or(arrival, |whole| &whole.arrival))
        .collect();

    // What do they say? Only what will be stored is read, and long messages as a whole.
    let is_stored =
        |destination: &Destination| matches!(destination, Destination::Inbox(..) | Destination::Quarantine(_));
    let read = |(arrival, destination): (&&InboundMessage, &Destination)| match is_stored(destination) {
        true => reader.read(arrival.provider_id, &arrival.sms),
        false => Extraction::NONE,
    };
    let readings: Vec<Extraction> = arrivals.iter().zip(&destinations).map(read).collect();

    // Take the sequences. From here to the commit these inboxes are ours.
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

    // Store the messages, then what became of each.
    let metadata: Vec<_> = arrivals.iter().map(|arrival| arrival.metadata()).collect();
    let mut rows = Vec::with_capacity(arrivals.len());
    for (((arrival, destination), metadata), reading) in
        arrivals.iter().zip(&destinations).zip(&metadata).zip(&readings)
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
            sender_number: arrival.sms.from.as_str(),
            message_content: &arrival.sms.text,
            message_type: reading.message_type,
            otp: reading.otp.as_ref(),
            received_at: arrival.received_at,
            provider_id: arrival.provider_id,
            provider_message_id: &arrival.sms.provider_message_id,
            metadata,
        });
    }
    let ids = if rows.is_empty() { BTreeMap::new() } else { tx.insert_messages(&rows).await? };
    let mut rows = rows.into_iter();
    let mut outcomes = Vec::with_capacity(arrivals.len());
    let mut reports = Vec::with_capacity(arrivals.len());
    let mut settled = Vec::new();
    for (at, (arrival, destination)) in arrivals.iter().zip(&destinations).enumerate() {
        let (outcome, report) = match *destination {
            Destination::Duplicate(seen) => (Outcome::Duplicate(seen), report(arrival, "duplicate", None, seen)),
            Destination::Nowhere(why) => (Outcome::Unroutable, report(arrival, "unroutable", Some(why), 0)),
            Destination::Held => (Outcome::Held, report(arrival, "held", None, 0)),
            Destination::Inbox(..) | Destination::Quarantine(_) => {
                let id = ids.get(&arrival.receipt()).copied();
                let (id, row) = id.zip(rows.next()).ok_or_else(|| Error::internal("a message was not stored"))?;
                let outcome = stored(arrival, id, &row);
                let status = if row.user_id.is_some() { "received" } else { "quarantined" };
                (outcome, NewReport { message_id: Some(id), ..report(arrival, status, None, 0) })
            }
        };
        let parts = joined.get(&at).map(|whole| whole.parts.clone()).unwrap_or_default();
        let held = parts.into_iter().chain(arrival.was_held.then(|| arrival.receipt()));
        settled.extend(held.map(|receipt| SettledPart {
            receipt,
            status: report.status,
            message_id: report.message_id,
        }));
        outcomes.push(outcome);
        if !arrival.was_held {
            reports.push(report);
        }
    }
    tx.insert_reports(&reports).await?;
    if !settled.is_empty() {
        tx.settle_held_reports(&settled).await?;
    }
    Ok(outcomes)
}

/// The outcome of a message that was stored.
fn stored(arrival: &InboundMessage, id: MessageId, row: &NewMessage<'_>) -> Outcome {
    let (Some(user_id), Some(inbox_seq)) = (row.user_id, row.inbox_seq) else { return Outcome::Quarantined(id) };
    Outcome::Delivered(Arc::new(Message {
        id,
        user_id,
        inbox_seq,
        phone_number_id: row.phone_number_id,
        phone_number: arrival.sms.to.clone(),
        sender_number: arrival.sms.from.clone(),
        message_content: arrival.sms.text.clone(),
        message_type: row.message_type,
        received_at: row.received_at,
        is_read: false,
        media: arrival.sms.media.clone(),
        otp: row.otp.cloned(),
    }))
}

pub(super) fn report<'a>(
    arrival: &'a InboundMessage,
    status: &'static str,
    why: Option<&'a str>,
    retry_count: i32,
) -> NewReport<'a> {
    NewReport {
        message_id: None,
        provider_id: arrival.provider_id,
        provider_message_id: Some(&arrival.sms.provider_message_id),
        phone_number: Some(arrival.sms.to.as_str()),
        status,
        error_message: why,
        webhook_payload: &arrival.sms.payload,
        retry_count,
        created_at: arrival.received_at,
    }
}
