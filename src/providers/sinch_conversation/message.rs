//! Messages and delivery reports of the Conversation API.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, States, media_file, message_id, payload, sender, state_of,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["QUEUED_ON_CHANNEL"]),
    (DeliveryState::Delivered, &["DELIVERED", "READ"]),
    (DeliveryState::Undelivered, &["FAILED"]),
];

pub(super) fn parse(root: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    if let Some(entry) = root.find("/message") {
        message(root, &entry, common)
    } else if let Some(report) = root.find("/message_delivery_report") {
        status(root, &report, common).map(Item::Status)
    } else if root.value().is_object() {
        // Events of contacts, conversations, opt-ins and more.
        Ok(Item::Ignored)
    } else {
        Err(root.wrong("", "must be an object of JSON"))
    }
}

fn message(root: &JsonNode<'_>, message: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    // Messages that the app itself sent, and those of other channels such as WhatsApp.
    let is_inbound = message.filled("/direction")?.is_none_or(|direction| direction == "TO_APP");
    let channel = message.filled("/channel_identity/channel")?;
    if !is_inbound || channel.is_some_and(|channel| !matches!(channel, "SMS" | "MMS")) {
        return Ok(Item::Ignored);
    }
    // Older apps name no number; `to_map` can say which one an app has.
    let app = root.filled("/app_id")?.filter(|app| common.to_map.contains_key(*app));
    let to = message.find_scalar("/sender_id")?.or(app.map(Into::into));
    let contents = message.get("/contact_message")?;
    let (text, file) = if let Some(card) = contents.find("/media_card_message") {
        (card.filled("/caption")?.unwrap_or_default(), card.filled("/url")?)
    } else if let Some(file) = contents.find("/media_message") {
        ("", file.filled("/url")?)
    } else {
        (contents.text("/text_message/text")?, None)
    };
    let mut sms = InboundSms::new(
        message_id("/message/id", message.text("/id")?)?,
        sender("/message/channel_identity/identity", &message.scalar("/channel_identity/identity")?)?,
        common.recipient("/message/sender_id", to.as_deref())?,
        text,
    );
    sms.media = file.and_then(|url| media_file(url, None)).into_iter().collect();
    sms.sent_at = message.time("/accept_time");
    sms.payload = payload(root.value());
    Ok(Item::Message(sms))
}

fn status(root: &JsonNode<'_>, report: &JsonNode<'_>, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let status = report.text("/status")?;
    let to = report.find_scalar("/channel_identity/identity")?;
    Ok(StatusUpdate {
        provider_message_id: message_id("/message_delivery_report/message_id", report.text("/message_id")?)?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(to.as_deref()),
        at: root.time("/event_time"),
        error: report.filled("/reason/code")?.map(str::to_owned),
        payload: payload(root.value()),
    })
}
