//! Plivo's messages and status callbacks.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Form, Item, Malformed, States, TimeFormat, media_files, message_id, payload, read_utc, sender,
        state_of,
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
    let id = message_id("MessageUUID", form.text("MessageUUID")?)?;
    match form.filled("Status")? {
        Some(word) => status(form, id, word, common).map(Item::Status),
        None => message(form, id, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, id: String, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    // An MMS has its text, if any, in `Body`.
    let text = match (form.find("Text")?, form.find("Body")?) {
        (None, None) if form.filled("Type")? != Some("mms") => return Err(Malformed::new("Text", "is missing")),
        (text, body) => text.filter(|text| !text.is_empty()).or(body).unwrap_or_default(),
    };
    let from = sender("From", form.text("From")?)?;
    let mut sms = InboundSms::new(id, from, common.recipient("To", Some(form.text("To")?))?, text);
    // Files are numbered from 0 or from 1.
    let files = form.number::<usize>("MediaCount")?.unwrap_or(0).min(InboundSms::MAX_MEDIA);
    let file = |at: usize| Some((form.find(&format!("Media{at}")).ok().flatten()?, None));
    sms.media = media_files((0..=files).filter_map(file));
    sms.segments = form.number("Units")?;
    sms.payload = payload(form);
    Ok(sms)
}

fn status(form: &Form<'_>, id: String, status: &str, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let at = form.first_of(&["DeliveryReportTime", "SentTime", "QueuedTime"]).ok();
    Ok(StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(form.find("To")?),
        at: at.and_then(|(_, text)| {
            let pattern = TimeFormat::Pattern("%Y-%m-%d %H:%M:%S%.f".to_owned());
            read_utc(text, &TimeFormat::Rfc3339).or_else(|| read_utc(text, &pattern))
        }),
        // 000 is no error.
        error: form.filled("ErrorCode")?.filter(|code| *code != "000").map(str::to_owned),
        payload: payload(form),
    })
}
