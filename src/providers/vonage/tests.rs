use chrono::DateTime;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, Rejected,
        kit::sign_jwt,
        testing::{adapter, parse_first, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
const SECRET: &str = "a signature secret of an account";
const NOW: i64 = 1_795_334_400;

/// Verifies a body with a token of these claims.
fn verify(algorithm: Algorithm, claims: &Value, body: &[u8]) -> Result<(), Rejected> {
    let token = sign_jwt(algorithm, claims, &SECRET.into());
    let raw = webhook(URL, &[("authorization", &format!("Bearer {}", token.unwrap()))], body);
    adapter("vonage", SECRET, Value::Null).verify(&raw, DateTime::from_timestamp(NOW, 0).unwrap()).map(drop)
}

#[test]
fn a_token_is_valid_for_its_body_and_a_day() {
    // SHA-256 of `{}`.
    let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let claims = |iat: i64| json!({ "iss": "Vonage", "iat": iat, "jti": "1", "payload_hash": hash, "api_key": "a" });
    let with = |name: &str, value: Value| {
        let mut claims = claims(NOW);
        claims[name] = value;
        claims
    };
    let hs256 = Algorithm::HS256;
    assert_eq!(verify(hs256, &claims(NOW), b"{}"), Ok(()));
    assert_eq!(verify(hs256, &claims(NOW - 86_400), b"{}"), Ok(()), "the last time that it is repeated");
    assert_eq!(verify(hs256, &with("payload_hash", hash.to_uppercase().into()), b"{}"), Ok(()));
    for (claims, body, refused) in [
        (claims(NOW), b"{ }".as_slice(), Rejected::WrongSignature),
        (with("payload_hash", Value::Null), b"{}", Rejected::Unsigned("`payload_hash` in the token".to_owned())),
        (with("payload_hash", "".into()), b"{}", Rejected::WrongSignature),
        (with("iss", "vonage.example".into()), b"{}", Rejected::Untrusted("the token was not issued by Vonage")),
        (with("iat", Value::Null), b"{}", Rejected::WrongSignature),
        (claims(NOW - 90_001), b"{}", Rejected::Stale),
        (claims(NOW + 301), b"{}", Rejected::Stale),
    ] {
        assert_eq!(verify(hs256, &claims, body), Err(refused), "{claims}");
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(verify(algorithm, &claims(NOW), b"{}"), Err(Rejected::WrongSignature), "{algorithm:?}");
    }
}

fn parse(body: &Value) -> Result<Item, Malformed> {
    let raw = webhook(URL, &[], body.to_string().as_bytes());
    parse_first(&adapter("vonage", SECRET, Value::Null), &raw)
}

#[test]
fn messages_are_parsed() {
    let mut body = json!({
        "channel": "sms", "message_uuid": "aaaaaaaa-bbbb", "to": "15005550006", "from": "14155550100",
        "timestamp": "2026-11-22T08:00:00Z", "text": "Your code is 482913", "message_type": "text",
        "sms": { "num_messages": "2", "keyword": "YOUR" },
    });
    let Ok(Item::Message(sms)) = parse(&body) else { panic!("{body}") };
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
    assert_eq!((sms.text.as_str(), sms.segments), ("Your code is 482913", Some(2)));
    assert_eq!(sms.sent_at, DateTime::from_timestamp(NOW, 0));
    for (pointer, value) in [("/to", json!("nobody")), ("/from", json!({})), ("/text", Value::Null)] {
        let mut wrong = body.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert_eq!(parse(&wrong).unwrap_err().field, pointer);
    }
    body["text"] = Value::Null;
    body["image"] = json!({ "url": "https://a/1", "caption": "look" });
    let Ok(Item::Message(mms)) = parse(&body) else { panic!("{body}") };
    assert_eq!((mms.text.as_str(), mms.media[0].url.as_str()), ("look", "https://a/1"));
}

#[test]
fn status_callbacks_are_parsed() {
    let status = |word: &str, error: Value| {
        let body = json!({
            "message_uuid": "1", "to": "14155550100", "from": "15005550006", "timestamp": "2026-11-22T08:00:00.000Z",
            "status": word, "error": error,
        });
        let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        assert_eq!(update.at, DateTime::from_timestamp(NOW, 0));
        (update.state, update.error)
    };
    let error = json!({ "type": "https://…#1000", "title": 1000, "detail": "Throttled" });
    assert_eq!(status("rejected", error), (Some(DeliveryState::Failed), Some("1000: Throttled".to_owned())));
    assert_eq!(status("submitted", Value::Null), (Some(DeliveryState::Sent), None));
    assert_eq!(status("something_new", json!("x")), (None, None));
}
