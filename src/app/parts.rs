//! Long messages that come in parts, from providers that do not join them.
//!
//! Parts wait for each other, and are shown as one message when the last of them is here. If that takes too
//! long, they are shown by themselves: a part with the code in it is worth more than a message that never comes.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    App,
    arrival::Arrival,
    reading::CodeReader,
    receive::{Outcome, Place, place, settle},
};
use crate::{
    domain::{Code, Error, InboundSms, Msisdn, Part, Result},
    store::{Held, HeldPart, NewPart, PartialId, PartialKey, Receipt, Route, Store, Tx},
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
            let reader = self.codes.current().await;
            let release = tokio::time::timeout(STORE_PATIENCE, release(&self.store, &reader, partial, now));
            let outcomes = match release.await.map_err(Error::unavailable)? {
                Ok(outcomes) => outcomes,
                Err(error) if error.code() == Code::Unavailable => return Err(error),
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
fn released(part: HeldPart, now: DateTime<Utc>) -> Arrival {
    let mut sms = InboundSms::new(part.receipt.provider_message_id, part.sender_number, part.phone_number, &part.text);
    sms.sent_at = part.sent_at;
    sms.media = part.metadata.media.into_owned();
    sms.segments = part.metadata.segments;
    let provider_id = part.receipt.provider_id;
    Arrival { provider_id, received_at: now, arrived_at: part.received_at, sms, receipts: Vec::new(), was_held: true }
}

/// A message that has been put together.
pub(super) struct Whole {
    /// The message, in the place of its last part.
    pub(super) arrival: Arrival,
    /// Its parts. The reports of those before the last still say that they wait.
    pub(super) parts: Vec<Receipt>,
}

/// Holds back the parts of long messages, and puts those together that are whole; answers them by the places of
/// the parts that made them so.
pub(super) async fn join_parts(
    tx: &Tx,
    arrivals: &[Arrival],
    places: &mut [Place],
    routes: &BTreeMap<Msisdn, Route>,
) -> Result<BTreeMap<usize, Whole>> {
    let is_stored = |place: &Place| matches!(place, Place::Inbox(..) | Place::Quarantine(_));
    let parts = arrivals.iter().zip(places.iter()).enumerate().filter_map(|(at, (arrival, place))| {
        let part = arrival.sms.part.as_ref().filter(|_| is_stored(place))?;
        Some((at, new_part(arrival, part)))
    });
    let (at, parts): (Vec<usize>, Vec<NewPart<'_>>) = parts.unzip();
    let mut joined = BTreeMap::new();
    if parts.is_empty() {
        return Ok(joined);
    }
    for (at, held) in at.into_iter().zip(tx.hold_parts(&parts).await?) {
        match held {
            Held::Singly => {}
            Held::Waiting => places[at] = Place::Held,
            Held::Whole(parts) => {
                let whole = whole(&arrivals[at], parts);
                places[at] = place(&whole.arrival, 0, routes.get(&whole.arrival.sms.to));
                joined.insert(at, whole);
            }
        }
    }
    Ok(joined)
}

fn new_part<'a>(arrival: &'a Arrival, part: &'a Part) -> NewPart<'a> {
    NewPart {
        of: PartialKey {
            provider_id: arrival.provider_id,
            phone_number: arrival.sms.to.as_str(),
            sender_number: arrival.sms.from.as_str(),
            part_reference: &part.reference,
            part_count: part.count,
        },
        number: part.number,
        provider_message_id: &arrival.sms.provider_message_id,
        text: &arrival.sms.text,
        metadata: arrival.metadata(),
        sent_at: arrival.sms.sent_at,
        received_at: arrival.received_at,
    }
}

/// Puts a message together. It was sent when its first part was: if that was before a rental began, all of it is
/// somebody else's.
fn whole(last: &Arrival, parts: Vec<HeldPart>) -> Whole {
    let first_arrival = parts.iter().map(|part| part.received_at).min();
    let sent = parts.iter().filter_map(|part| part.sent_at).min();
    let mut sms = last.sms.clone();
    sms.text = parts.iter().map(|part| part.text.as_str()).collect();
    sms.media = parts.iter().flat_map(|part| part.metadata.media.iter().cloned()).take(InboundSms::MAX_MEDIA).collect();
    sms.segments = u16::try_from(parts.len()).ok();
    sms.sent_at = match first_arrival {
        // An earlier part that came before the rental counts as sent before it.
        Some(first) if first < last.received_at => Some(sent.map_or(first, |sent| sent.min(first))),
        _ => sent,
    };
    let parts = parts.into_iter().map(|part| part.receipt).collect();
    let arrival = Arrival { sms, receipts: Vec::new(), ..*last };
    Whole { arrival, parts }
}
