//! Telnyx's events.
//!
//! A group message names several recipients. The adapter does not know which of them are the platform's, so there is
//! one item for each: the first has the id of the message, the others have it with their position.

use serde_json::{Value, value::RawValue};

use crate::{
    domain::{Channel, DeliveryState, InboundSms, Msisdn, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, ParsedWebhook, Required, States, TimeFormat, media_files,
        message_id, payload, read_time, sender, single, state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["queued"]),
    (DeliveryState::Sent, &["sending", "sent"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["delivery_failed", "delivery_unconfirmed"]),
    (DeliveryState::Failed, &["sending_failed"]),
];

pub(super) fn parse(root: &JsonNode<'_>, common: &CommonSettings) -> ParsedWebhook {
    let data = root.get("/data")?;
    let is_message = match data.text("/event_type")? {
        "message.received" => true,
        "message.sent" | "message.finalized" | "message.updated" => false,
        _ => return single(Ok(Item::Ignored)),
    };
    let recipients = data.items("/payload/to")?;
    if recipients.is_empty() {
        return Err(data.wrong("/payload/to", "names nobody"));
    }
    let payload = redacted(root.value().clone());
    let parse = |(position, to)| match is_message {
        true => message(&data, to, position, &payload, common).map(Item::Message),
        false => status(&data, to, &payload).map(Item::Status),
    };
    Ok(recipients.iter().enumerate().map(parse).collect())
}

/// An event without the webhook URL, in which the account's second secret may be.
pub(super) fn redacted(mut event: Value) -> Box<RawValue> {
    for pointer in ["/data/payload/webhook_url", "/data/payload/webhook_failover_url", "/meta/delivered_to"] {
        event.pointer_mut(pointer).map(Value::take);
    }
    payload(&event)
}

/// Parses a message for one of its recipients.
fn message(
    data: &JsonNode<'_>,
    to: &JsonNode<'_>,
    position: usize,
    payload: &RawValue,
    common: &CommonSettings,
) -> Result<InboundSms, Malformed> {
    let numbered = |id: &str| if position == 0 { id.to_owned() } else { format!("{id}#{}", position + 1) };
    let from = "/payload/from/phone_number";
    let number = to.text("/phone_number");
    let required = Required {
        id: data.text("/payload/id").and_then(|id| message_id(&data.name("/payload/id"), &numbered(id))),
        from: data.text(from).and_then(|value| sender(&data.name(from), value)),
        to: number.and_then(|number| common.recipient(&to.name("/phone_number"), Some(number))),
        // A message may have only media.
        text: data.filled("/payload/text").map(|text| text.unwrap_or_default().into()),
    };
    let mut sms = required.message()?;
    sms.channel = data.first_filled(&["/payload/type"]).map_or(sms.channel, Channel::named);
    sms.sent_at = data.time("/payload/received_at");
    let files = data.items("/payload/media").unwrap_or_default();
    sms.media =
        media_files(files.iter().filter_map(|file| Some((file.text("/url").ok()?, file.text("/content_type").ok()))));
    sms.segments = data.number("/payload/parts");
    sms.payload = payload.to_owned();
    Ok(sms)
}

/// Parses the state of a message for one of its recipients.
fn status(data: &JsonNode<'_>, to: &JsonNode<'_>, payload: &RawValue) -> Result<StatusUpdate, Malformed> {
    let phone_number = to.text("/phone_number").ok().and_then(|number| Msisdn::parse("to", number).ok());
    let id = data.text("/payload/id").and_then(|id| message_id(&data.name("/payload/id"), id));
    let status = to.text("/status");
    let status = status.map_err(|malformed| malformed.about(id.as_ref().ok(), phone_number.as_ref()))?;
    let state = state_of(STATES, status);
    let at = data.first_filled(&["/payload/completed_at", "/occurred_at"]);
    let errors = data.items("/payload/errors").unwrap_or_default();
    let error = errors.first().map(|error| {
        let parts = ["/code", "/title"].map(|part| error.first_scalar(&[part]).unwrap_or_default());
        parts.join(" ").trim().to_owned()
    });
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state,
        provider_status: status.to_owned(),
        phone_number,
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        // The errors are those of the message, which may have reached some of its recipients.
        error: error.filter(|error| !error.is_empty() && state != Some(DeliveryState::Delivered)),
        payload: payload.to_owned(),
    })
}
