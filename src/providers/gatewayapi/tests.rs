use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::signature::{SIGNATURE, TOKEN};
use crate::{
    domain::DeliveryState,
    providers::{
        Adapter, Item, Provider, RawWebhook, Rejected, Verified,
        kit::sign_jwt,
        testing::{adapter, draft, webhook},
    },
};

/// A token of the vendor's documentation, signed with `secret`.
const STATUS: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.\
    eyJpZCI6MjM4MTcwMywibXNpc2RuIjo0NTQyNjA5MDQ1LCJ0aW1lIjoxNTIyNzY0MDYyLCJzdGF0dXMiOiJERUxJVkVSRUQiLCJlcnJvc\
    iI6bnVsbCwiY29kZSI6bnVsbCwidXNlcnJlZiI6bnVsbCwiY2FsbGJhY2tfdXJsIjoiaHR0cDovL2JiYWY3MTQyLm5ncm9rLmlvIiwiYX\
    BpIjo0fQ.KdfDH65bnQtgxEkFnpAQodOciAJedZFB13r9wEo8t3Y";

fn account(scheme: &str) -> Adapter {
    adapter("gatewayapi", "secret", json!({ "scheme": scheme }))
}

fn with_token(token: &str, body: &Value) -> RawWebhook {
    webhook("http://a/", &[(TOKEN, token)], body.to_string().as_bytes())
}

fn status() -> Value {
    json!({ "id": 2_381_703, "msisdn": 4_542_609_045_u64, "time": 1_522_764_062, "status": "DELIVERED" })
}

fn read(scheme: &str, raw: &RawWebhook, now: DateTime<Utc>) -> Item {
    let account = account(scheme);
    account.parse(&account.verify(raw, now).unwrap()).unwrap().remove(0).unwrap()
}

#[test]
fn the_published_token() {
    let now = DateTime::UNIX_EPOCH;
    let Item::Status(update) = read("jwt", &with_token(STATUS, &status()), now) else { panic!() };
    assert_eq!((update.provider_message_id.as_str(), update.state), ("2381703", Some(DeliveryState::Delivered)));
    assert_eq!(update.phone_number.unwrap().as_str(), "+4542609045");
    assert_eq!(update.at.unwrap().timestamp(), 1_522_764_062);

    let verify = |secret, token: &str| {
        adapter("gatewayapi", secret, json!({})).verify(&with_token(token, &status()), now).map(drop)
    };
    assert_eq!(verify("secret", STATUS), Ok(()));
    assert_eq!(verify("other", STATUS), Err(Rejected::WrongSignature));
    let unsigned = STATUS.replace("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJub25lIn0");
    assert_eq!(verify("secret", &unsigned), Err(Rejected::WrongSignature));
}

#[test]
fn parsed_fields_must_match_the_token() {
    let verify = |body: Value| account("jwt").verify(&with_token(STATUS, &body), DateTime::UNIX_EPOCH).map(drop);
    let changed = |name: &str, value: Value| {
        let mut body = status();
        body[name] = value;
        verify(body)
    };
    // A member that only the token has may be null; one that is not parsed may be anything.
    assert_eq!(changed("error", Value::Null), Ok(()));
    assert_eq!(changed("country_code", json!("DK")), Ok(()));
    // Otherwise a delivery report could be turned into a message.
    assert_eq!(changed("message", json!("Your code is 482913")), Err(Rejected::WrongSignature));
    assert_eq!(changed("event_type", json!("user-message.text.sms")), Err(Rejected::WrongSignature));
    assert_eq!(changed("msisdn", json!("4542609045")), Err(Rejected::WrongSignature));
    assert_eq!(verify(json!([])), Err(Rejected::WrongSignature));
}

#[test]
fn a_token_without_claims_is_single_use() {
    let now = DateTime::from_timestamp(1_795_334_400, 0).unwrap();
    let once = |claims: Value| {
        let token = sign_jwt(Algorithm::HS256, &claims, &"secret".into()).unwrap();
        account("jwt").verify(&with_token(&token, &status()), now).map(|verified| verified.replay_key().cloned())
    };
    let (one, two) = (once(json!({ "iat": 1 })).unwrap().unwrap(), once(json!({ "iat": 2 })).unwrap().unwrap());
    assert!(one.digest != two.digest && one.expires_at > now);
    assert_eq!(once(status()), Ok(None));
    assert_eq!(once(json!({ "exp": 1_795_334_399 })), Err(Rejected::Stale));
    assert_eq!(once(json!({ "nbf": 1_795_334_400 + 3600 })), Err(Rejected::Stale));
    assert!(once(json!({ "nbf": 1_795_334_400 - 3600 })).is_ok());
}

#[test]
fn envelopes_are_signed_with_their_timestamp() {
    let now = DateTime::from_timestamp(1_795_334_400, 0).unwrap();
    let raw = account("hmac").compose(&draft(now)).unwrap();
    let Item::Message(sms) = read("hmac", &raw, now) else { panic!() };
    assert_eq!((sms.from.as_str(), sms.to.as_str(), sms.text.as_str()), ("14155550100", "+15005550006", "482913"));
    assert_eq!(sms.sent_at, Some(now));
    let verify = |account: Adapter, raw: &RawWebhook, at| account.verify(raw, at).map(drop);
    assert_eq!(verify(account("hmac"), &raw, now + TimeDelta::days(6)), Ok(()));
    assert_eq!(verify(account("hmac"), &raw, now + TimeDelta::days(8)), Err(Rejected::Stale));
    assert_eq!(verify(account("hmac"), &raw, now - TimeDelta::days(1)), Err(Rejected::Stale));
    assert_eq!(
        verify(adapter("gatewayapi", "x", json!({ "scheme": "hmac" })), &raw, now),
        Err(Rejected::WrongSignature)
    );
    // Neither scheme accepts the signature of the other.
    assert_eq!(verify(account("jwt"), &raw, now), Err(Rejected::Unsigned(TOKEN.to_owned())));
    let token = account("jwt").compose(&draft(now)).unwrap();
    assert_eq!(verify(account("hmac"), &token, now), Err(Rejected::Unsigned(SIGNATURE.to_owned())));
    let mut changed = raw;
    changed.body.push(b' ');
    assert_eq!(verify(account("hmac"), &changed, now), Err(Rejected::WrongSignature));
}

#[test]
fn events_are_told_apart_by_their_type() {
    let event = |kind: &str, event: Value| {
        let now = "2026-11-22T08:00:00.003029+00:00";
        let body = json!({ "event_id": "1", "timestamp": now, "event_type": kind, "event": event });
        let raw = webhook("http://a/", &[], body.to_string().as_bytes());
        let account = adapter("gatewayapi", "secret", json!({ "scheme": "hmac", "to": "+15005550006" }));
        account.parse(&Verified::unchecked(&raw)).unwrap().remove(0).unwrap()
    };
    let failed = json!({
        "msg_id": "01JNN696A9E0WS89FPYGT15NBX", "recipient": 4_512_345_678_u64, "status": "UNDELIVERABLE",
        "status_at": "2026-11-22T08:00:00.003029+00:00", "error": { "hex_code": "0x0B", "details": "x" },
    });
    let Item::Status(update) = event("message.status.sms", failed) else { panic!() };
    assert_eq!((update.state, update.error.as_deref()), (Some(DeliveryState::Undelivered), Some("0x0B")));
    assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
    let nameless = json!({ "msg_id": "1", "sender": 4_512_345_678_u64, "content": { "message": "x" } });
    let Item::Message(sms) = event("user-message.text.sms", nameless) else { panic!() };
    assert_eq!(sms.to.as_str(), "+15005550006");
    assert!(matches!(event("user-message.location.rcs", json!({})), Item::Ignored));
}

#[test]
fn a_sender_may_be_a_name_and_a_text_binary() {
    let message = |more: Value| {
        let mut body = json!({ "id": 1, "msisdn": 45, "receiver": 451_204, "senttime": 1_554_465_205.5 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let raw = webhook("http://a/", &[], body.to_string().as_bytes());
        match account("jwt").parse(&Verified::unchecked(&raw)).unwrap().remove(0) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        }
    };
    let named = message(json!({ "message": "foo Hello", "sender": "GOOGLE", "payload": "bin", "udh": "?" }));
    assert_eq!((named.from.as_str(), named.to.as_str(), named.text.as_str()), ("GOOGLE", "451204", "foo Hello"));
    assert_eq!(named.sent_at.unwrap().timestamp(), 1_554_465_205);
    let data = message(json!({ "message": "", "payload": "SGk=", "udh": "0500032a0201" }));
    assert_eq!((data.from.as_str(), data.text.as_str()), ("45", "Hi"));
    assert_eq!(data.part.map(|part| (part.number, part.count)), Some((1, 2)));
}
