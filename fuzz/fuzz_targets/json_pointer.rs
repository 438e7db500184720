//! JSON pointers, with which operators locate the parts of a message: they resolve as in serde_json, and a webhook that
//! is composed with one is parsed with it.
//!
//! An input is a pointer on a line of its own, then a document.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use otpwire::{
    domain::InboundSms,
    providers::{Adapter, Draft, Item, Provider, Verified},
};
use otpwire_fuzz::account::{URL, now};
use serde_json::{Map, Value, json};

fuzz_target!(|input: &str| -> Corpus {
    let (pointer, document) = input.split_once('\n').unwrap_or((input, "null"));
    let adapter = match open(pointer) {
        Ok(adapter) => adapter,
        Err(error) => {
            assert!(!is_pointer(pointer), "{pointer:?} is refused: {error}");
            return Corpus::Keep;
        }
    };
    assert!(is_pointer(pointer), "{pointer:?} is taken for a pointer");
    composed_and_read(&adapter, pointer);
    let Ok(document) = serde_json::from_str::<Value>(document) else { return Corpus::Keep };
    let read = text_at(&adapter, &document);
    // An invalid sender would make the whole message unreadable.
    let has_sender = document.get(" from").or(document.get(" to")).is_some();
    if !has_sender && !pointer.split('/').any(|step| step == "*") {
        let there = match document.pointer(pointer) {
            Some(Value::String(text)) => Some(InboundSms::storable(text)),
            Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        };
        assert_eq!(read, there, "{pointer:?} in {document}");
    }
    Corpus::Keep
});

/// An adapter that only reads the text, from this pointer.
fn open(pointer: &str) -> otpwire::domain::Result<Adapter> {
    let configuration = json!({
        "body": "json",
        "fields": { "from": "/ from", "to": "/ to", "text": pointer },
        "defaults": { "from": "FUZZ", "to": "+15005550006" },
        "auth": { "type": "none" },
        "allowed_sources": ["0.0.0.0/0"],
    });
    let configuration = configuration.as_object().cloned().unwrap_or_else(Map::new);
    Adapter::open("generic", "secret".into(), None, &configuration)
}

/// Whether a text is a pointer (RFC 6901, 3) that can be stored, is short enough and leads to something in the
/// document.
fn is_pointer(text: &str) -> bool {
    let is_escaped = |step: &str| step.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    let depth = text.matches('/').count();
    let is_storable = !text.contains('\0') && text.chars().count() <= 200;
    text.starts_with('/') && is_storable && depth <= 16 && text.split('/').all(is_escaped)
}

fn text_at(adapter: &Adapter, document: &Value) -> Option<String> {
    let mut raw = adapter.compose(&draft("x")).expect("nothing is signed");
    raw.body = serde_json::to_vec(document).expect("a document");
    let mut items = adapter.parse(&Verified::unchecked(&raw)).ok()?;
    assert_eq!(items.len(), 1);
    match items.remove(0) {
        Ok(Item::Message(sms)) => Some(sms.text),
        _ => None,
    }
}

fn composed_and_read(adapter: &Adapter, pointer: &str) {
    // The text cannot have the pointer of the sender or the number, nor be in a list without them.
    if pointer.starts_with("/ ") || matches!(pointer.split('/').nth(1), Some("0" | "*")) {
        return;
    }
    let raw = adapter.compose(&draft("Your code is 482913")).expect("nothing is signed");
    let document = serde_json::from_slice(&raw.body).expect("a document");
    assert_eq!(text_at(adapter, &document).as_deref(), Some("Your code is 482913"), "{pointer:?} in {document}");
}

fn draft(text: &str) -> Draft<'_> {
    let (from, to) = ("+14155550100", "+15005550006");
    Draft { id: "id", from, to, text, url: URL, now: now(), nonce: "6e6f6e6365", key: None }
}
