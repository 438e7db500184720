//! GatewayAPI's messages and delivery reports.

use chrono::{DateTime, Utc};

use crate::{
    domain::{DeliveryState, InboundSms, Part, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, States, TimeFormat, decode_base64, decode_hex, decode_unknown,
        message_id, part_from_udh, payload, read_time, sender, state_of,
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
        let error = root.find_scalar("/code")?.or(root.find_scalar("/error")?);
        let report = Report { node: root, id: "/id", to: "/msisdn", at: "/time", error: error.map(Into::into) };
        return report.parse(common).map(Item::Status);
    }
    let text = root.text("/message")?;
    let data = root.filled("/payload")?.filter(|_| text.is_empty()).and_then(decode_base64);
    // The name of a sender is in `sender`.
    let from = if root.find_scalar("/sender")?.is_some() { "/sender" } else { "/msisdn" };
    let mut sms = InboundSms::new(
        message_id("/id", &root.scalar("/id")?)?,
        sender(from, &root.scalar(from)?)?,
        common.recipient("/receiver", root.find_scalar("/receiver")?.as_deref())?,
        &data.map_or_else(|| text.to_owned(), |data| decode_unknown(&data)),
    );
    sms.part = part(root, "/udh");
    sms.sent_at = unix_time(root, "/senttime");
    sms.payload = payload(root.value());
    Ok(Item::Message(sms))
}

/// Parses an envelope of the Mobile Messaging API.
pub(super) fn parse_envelope(root: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let event = root.get("/event")?;
    match root.text("/event_type")? {
        "user-message.text.sms" => {
            // The name of this field is not documented; without it, the setting `to` is used.
            let to = event.find_scalar("/recipient")?.or(event.find_scalar("/receiver")?);
            let mut sms = InboundSms::new(
                message_id("/event/msg_id", &event.scalar("/msg_id")?)?,
                sender("/event/sender", &event.scalar("/sender")?)?,
                common.recipient("/event/recipient", to.as_deref())?,
                event.text("/content/message")?,
            );
            sms.part = part(&event, "/content/header");
            sms.sent_at = event.time("/sent_at");
            sms.payload = payload(root.value());
            Ok(Item::Message(sms))
        }
        // The documentation has both spellings.
        "message.status.sms" | "messaging.status.sms" => {
            let error = event.find_scalar("/error/hex_code")?.map(Into::into);
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
        let status = node.text("/status")?;
        let number = node.find_scalar(to)?;
        Ok(StatusUpdate {
            provider_message_id: message_id(&node.name(id), &node.scalar(id)?)?,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number: common.reported_recipient(number.as_deref()),
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
