//! What SNS delivers: messages, delivery events, and the confirmation of a subscription.

use chrono::DateTime;
use url::Url;

use super::certificate::sns_path;
use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, Required, States, TimeFormat, message_id, parse_json, payload,
        read_time, sender, state_of, status_id,
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
    let id = content.first_filled(&["/inboundMessageId"]).map_or_else(|| envelope.text("/MessageId"), Ok);
    let from = content.scalar("/originationNumber");
    let to = content.scalar("/destinationNumber");
    let required = Required {
        id: id.and_then(|id| message_id("inboundMessageId", id)),
        from: from.and_then(|from| sender("originationNumber", &from)),
        to: to.and_then(|to| common.recipient("destinationNumber", Some(&to))),
        text: content.text("/messageBody").map(Into::into),
    };
    let mut sms = required.message()?;
    // The message itself has no timestamp.
    sms.sent_at = envelope.first_filled(&["/Timestamp"]).and_then(|time| read_time(time, &TimeFormat::Rfc3339));
    sms.payload = payload(content.value());
    Ok(sms)
}

fn status(content: &JsonNode<'_>, event: &str, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let state = state_of(STATES, event);
    let to = content.first_scalar(&["/destinationPhoneNumber"]);
    let phone_number = common.reported_recipient(to.as_deref());
    let id = content.text("/messageId").and_then(|id| message_id("messageId", id));
    let has_failed = matches!(state, Some(DeliveryState::Undelivered | DeliveryState::Failed));
    let error = content.filled("/messageStatusDescription")?.filter(|_| has_failed).map(InboundSms::storable);
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state,
        provider_status: InboundSms::storable(event),
        phone_number,
        at: content.number("/eventTimestamp").and_then(DateTime::from_timestamp_millis),
        error,
        payload: payload(content.value()),
    })
}
