//! Jasmin's messages and delivery reports.
//!
//! The text is read from `binary`, the octets of the PDU in hexadecimal digits, according to the data coding scheme in
//! `coding`. `content` has the same octets, for versions of Jasmin that are too old to send `binary`.
//!
//! Sources: Jasmin's documentation, "HTTP API"; SMPP 3.4, 5.2.19 and appendix B.

use crate::{
    domain::{DeliveryState, InboundSms, StatusUpdate},
    providers::kit::{
        Charset, CommonSettings, Form, Item, Malformed, States, TimeFormat, decode_hex, decode_text, decode_unknown,
        message_id, payload, read_utc, sender, state_of,
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
    let id = message_id("id", form.text("id")?)?;
    if let Some(status) = form.filled("message_status")? {
        return report(id, status, form).map(Item::Status);
    }
    let mut sms = InboundSms::new(
        id,
        sender("from", form.text("from")?)?,
        common.recipient("to", Some(form.text("to")?))?,
        &text(form, default_charset)?,
    );
    sms.payload = payload(form);
    Ok(Item::Message(sms))
}

fn text(form: &Form<'_>, default_charset: Charset) -> Result<String, Malformed> {
    let binary = form.filled("binary")?.and_then(decode_hex);
    let bytes = match &binary {
        Some(bytes) => bytes,
        None => form.bytes("content")?.ok_or_else(|| Malformed::new("content", "is missing"))?,
    };
    let coding = form.number("coding")?.unwrap_or(0);
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
    let at = form.find("donedate")?.and_then(|date| formats.iter().find_map(|format| read_utc(date, format)));
    let is_error = |code: &&str| code.bytes().any(|digit| digit != b'0');
    Ok(StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status).or_else(is_refusal),
        provider_status: status.to_owned(),
        phone_number: None,
        at,
        error: form.filled("err")?.filter(is_error).map(str::to_owned),
        payload: payload(form),
    })
}
