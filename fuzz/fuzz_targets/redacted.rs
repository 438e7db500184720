//! Redaction of payloads: the structure stays, and a text is either shown whole or hidden.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use otpwire::domain::Redacted;
use serde_json::{Value, json};

fuzz_target!(|input: &str| -> Corpus {
    let Ok(payload) = serde_json::from_str::<Value>(input) else { return Corpus::Reject };
    check(&payload, Redacted::of(&payload).value());
    // Values without a name, or with the name of a text, are hidden.
    let hidden = match &payload {
        Value::String(text) => format!("[{} characters]", text.chars().count()),
        Value::Number(_) => "[a number]".to_owned(),
        _ => return Corpus::Keep,
    };
    for (place, named) in
        [("/0", json!([payload])), ("/text/0", json!({ "text": [payload] })), ("/Body", json!({ "Body": payload }))]
    {
        assert_eq!(Redacted::of(&named).value().pointer(place), Some(&Value::from(hidden.as_str())));
    }
    Corpus::Keep
});

fn check(payload: &Value, shown: &Value) {
    match (payload, shown) {
        (Value::Object(payload), Value::Object(shown)) => {
            assert!(payload.keys().eq(shown.keys()));
            payload.values().zip(shown.values()).for_each(|(payload, shown)| check(payload, shown));
        }
        (Value::Array(payload), Value::Array(shown)) => {
            assert_eq!(payload.len(), shown.len());
            payload.iter().zip(shown).for_each(|(payload, shown)| check(payload, shown));
        }
        (Value::String(text), Value::String(shown)) => {
            let length = text.chars().count();
            let is_whole = text == shown && length <= 64;
            assert!(is_whole || *shown == format!("[{length} characters]"), "{text:?} is shown as {shown:?}");
        }
        (Value::Number(number), shown) => assert!(shown == "[a number]" || shown.as_number() == Some(number)),
        (payload, shown) => assert_eq!(payload, shown),
    }
}
