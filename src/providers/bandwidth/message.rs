//! Bandwidth's events.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Draft, Item, JsonNode, Malformed, States, media_files, message_id, payload, sender, state_of,
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
    let to = match event.find_scalar("/to")? {
        Some(to) => Some(to),
        None => message.find_scalar("/owner")?,
    };
    // Each number of a group gets an event, and these may share the message id.
    let group = message.items("/to").unwrap_or_default();
    let is_recipient = |entry: &JsonNode<'_>| entry.scalar("").ok().is_some_and(|entry| is_same(&entry, to.as_deref()));
    let position = group.iter().position(is_recipient).unwrap_or_default();
    let id = message.text("/id")?;
    let id = if position == 0 { id.to_owned() } else { format!("{id}#{}", position + 1) };
    let mut sms = InboundSms::new(
        message_id(&message.name("/id"), &id)?,
        sender(&message.name("/from"), &message.scalar("/from")?)?,
        common.recipient(&event.name("/to"), to.as_deref())?,
        // An MMS may have no text.
        message.filled("/text")?.unwrap_or_default(),
    );
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
    let to = event.find_scalar("/to")?;
    Ok(StatusUpdate {
        provider_message_id: message_id(&event.name("/message/id"), event.text("/message/id")?)?,
        state: Some(state),
        provider_status: kind.to_owned(),
        phone_number: common.reported_recipient(to.as_deref()),
        at: event.time("/time"),
        error: event.find_scalar("/errorCode")?.map(Into::into),
        payload: payload(event.value()),
    })
}

/// Whether two numbers are the same; that of the event may lack its plus sign.
fn is_same(one: &str, other: Option<&str>) -> bool {
    other.is_some_and(|other| Draft::without_plus(one) == Draft::without_plus(other))
}
