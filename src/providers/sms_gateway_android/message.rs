//! The app's events.
//!
//! A retry repeats the id of its event. `messageId` is a short hash of a received message, which other messages may
//! share. If an inbox is exported again, or Android announces a message twice, the same message comes in a new event
//! (issues 291 and 310), so a repeat is recognised by its content. `receivedAt` is the time of the operator's service
//! centre (`MessagesReceiver.kt`), not the phone's.

use crate::{
    domain::{Channel, DeliveryState, InboundSms, Msisdn, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, ParsedWebhook, Required, States, TimeFormat, decode_base64,
        message_id, payload, read_time, sender, single, state_of, status_id,
    },
};

/// The events that are delivery reports.
const STATES: &States = &[
    (DeliveryState::Sent, &["sms:sent"]),
    (DeliveryState::Delivered, &["sms:delivered"]),
    (DeliveryState::Failed, &["sms:failed", "sms:cancelled"]),
];

pub(super) fn parse(event: &JsonNode<'_>, common: &CommonSettings) -> ParsedWebhook {
    let (name, id) = (event.text("/event")?, event.text("/id")?);
    if let Some(format) = Format::of(name) {
        return single(message(event, &event.get("/payload")?, format, id, event, common).map(Item::Message));
    }
    // `sms:batch:received` is a list of `sms:received`.
    if let Some(format) = Format::of(&name.replacen(":batch:", ":", 1)) {
        let messages = event.items("/payload/messages")?;
        let parse = |(at, entry): (usize, &JsonNode<'_>)| {
            message(event, entry, format, &format!("{id}:{at}"), entry, common).map(Item::Message)
        };
        return Ok(messages.iter().enumerate().map(parse).collect());
    }
    single(match state_of(STATES, name) {
        Some(state) => status(event, name, state, common).map(Item::Status),
        None => Ok(Item::Ignored),
    })
}

/// The format of a received message.
#[derive(Clone, Copy)]
enum Format {
    Sms,
    /// A data SMS: bytes.
    Data,
    Mms,
}

impl Format {
    /// The format of the message of an event, if it has one. `mms:received` has only the header of an MMS, and
    /// `mms:downloaded` follows.
    fn of(event: &str) -> Option<Self> {
        match event {
            "sms:received" => Some(Self::Sms),
            "sms:data-received" => Some(Self::Data),
            "mms:downloaded" => Some(Self::Mms),
            _ => None,
        }
    }

    fn text(self, message: &JsonNode<'_>) -> Result<String, Malformed> {
        match self {
            Self::Sms => Ok(message.text("/message")?.to_owned()),
            // Bytes that are no text stay in base64.
            Self::Data => {
                let data = message.text("/data")?;
                let text = decode_base64(data).and_then(|bytes| String::from_utf8(bytes).ok());
                Ok(text.unwrap_or_else(|| data.to_owned()))
            }
            Self::Mms => {
                let lines = ["/subject", "/body"].map(|line| message.first_filled(&[line]));
                Ok(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

/// Parses a message. `id` identifies `stored`, which is its payload: the event, or one message of a batch.
fn message(
    event: &JsonNode<'_>,
    message: &JsonNode<'_>,
    format: Format,
    id: &str,
    stored: &JsonNode<'_>,
    common: &CommonSettings,
) -> Result<InboundSms, Malformed> {
    // Older versions have `phoneNumber`.
    let from = message.first_scalar(&["/sender"]).map_or_else(|| message.scalar("/phoneNumber"), Ok);
    let required = Required {
        id: message_id("id", id),
        from: from.and_then(|from| sender("sender", &from)),
        to: recipient(event, message, common),
        text: format.text(message).map(Into::into),
    };
    let mut sms = required.message()?;
    if let Format::Mms = format {
        sms.channel = Channel::Mms;
    }
    let at = message.first_filled(&["/receivedAt"]);
    sms.sent_at = at.and_then(|time| read_time(time, &TimeFormat::Rfc3339));
    // It is the time of the operator.
    sms.has_foreign_clock = true;
    sms.may_return = true;
    sms.payload = payload(stored.value());
    Ok(sms)
}

/// The recipient: the number that the phone names, else that of its SIM in `to_map`.
fn recipient(event: &JsonNode<'_>, message: &JsonNode<'_>, common: &CommonSettings) -> Result<Msisdn, Malformed> {
    let named = message.first_scalar(&["/recipient"]);
    let device = event.text("/deviceId")?;
    let sim = message.first_scalar(&["/simNumber"]).map(|sim| format!("{device}:{sim}"));
    // Some phones know their number in national form only, which could be a number of another country: then `to_map`
    // is more reliable.
    let is_sim_known = sim.iter().any(|sim| common.to_map.contains_key(sim));
    let is_international = named.as_ref().is_some_and(|named| named.starts_with('+'));
    if let Some(number) = named.and_then(|named| common.recipient("recipient", Some(&named)).ok())
        && (is_international || !is_sim_known)
    {
        return Ok(number);
    }
    common.recipient_of_device("recipient", &[sim.as_deref().unwrap_or(device), device])
}

fn status(
    event: &JsonNode<'_>,
    name: &str,
    state: DeliveryState,
    common: &CommonSettings,
) -> Result<StatusUpdate, Malformed> {
    let message = event.get("/payload")?;
    let phone_number = common.reported_recipient(message.first_scalar(&["/recipient", "/phoneNumber"]).as_deref());
    let id = message.text("/messageId").and_then(|id| message_id("messageId", id));
    let at = message.first_filled(&["/sentAt", "/deliveredAt", "/failedAt", "/cancelledAt"]);
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: Some(state),
        provider_status: name.to_owned(),
        phone_number,
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        error: message.first_filled(&["/reason"]).map(InboundSms::storable),
        payload: payload(event.value()),
    })
}
