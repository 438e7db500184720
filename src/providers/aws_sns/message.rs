//! What SNS delivers: messages, delivery events, and the confirmation of a subscription.

use chrono::DateTime;
use url::Url;

use super::certificate::sns_path;
use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, States, TimeFormat, message_id, parse_json, payload, read_time,
        sender, state_of,
    },
};

/// The events of a message. `TEXT_SUCCESSFUL` means that a carrier accepted it; in some countries it is the last one.
const STATES: &States = &[
    (DeliveryState::Queued, &["TEXT_QUEUED"]),
    (DeliveryState::Sent, &["TEXT_PENDING", "TEXT_SENT", "TEXT_SUCCESSFUL"]),
    (DeliveryState::Delivered, &["TEXT_DELIVERED"]),
    (
        DeliveryState::Undelivered,
        &["TEXT_UNREACHABLE", "TEXT_CARRIER_UNREACHABLE", "TEXT_CARRIER_BLOCKED", "TEXT_SPAM", "TEXT_TTL_EXPIRED"],
    ),
    (DeliveryState::Failed, &["TEXT_INVALID", "TEXT_INVALID_MESSAGE", "TEXT_BLOCKED", "TEXT_PROTECT_BLOCKED"]),
];

pub(super) fn parse(envelope: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    match envelope.text("/Type")? {
        "Notification" => notification(envelope, common),
        "SubscriptionConfirmation" => {
            let url = envelope.text("/SubscribeURL")?;
            let url = sns_path(url).and_then(|_| Url::parse(url).ok());
            url.map(Item::ConfirmSubscription).ok_or_else(|| envelope.wrong("/SubscribeURL", "is no address of SNS"))
        }
        "UnsubscribeConfirmation" => Ok(Item::Ignored),
        _ => Err(envelope.wrong("/Type", "is not known")),
    }
}

fn notification(envelope: &JsonNode<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let content = envelope.text("/Message")?;
    let content = parse_json(content.as_bytes()).map_err(|wrong| envelope.wrong("/Message", wrong.issue))?;
    let content = JsonNode::root(&content);
    match content.filled("/eventType")? {
        Some(event) => status(&content, event, common).map(Item::Status),
        None => message(envelope, &content, common).map(Item::Message),
    }
}

fn message(envelope: &JsonNode<'_>, content: &JsonNode<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let id = match content.filled("/inboundMessageId")? {
        Some(id) => id,
        None => envelope.text("/MessageId")?,
    };
    let mut sms = InboundSms::new(
        message_id("inboundMessageId", id)?,
        sender("originationNumber", &content.scalar("/originationNumber")?)?,
        common.recipient("destinationNumber", Some(&content.scalar("/destinationNumber")?))?,
        content.text("/messageBody")?,
    );
    // The message itself has no timestamp.
    sms.sent_at = envelope.filled("/Timestamp")?.and_then(|time| read_time(time, &TimeFormat::Rfc3339));
    sms.payload = payload(content.value());
    Ok(sms)
}

fn status(content: &JsonNode<'_>, event: &str, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let state = state_of(STATES, event);
    let to = content.find_scalar("/destinationPhoneNumber")?;
    let has_failed = matches!(state, Some(DeliveryState::Undelivered | DeliveryState::Failed));
    let error = content.filled("/messageStatusDescription")?.filter(|_| has_failed).map(InboundSms::storable);
    Ok(StatusUpdate {
        provider_message_id: message_id("messageId", content.text("/messageId")?)?,
        state,
        provider_status: InboundSms::storable(event),
        phone_number: common.reported_recipient(to.as_deref()),
        at: content.number("/eventTimestamp").and_then(DateTime::from_timestamp_millis),
        error,
        payload: payload(content.value()),
    })
}
