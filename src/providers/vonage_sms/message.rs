//! Messages and delivery receipts of the SMS API.
//!
//! Long messages arrive part by part. In a delivery receipt `msisdn` is the recipient and `to` the sender: the opposite
//! of a message.

use chrono::{DateTime, Utc};

use crate::{
    domain::{DeliveryState, InboundSms, Part, StatusUpdate},
    providers::kit::{
        CommonSettings, Form, Item, Malformed, States, TimeFormat, message_id, payload, read_utc, sender, state_of,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "buffered"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["expired", "failed"]),
    (DeliveryState::Failed, &["rejected"]),
];

pub(super) fn parse(form: &Form<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let id = message_id("messageId", form.text("messageId")?)?;
    // A blank status counts as none: blank values need not be signed, so anybody may have added it.
    match form.find("status")?.filter(|status| !status.trim().is_empty()) {
        Some(word) => status(form, id, word, common).map(Item::Status),
        None => message(form, id, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, id: String, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    // A binary message has its bytes in `data`. They stay in hexadecimal digits.
    let text = match form.filled("text")?.or(form.filled("data")?) {
        Some(text) => text,
        None => form.text("text")?,
    };
    let from = sender("msisdn", form.text("msisdn")?)?;
    let mut sms = InboundSms::new(id, from, common.recipient("to", form.find("to")?)?, text);
    sms.sent_at = sent_at(form);
    sms.part = part(form);
    sms.payload = payload(form);
    Ok(sms)
}

fn status(form: &Form<'_>, id: String, status: &str, common: &CommonSettings) -> Result<StatusUpdate, Malformed> {
    Ok(StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: common.reported_recipient(form.find("msisdn")?),
        at: time(form, "scts", "%y%m%d%H%M").or_else(|| sent_at(form)),
        // 0 is no error.
        error: form.filled("err-code")?.filter(|code| *code != "0").map(str::to_owned),
        payload: payload(form),
    })
}

/// The part of a long message. With incomplete fields it is a message of its own, so that it is not lost.
fn part(form: &Form<'_>) -> Option<Part> {
    form.filled("concat").ok()?.filter(|concat| concat.eq_ignore_ascii_case("true"))?;
    let count = form.number("concat-total").ok()?.filter(|count| *count >= 2)?;
    let number = form.number("concat-part").ok()?.filter(|number| (1..=count).contains(number))?;
    Some(Part { reference: form.filled("concat-ref").ok()??.to_owned(), number, count })
}

/// When Vonage received the message: as documented a time in UTC without an offset, but RFC 3339 has been seen too.
fn sent_at(form: &Form<'_>) -> Option<DateTime<Utc>> {
    let name = "message-timestamp";
    time(form, name, "%Y-%m-%d %H:%M:%S").or_else(|| read_utc(form.filled(name).ok()??, &TimeFormat::Rfc3339))
}

fn time(form: &Form<'_>, name: &str, pattern: &str) -> Option<DateTime<Utc>> {
    read_utc(form.filled(name).ok()??, &TimeFormat::Pattern(pattern.to_owned()))
}
