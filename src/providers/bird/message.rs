//! Bird's messages and their states.
//!
//! An inbound message names the channel that received it, and not the number. The account's configuration says which
//! number a channel has: in `to_map`, or as `to` if there is only one channel.

use crate::{
    domain::{DeliveryState, InboundSms, Media, Msisdn, StatusUpdate},
    providers::kit::{
        CommonSettings, JsonNode, Malformed, States, TimeFormat, media_files, message_id, payload, read_time, sender,
        state_of,
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
    let body = node.get("/body")?;
    let kind = body.text("/type")?;
    let content = body.get(&format!("/{kind}"))?;
    let text = match kind {
        "text" => content.text("/text")?,
        // The caption of a picture.
        _ => content.first_filled(&["/text"]).unwrap_or_default(),
    };
    let mut sms = InboundSms::new(
        message_id(&node.name("/id"), &node.scalar("/id")?)?,
        sender(&node.name(from), &node.scalar(from)?)?,
        recipient(node, common)?,
        text,
    );
    sms.sent_at = node.time("/createdAt");
    sms.media = files(&content);
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
    let status = node.text("/status")?;
    let to = node.first_scalar(&["/receiver/contacts/0/identifierValue", "/receiver/contact/identifierValue"]);
    let at = node.first_filled(&["/lastStatusAt", "/updatedAt"]);
    Ok(StatusUpdate {
        provider_message_id: message_id(&node.name("/id"), &node.scalar("/id")?)?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: to.and_then(|to| Msisdn::parse("receiver", &to).ok()),
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        error: node.first_filled(&["/failure/description", "/reason"]).map(str::to_owned),
        payload: payload(node.value()),
    })
}
