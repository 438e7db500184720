use chrono::{DateTime, Utc};
use http::Method;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{
    LEEWAY,
    dated::{SIGNATURE, TIMESTAMP, sorted_queries},
    token::{Claims, TOKEN, TokenSignature, digest},
};
use crate::{
    domain::{DeliveryState, InboundSms},
    providers::{
        Adapter, Draft, Item, Malformed, Provider, RawWebhook, Rejected, Verified,
        kit::{Form, Tolerance, sign_jwt},
        testing::{self, adapter, vectors, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
const FORM: &[(&str, &str)] = &[("content-type", Form::TYPE)];

fn account(scheme: &str) -> Adapter {
    adapter("messagebird", "secret", json!({ "scheme": scheme }))
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn published_tokens() {
    for vector in vectors("messagebird_jwt") {
        let input = &vector["input"];
        let mut raw =
            webhook(text(&input["url"]), &[(TOKEN, text(&vector["expected"]))], text(&input["body"]).as_bytes());
        raw.method = text(&input["method"]).parse().unwrap();
        // One vector has an empty key, which an account refuses.
        let signature = TokenSignature::new(Tolerance::seconds(LEEWAY), text(&input["key"]).into());
        let verified = signature.verify(&raw, at(input["now"].as_i64().unwrap())).map(drop);
        assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
        if let Some(note) = vector["note"].as_str() {
            let is_stale = note.contains("in the future") || note.contains("in the past");
            let expected = if is_stale { Rejected::Stale } else { Rejected::WrongSignature };
            assert_eq!(verified, Err(expected), "{vector}");
        }
    }
}

#[test]
fn published_signatures_of_the_older_scheme() {
    for vector in vectors("messagebird_legacy") {
        let input = &vector["input"];
        let headers = [(TIMESTAMP, text(&input["timestamp"])), (SIGNATURE, text(&vector["expected"]))];
        let query = text(&input["query"]);
        let url = if query.is_empty() { "https://a/".to_owned() } else { format!("https://a/?{query}") };
        let raw = webhook(&url, &headers, text(&input["body"]).as_bytes());
        let messagebird = adapter("messagebird", text(&input["key"]), json!({ "scheme": "older" }));
        let now = text(&input["timestamp"]).parse().unwrap();
        let verified = messagebird.verify(&raw, at(now)).map(drop);
        assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
        if verified.is_ok() {
            assert_eq!(messagebird.verify(&raw, at(now + 301)).map(drop), Err(Rejected::Stale));
            assert_eq!(messagebird.verify(&raw, at(now - 301)).map(drop), Err(Rejected::Stale));
        }
    }
}

#[test]
fn a_query_is_sorted_by_name_and_encoded_again() {
    let raw = webhook("https://a/?price%5bamount%5d=1&b=2&b=1&a=x+y%2fz%7e*#x", &[], b"");
    let sorted = "a=x+y%2Fz~%2A&b=2&b=1&price%5Bamount%5D=1";
    assert_eq!(sorted_queries(&raw), [sorted, &sorted.replace('+', "%20")]);
}

fn draft() -> Draft<'static> {
    testing::draft(at(1_000))
}

/// A webhook whose token has altered claims.
fn signed(change: impl FnOnce(&mut Claims), algorithm: Algorithm) -> RawWebhook {
    let mut raw = webhook(URL, FORM, b"id=1");
    let mut claims = Claims {
        iss: "MessageBird".to_owned(),
        nbf: 1_000,
        exp: 1_060,
        jti: "1".to_owned(),
        url_hash: digest(URL.as_bytes()),
        payload_hash: Some(digest(b"id=1")),
    };
    change(&mut claims);
    let token = sign_jwt(algorithm, &claims, &"secret".into()).unwrap();
    raw.headers.insert(TOKEN, token.parse().unwrap());
    raw
}

#[test]
fn every_claim_is_checked() {
    let verify = |raw: &RawWebhook, now| account("jwt").verify(raw, at(now)).map(drop);
    let good = signed(|_| {}, Algorithm::HS256);
    for now in [700, 1_000, 1_060, 1_120] {
        assert_eq!(verify(&good, now), Ok(()), "{now}");
    }
    for now in [699, 1_121] {
        assert_eq!(verify(&good, now), Err(Rejected::Stale), "{now}");
    }
    for wrong in [
        signed(|claims| claims.iss = "Messagebird".to_owned(), Algorithm::HS256),
        signed(|claims| claims.url_hash = digest(b"https://sms.example.com/"), Algorithm::HS256),
        signed(|claims| claims.url_hash.clear(), Algorithm::HS256),
        signed(|claims| claims.payload_hash = None, Algorithm::HS256),
        signed(|claims| claims.payload_hash = Some(digest(b"id=2")), Algorithm::HS256),
        RawWebhook { body: Vec::new(), ..signed(|_| {}, Algorithm::HS256) },
        RawWebhook { url: format!("{URL}&x"), ..signed(|_| {}, Algorithm::HS256) },
    ] {
        assert_eq!(verify(&wrong, 1_000), Err(Rejected::WrongSignature), "{wrong:?}");
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(verify(&signed(|_| {}, algorithm), 1_000), Ok(()), "{algorithm:?}");
    }
}

#[test]
fn the_request_does_not_choose_the_scheme() {
    let (jwt, older) = (account("jwt"), account("older"));
    let new = jwt.compose(&draft()).unwrap();
    let old = older.compose(&draft()).unwrap();
    assert_eq!(jwt.verify(&new, at(1_000)).map(drop), Ok(()));
    assert_eq!(older.verify(&old, at(1_000)).map(drop), Ok(()));
    assert_eq!(jwt.verify(&old, at(1_000)).map(drop), Err(Rejected::Unsigned(TOKEN.to_owned())));
    assert_eq!(older.verify(&new, at(1_000)).map(drop), Err(Rejected::Unsigned(TIMESTAMP.to_owned())));
    let unknown = json!({ "scheme": "none" });
    let refused = Adapter::open("messagebird", "secret".into(), None, unknown.as_object().unwrap()).unwrap_err();
    assert_eq!(refused.details()["field"], "configuration.scheme");
}

fn parse(raw: &RawWebhook) -> Result<Item, Malformed> {
    account("jwt").parse(&Verified::unchecked(raw)).map(|mut items| items.remove(0))?
}

fn message(raw: &RawWebhook) -> InboundSms {
    match parse(raw) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_of_a_long_number() {
    let form = "id=3b53&recipient=15005550006&originator=14155550100&body=Your+code+is+482913&id=3b53\
                &createdDatetime=2026-11-22T08%3A00%3A00%2B00%3A00&receiver=1&message=old&reference=47\
                &mediaUrls=https%3A%2F%2Fa%2F1&mediaUrls=https%3A%2F%2Fa%2F2";
    let json = json!({
        "id": "3b53", "recipient": 15005550006_u64, "originator": "14155550100", "body": "Your code is 482913",
        "createdDatetime": "2026-11-22T08:00:00+00:00", "mediaURLs": ["https://a/1", "https://a/2"],
    });
    let json = serde_json::to_vec(&json).unwrap();
    let mut get = webhook(&format!("{URL}&token=hidden&{form}"), &[], b"");
    get.method = Method::GET;
    for raw in [webhook(URL, FORM, form.as_bytes()), webhook(URL, &[("content-type", "application/json")], &json), get]
    {
        let sms = message(&raw);
        assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("3b53", "Your code is 482913"));
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
        assert_eq!(sms.sent_at, Some(at(1_795_334_400)));
        assert_eq!(sms.media.iter().map(|file| file.url.as_str()).collect::<Vec<_>>(), ["https://a/1", "https://a/2"]);
        assert!(!sms.payload.get().contains("hidden"));
    }
}

#[test]
fn a_message_of_a_short_code() {
    let body = "id=keyword&mid=77&shortcode=51274&originator=14155550100&message=JOIN&receive_datetime=20261122080000";
    let sms = message(&webhook(URL, FORM, body.as_bytes()));
    assert_eq!((sms.provider_message_id.as_str(), sms.to.as_str(), sms.text.as_str()), ("77", "51274", "JOIN"));
    assert_eq!(sms.sent_at, None);
}

#[test]
fn errors_name_the_field() {
    for (body, field) in [
        ("recipient=12345&originator=1&body=x", "id"),
        ("id=1&id=2&recipient=12345&originator=1&body=x", "id"),
        ("id=1&recipient=12345&originator=1&body=x&body=y", "body"),
        ("id=1&recipient=12345&originator=1", "body"),
        ("id=1&recipient=12345&body=x", "originator"),
        ("id=1&originator=1&body=x", "recipient"),
        ("id=1&recipient=nobody&originator=1&body=x", "recipient"),
        ("id=1&shortcode=12345&originator=1&message=x", "mid"),
        ("recipient=12345&status=sent", "id"),
    ] {
        assert_eq!(parse(&webhook(URL, FORM, body.as_bytes())).unwrap_err().field, field, "{body}");
    }
    for body in ["body=", "message=", "mediaUrls=https://a/1"] {
        let body = format!("id=1&recipient=12345&originator=1&{body}");
        assert_eq!(message(&webhook(URL, FORM, body.as_bytes())).text, "", "{body}");
    }
}

#[test]
fn a_status_report_is_parsed() {
    let status = |query: &str| {
        let mut raw = webhook(&format!("https://a/v1/webhooks/status?provider=test&{query}"), &[], b"");
        raw.method = Method::GET;
        match parse(&raw) {
            Ok(Item::Status(update)) => update,
            other => panic!("{other:?}"),
        }
    };
    let delivered = status(
        "id=eef0&recipient=31612345678&reference=FOO&status=delivered&statusReason=successfully+delivered\
         &statusDatetime=2026-11-22T08%3A00%3A00%2B00%3A00&mccmnc=20408&price%5Bamount%5D=0.07",
    );
    assert_eq!((delivered.provider_message_id.as_str(), delivered.state), ("eef0", Some(DeliveryState::Delivered)));
    assert_eq!((delivered.error, delivered.at), (None, Some(at(1_795_334_400))));
    assert_eq!(delivered.phone_number.unwrap().as_str(), "+31612345678");
    let failed = status("id=1&recipient=1&status=delivery_failed&statusReason=unknown+subscriber&statusErrorCode=103");
    assert_eq!((failed.state, failed.error.as_deref()), (Some(DeliveryState::Undelivered), Some("103")));
    assert_eq!(status("id=1&status=expired&statusReason=x").error.as_deref(), Some("x"));
    assert_eq!(status("id=1&status=something_new").state, None);
}
