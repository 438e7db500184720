//! Messages and status callbacks of the Messages API.

use crate::{
    domain::{Channel, DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, Required, States, media_file, message_id, payload, sender, state_of,
        status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Sent, &["submitted"]),
    (DeliveryState::Delivered, &["delivered", "read"]),
    (DeliveryState::Undelivered, &["undeliverable"]),
    (DeliveryState::Failed, &["rejected"]),
];

/// The members that may have the file of a message.
const FILES: [&str; 5] = ["/image", "/video", "/audio", "/file", "/vcard"];

/// Where the different kinds of messages have a text.
const TEXTS: [&str; 4] = ["/text", "/reply/title", "/button/text", "/location/name"];

pub(super) fn parse(root: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let id = root.text("/message_uuid").and_then(|id| message_id("/message_uuid", id));
    match root.first_filled(&["/status"]) {
        Some(word) => status(root, id, word, common).map(Item::Status),
        None => message(root, id, common).map(Item::Message),
    }
}

fn message(
    root: &JsonNode<'_>,
    id: Result<String, Malformed>,
    common: &CommonSettings,
) -> Result<InboundSms, Malformed> {
    let file = FILES.iter().find_map(|kind| root.find(kind));
    let kind = root.first_filled(&["/message_type"]).unwrap_or("text");
    let text = match (root.first_filled(&TEXTS), &file) {
        (Some(text), _) => Ok(text),
        (None, Some(file)) => Ok(file.first_filled(&["/caption"]).unwrap_or_default()),
        // A place on a map, a contact and the like may come without a text.
        (None, None) if kind != "text" => Ok(""),
        (None, None) => root.text("/text"),
    };
    let required = Required {
        id,
        from: root.scalar("/from").and_then(|from| sender("/from", &from)),
        to: common.recipient("/to", root.first_scalar(&["/to"]).as_deref()),
        text: text.map(Into::into),
    };
    let mut sms = required.message()?;
    sms.channel = root.first_filled(&["/channel"]).map_or(sms.channel, Channel::named);
    sms.sent_at = root.time("/timestamp");
    sms.media = file.and_then(|file| media_file(file.first_filled(&["/url"])?, None)).into_iter().collect();
    sms.segments = root.number("/sms/num_messages").or_else(|| root.number("/sms/total_count"));
    sms.payload = payload(root.value());
    Ok(sms)
}

fn status(
    root: &JsonNode<'_>,
    id: Result<String, Malformed>,
    status: &str,
    common: &CommonSettings,
) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(root.first_scalar(&["/to"]).as_deref());
    let error = match (root.first_scalar(&["/error/title"]), root.first_scalar(&["/error/detail"])) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => title.or(detail).map(Into::into),
    };
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: root.time("/timestamp"),
        error,
        payload: payload(root.value()),
    })
}
