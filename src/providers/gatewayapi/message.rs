//! GatewayAPI's messages and delivery reports.

use chrono::{DateTime, Utc};

use crate::{
    domain::{DeliveryState, Part, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, Required, States, TimeFormat, decode_base64, decode_hex,
        decode_unknown, message_id, part_from_udh, payload, read_time, sender, state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["SCHEDULED", "BUFFERED"]),
    (DeliveryState::Sent, &["ENROUTE", "ACCEPTED"]),
    (DeliveryState::Delivered, &["DELIVERED"]),
    (DeliveryState::Undelivered, &["EXPIRED", "UNDELIVERABLE", "DELETED"]),
    (DeliveryState::Failed, &["REJECTED", "SKIPPED"]),
];

/// Parses a webhook of the REST API. A message has a `message`, and a delivery report has none.
pub(super) fn parse_plain(root: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    if root.find("/message").is_none() {
        let error = root.first_scalar(&["/code", "/error"]);
        let report = Report { node: root, id: "/id", to: "/msisdn", at: "/time", error: error.map(Into::into) };
        return report.parse(common).map(Item::Status);
    }
    let text = root.text("/message");
    let data = root.first_filled(&["/payload"]).filter(|_| text == Ok("")).and_then(decode_base64);
    // The name of a sender is in `sender`.
    let from = if root.first_scalar(&["/sender"]).is_some() { "/sender" } else { "/msisdn" };
    let required = Required {
        id: root.scalar("/id").and_then(|id| message_id("/id", &id)),
        from: root.scalar(from).and_then(|value| sender(from, &value)),
        to: common.recipient("/receiver", root.first_scalar(&["/receiver"]).as_deref()),
        text: data.map_or_else(|| text.map(Into::into), |data| Ok(decode_unknown(&data).into())),
    };
    let mut sms = required.message()?;
    sms.part = part(root, "/udh");
    sms.sent_at = unix_time(root, "/senttime");
    sms.has_foreign_clock = true;
    sms.payload = payload(root.value());
    Ok(Item::Message(sms))
}

/// Parses an envelope of the Mobile Messaging API.
pub(super) fn parse_envelope(root: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let event = root.get("/event")?;
    match root.text("/event_type")? {
        "user-message.text.sms" => {
            // The name of this field is not documented; without it, the setting `to` is used.
            let to = event.first_scalar(&["/recipient", "/receiver"]);
            let required = Required {
                id: event.scalar("/msg_id").and_then(|id| message_id("/event/msg_id", &id)),
                from: event.scalar("/sender").and_then(|from| sender("/event/sender", &from)),
                to: common.recipient("/event/recipient", to.as_deref()),
                text: event.text("/content/message").map(Into::into),
            };
            let mut sms = required.message()?;
            sms.part = part(&event, "/content/header");
            // The time of the event is GatewayAPI's. `sent_at` is that of the operator.
            sms.sent_at = root.time("/timestamp");
            sms.payload = payload(root.value());
            Ok(Item::Message(sms))
        }
        // The documentation has both spellings.
        "message.status.sms" | "messaging.status.sms" => {
            let error = event.first_scalar(&["/error/hex_code"]).map(Into::into);
            let error = error.or_else(|| event.text("/error").ok().map(str::to_owned));
            let report = Report { node: &event, id: "/msg_id", to: "/recipient", at: "/status_at", error };
            report.parse(common).map(Item::Status)
        }
        _ => Ok(Item::Ignored),
    }
}

/// A delivery report, and the pointers of its fields, which the APIs name differently.
struct Report<'n> {
    node: &'n JsonNode<'n>,
    id: &'static str,
    to: &'static str,
    at: &'static str,
    error: Option<String>,
}

impl Report<'_> {
    fn parse(self, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
        let Self { node, id, to, at, error } = self;
        let phone_number = common.reported_recipient(node.first_scalar(&[to]).as_deref());
        let id = node.scalar(id).and_then(|value| message_id(&node.name(id), &value));
        let status = node.text("/status");
        let status = status.map_err(|malformed| malformed.about(id.as_ref().ok(), phone_number.as_ref()))?;
        Ok(StatusUpdate {
            provider_message_id: status_id(id, phone_number.as_ref())?,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number,
            at: node.time(at).or_else(|| unix_time(node, at)),
            error: error.filter(|error| !error.is_empty()),
            payload: payload(node.value()),
        })
    }
}

/// The part of a long message, from its user data header in hexadecimal digits.
fn part(node: &JsonNode<'_>, pointer: &str) -> Option<Part> {
    part_from_udh(&decode_hex(node.text(pointer).ok()?)?)
}

/// A time in seconds since 1970, which may have a fraction.
fn unix_time(node: &JsonNode<'_>, pointer: &str) -> Option<DateTime<Utc>> {
    let text = node.find(pointer)?.value().as_number()?.to_string();
    read_time(text.split('.').next()?, &TimeFormat::Unix)
}
