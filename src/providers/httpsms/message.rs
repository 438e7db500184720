//! httpSMS's events.
//!
//! The server gives each upload of the app a new `message_id`, so a repeat is recognised by its content. `timestamp` is
//! the phone's clock when the SMS arrived there.

use serde_json::Value;

use crate::{
    domain::{DeliveryState, InboundSms, Media, Msisdn, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, Required, States, media_files, message_id, payload, sender,
        state_of, status_id,
    },
};

/// The events that are delivery reports.
const STATES: &States = &[
    (DeliveryState::Sent, &["message.phone.sent"]),
    (DeliveryState::Delivered, &["message.phone.delivered"]),
    (DeliveryState::Undelivered, &["message.send.expired"]),
    (DeliveryState::Failed, &["message.send.failed"]),
];

pub(super) fn parse(event: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    match event.text("/type")? {
        "message.phone.received" => message(event, common).map(Item::Message),
        kind => match state_of(STATES, kind) {
            Some(state) => status(event, kind, state).map(Item::Status),
            None => Ok(Item::Ignored),
        },
    }
}

fn message(event: &JsonNode<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let data = event.get("/data")?;
    let is_encrypted = data.find("/encrypted").is_some_and(|is| is.value() == &Value::Bool(true));
    let files = files(&data);
    // A message may have only files.
    let content =
        if files.is_empty() { data.text("/content") } else { Ok(data.first_filled(&["/content"]).unwrap_or("")) };
    // The key is on the phone, so that only its owner can decrypt the message.
    let shown = |content: &'_ str| if is_encrypted { format!("[encrypted] {content}") } else { content.to_owned() };
    let required = Required {
        id: id(&data),
        from: data.scalar("/contact").and_then(|from| sender(&data.name("/contact"), &from)),
        to: common.recipient(&data.name("/owner"), data.first_scalar(&["/owner"]).as_deref()),
        text: content.map(|content| shown(content).into()),
    };
    let mut sms = required.message()?;
    sms.sent_at = data.time("/timestamp");
    sms.may_return = true;
    sms.media = files;
    sms.payload = payload(event.value());
    Ok(sms)
}

fn status(event: &JsonNode<'_>, kind: &str, state: DeliveryState) -> Result<StatusUpdate, Malformed> {
    let data = event.get("/data")?;
    let phone_number = data.text("/contact").ok().and_then(|to| Msisdn::parse("contact", to).ok());
    // An expired message may be sent again.
    let is_final = data.find("/is_final").is_none_or(|is| is.value() != &Value::Bool(false));
    Ok(StatusUpdate {
        provider_message_id: status_id(id(&data), phone_number.as_ref())?,
        state: is_final.then_some(state),
        provider_status: kind.to_owned(),
        phone_number,
        at: data.time("/timestamp"),
        error: data.first_filled(&["/error_message"]).map(str::to_owned),
        payload: payload(event.value()),
    })
}

/// The message id. The name of its field depends on the event.
fn id(data: &JsonNode<'_>) -> Result<String, Malformed> {
    let name = if data.find("/message_id").is_some() { "/message_id" } else { "/id" };
    data.scalar(name).and_then(|id| message_id(&data.name(name), &id))
}

/// The attachments: URLs, or objects that have one.
fn files(data: &JsonNode<'_>) -> Vec<Media> {
    let files = data.items("/attachments").unwrap_or_default();
    media_files(files.iter().filter_map(|file| match file.value() {
        Value::String(url) => Some((url.as_str(), None)),
        _ => Some((file.text("/url").ok()?, file.text("/content_type").ok())),
    }))
}
