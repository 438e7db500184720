//! Messages and status callbacks of Twilio and of compatible providers.

use crate::{
    domain::{Channel, DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        CommonSettings, Draft, Form, Item, Malformed, Required, States, media_files, message_id, payload, sender,
        state_of, status_id,
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
    match form.known("MessageStatus") {
        Some(word) => status(form, word, common).map(Item::Status),
        None => message(form, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let find = |name: String| form.known(&name);
    let file = |at| Some((find(format!("MediaUrl{at}"))?, find(format!("MediaContentType{at}"))));
    let files = form.number::<usize>("NumMedia").unwrap_or(0).min(InboundSms::MAX_MEDIA);
    let to = form.text("To");
    // Empty or missing if the message has only media, or is a place on a map.
    let has_other_content = files > 0 || form.has("Latitude");
    let text =
        if has_other_content { form.find_content("Body").map(Option::unwrap_or_default) } else { form.content("Body") };
    let required = Required {
        id: form.text("MessageSid").and_then(|id| message_id("MessageSid", id)),
        from: form.text("From").and_then(|from| sender("From", from)),
        to: to.clone().and_then(|to| common.recipient("To", Some(to))),
        text,
    };
    let mut sms = required.message()?;
    // Both addresses have the prefix of the channel, or the recipient alone.
    if let Some((channel, _)) = to.ok().and_then(Channel::split) {
        sms.channel = channel;
    } else if files > 0 && sms.channel == Channel::Sms {
        sms.channel = Channel::Mms;
    }
    sms.media = media_files((0..files).filter_map(file));
    sms.segments = form.number("NumSegments");
    sms.payload = payload(form);
    Ok(sms)
}

fn status(form: &Form<'_>, status: &str, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(form.known("To"));
    let id = form.text("MessageSid").and_then(|id| message_id("MessageSid", id));
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: None,
        error: form.known("ErrorCode").map(str::to_owned),
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
