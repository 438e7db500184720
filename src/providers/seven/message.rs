//! seven's events.

use chrono::{DateTime, TimeZone, Utc};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, JsonNode, Malformed, RawWebhook, Required, States, message_id, parse_json, payload, sender,
        state_of,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["BUFFERED"]),
    (DeliveryState::Sent, &["TRANSMITTED", "ACCEPTED"]),
    (DeliveryState::Delivered, &["DELIVERED"]),
    (DeliveryState::Undelivered, &["NOTDELIVERED", "EXPIRED", "FAILED"]),
    (DeliveryState::Failed, &["REJECTED"]),
];

/// The event of a webhook in the shape of its JSON encoding: `webhook_event`, and the rest in `data`.
pub(super) fn event(raw: &RawWebhook) -> Result<Value, Malformed> {
    if raw.method != Method::GET && raw.is_json() {
        return parse_json(&raw.body);
    }
    let form = raw.fields()?.without_platform_parameters();
    let mut data = Map::new();
    for (name, value) in form.fields() {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Malformed::new("body", "is not valid UTF-8"));
        let (name, value) = (text(name)?, text(value)?);
        // Names may be nested as in PHP: `data[id]`.
        let inner = name.strip_prefix("data[").and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        if data.insert(inner.to_owned(), value.into()).is_some_and(|before| before != value) {
            return Err(Malformed::new(inner, "is given more than once, with different values"));
        }
    }
    let event = data.remove("webhook_event");
    Ok(json!({ "webhook_event": event, "data": data }))
}

pub(super) fn message(data: &JsonNode<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let required = Required {
        id: data.scalar("/id").and_then(|id| message_id("data.id", &id)),
        from: data.scalar("/sender").and_then(|from| sender("data.sender", &from)),
        to: common.recipient("data.system", data.first_scalar(&["/system"]).as_deref()),
        text: data.text("/text").map(Into::into),
    };
    let mut sms = required.message()?;
    sms.sent_at = unix_time(data, "/time");
    sms.payload = payload(data.value());
    Ok(sms)
}

pub(super) fn status(data: &JsonNode<'_>) -> Result<StatusUpdate, Malformed> {
    let id = data.scalar("/msg_id").and_then(|id| message_id("data.msg_id", &id));
    let status = data.text("/status").map_err(|malformed| malformed.about(id.as_ref().ok(), None))?;
    Ok(StatusUpdate {
        provider_message_id: id?,
        state: state_of(STATES, status),
        provider_status: InboundSms::storable(status),
        phone_number: None,
        at: unix_time(data, "/timestamp"),
        error: None,
        payload: payload(data.value()),
    })
}

/// A time in seconds since 1970. The formatted times of some events have no offset, and are not read.
fn unix_time(data: &JsonNode<'_>, pointer: &str) -> Option<DateTime<Utc>> {
    Utc.timestamp_opt(data.number(pointer)?, 0).single()
}
