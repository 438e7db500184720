//! Messages and status callbacks of Twilio and of compatible providers.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Draft, Form, Item, Malformed, States, media_files, message_id, payload, sender, state_of,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "scheduled", "queued"]),
    (DeliveryState::Sent, &["sending", "sent"]),
    (DeliveryState::Delivered, &["delivered", "read"]),
    (DeliveryState::Undelivered, &["undelivered", "partially_delivered"]),
    (DeliveryState::Failed, &["failed", "canceled"]),
];

pub(in crate::providers) fn parse(form: &Form<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    match form.filled("MessageStatus")? {
        Some(word) => status(form, word, common).map(Item::Status),
        None => message(form, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let mut sms = InboundSms::new(
        message_id("MessageSid", form.text("MessageSid")?)?,
        sender("From", form.text("From")?)?,
        common.recipient("To", Some(form.text("To")?))?,
        // Empty if the message has only media.
        form.text("Body")?,
    );
    let find = |name: String| form.find(&name).ok().flatten();
    let file = |at| Some((find(format!("MediaUrl{at}"))?, find(format!("MediaContentType{at}"))));
    let files = form.number::<usize>("NumMedia")?.unwrap_or(0).min(InboundSms::MAX_MEDIA);
    sms.media = media_files((0..files).filter_map(file));
    sms.segments = form.number("NumSegments")?;
    sms.payload = payload(form);
    Ok(sms)
}

fn status(form: &Form<'_>, status: &str, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    Ok(StatusUpdate {
        provider_message_id: message_id("MessageSid", form.text("MessageSid")?)?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(form.find("To")?),
        at: None,
        error: form.filled("ErrorCode")?.map(str::to_owned),
        payload: payload(form),
    })
}

/// The fields of a message.
pub(in crate::providers) fn fields<'d>(draft: &Draft<'d>) -> [(&'static str, &'d str); 8] {
    [
        ("MessageSid", draft.id),
        ("SmsSid", draft.id),
        ("SmsStatus", "received"),
        ("From", draft.from),
        ("To", draft.to),
        ("Body", draft.text),
        ("NumSegments", "1"),
        ("NumMedia", "0"),
    ]
}
