//! Messages and delivery receipts of the SMS API.
//!
//! Long messages arrive part by part. In a delivery receipt `msisdn` is the recipient and `to` the sender: the opposite
//! of a message.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::{
    domain::{DeliveryState, InboundSms, Part, StatusUpdate},
    providers::kit::{
        CommonSettings, Form, Item, Malformed, Required, States, TimeFormat, decode_hex, decode_unknown, message_id,
        part_from_udh, payload, read_utc, sender, state_of, status_id,
    },
};

const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "buffered"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["expired", "failed"]),
    (DeliveryState::Failed, &["rejected"]),
];

pub(super) fn parse(form: &Form<'_>, common: &CommonSettings) -> Result<Item, Malformed> {
    let id = form.text("messageId").and_then(|id| message_id("messageId", id));
    // A blank status counts as none: blank values need not be signed, so anybody may have added it.
    match form.known("status").filter(|status| !status.trim().is_empty()) {
        Some(word) => status(form, id, word, common).map(Item::Status),
        None => message(form, id, common).map(Item::Message),
    }
}

fn message(form: &Form<'_>, id: Result<String, Malformed>, common: &CommonSettings) -> Result<InboundSms, Malformed> {
    let required = Required {
        id,
        from: form.text("msisdn").and_then(|from| sender("msisdn", from)),
        to: form.find("to").and_then(|to| common.recipient("to", to)),
        text: text(form),
    };
    let mut sms = required.message()?;
    sms.sent_at = sent_at(form);
    sms.part = part(form);
    sms.payload = payload(form);
    Ok(sms)
}

/// The text. A binary message has its octets in `data`, in hexadecimal digits.
fn text<'f>(form: &'f Form<'_>) -> Result<Cow<'f, str>, Malformed> {
    let text = form.find_content("text")?;
    if let Some(text) = text.clone().filter(|text| !text.is_empty()) {
        return Ok(text);
    }
    match form.known("data") {
        Some(data) => Ok(decode_hex(data).map_or(data.into(), |data| decode_unknown(&data).into())),
        None => text.ok_or_else(|| Malformed::new("text", "is missing")),
    }
}

fn status(
    form: &Form<'_>,
    id: Result<String, Malformed>,
    status: &str,
    common: &CommonSettings,
) -> Result<StatusUpdate, Malformed> {
    let phone_number = common.reported_recipient(form.known("msisdn"));
    Ok(StatusUpdate {
        provider_message_id: status_id(id, phone_number.as_ref())?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number,
        at: time(form, "scts", "%y%m%d%H%M").or_else(|| sent_at(form)),
        // 0 is no error.
        error: form.known("err-code").filter(|code| *code != "0").map(str::to_owned),
        payload: payload(form),
    })
}

/// The part of a long message. With incomplete fields it is a message of its own, so that it is not lost.
fn part(form: &Form<'_>) -> Option<Part> {
    concatenated(form).or_else(|| part_from_udh(&decode_hex(form.known("udh")?)?))
}

fn concatenated(form: &Form<'_>) -> Option<Part> {
    form.known("concat").filter(|concat| concat.eq_ignore_ascii_case("true"))?;
    let count = form.number("concat-total").filter(|count| *count >= 2)?;
    let number = form.number("concat-part").filter(|number| (1..=count).contains(number))?;
    Some(Part { reference: form.known("concat-ref")?.to_owned(), number, count })
}

/// When Vonage received the message: as documented a time in UTC without an offset, but RFC 3339 has been seen too.
fn sent_at(form: &Form<'_>) -> Option<DateTime<Utc>> {
    let name = "message-timestamp";
    time(form, name, "%Y-%m-%d %H:%M:%S").or_else(|| read_utc(form.filled(name).ok()??, &TimeFormat::Rfc3339))
}

fn time(form: &Form<'_>, name: &str, pattern: &str) -> Option<DateTime<Utc>> {
    read_utc(form.filled(name).ok()??, &TimeFormat::Pattern(pattern.to_owned()))
}
