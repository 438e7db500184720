//! Receiving: from a verified webhook to a committed message.
//!
//! ```text
//! webhooks ──▶ bounded queue ──▶ writer: gather ─▶ one transaction ─▶ answer ─▶ publish
//! ```
//!
//! One writer (`writer.rs`) commits whatever has gathered as one batch. While a batch commits, the next gathers,
//! so batches grow with the load and nobody waits for a batch to fill. A webhook gets its answer
//! after its own batch has committed, and only then: *200 means stored*.
//!
//! What holds, and why:
//!
//! - **Nothing twice.** A message's receipt is claimed in the transaction that stores it, so a retry
//!   finds the receipt exactly when the message is there. Where the provider's id does not tell a retry, what
//!   the message says does.
//! - **No gaps in an inbox.** The batch locks the inboxes before it takes sequences, so sequences
//!   become visible in their order.
//! - **Nobody else's.** The number's live rental decides, at the instant of arrival, whose inbox it
//!   is. A message without one is kept for administrators alone: quarantine.
//! - **No bad neighbours.** If a batch fails for the sake of one message, each is tried by itself.
//! - **No message for its code's sake.** Each whole message is read once, before the inboxes are locked. A reader
//!   that fails on a text costs the code, not the message.
//! - **No half messages,** if it can be helped. Parts of a long message wait for each other, but not for long.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::SubsecRound;
use serde_json::value::RawValue;

use super::{App, arrival::Arrival, health::Happened, parts::join_parts, reading::CodeReader};
use crate::{
    domain::{
        Assignment, AuditAction, Caller, Error, InboundSms, Message, MessageId, NodeId, NumberId, ProviderAccount,
        Reading, Result, StatusUpdate,
    },
    sabotage::{self, Guarantee},
    store::{Claim, NewAudit, NewMessage, NewReport, Receipt, Route, SettledPart, Store, Tx},
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

impl App {
    /// Stores what a provider sent, all of it or nothing, and answers when it is durable.
    ///
    /// The provider was authorised by its signature: nothing reaches this without a [`Gateway`]
    /// that verified it.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the queue is full or the store is away; `INTERNAL` when the store refuses
    /// a message, which is then reported as failed. Either way the provider should send it again.
    ///
    /// [`Gateway`]: super::Gateway
    pub async fn receive(&self, account: &ProviderAccount, messages: Vec<InboundSms>) -> Result<Vec<Outcome>> {
        let received_at = self.clock.now();
        let arrivals = messages.into_iter().map(|sms| Arrival::new(account.id, received_at, sms, &self.content_keys));
        let stored = self.receiver.submit(arrivals.collect()).await;
        stored.inspect_err(|error| self.trouble.note_refusal(error, self.clock.now()))
    }

    /// How many messages wait for the store.
    #[must_use]
    pub fn count_waiting(&self) -> usize {
        self.receiver.count()
    }

    /// Writes down what a provider says of messages that were sent through it.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn receive_statuses(&self, account: &ProviderAccount, updates: &[StatusUpdate]) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.store.insert_statuses(account.id, updates, now).await?;
        for _ in updates {
            self.activity.note(account.id, now, Happened::Status);
        }
        Ok(())
    }

    /// Stores a message as if the number's provider had brought it, so that an administrator can see
    /// the whole path work.
    ///
    /// # Errors
    /// `NOT_FOUND` when the number is not ours; `VALIDATION_ERROR` when no provider brings its
    /// messages; whatever receiving answers.
    pub async fn simulate_inbound(&self, cx: &Caller, mut sms: InboundSms) -> Result<Outcome> {
        let actor = cx.admin()?;
        let number = self.store.find_number_by_msisdn(&sms.to, self.moment()).await?;
        let number = number.ok_or_else(|| Error::not_found("phone number").with("field", "to"))?;
        let provider =
            number.provider_id.ok_or_else(|| Error::invalid("to", "no provider brings this number's messages"))?;
        let account = self.store.find_providers(&[provider]).await?.pop();
        let account = account.ok_or_else(|| Error::not_found("provider"))?;
        sms.provider_message_id = format!("simulated-{:032x}", u128::from_be_bytes(self.random.bytes()));
        let tx = self.store.begin().await?;
        let audit = NewAudit {
            actor_id: Some(actor.user_id),
            action: AuditAction::SmsSimulated,
            target: Some(NodeId::Number(number.id)),
            details: serde_json::json!({}),
        };
        tx.insert_audit(audit, self.clock.now()).await?;
        tx.commit().await?;
        let outcome = self.receive(&account, vec![sms]).await?.pop();
        outcome.ok_or_else(|| Error::internal("a message was received without an outcome"))
    }

    /// Writes down that a provider's verified webhook could not be read, so that it does not
    /// disappear: the provider will be told that it is wrong, and may not send it again.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn report_unreadable(&self, account: &ProviderAccount, issue: &str, payload: &RawValue) -> Result<()> {
        let now = self.clock.now();
        self.activity.note(account.id, now, Happened::Failed);
        // The issue may quote what was posted.
        let issue = InboundSms::storable(issue);
        let report = NewReport {
            message_id: None,
            provider_id: account.id,
            provider_message_id: None,
            phone_number: None,
            status: "failed",
            error_message: Some(&issue),
            webhook_payload: payload,
            retry_count: 0,
            created_at: now,
        };
        self.store.insert_reports(&[report]).await
    }
}

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Into the inbox of the number's renter.
    Inbox(NumberId, Assignment),
    /// Into quarantine.
    Quarantine(NumberId),
    /// Nowhere, and why.
    Nowhere(&'static str),
    /// Nowhere until the other parts are here.
    Held,
    /// It is there already; it had arrived this many times.
    Duplicate(i32),
}

/// The rule that decides where a message goes.
pub(super) fn place(arrival: &Arrival, seen: i32, route: Option<&Route>) -> Place {
    if seen > 0 {
        return Place::Duplicate(seen);
    }
    let Some(route) = route else { return Place::Nowhere("the number is not ours") };
    if route.provider_id.is_some_and(|id| id != arrival.provider_id) {
        return Place::Nowhere("the number belongs to another provider");
    }
    match route.assignment {
        Some(rental) if !route.blocked && rental.is_live(arrival.arrived_at) && !was_sent_before(arrival, &rental) => {
            Place::Inbox(route.number_id, rental)
        }
        _ => Place::Quarantine(route.number_id),
    }
}

/// Whether the provider says that a message was sent before a rental began, and so was meant for
/// somebody else. Providers tell time in whole seconds.
fn was_sent_before(arrival: &Arrival, rental: &Assignment) -> bool {
    arrival.sms.sent_at.is_some_and(|sent_at| sent_at < rental.started_at.trunc_subsecs(0))
}

/// Stores a batch in one transaction and tells what became of each message, in order.
pub(super) async fn store_batch(store: &Store, reader: &CodeReader, arrivals: &[Arrival]) -> Result<Vec<Outcome>> {
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
    let seen: Vec<i32> = match sabotage::is_off(Guarantee::Deduplication) {
        true => vec![0; arrivals.len()],
        false => seen.collect(),
    };
    let outcomes = settle(&tx, reader, arrivals, &seen).await?;
    tx.commit().await?;
    Ok(outcomes)
}

/// Finds a place for each message, and puts it there. `seen` tells how often each had come before.
pub(super) async fn settle(tx: &Tx, reader: &CodeReader, arrivals: &[Arrival], seen: &[i32]) -> Result<Vec<Outcome>> {
    // Where does each go?
    let numbers: BTreeSet<_> = arrivals.iter().map(|arrival| &arrival.sms.to).collect();
    let routes = tx.find_routes(&numbers).await?;
    let mut places: Vec<Place> = arrivals
        .iter()
        .enumerate()
        .map(|(at, arrival)| place(arrival, seen.get(at).copied().unwrap_or_default(), routes.get(&arrival.sms.to)))
        .collect();
    let joined = join_parts(tx, arrivals, &mut places, &routes).await?;
    let arrivals: Vec<&Arrival> = arrivals
        .iter()
        .enumerate()
        .map(|(at, arrival)| joined.get(&at).map_or(arrival, |whole| &whole.arrival))
        .collect();

    // What do they say? Only what will be stored is read, and long messages as a whole.
    let is_stored = |place: &Place| matches!(place, Place::Inbox(..) | Place::Quarantine(_));
    let read = |(arrival, place): (&&Arrival, &Place)| match is_stored(place) {
        true => reader.read(arrival.provider_id, &arrival.sms),
        false => Reading::NOTHING,
    };
    let readings: Vec<Reading> = arrivals.iter().zip(&places).map(read).collect();

    // Take the sequences. From here to the commit these inboxes are ours.
    let mut wanted = BTreeMap::new();
    for place in &places {
        if let Place::Inbox(_, rental) = place {
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
    for (((arrival, place), metadata), reading) in arrivals.iter().zip(&places).zip(&metadata).zip(&readings) {
        let (number, rental) = match *place {
            Place::Inbox(number, rental) => (number, Some(rental)),
            Place::Quarantine(number) => (number, None),
            Place::Nowhere(_) | Place::Held | Place::Duplicate(_) => continue,
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
    for (at, (arrival, place)) in arrivals.iter().zip(&places).enumerate() {
        let (outcome, report) = match *place {
            Place::Duplicate(seen) => (Outcome::Duplicate(seen), report(arrival, "duplicate", None, seen)),
            Place::Nowhere(why) => (Outcome::Unroutable, report(arrival, "unroutable", Some(why), 0)),
            Place::Held => (Outcome::Held, report(arrival, "held", None, 0)),
            Place::Inbox(..) | Place::Quarantine(_) => {
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
fn stored(arrival: &Arrival, id: MessageId, row: &NewMessage<'_>) -> Outcome {
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
    arrival: &'a Arrival,
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
