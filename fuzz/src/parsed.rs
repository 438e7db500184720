//! The invariants of whatever is parsed from a webhook.

use otpwire::{
    domain::{InboundSms, Msisdn, Redacted, Sender},
    providers::{Item, ParsedWebhook},
};
use serde_json::{Value, value::RawValue};

/// Checks that the parsed items can be stored and shown.
pub fn check(parsed: &ParsedWebhook) {
    match parsed {
        Ok(items) => items.iter().flatten().for_each(check_item),
        Err(malformed) => assert!(!malformed.field.is_empty() && !malformed.issue.is_empty(), "{malformed:?}"),
    }
}

fn check_item(item: &Item) {
    match item {
        Item::Message(sms) => {
            assert!(!sms.text.contains('\0'), "a NUL in the text");
            let id = &sms.provider_message_id;
            assert!(id.is_empty() || InboundSms::check_id("id", id).is_ok(), "the id {id:?}");
            assert_eq!(Msisdn::parse("to", sms.to.as_str()).ok().as_ref(), Some(&sms.to));
            assert_eq!(Sender::parse("from", sms.from.as_str()).ok().as_ref(), Some(&sms.from));
            assert!(sms.media.len() <= InboundSms::MAX_MEDIA, "{} files", sms.media.len());
            for media in &sms.media {
                assert!(media.url.starts_with("http") && media.url.len() <= 2_000 && !media.url.contains('\0'));
            }
            check_payload(&sms.payload);
        }
        Item::Status(update) => {
            InboundSms::check_id("id", &update.provider_message_id).expect("an id");
            assert!(!update.provider_status.is_empty(), "a status without a word");
            check_payload(&update.payload);
        }
        Item::ConfirmSubscription(url) => assert_eq!(url.scheme(), "https"),
        Item::Ignored => {}
    }
}

/// Checks that a payload is JSON that PostgreSQL can store.
pub fn check_payload(payload: &RawValue) {
    let value: Value = serde_json::from_str(payload.get()).expect("a payload is JSON");
    assert!(!has_nul(&value), "a NUL in the payload");
    let _ = Redacted::of(&value);
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// The parts of the parsed messages that must be the same in a retry.
#[must_use]
pub fn messages(parsed: &ParsedWebhook) -> Vec<(&str, &str, &str, &str)> {
    let messages = parsed.iter().flatten().flatten().filter_map(|item| match item {
        Item::Message(sms) => Some(sms),
        _ => None,
    });
    messages
        .map(|sms| (sms.provider_message_id.as_str(), sms.from.as_str(), sms.to.as_str(), sms.text.as_str()))
        .collect()
}
