//! Kannel's messages and delivery reports.

use crate::{
    domain::{DeliveryState, StatusUpdate},
    providers::kit::{
        Charset, CommonSettings, Form, Item, Malformed, Required, TimeFormat, decode_text, decode_unknown, message_id,
        part_from_udh, payload, read_time, sender, status_id,
    },
};

/// The bits of `%d`, the final states first. 32 is an intermediate notification, which is no state.
const STATES: [(u8, DeliveryState); 5] = [
    (1, DeliveryState::Delivered),
    (UNDELIVERED, DeliveryState::Undelivered),
    (REJECTED, DeliveryState::Failed),
    (8, DeliveryState::Sent),
    (4, DeliveryState::Queued),
];
const UNDELIVERED: u8 = 2;
const REJECTED: u8 = 16;

/// Parses a message or a delivery report. `body` is the text if `post-url` posts it.
pub(super) fn parse(
    form: &Form<'_>,
    body: Option<&[u8]>,
    common: &CommonSettings,
    default_charset: Charset,
) -> Result<Item, Malformed> {
    // `%T`. The `%t` of older versions has no offset, and often no seconds.
    let at = form.known("ts").and_then(|text| read_time(text, &TimeFormat::Unix));
    if let Some(dlr) = form.known("dlr") {
        let bits: u8 = form.number("dlr").unwrap_or(0);
        let has_failed = bits & (UNDELIVERED | REJECTED) != 0;
        let phone_number = common.reported_recipient(form.known("to"));
        let id = form.text("id").and_then(|id| message_id("id", id));
        return Ok(Item::Status(StatusUpdate {
            provider_message_id: status_id(id, phone_number.as_ref())?,
            state: STATES.iter().find(|(bit, _)| bits & bit != 0).map(|(_, state)| *state),
            provider_status: dlr.to_owned(),
            phone_number,
            at,
            // Every report has the carrier's answer, which is an error only in these.
            error: form.known("answer").filter(|_| has_failed).map(str::to_owned),
            payload: payload(form),
        }));
    }
    let id = form.filled("id").map(|id| id.filter(|id| !id.starts_with('%')));
    let bytes = form.bytes("text").and_then(|text| text.or(body).ok_or_else(|| Malformed::new("text", "is missing")));
    let required = Required {
        id: id.and_then(|id| id.map_or(Ok(String::new()), |id| message_id("id", id))),
        from: form.text("from").and_then(|from| sender("from", from)),
        to: form.find("to").and_then(|to| common.recipient("to", to)),
        text: bytes.and_then(|bytes| Ok(text(form, bytes, default_charset)?.into())),
    };
    let mut sms = required.message()?;
    sms.sent_at = at;
    sms.part = form.bytes("udh").ok().flatten().and_then(part_from_udh);
    sms.payload = payload(form);
    Ok(Item::Message(sms))
}

/// Decodes the text. Of two character sets or codings neither is taken.
fn text(form: &Form<'_>, bytes: &[u8], default_charset: Charset) -> Result<String, Malformed> {
    let name = form.filled("charset")?;
    if let Some(charset) = name.and_then(Charset::named) {
        return Ok(decode_text(bytes, charset));
    }
    let is_binary = name.is_some_and(|name| ["binary", "8-BIT"].iter().any(|known| known.eq_ignore_ascii_case(name)));
    // 0 is 7-bit text, which the gateway has recoded; 3 was UCS-2 before version 1.4.
    let coding = form.filled("coding")?.and_then(|coding| coding.trim().parse().ok());
    Ok(match coding {
        _ if is_binary => decode_unknown(bytes),
        Some(1) => decode_unknown(bytes),
        // 2 was 8-bit data before version 1.4, which is no sequence of octet pairs, or only by chance.
        Some(2 | 3) if bytes.len().is_multiple_of(2) => decode_text(bytes, Charset::Utf16Be),
        _ => decode_text(bytes, default_charset),
    })
}
