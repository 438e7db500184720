//! Messages and delivery reports of the Conversation API.

use crate::{
    domain::{Channel, DeliveryState, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, Required, States, media_file, message_id, payload, sender, state_of,
        status_id,
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

/// Where the different kinds of contents have a text.
const TEXTS: [&str; 6] = [
    "/text_message/text",
    "/media_card_message/caption",
    "/choice_response_message/postback_data",
    "/fallback_message/raw_message",
    "/location_message/title",
    "/product_response_message/title",
];

/// Whether these are contents of a kind that has no text of its own.
fn has_no_text(contents: Result<&JsonNode<'_>, &Malformed>) -> bool {
    let has_members = |contents: &JsonNode<'_>| contents.value().as_object().is_some_and(|members| !members.is_empty());
    contents.is_ok_and(|contents| has_members(contents) && contents.find("/text_message").is_none())
}

fn message(root: &JsonNode<'_>, message: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    // Not those that the app itself sent.
    if message.first_filled(&["/direction"]).is_some_and(|direction| direction != "TO_APP") {
        return Ok(Item::Ignored);
    }
    // Older apps name no number; `to_map` can say which one an app has.
    let app = root.first_filled(&["/app_id"]).filter(|app| common.to_map.contains_key(*app));
    let to = message.first_scalar(&["/sender_id"]).or(app.map(Into::into));
    let contents = message.get("/contact_message");
    let find = |pointers: &[&str]| contents.as_ref().ok()?.first_filled(pointers);
    let file = find(&["/media_card_message/url", "/media_message/url"]).and_then(|url| media_file(url, None));
    let text = || match find(&TEXTS) {
        Some(text) => Ok(text.into()),
        // A file, or a place on a map, may come without a text.
        None if file.is_some() || has_no_text(contents.as_ref()) => Ok("".into()),
        None => contents.clone()?.text("/text_message/text").map(Into::into),
    };
    let identity = "/channel_identity/identity";
    let required = Required {
        id: message.text("/id").and_then(|id| message_id("/message/id", id)),
        from: message.scalar(identity).and_then(|from| sender("/message/channel_identity/identity", &from)),
        to: common.recipient("/message/sender_id", to.as_deref()),
        text: text(),
    };
    let mut sms = required.message()?;
    sms.channel = message.first_filled(&["/channel_identity/channel"]).map_or(sms.channel, Channel::named);
    sms.media = file.into_iter().collect();
    sms.sent_at = message.time("/accept_time");
    sms.payload = payload(root.value());
    Ok(Item::Message(sms))
}

fn status(root: &JsonNode<'_>, report: &JsonNode<'_>, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(report.first_scalar(&["/channel_identity/identity"]).as_deref());
    let id = report.text("/message_id").and_then(|id| message_id("/message_delivery_report/message_id", id));
    let status = report.text("/status");
    let status = status.map_err(|malformed| malformed.about(id.as_ref().ok(), phone_number.as_ref()))?;
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: root.time("/event_time"),
        error: report.first_filled(&["/reason/code"]).map(str::to_owned),
        payload: payload(root.value()),
    })
}
