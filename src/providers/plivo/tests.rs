use chrono::{DateTime, TimeDelta};
use http::Method;
use serde_json::{Value, json};

use super::signature::Scheme;
use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, RawWebhook, Rejected,
        kit::{Form, Hash, encode_base64},
        testing::{adapter, draft, parse_first, vectors, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
const V2: [&str; 3] = Scheme::V2.headers();

/// The form of a vector, posted or in the query of a GET.
fn fields(vector: &Value) -> String {
    let fields: Vec<(String, String)> = serde_json::from_value(vector["input"]["params"].clone()).unwrap_or_default();
    serde_urlencoded::to_string(fields).unwrap()
}

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector["input"][name].as_str().unwrap()
}

fn verify(scheme: &str, secret: &str, raw: &RawWebhook) -> Result<(), Rejected> {
    adapter("plivo", secret, json!({ "signature": scheme })).verify(raw, DateTime::UNIX_EPOCH).map(drop)
}

#[test]
fn published_signatures_of_v2() {
    for vector in vectors("plivo_v2") {
        let expected = vector["expected"].as_str().unwrap();
        for header in [V2[0], V2[1]] {
            let headers = [("content-type", Form::TYPE), (header, expected), (V2[2], text(&vector, "nonce"))];
            // The query is not covered.
            for url in [text(&vector, "url").to_owned(), format!("{}?provider=test", text(&vector, "url"))] {
                let verified = verify("v2", text(&vector, "token"), &webhook(&url, &headers, b"Text=x"));
                assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
            }
        }
    }
}

#[test]
fn published_signatures_of_v3() {
    let [header, main, nonce] = Scheme::V3.headers();
    for vector in vectors("plivo_v3") {
        let expected = vector["expected"].as_str().unwrap();
        let request = |fields: &str| {
            let listed = format!("AAAA, {expected}");
            let headers = [("content-type", Form::TYPE), (header, &listed), (nonce, text(&vector, "nonce"))];
            let url = text(&vector, "url");
            if text(&vector, "method") == "POST" {
                return webhook(url, &headers, fields.as_bytes());
            }
            let separator = if url.contains('?') { "&" } else { "?" };
            let mut raw = webhook(&format!("{url}{separator}{fields}"), &headers, b"");
            raw.method = Method::GET;
            raw
        };
        let verify = |raw: &RawWebhook| verify("v3", text(&vector, "token"), raw);
        let mut raw = request(&fields(&vector));
        assert_eq!(verify(&raw), Ok(()), "{vector}");
        assert_eq!(verify(&request(&fields(&vector).replace("0.002", "0.003"))), Err(Rejected::WrongSignature));
        let signature = raw.headers.remove(header).unwrap();
        assert_eq!(verify(&raw), Err(Rejected::Unsigned(header.to_owned())));
        raw.headers.insert(main, signature);
        assert_eq!(verify(&raw), Ok(()), "the main account's");
    }
}

#[test]
fn the_obsolete_scheme_is_rejected() {
    for vector in vectors("plivo_v1") {
        let expected = vector["expected"].as_str().unwrap();
        let verify = |scheme: &str, headers: &[(&str, &str)]| {
            let mut raw = webhook(text(&vector, "url"), headers, fields(&vector).as_bytes());
            raw.headers.insert("content-type", Form::TYPE.parse().unwrap());
            verify(scheme, text(&vector, "token"), &raw)
        };
        for (scheme, [own, _, nonce]) in [("v2", V2), ("v3", Scheme::V3.headers())] {
            let old = verify(scheme, &[("x-plivo-signature", expected)]);
            assert_eq!(old, Err(Rejected::Unsigned(own.to_owned())));
            let renamed = verify(scheme, &[(own, expected), (nonce, "")]);
            assert_eq!(renamed, Err(Rejected::WrongSignature));
        }
    }
}

#[test]
fn the_account_chooses_the_scheme() {
    let draft = draft(DateTime::UNIX_EPOCH);
    let sent = |scheme: &str| adapter("plivo", "key", json!({ "signature": scheme })).compose(&draft).unwrap();
    for (theirs, ours) in [("v2", "v3"), ("v3", "v2")] {
        assert_eq!(verify(theirs, "key", &sent(theirs)), Ok(()));
        assert!(matches!(verify(ours, "key", &sent(theirs)), Err(Rejected::Unsigned(_))), "{theirs} for {ours}");
    }
    // V2 covers no field: a nonce is accepted with one body, and the query is ignored.
    let account = adapter("plivo", "key", json!({}));
    let mut raw = sent("v2");
    let once = |raw: &RawWebhook| account.verify(raw, draft.now).unwrap().replay_key().cloned().unwrap();
    assert!(once(&raw).expires_at > draft.now + TimeDelta::days(30));
    // Bytes could be moved between path and nonce: the signature is the same, and so is its replay key.
    let (path, last) = ("https://a.example/v1/webhooks/sms", "/plivo");
    let of = |url: &str, nonce: &str| {
        let code = Hash::Sha256.hmac_with_key(b"key", &[format!("{path}{last}12345").as_bytes()]);
        let signature = encode_base64(&code);
        let [own, _, nonce_header] = Scheme::V2.headers();
        let headers = [("content-type", Form::TYPE), (own, &signature), (nonce_header, nonce)];
        once(&webhook(url, &headers, b"MessageUUID=1")).digest
    };
    assert_eq!(of(&format!("{path}{last}"), "12345"), of(&format!("{path}?provider=plivo"), "/plivo12345"));
    raw.method = Method::GET;
    raw.url = format!("{URL}&MessageUUID=2&From=BANK&To=15005550006&Text=forged");
    assert_eq!(account.methods(), [Method::POST]);
    let verified = account.verify(&raw, draft.now).unwrap();
    let Item::Message(sms) = account.parse(&verified).unwrap().remove(0).unwrap() else { panic!() };
    assert_eq!(sms.text, "482913");
}

fn parse(body: &str) -> Result<Item, Malformed> {
    let raw = webhook(URL, &[("content-type", Form::TYPE)], body.as_bytes());
    parse_first(&adapter("plivo", "key", json!({})), &raw)
}

#[test]
fn sms_and_mms_are_parsed() {
    let body = "From=14155550100&To=15005550006&Text=Your+code+is+482913&Type=sms&MessageUUID=3f1d7c2e&Units=2\
                &TotalRate=0&TotalAmount=0&MessageIntent=";
    let Ok(Item::Message(sms)) = parse(body) else { panic!("{body}") };
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
    assert_eq!((sms.text.as_str(), sms.segments), ("Your code is 482913", Some(2)));
    let body = "From=1&To=12345&Type=mms&MessageUUID=1&Body=look&MediaCount=2&Media1=https://a/1&Media2=https://a/2";
    let Ok(Item::Message(mms)) = parse(body) else { panic!("{body}") };
    assert_eq!((mms.text.as_str(), mms.media.len()), ("look", 2));
    let Ok(Item::Message(mms)) = parse("From=1&To=12345&Type=mms&MessageUUID=1&MediaCount=1&Media0=https://a/1") else {
        panic!()
    };
    assert_eq!((mms.text.as_str(), mms.media.len()), ("", 1));
    for (body, field) in [
        ("From=1&To=12345&Text=x", "MessageUUID"),
        ("MessageUUID=1&To=12345&Text=x", "From"),
        ("MessageUUID=1&From=1&Text=x", "To"),
        ("MessageUUID=1&From=1&To=12345", "Text"),
    ] {
        assert_eq!(parse(body).unwrap_err().field, field, "{body}");
    }
}

#[test]
fn status_callbacks_are_parsed() {
    let status = |word: &str, code: &str| {
        let body = format!(
            "MessageUUID=1&ParentMessageUUID=1&PartInfo=1+of+2&Status={word}&From=15005550006&To=%2B14155550100\
             &ErrorCode={code}&DeliveryReportTime=2026-11-22+08%3A00%3A00"
        );
        let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
        assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        (update.state, update.error)
    };
    assert_eq!(status("delivered", "000"), (Some(DeliveryState::Delivered), None));
    assert_eq!(status("undelivered", "300"), (Some(DeliveryState::Undelivered), Some("300".to_owned())));
    assert_eq!(status("something_new", ""), (None, None));
}
