//! Messages and status callbacks of the Messages API.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, States, media_file, message_id, payload, sender, state_of,
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

pub(super) fn parse(root: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let id = message_id("/message_uuid", root.text("/message_uuid")?)?;
    match root.filled("/status")? {
        Some(word) => Ok(Item::Status(status(root, id, word, common))),
        None => message(root, id, common).map(Item::Message),
    }
}

fn message(root: &JsonNode<'_>, id: String, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let file = FILES.iter().find_map(|kind| root.find(kind));
    let text = match (root.filled("/text")?, &file) {
        (Some(text), _) => text,
        (None, Some(file)) => file.filled("/caption")?.unwrap_or_default(),
        (None, None) => root.text("/text")?,
    };
    let to = root.find_scalar("/to")?;
    let from = sender("/from", &root.scalar("/from")?)?;
    let mut sms = InboundSms::new(id, from, common.recipient("/to", to.as_deref())?, text);
    sms.sent_at = root.time("/timestamp");
    sms.media = file.and_then(|file| media_file(file.filled("/url").ok()??, None)).into_iter().collect();
    sms.segments = root.number("/sms/num_messages").or_else(|| root.number("/sms/total_count"));
    sms.payload = payload(root.value());
    Ok(sms)
}

fn status(root: &JsonNode<'_>, id: String, status: &str, common: &CommonSettings) -> StatusUpdate {
    let error = match (root.first_scalar(&["/error/title"]), root.first_scalar(&["/error/detail"])) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => title.or(detail).map(Into::into),
    };
    StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(root.first_scalar(&["/to"]).as_deref()),
        at: root.time("/timestamp"),
        error,
        payload: payload(root.value()),
    }
}
