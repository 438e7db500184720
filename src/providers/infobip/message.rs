//! Infobip's messages and delivery reports.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, States, media_files, message_id, payload, sender, state_of,
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
    let parts = if entry.find("/message").is_some() { entry.items("/message")? } else { Vec::new() };
    let text = if parts.is_empty() {
        // `cleanText` lacks the keyword.
        entry.text("/text")?.to_owned()
    } else {
        let is_text = |part: &&JsonNode<'_>| part.text("/contentType").is_ok_and(|kind| kind.starts_with("text/plain"));
        let texts = parts.iter().filter(is_text).filter_map(|part| part.text("/value").ok());
        texts.collect::<Vec<_>>().join("\n")
    };
    let mut sms = InboundSms::new(
        message_id("/messageId", &entry.scalar("/messageId")?)?,
        sender(&entry.name("/from"), &entry.scalar("/from")?)?,
        common.recipient(&entry.name("/to"), entry.find_scalar("/to")?.as_deref())?,
        &text,
    );
    let files = parts.iter().filter_map(|part| Some((part.text("/url").ok()?, part.text("/contentType").ok())));
    sms.media = media_files(files);
    sms.segments = entry.number("/smsCount");
    sms.sent_at = entry.time("/receivedAt");
    sms.payload = payload(entry.value());
    Ok(sms)
}

fn status(entry: &JsonNode<'_>, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let status = entry.text("/status/groupName")?;
    let to = entry.find_scalar("/to")?;
    // Without an error, there is an error object of the group OK.
    let has_failed = entry.filled("/error/groupName")?.is_some_and(|group| !group.eq_ignore_ascii_case("OK"));
    Ok(StatusUpdate {
        provider_message_id: message_id(&entry.name("/messageId"), &entry.scalar("/messageId")?)?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(to.as_deref()),
        at: entry.time("/doneAt"),
        error: entry.filled("/error/name")?.filter(|_| has_failed).map(str::to_owned),
        payload: payload(entry.value()),
    })
}
