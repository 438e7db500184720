//! Messages and delivery reports of the SMS API.

use serde_json::json;

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, ParsedWebhook, States, decode_base64, decode_hex, decode_unknown,
        media_files, message_id, part_from_udh, payload, sender, single, state_of,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["Queued"]),
    (DeliveryState::Sent, &["Dispatched"]),
    (DeliveryState::Delivered, &["Delivered"]),
    (DeliveryState::Undelivered, &["Expired", "Failed", "Deleted"]),
    (DeliveryState::Failed, &["Aborted", "Rejected", "Cancelled"]),
];

pub(super) fn parse(root: &JsonNode<'_>, common: &CommonSettings) -> ParsedWebhook {
    match root.text("/type")? {
        kind @ ("mo_text" | "mo_binary" | "mo_media") => single(message(root, kind, common).map(Item::Message)),
        "recipient_delivery_report_sms" | "recipient_delivery_report_mms" => {
            let recipient = root.find_scalar("/recipient")?;
            single(status(root, root, recipient.as_deref(), common).map(Item::Status))
        }
        "delivery_report_sms" | "delivery_report_mms" => statuses(root, common),
        _ => single(Ok(Item::Ignored)),
    }
}

fn message(root: &JsonNode<'_>, kind: &str, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let text = match kind {
        "mo_text" => root.text("/body")?.to_owned(),
        "mo_binary" => {
            let body = decode_base64(root.text("/body")?).ok_or_else(|| root.wrong("/body", "must be base64"))?;
            decode_unknown(&body)
        }
        // An MMS may have a subject, a text, both or neither.
        _ => {
            let lines = [root.filled("/body/subject")?, root.filled("/body/message")?];
            lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
        }
    };
    let mut sms = InboundSms::new(
        message_id("/id", &root.scalar("/id")?)?,
        sender("/from", &root.scalar("/from")?)?,
        common.recipient("/to", root.find_scalar("/to")?.as_deref())?,
        &text,
    );
    if kind == "mo_binary" {
        sms.part = root.filled("/udh")?.and_then(decode_hex).and_then(|header| part_from_udh(&header));
    }
    if kind == "mo_media" {
        // A file that Sinch could not store has no URL.
        let files = root.items("/body/media").unwrap_or_default();
        sms.media = media_files(
            files.iter().filter_map(|file| Some((file.text("/url").ok()?, file.text("/content_type").ok()))),
        );
    }
    sms.sent_at = root.time("/sent_at").or_else(|| root.time("/received_at"));
    sms.payload = payload(root.value());
    Ok(sms)
}

/// Parses the state of one message of a batch. It is in `entry`: the report itself, or one of its `statuses`.
fn status(
    root: &JsonNode<'_>,
    entry: &JsonNode<'_>,
    recipient: Option<&str>,
    common: &CommonSettings,
) -> Result<StatusUpdate, Malformed> {
    let status = entry.text("/status")?;
    let state = state_of(STATES, status);
    let code = entry.find_scalar("/code")?.filter(|_| state > Some(DeliveryState::Delivered));
    Ok(StatusUpdate {
        provider_message_id: message_id("/batch_id", root.text("/batch_id")?)?,
        state,
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(recipient),
        at: root.time("/operator_status_at").or_else(|| root.time("/at")),
        error: code.map(Into::into),
        // Only what concerns this recipient: a report may name thousands.
        payload: payload(&json!({
            "type": root.value().get("type"),
            "batch_id": root.value().get("batch_id"),
            "recipient": recipient,
            "status": status,
            "code": entry.value().get("code"),
        })),
    })
}

/// Parses the states of a whole batch: one item for every recipient that it names.
fn statuses(root: &JsonNode<'_>, common: &CommonSettings) -> ParsedWebhook {
    let mut items = Vec::new();
    for entry in root.items("/statuses")? {
        // Reports of the type `summary` have counts and no recipients.
        let recipients = entry.items("/recipients").unwrap_or_default();
        let named: Vec<_> = recipients.iter().filter_map(|recipient| recipient.scalar("").ok()).map(Some).collect();
        let recipients = if named.is_empty() { vec![None] } else { named };
        let parse = |recipient: &Option<_>| status(root, &entry, recipient.as_deref(), common).map(Item::Status);
        items.extend(recipients.iter().map(parse));
    }
    Ok(items)
}
