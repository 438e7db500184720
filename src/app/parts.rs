//! Long messages that come in parts, from providers that do not join them.
//!
//! Parts wait for each other, and are shown as one message when the last of them is here. If that takes too
//! long, they are shown by themselves: a part with the code in it is worth more than a message that never comes.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    App,
    receive::{Arrival, Outcome, Place, place, settle},
};
use crate::{
    domain::{InboundSms, Msisdn, Part, Result},
    store::{Held, HeldPart, NewPart, PartialKey, Receipt, Route, Store, Tx},
};

/// How long the parts of a long message wait for each other.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);
/// How many long messages are given up at a time.
const RELEASED: u64 = 20;

impl App {
    /// Shows the parts of long messages whose other parts have not come in time. Answers how many.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn release_parts(&self) -> Result<usize> {
        let outcomes = release_parts(&self.store, self.clock.now()).await?;
        let delivered = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Delivered(message) => Some(Arc::clone(message)),
            _ => None,
        });
        self.bus.publish(delivered.collect());
        Ok(outcomes.len())
    }
}

/// Stores parts by themselves whose messages will not be whole any more.
async fn release_parts(store: &Store, now: DateTime<Utc>) -> Result<Vec<Outcome>> {
    let tx = store.begin_receiving().await?;
    let parts = tx.take_overdue_parts(now - PATIENCE, now, RELEASED).await?;
    let arrivals: Vec<_> = parts.into_iter().map(|part| released(part, now)).collect();
    let outcomes = if arrivals.is_empty() { Vec::new() } else { settle(&tx, &arrivals, &[]).await? };
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
    Arrival { provider_id, received_at: now, arrived_at: part.received_at, sms, content: None, was_held: true }
}

/// A message that has been put together.
pub(super) struct Whole {
    /// The message, in the place of its last part.
    pub(super) arrival: Arrival,
    /// The parts before the last, whose reports still say that they wait.
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
    let receipt = last.receipt();
    let parts = parts.into_iter().map(|part| part.receipt).filter(|part| *part != receipt).collect();
    let arrival = Arrival { sms, content: None, ..*last };
    Whole { arrival, parts }
}
