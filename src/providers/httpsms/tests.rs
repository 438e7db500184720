use chrono::DateTime;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::token::{Audience, Claims, ISSUER};
use crate::{
    domain::{DeliveryState, InboundSms},
    providers::{
        Item, Malformed, Provider, Rejected,
        kit::sign_jwt,
        testing::{adapter, parse_first, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=phone";

fn claims() -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: Audience::Many(vec![URL.to_owned()]),
        sub: "WB7D".to_owned(),
        iat: 10_000,
        nbf: 9_400,
        exp: 10_600,
    }
}

fn verify(token: &str, body: &[u8], now: i64, configuration: Value) -> Result<Option<String>, Rejected> {
    let raw = webhook(URL, &[("authorization", &format!("Bearer {token}"))], body);
    let now = DateTime::from_timestamp(now, 0).unwrap();
    let httpsms = adapter("httpsms", "secret", configuration);
    httpsms.verify(&raw, now).map(|verified| verified.replay_key().map(|key| key.digest.clone()))
}

/// Made with another implementation: what httpSMS would send for this URL at second 10,000.
#[test]
fn a_token_made_by_another_library() {
    let good = concat!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhcGkuaHR0cHNtcy5jb20iLCJzdWIiOiJXQjdEIiwiY",
        "XVkIjpbImh0dHBzOi8vc21zLmV4YW1wbGUuY29tL3YxL3dlYmhvb2tzL3Ntcz9wcm92aWRlcj1waG9uZSJdLCJleHA",
        "iOjEwNjAwLCJuYmYiOjk0MDAsImlhdCI6MTAwMDB9.99ObV6iT8Hie53UY9NIlv3_thZ7ooASSYMXUHOyPZTg",
    );
    assert_eq!(verify(good, b"{}", 10_000, json!({})), Ok(None));
    assert_eq!(verify(&good[..good.len() - 1], b"{}", 10_000, json!({})), Err(Rejected::WrongSignature));
}

#[test]
fn every_claim_is_checked() {
    let with = |change: fn(&mut Claims), now| {
        let mut claims = claims();
        change(&mut claims);
        verify(&sign_jwt(Algorithm::HS256, &claims, &"secret".into()).unwrap(), b"{}", now, json!({}))
    };
    for now in [9_700, 10_000, 10_600] {
        assert_eq!(with(|_| {}, now), Ok(None), "{now}");
    }
    for now in [9_699, 10_601] {
        assert_eq!(with(|_| {}, now), Err(Rejected::Stale), "{now}");
    }
    assert_eq!(with(|claims| claims.exp = 20_000, 10_601), Err(Rejected::Stale));
    assert_eq!(with(|claims| claims.exp = 9_999, 10_000), Err(Rejected::Stale));
    assert_eq!(with(|claims| claims.nbf = 10_301, 10_000), Err(Rejected::Stale));
    assert_eq!(with(|claims| claims.aud = Audience::One(URL.to_owned()), 10_000), Ok(None));
    for change in [
        (|claims| claims.iss = "httpsms.com".to_owned()) as fn(&mut Claims),
        |claims| claims.aud = Audience::Many(Vec::new()),
        |claims| claims.aud = Audience::One("https://sms.example.com/v1/webhooks/sms".to_owned()),
        |claims| claims.aud = Audience::Many(vec!["https://other.example.com/".to_owned()]),
    ] {
        assert_eq!(with(change, 10_000), Err(Rejected::WrongSignature));
    }
    let mut raw = webhook(URL, &[], b"{}");
    let httpsms = adapter("httpsms", "secret", Value::Null);
    let refused = httpsms.verify(&raw, DateTime::UNIX_EPOCH).map(drop);
    assert_eq!(refused, Err(Rejected::Unsigned("authorization".to_owned())));
    raw.headers.insert("authorization", "Basic c2VjcmV0OnNlY3JldA==".parse().unwrap());
    assert_eq!(httpsms.verify(&raw, DateTime::UNIX_EPOCH).map(drop), Err(Rejected::WrongSignature));
}

#[test]
fn a_token_may_be_single_use() {
    let once = |claims: &Claims, once| {
        let token = sign_jwt(Algorithm::HS256, claims, &"secret".into()).unwrap();
        verify(&token, b"{}", 10_000, json!({ "token_once": once })).unwrap()
    };
    assert_eq!(once(&claims(), false), None);
    let key = once(&claims(), true).unwrap();
    assert_eq!(once(&claims(), true), Some(key.clone()));
    assert_ne!(once(&Claims { iat: 10_001, ..claims() }, true), Some(key));
}

fn parse(event: &Value) -> Result<Item, Malformed> {
    let raw = webhook(URL, &[], &serde_json::to_vec(event).unwrap());
    parse_first(&adapter("httpsms", "secret", Value::Null), &raw)
}

fn received(data: &Value) -> Result<InboundSms, Malformed> {
    let mut event = json!({ "specversion": "1.0", "id": "event", "type": "message.phone.received", "data": {
        "message_id": "2f1e", "user_id": "WB7D", "owner": "+15005550006", "encrypted": false,
        "contact": "+14155550100", "timestamp": "2026-11-22T08:00:00Z", "content": "Your code is 482913",
        "sim": "SIM1", "attachments": null,
    } });
    for (name, value) in data.as_object().unwrap() {
        event["data"][name] = value.clone();
    }
    match parse(&event)? {
        Item::Message(sms) => Ok(sms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_parsed() {
    let sms = received(&json!({})).unwrap();
    assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("2f1e", "Your code is 482913"));
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550100", "+15005550006"));
    assert_eq!(sms.sent_at.unwrap().timestamp(), 1_795_334_400);
    let older = received(&json!({ "message_id": null, "id": "1a" })).unwrap();
    assert_eq!(older.provider_message_id, "1a");
    let files = received(&json!({ "attachments": ["https://a/1", { "url": "https://a/2" }, 3] })).unwrap();
    assert_eq!(files.media.iter().map(|file| file.url.as_str()).collect::<Vec<_>>(), ["https://a/1", "https://a/2"]);
    for name in ["message_id", "owner", "contact", "content"] {
        let field = if name == "message_id" { "id" } else { name };
        assert_eq!(received(&json!({ name: null })).unwrap_err().field, format!("/data/{field}"));
    }
}

#[test]
fn an_encrypted_message_is_marked() {
    assert_eq!(received(&json!({ "encrypted": true, "content": "q83v" })).unwrap().text, "[encrypted] q83v");
}

#[test]
fn delivery_reports_are_types_of_event() {
    let status = |event: &str, data: Value| match parse(&json!({ "type": event, "data": data })) {
        Ok(Item::Status(update)) => update,
        other => panic!("{other:?}"),
    };
    let sent = status("message.phone.sent", json!({ "id": "1", "contact": "+14155550100", "owner": "+15005550006" }));
    assert_eq!((sent.provider_message_id.as_str(), sent.state), ("1", Some(DeliveryState::Sent)));
    assert_eq!(sent.phone_number.unwrap().as_str(), "+14155550100");
    let failed = status("message.send.failed", json!({ "id": "1", "error_message": "NO_SERVICE" }));
    assert_eq!((failed.state, failed.error.as_deref()), (Some(DeliveryState::Failed), Some("NO_SERVICE")));
    for (is_final, state) in [(json!(null), true), (json!(true), true), (json!(false), false)] {
        let expired = status("message.send.expired", json!({ "message_id": "1", "is_final": is_final }));
        assert_eq!(expired.state, state.then_some(DeliveryState::Undelivered));
        assert_eq!(expired.provider_status, "message.send.expired");
    }
    let missed = parse(&json!({ "type": "message.call.missed", "data": { "id": "1" } }));
    assert!(matches!(missed, Ok(Item::Ignored)));
}
