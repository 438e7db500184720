//! httpSMS's events.

use serde_json::Value;

use crate::{
    domain::{DeliveryState, InboundSms, Media, Msisdn, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, States, media_files, message_id, payload, sender, state_of,
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
    let content = data.text("/content")?;
    let (id, id_name) = id(&data)?;
    let is_encrypted = data.find("/encrypted").is_some_and(|is| is.value() == &Value::Bool(true));
    let mut sms = InboundSms::new(
        message_id(&id_name, &id)?,
        sender(&data.name("/contact"), &data.scalar("/contact")?)?,
        common.recipient(&data.name("/owner"), data.find_scalar("/owner")?.as_deref())?,
        // The key is on the phone, so that only its owner can decrypt the message.
        &if is_encrypted { format!("[encrypted] {content}") } else { content.to_owned() },
    );
    sms.sent_at = data.time("/timestamp");
    sms.media = files(&data);
    sms.payload = payload(event.value());
    Ok(sms)
}

fn status(event: &JsonNode<'_>, kind: &str, state: DeliveryState) -> Result<StatusUpdate, Malformed> {
    let data = event.get("/data")?;
    let (id, id_name) = id(&data)?;
    // An expired message may be sent again.
    let is_final = data.find("/is_final").is_none_or(|is| is.value() != &Value::Bool(false));
    Ok(StatusUpdate {
        provider_message_id: message_id(&id_name, &id)?,
        state: is_final.then_some(state),
        provider_status: kind.to_owned(),
        phone_number: data.text("/contact").ok().and_then(|to| Msisdn::parse("contact", to).ok()),
        at: data.time("/timestamp"),
        error: data.first_filled(&["/error_message"]).map(str::to_owned),
        payload: payload(event.value()),
    })
}

/// The message id and the name of its field, which depends on the event.
fn id(data: &JsonNode<'_>) -> Result<(String, String), Malformed> {
    let name = if data.find("/message_id").is_some() { "/message_id" } else { "/id" };
    Ok((data.scalar(name)?.into_owned(), data.name(name)))
}

/// The attachments: URLs, or objects that have one.
fn files(data: &JsonNode<'_>) -> Vec<Media> {
    let files = data.items("/attachments").unwrap_or_default();
    media_files(files.iter().filter_map(|file| match file.value() {
        Value::String(url) => Some((url.as_str(), None)),
        _ => Some((file.text("/url").ok()?, file.text("/content_type").ok())),
    }))
}
