//! Infobip's messages and delivery reports.

use crate::{
    domain::{Channel, DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, Required, States, media_files, message_id, payload, sender,
        state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["ACCEPTED", "PENDING"]),
    (DeliveryState::Delivered, &["DELIVERED"]),
    (DeliveryState::Undelivered, &["EXPIRED", "UNDELIVERABLE"]),
    (DeliveryState::Failed, &["REJECTED"]),
];

pub(super) fn parse(entry: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    match entry.find("/status") {
        Some(_) => status(entry, common).map(Item::Status),
        None => message(entry, common).map(Item::Message),
    }
}

fn message(entry: &JsonNode<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    // An MMS has a list of parts instead of the text.
    let parts = entry.items("/message").unwrap_or_default();
    let text = if parts.is_empty() {
        // `cleanText` lacks the keyword.
        entry.text("/text").map(Into::into)
    } else {
        let is_text = |part: &&JsonNode<'_>| part.text("/contentType").is_ok_and(|kind| kind.starts_with("text/plain"));
        let texts = parts.iter().filter(is_text).filter_map(|part| part.text("/value").ok());
        Ok(texts.collect::<Vec<_>>().join("\n").into())
    };
    let required = Required {
        id: entry.scalar("/messageId").and_then(|id| message_id(&entry.name("/messageId"), &id)),
        from: entry.scalar("/from").and_then(|from| sender(&entry.name("/from"), &from)),
        to: common.recipient(&entry.name("/to"), entry.first_scalar(&["/to"]).as_deref()),
        text,
    };
    let mut sms = required.message()?;
    if !parts.is_empty() {
        sms.channel = Channel::Mms;
    }
    let files = parts.iter().filter_map(|part| Some((part.text("/url").ok()?, part.text("/contentType").ok())));
    sms.media = media_files(files);
    sms.segments = entry.number("/smsCount");
    sms.sent_at = entry.time("/receivedAt");
    sms.payload = payload(entry.value());
    Ok(sms)
}

fn status(entry: &JsonNode<'_>, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(entry.first_scalar(&["/to"]).as_deref());
    let id = entry.scalar("/messageId").and_then(|id| message_id(&entry.name("/messageId"), &id));
    let status = entry.text("/status/groupName");
    let status = status.map_err(|malformed| malformed.about(id.as_ref().ok(), phone_number.as_ref()))?;
    // Without an error, there is an error object of the group OK.
    let group = entry.first_filled(&["/error/groupName"]);
    let has_failed = group.is_some_and(|group| !group.eq_ignore_ascii_case("OK"));
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: entry.time("/doneAt"),
        error: entry.first_filled(&["/error/name"]).filter(|_| has_failed).map(str::to_owned),
        payload: payload(entry.value()),
    })
}
