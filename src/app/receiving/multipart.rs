//! Long messages that come in parts, from providers that do not join them.
//!
//! Parts wait for each other, and are shown as one message when the last of them is here. If that takes too
//! long, they are shown by themselves (`release`): a part with the code in it is worth more than a message that never
//! comes.

use std::collections::BTreeMap;

use super::{
    inbound::InboundMessage,
    route::{Destination, route},
};
use crate::{
    domain::{InboundSms, Msisdn, Part, Result},
    store::{Held, HeldPart, NewPart, PartialKey, Receipt, Route, Tx},
};

/// A message that has been put together.
pub(super) struct JoinedMessage {
    /// The message, where its last part was.
    pub(super) arrival: InboundMessage,
    /// Its parts. The reports of those before the last still say that they wait.
    pub(super) parts: Vec<Receipt>,
}

/// Holds back the parts of long messages, and puts those together that are whole; answers them by the index of
/// the parts that made them so.
pub(super) async fn join_parts(
    tx: &Tx,
    arrivals: &[InboundMessage],
    destinations: &mut [Destination],
    routes: &BTreeMap<Msisdn, Route>,
) -> Result<BTreeMap<usize, JoinedMessage>> {
    let is_stored =
        |destination: &Destination| matches!(destination, Destination::Inbox(..) | Destination::Quarantine(_));
    let parts = arrivals.iter().zip(destinations.iter()).enumerate().filter_map(|(at, (arrival, destination))| {
        let part = arrival.sms.part.as_ref().filter(|_| is_stored(destination))?;
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
            Held::Waiting => destinations[at] = Destination::Held,
            Held::Whole(parts) => {
                let whole = whole(&arrivals[at], parts);
                destinations[at] = route(&whole.arrival, 0, routes.get(&whole.arrival.sms.to));
                joined.insert(at, whole);
            }
        }
    }
    Ok(joined)
}

fn new_part<'a>(arrival: &'a InboundMessage, part: &'a Part) -> NewPart<'a> {
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
fn whole(last: &InboundMessage, parts: Vec<HeldPart>) -> JoinedMessage {
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
    let arrival = InboundMessage { sms, receipts: Vec::new(), ..*last };
    JoinedMessage { arrival, parts }
}
