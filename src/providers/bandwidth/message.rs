//! Bandwidth's events.

use crate::{
    domain::{Channel, DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Draft, Item, JsonNode, Malformed, Required, States, media_files, message_id, payload, sender,
        state_of, status_id,
    },
};

/// The types of event that are delivery reports.
const STATES: &States = &[
    (DeliveryState::Sent, &["message-sending", "message-sent"]),
    (DeliveryState::Delivered, &["message-delivered", "message-read"]),
    (DeliveryState::Failed, &["message-failed"]),
];

pub(super) fn parse(event: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let kind = event.text("/type")?;
    match (kind, state_of(STATES, kind)) {
        ("message-received", _) => message(event, common).map(Item::Message),
        (_, Some(state)) => status(event, kind, state, common).map(Item::Status),
        _ => Ok(Item::Ignored),
    }
}

fn message(event: &JsonNode<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let message = event.get("/message")?;
    // `message.to` lists the whole group; the recipient of this event is outside.
    let to = event.first_scalar(&["/to"]).or_else(|| message.first_scalar(&["/owner"]));
    // Each number of a group gets an event, and these may share the message id.
    let group = message.items("/to").unwrap_or_default();
    let is_recipient = |entry: &JsonNode<'_>| entry.scalar("").ok().is_some_and(|entry| is_same(&entry, to.as_deref()));
    let position = group.iter().position(is_recipient).unwrap_or_default();
    let numbered = |id: &str| if position == 0 { id.to_owned() } else { format!("{id}#{}", position + 1) };
    let required = Required {
        id: message.text("/id").and_then(|id| message_id(&message.name("/id"), &numbered(id))),
        from: message.scalar("/from").and_then(|from| sender(&message.name("/from"), &from)),
        to: common.recipient(&event.name("/to"), to.as_deref()),
        // An MMS may have no text.
        text: message.filled("/text").map(|text| text.unwrap_or_default().into()),
    };
    let mut sms = required.message()?;
    sms.channel = message.first_filled(&["/channel"]).map_or(sms.channel, Channel::named);
    let files = message.items("/media").unwrap_or_default();
    sms.media = media_files(files.iter().filter_map(|file| Some((file.text("").ok()?, None))));
    sms.segments = message.number("/segmentCount");
    sms.sent_at = message.time("/time").or_else(|| event.time("/time"));
    sms.payload = payload(event.value());
    Ok(sms)
}

fn status(
    event: &JsonNode<'_>,
    kind: &str,
    state: DeliveryState,
    common: &CommonSettings,
) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(event.first_scalar(&["/to"]).as_deref());
    let id = event.text("/message/id").and_then(|id| message_id(&event.name("/message/id"), id));
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: Some(state),
        provider_status: kind.to_owned(),
        phone_number,
        at: event.time("/time"),
        error: event.first_scalar(&["/errorCode"]).map(Into::into),
        payload: payload(event.value()),
    })
}

/// Whether two numbers are the same; that of the event may lack its plus sign.
fn is_same(one: &str, other: Option<&str>) -> bool {
    other.is_some_and(|other| Draft::without_plus(one) == Draft::without_plus(other))
}
