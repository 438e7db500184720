//! Joining long messages, for providers that deliver them part by part.
//!
//! Parts are held until the last one arrives, then stored as one message. If that takes too long they are stored one
//! by one (see `release`): a part with the code in it is worth more than a message that never comes.

use std::collections::BTreeMap;

use super::{
    inbound::InboundMessage,
    route::{Destination, route},
};
use crate::{
    domain::{BlockedSenders, InboundSms, Msisdn, Part, Result},
    providers::join_texts,
    store::{HeldPart, HoldOutcome, MultipartKey, NewPart, Receipt, Route, Tx},
};

/// A long message, joined.
pub(super) struct JoinedMessage {
    /// The whole message, taking the position of its last part.
    pub(super) message: InboundMessage,
    /// The receipts of its parts. The reports of all but the last still say "held".
    pub(super) parts: Vec<Receipt>,
}

/// Holds parts of long messages and joins those that are complete. Returns the joined messages by the index of the
/// part that completed them.
pub(super) async fn join_parts(
    tx: &Tx,
    messages: &[InboundMessage],
    destinations: &mut [Destination],
    routes: &BTreeMap<Msisdn, Route>,
    blocked: &BlockedSenders,
) -> Result<BTreeMap<usize, JoinedMessage>> {
    let parts = messages.iter().zip(destinations.iter()).enumerate().filter_map(|(at, (message, destination))| {
        let part = message.sms.part.as_ref().filter(|_| destination.is_stored())?;
        Some((at, new_part(message, part)))
    });
    let (at, parts): (Vec<usize>, Vec<NewPart<'_>>) = parts.unzip();
    let mut joined = BTreeMap::new();
    if parts.is_empty() {
        return Ok(joined);
    }
    for (at, outcome) in at.into_iter().zip(tx.hold_parts(&parts).await?) {
        match outcome {
            HoldOutcome::Separate => {}
            HoldOutcome::Waiting => destinations[at] = Destination::Held,
            HoldOutcome::Complete(parts) => {
                let whole = whole(&messages[at], parts);
                destinations[at] = route(&whole.message, routes.get(&whole.message.sms.to), blocked);
                joined.insert(at, whole);
            }
        }
    }
    Ok(joined)
}

fn new_part<'a>(message: &'a InboundMessage, part: &'a Part) -> NewPart<'a> {
    NewPart {
        key: MultipartKey {
            provider_id: message.provider_id,
            phone_number: message.sms.to.as_str(),
            sender_number: message.sms.from.as_str(),
            part_reference: &part.reference,
            part_count: part.count,
        },
        number: part.number,
        provider_message_id: &message.sms.provider_message_id,
        text: &message.sms.text,
        metadata: message.metadata(),
        sent_by: message.sent_by,
        received_at: message.received_at,
    }
}

/// Joins the parts of a message. It was sent when its first part was: if that lies before a rental began, the whole
/// message was meant for somebody else.
fn whole(last: &InboundMessage, parts: Vec<HeldPart>) -> JoinedMessage {
    let first_arrival = parts.iter().map(|part| part.received_at).min();
    let sent = parts.iter().filter_map(|part| part.sent_by).min();
    let mut sms = last.sms.clone();
    sms.text = join_texts(parts.iter().map(|part| part.text.as_str()));
    sms.media = parts.iter().flat_map(|part| part.metadata.media.iter().cloned()).take(InboundSms::MAX_MEDIA).collect();
    sms.segments = u16::try_from(parts.len()).ok();
    let sent_by = match first_arrival {
        // A part that arrived before the rental counts as sent before it.
        Some(first) if first < last.received_at => Some(sent.map_or(first, |sent| sent.min(first))),
        _ => sent,
    };
    let parts = parts.into_iter().map(|part| part.receipt).collect();
    let message = InboundMessage { sms, sent_by, receipts: Vec::new(), ..*last };
    JoinedMessage { message, parts }
}
