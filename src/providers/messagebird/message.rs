//! MessageBird's messages and status reports.
//!
//! Long numbers and short codes have different names for the same fields, and some fields are repeated under the name
//! of an older version of the API. Status reports are GETs.

use crate::{
    domain::{DeliveryState, InboundSms, Media, StatusUpdate},
    providers::kit::{
        CommonSettings, Form, Item, Malformed, Required, States, TimeFormat, media_files, message_id, payload,
        read_time, sender, state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["scheduled"]),
    (DeliveryState::Sent, &["sent", "buffered"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["expired", "delivery_failed"]),
];

pub(super) fn parse(form: &Form<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    // A status report has a recipient, and no sender.
    match form.has("status") && !form.has("originator") {
        true => status(form, common).map(Item::Status),
        false => message(form, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    // The `id` of a short code is not that of the message.
    let is_short_code = form.known("shortcode").is_some();
    let id = form.first_of(if is_short_code { &["mid"] } else { &["id"] });
    let to = form.first_of(&["recipient", "shortcode", "receiver"]);
    let files = files(form);
    let [name, other] = if is_short_code { ["message", "body"] } else { ["body", "message"] };
    let text = || match form.find_content(name)?.filter(|text| !text.is_empty()) {
        Some(text) => Ok(text),
        None => match form.find_content(other)?.or(form.find_content(name)?) {
            Some(text) => Ok(text),
            None if !files.is_empty() => Ok("".into()),
            None => Err(Malformed::new(name, "is missing")),
        },
    };
    let required = Required {
        id: id.and_then(|(name, id)| message_id(name, id)),
        from: form.text("originator").and_then(|from| sender("originator", from)),
        to: to.and_then(|(name, to)| common.recipient(name, Some(to))),
        text: text(),
    };
    let mut sms = required.message()?;
    let created = form.first_of(&["createdDatetime", "CreatedDatetime"]).ok();
    // The `receive_datetime` of short codes has no offset.
    sms.sent_at = created.and_then(|(_, at)| read_time(at, &TimeFormat::Rfc3339));
    sms.media = files;
    sms.payload = payload(form);
    Ok(sms)
}

fn status(form: &Form<'_>, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let status = form.text("status")?;
    let state = state_of(STATES, status);
    let code = form.known("statusErrorCode").filter(|code| *code != "0");
    let reason = form.known("statusReason").filter(|_| state == Some(DeliveryState::Undelivered));
    let at = form.known("statusDatetime");
    let phone_number = common.reported_recipient(form.known("recipient"));
    let id = form.text("id").and_then(|id| message_id("id", id));
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state,
        provider_status: status.to_owned(),
        phone_number,
        at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
        error: code.or(reason).map(str::to_owned),
        payload: payload(form),
    })
}

/// The files of a message: a repeated field, whose name has several spellings.
fn files(form: &Form<'_>) -> Vec<Media> {
    let is_file = |name: &[u8]| name.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"mediaUrls"));
    let urls = form.fields().filter(|(name, _)| is_file(name)).filter_map(|(_, url)| str::from_utf8(url).ok());
    media_files(urls.map(|url| (url, None)))
}
