//! Messages and delivery reports of the SMS API.

use serde_json::json;

use crate::{
    domain::{Channel, DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, JsonNode, Malformed, ParsedWebhook, Required, States, decode_base64, decode_hex,
        decode_unknown, media_files, message_id, part_from_udh, payload, sender, single, state_of, status_id,
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
            let recipient = root.first_scalar(&["/recipient"]);
            single(status(root, root, recipient.as_deref(), common).map(Item::Status))
        }
        "delivery_report_sms" | "delivery_report_mms" => statuses(root, common),
        _ => single(Ok(Item::Ignored)),
    }
}

fn message(root: &JsonNode<'_>, kind: &str, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let text = match kind {
        "mo_text" => root.text("/body").map(Into::into),
        "mo_binary" => root.text("/body").and_then(|body| {
            let body = decode_base64(body).ok_or_else(|| root.wrong("/body", "must be base64"))?;
            Ok(decode_unknown(&body).into())
        }),
        // An MMS may have a subject, a text, both or neither.
        _ => {
            let lines = ["/body/subject", "/body/message"].map(|line| root.first_filled(&[line]));
            Ok(lines.into_iter().flatten().collect::<Vec<_>>().join("\n").into())
        }
    };
    let required = Required {
        id: root.scalar("/id").and_then(|id| message_id("/id", &id)),
        from: root.scalar("/from").and_then(|from| sender("/from", &from)),
        to: common.recipient("/to", root.first_scalar(&["/to"]).as_deref()),
        text,
    };
    let mut sms = required.message()?;
    if kind == "mo_binary" {
        sms.part = root.first_filled(&["/udh"]).and_then(decode_hex).and_then(|header| part_from_udh(&header));
    }
    if kind == "mo_media" {
        sms.channel = Channel::Mms;
        // A file that Sinch could not store has no URL.
        let files = root.items("/body/media").unwrap_or_default();
        sms.media = media_files(
            files.iter().filter_map(|file| Some((file.text("/url").ok()?, file.text("/content_type").ok()))),
        );
    }
    // `sent_at` is the time of the operator, or of the phone.
    sms.sent_at = root.time("/received_at");
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
    let phone_number = common.reported_recipient(recipient);
    let id = root.text("/batch_id").and_then(|id| message_id("/batch_id", id));
    let status = entry.text("/status");
    let status = status.map_err(|malformed| malformed.about(id.as_ref().ok(), phone_number.as_ref()))?;
    let state = state_of(STATES, status);
    let code = entry.first_scalar(&["/code"]).filter(|_| state > Some(DeliveryState::Delivered));
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state,
        provider_status: status.to_owned(),
        phone_number,
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
