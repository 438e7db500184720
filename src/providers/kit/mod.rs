//! What adapters are made of: the webhook as it came, the proof of where it came from, and readers of what it
//! says.

mod basic;
mod compose;
mod form;
mod gate;
mod json;
mod proof;
mod setup;
mod text;
mod time;
mod udh;
mod webhook;

pub(super) use basic::Basic;
pub use compose::Draft;
pub(super) use compose::{Outgoing, address_with, token};
pub(super) use form::Form;
pub(super) use gate::Gate;
pub(super) use json::{Node, document};
pub(super) use proof::{Hash, fresh, hex, in_force, unbase64, unhex};
pub use proof::{Once, Rejected, Verified};
pub use setup::Common;
pub(super) use setup::{Setup, read_setting, refuse_setting};
pub(super) use text::{Charset, decode, gsm, octets};
pub(super) use time::{TimeFormat, read_time, read_utc};
pub(super) use udh::part_of;
pub use webhook::{Endpoint, RawWebhook};

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::domain::{DeliveryState, Error as DomainError, InboundSms, Media, Sender, StatusUpdate};

/// Why a verified webhook, or one item of it, could not be read: which field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {issue}")]
pub struct Malformed {
    /// The provider's own name of the field.
    pub field: String,
    /// What is wrong.
    pub issue: String,
}

impl Malformed {
    pub(super) fn new(field: impl Into<String>, issue: impl Into<String>) -> Self {
        Self { field: field.into(), issue: issue.into() }
    }
}

/// A rule of the domain that a field broke.
impl From<DomainError> for Malformed {
    fn from(error: DomainError) -> Self {
        let detail = |key| error.details().get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Self { field: detail("field"), issue: detail("issue") }
    }
}

/// One thing that a webhook says.
#[derive(Debug)]
pub enum Item {
    /// Somebody sent a message to one of the numbers.
    Message(InboundSms),
    /// A message that was sent through the provider has come further.
    Status(StatusUpdate),
    /// The provider asks for a visit to this address, which shows that its webhooks are wanted.
    Confirm(url::Url),
    /// Nothing that concerns us, such as the start of an app. It is acknowledged.
    Nothing,
}

/// What a webhook says, item by item. One that cannot be read does not take the others with it.
pub type Reading = Result<Vec<Result<Item, Malformed>>, Malformed>;

/// The reading of a webhook that says one thing.
pub(super) fn one(item: Result<Item, Malformed>) -> Reading {
    item.map(|item| vec![Ok(item)])
}

/// What tells a provider that its webhook is safe with us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The status: 200 to 299.
    pub status: u16,
    /// The type of the body. Empty where there is no body to have one.
    pub content_type: Cow<'static, str>,
    /// The body.
    pub body: Cow<'static, str>,
}

impl Ack {
    /// 200 with a text.
    pub(super) const fn text(body: &'static str) -> Self {
        Self { status: 200, content_type: Cow::Borrowed("text/plain; charset=utf-8"), body: Cow::Borrowed(body) }
    }

    /// 200 with TwiML that does nothing. A plain text would be sent to the sender as an SMS.
    pub(super) const fn twiml() -> Self {
        Self {
            status: 200,
            content_type: Cow::Borrowed("text/xml"),
            body: Cow::Borrowed(r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#),
        }
    }
}

/// Reads who sent a message. It stays as the provider gives it, but for the scheme of a `tel:` address.
pub(super) fn sender(field: &str, text: &str) -> Result<Sender, Malformed> {
    Ok(Sender::parse(field, text.strip_prefix("tel:").unwrap_or(text))?)
}

/// Checks the provider's id of a message.
pub(super) fn message_id(field: &str, text: &str) -> Result<String, Malformed> {
    InboundSms::check_id(field, text)?;
    Ok(text.to_owned())
}

/// The words of a provider for the states of a message.
pub(super) type States = [(DeliveryState, &'static [&'static str])];

/// The state that a word means, in letters of either case. A word that is not known means none.
pub(super) fn state_of(states: &States, word: &str) -> Option<DeliveryState> {
    let is_named = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    states.iter().find(|(_, words)| is_named(words)).map(|(state, _)| *state)
}

/// A file that came with a message, if its address is one that can be opened, and is not longer than 2,000
/// characters.
pub(super) fn media(url: &str, content_type: Option<&str>) -> Option<Media> {
    let is_link = url.len() <= 2_000 && (url.starts_with("https://") || url.starts_with("http://"));
    let content_type = content_type
        .filter(|text| !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| (b' '..=b'~').contains(&b)));
    is_link.then(|| Media { url: InboundSms::storable(url), content_type: content_type.map(str::to_owned) })
}

/// What was posted, as JSON that PostgreSQL can keep: it has no NUL.
pub(super) fn payload(value: &impl Serialize) -> Box<RawValue> {
    let Ok(text) = serde_json::to_string(value) else { return RawValue::NULL.to_owned() };
    // Inside a string of JSON a NUL is always escaped; an escaped backslash before the `u` is no escape of one.
    let text = if text.contains("\\u0000") { without_nul(&text) } else { text };
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn without_nul(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        // An escape has two characters at least, and a `\` is never the last of a JSON text.
        let escape = if rest[at..].starts_with("\\u0000") { 6 } else { 2 };
        clean.push_str(if escape == 6 { "\\ufffd" } else { &rest[at..at + escape] });
        rest = &rest[at + escape..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_has_no_nul_and_keeps_everything_else() {
        let kept = |value| payload(&value).get().to_owned();
        assert_eq!(kept(json!({ "a": "x\u{0}y" })), r#"{"a":"x\ufffdy"}"#);
        assert_eq!(kept(json!({ "a": "\\u0000 \\ \" é" })), r#"{"a":"\\u0000 \\ \" é"}"#);
        assert_eq!(kept(json!("\\\u{0}")), r#""\\\ufffd""#);
    }
}
