//! Bird's messages and their states.
//!
//! An inbound message names the channel that received it, and not the number. The account's configuration says which
//! number a channel has: in `to_map`, or as `to` if there is only one channel.

use crate::{
    domain::{DeliveryState, InboundSms, Media, Msisdn, StatusUpdate},
    providers::kit::{
        CommonSettings, JsonNode, Malformed, Required, States, TimeFormat, media_files, message_id, payload, read_time,
        sender, state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "processing"]),
    (DeliveryState::Sent, &["sent"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["delivery_failed"]),
    (DeliveryState::Failed, &["sending_failed", "rejected"]),
];

pub(super) fn message(node: &JsonNode<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let from = "/sender/contact/identifierValue";
    let kind = node.text("/body/type");
    let content = kind.clone().and_then(|kind| node.get(&format!("/body/{kind}")));
    let text = content.clone().and_then(|content| match kind {
        Ok("text") => content.text("/text"),
        // The caption of a picture.
        _ => Ok(content.first_filled(&["/text"]).unwrap_or_default()),
    });
    let required = Required {
        id: node.scalar("/id").and_then(|id| message_id(&node.name("/id"), &id)),
        from: node.scalar(from).and_then(|from_value| sender(&node.name(from), &from_value)),
        to: recipient(node, common),
        text: text.map(Into::into),
    };
    let mut sms = required.message()?;
    sms.sent_at = node.time("/createdAt");
    sms.media = content.map(|content| files(&content)).unwrap_or_default();
    sms.payload = payload(node.value());
    Ok(sms)
}

/// The number of the channel.
fn recipient(node: &JsonNode<'_>, common: &CommonSettings) -> Result<Msisdn, Malformed> {
    let (channel, number) = ("/channelId", "/receiver/connector/identifierValue");
    let names = [channel, "/receiver/connector/id", number];
    let known = names.iter().find_map(|name| {
        let text = node.first_scalar(&[name])?;
        common.to_map.contains_key(text.as_ref()).then_some(text)
    });
    if known.is_some() || common.to.is_some() {
        return common.recipient(&node.name(channel), known.as_deref());
    }
    // Channels of some kinds name their number.
    common.reported_recipient(node.first_scalar(&[number]).as_deref()).ok_or_else(|| {
        node.wrong(channel, "is not known; say which number it has in the configuration, in `to_map` or as `to`")
    })
}

/// The files of a message. Their list is named after their type.
fn files(content: &JsonNode<'_>) -> Vec<Media> {
    let lists = ["/images", "/files", "/audios", "/videos"];
    let files = lists.iter().flat_map(|list| content.items(list).unwrap_or_default());
    media_files(files.filter_map(|file| Some((file.text("/mediaUrl").ok()?, file.text("/contentType").ok()))))
}

pub(super) fn status(node: &JsonNode<'_>) -> Result<StatusUpdate, Malformed> {
    let status = node.text("/status");
    let to = node.first_scalar(&["/receiver/contacts/0/identifierValue", "/receiver/contact/identifierValue"]);
    let at = node.first_filled(&["/lastStatusAt", "/updatedAt"]);
    let phone_number = to.and_then(|to| Msisdn::parse("receiver", &to).ok());
    let id = node.scalar("/id").and_then(|id| message_id(&node.name("/id"), &id));
    let status = status.map_err(|malformed| malformed.about(id.as_ref().ok(), phone_number.as_ref()))?;
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        error: node.first_filled(&["/failure/description", "/reason"]).map(str::to_owned),
        payload: payload(node.value()),
    })
}
