//! Configurations of providers, including templates and pointers, and webhooks for them.
//!
//! An input is the kind, its configuration and the body of a webhook, with a line `---` between each two.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use otpwire::providers::{Adapter, Draft, Provider, Verified, find_kind};
use otpwire_fuzz::{
    account::{URL, now},
    parsed,
};
use serde_json::Value;

fuzz_target!(|input: &str| -> Corpus {
    let mut parts = input.splitn(3, "\n---\n");
    let kind = find_kind(parts.next().unwrap_or_default()).map_or("generic", |kind| kind.word);
    let Some(Ok(Value::Object(configuration))) = parts.next().map(serde_json::from_str) else { return Corpus::Reject };
    let secret = "c2VjcmV0LW9mLXRoZS1hY2NvdW50LTAx";
    let adapter = match Adapter::open(kind, secret.into(), None, &configuration) {
        Ok(adapter) => adapter,
        Err(error) => {
            let field = error.details().get("field").and_then(Value::as_str).unwrap_or_default();
            let is_named = field.starts_with("configuration") || field == "secret";
            assert!(is_named, "the error does not name the wrong setting: {error}");
            return Corpus::Keep;
        }
    };
    let ack = adapter.ack();
    assert!((200..=299).contains(&ack.status), "{ack:?}");
    let draft = Draft {
        id: "0123456789abcdef",
        from: "+14155550100",
        to: "+15005550006",
        text: "Your code is 482913",
        url: URL,
        now: now(),
        nonce: "6e6f6e63650123456789abcdef012345",
        key: None,
    };
    let Ok(mut raw) = adapter.compose(&draft) else { return Corpus::Keep };
    let _ = adapter.verify(&raw, now());
    for body in [None, parts.next()] {
        if let Some(body) = body {
            raw.body = body.into();
        }
        let verified = Verified::unchecked(&raw);
        parsed::check(&adapter.parse(&verified));
        parsed::check_payload(&adapter.payload(&verified));
    }
    Corpus::Keep
});
