//! Plivo's messages and status callbacks.

use crate::{
    domain::{Channel, DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Form, Item, Malformed, Required, States, TimeFormat, media_files, message_id, payload,
        read_utc, sender, state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["queued"]),
    (DeliveryState::Sent, &["sent"]),
    (DeliveryState::Delivered, &["delivered", "read"]),
    (DeliveryState::Undelivered, &["undelivered"]),
    (DeliveryState::Failed, &["failed", "rejected"]),
];

pub(super) fn parse(form: &Form<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let id = form.text("MessageUUID").and_then(|id| message_id("MessageUUID", id));
    match form.known("Status") {
        Some(word) => status(form, id, word, common).map(Item::Status),
        None => message(form, id, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, id: Result<String, Malformed>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let channel = form.known("Type").map(Channel::named);
    // Files are numbered from 0 or from 1.
    let files = form.number::<usize>("MediaCount").unwrap_or(0).min(InboundSms::MAX_MEDIA);
    let file = |at: usize| Some((form.known(&format!("Media{at}"))?, None));
    let media = media_files((0..=files).filter_map(file));
    // An MMS has its text, if any, in `Body`.
    let text = || match (form.find_content("Text")?, form.find_content("Body")?) {
        (None, None) if media.is_empty() && channel != Some(Channel::Mms) => Err(Malformed::new("Text", "is missing")),
        (text, body) => Ok(text.filter(|text| !text.is_empty()).or(body).unwrap_or_default()),
    };
    let required = Required {
        id,
        from: form.text("From").and_then(|from| sender("From", from)),
        to: form.text("To").and_then(|to| common.recipient("To", Some(to))),
        text: text(),
    };
    let mut sms = required.message()?;
    sms.channel = channel.unwrap_or(sms.channel);
    sms.media = media;
    sms.segments = form.number("Units");
    sms.payload = payload(form);
    Ok(sms)
}

fn status(
    form: &Form<'_>,
    id: Result<String, Malformed>,
    status: &str,
    common: &CommonSettings,
) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(form.known("To"));
    let at = form.first_of(&["DeliveryReportTime", "SentTime", "QueuedTime"]).ok();
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: at.and_then(|(_, text)| {
            let pattern = TimeFormat::Pattern("%Y-%m-%d %H:%M:%S%.f".to_owned());
            read_utc(text, &TimeFormat::Rfc3339).or_else(|| read_utc(text, &pattern))
        }),
        // 000 is no error.
        error: form.known("ErrorCode").filter(|code| *code != "000").map(str::to_owned),
        payload: payload(form),
    })
}
