//! Jasmin's messages and delivery reports.
//!
//! The text is read from `binary`, the octets of the PDU in hexadecimal digits, according to the data coding scheme in
//! `coding`. `content` has the same octets, for versions of Jasmin that are too old to send `binary`.
//!
//! Sources: Jasmin's documentation, "HTTP API"; SMPP 3.4, 5.2.19 and appendix B.

use crate::{
    domain::{DeliveryState, StatusUpdate},
    providers::kit::{
        Charset, CommonSettings, Form, Item, Malformed, Required, States, TimeFormat, decode_hex, decode_text,
        decode_unknown, message_id, payload, read_utc, sender, state_of,
    },
};

/// The states of SMPP receipts, and the carrier's response to the submission.
const STATES: &States = &[
    (DeliveryState::Sent, &["ESME_ROK", "ENROUTE", "ACCEPTD"]),
    (DeliveryState::Delivered, &["DELIVRD"]),
    (DeliveryState::Undelivered, &["UNDELIV", "EXPIRED", "DELETED"]),
    (DeliveryState::Failed, &["REJECTD"]),
];

pub(super) fn parse(form: &Form<'_>, common: &CommonSettings, default_charset: Charset) -> Result<Item, Malformed> {
    let id = form.text("id").and_then(|id| message_id("id", id));
    if let Some(status) = form.known("message_status") {
        return report(id?, status, form).map(Item::Status);
    }
    let required = Required {
        id,
        from: form.text("from").and_then(|from| sender("from", from)),
        to: form.text("to").and_then(|to| common.recipient("to", Some(to))),
        text: text(form, default_charset).map(Into::into),
    };
    let mut sms = required.message()?;
    sms.payload = payload(form);
    Ok(Item::Message(sms))
}

fn text(form: &Form<'_>, default_charset: Charset) -> Result<String, Malformed> {
    let binary = form.known("binary").and_then(decode_hex);
    let bytes = match &binary {
        Some(bytes) => bytes,
        None => form.bytes("content")?.ok_or_else(|| Malformed::new("content", "is missing"))?,
    };
    // The text depends on it, so that of two values neither is taken.
    let coding = form.filled("coding")?.and_then(|coding| coding.trim().parse().ok()).unwrap_or(0);
    Ok(match Charset::from_data_coding(coding) {
        Some(Charset::Gsm) => decode_text(bytes, default_charset),
        Some(charset) => decode_text(bytes, charset),
        None => decode_unknown(bytes),
    })
}

/// Parses a delivery report: level 1 is the carrier's response to the submission, levels 2 and 3 are receipts.
fn report(id: String, status: &str, form: &Form<'_>) -> Result<StatusUpdate, Malformed> {
    let is_refusal = || status.to_ascii_uppercase().starts_with("ESME_").then_some(DeliveryState::Failed);
    // The carrier's time has no offset; UTC is as good a guess as any.
    let formats = ["%y%m%d%H%M", "%y%m%d%H%M%S"].map(|pattern| TimeFormat::Pattern(pattern.to_owned()));
    let at = form.known("donedate").and_then(|date| formats.iter().find_map(|format| read_utc(date, format)));
    let is_error = |code: &&str| code.bytes().any(|digit| digit != b'0');
    Ok(StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status).or_else(is_refusal),
        provider_status: status.to_owned(),
        phone_number: None,
        at,
        error: form.known("err").filter(is_error).map(str::to_owned),
        payload: payload(form),
    })
}
