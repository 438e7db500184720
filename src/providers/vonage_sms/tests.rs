use chrono::DateTime;
use http::Method;
use serde_json::{Map, Value, json};

use super::signature::{Signature, SignatureMethod};
use crate::{
    domain::{DeliveryState, InboundSms, Part},
    providers::{
        Adapter, Item, Malformed, Provider, RawWebhook, Rejected,
        kit::{Form, Tolerance},
        testing::{adapter, draft, parse_first, vectors, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test&token=ours";

fn form(fields: &Map<String, Value>) -> String {
    serde_urlencoded::to_string(fields.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect::<Vec<_>>())
        .unwrap()
}

/// The same parameters in each of the three encodings.
fn ways(fields: &Map<String, Value>) -> [RawWebhook; 3] {
    let mut get = webhook(&format!("{URL}&{}", form(fields)), &[], b"");
    get.method = Method::GET;
    let post = webhook(URL, &[("content-type", Form::TYPE)], form(fields).as_bytes());
    let json = Value::Object(fields.clone()).to_string();
    [get, post, webhook(URL, &[("content-type", "application/json")], json.as_bytes())]
}

#[test]
fn published_signatures() {
    for vector in vectors("vonage_sms") {
        let text = |name: &str| vector["input"][name].as_str().unwrap();
        let configuration = json!({ "signature_method": text("method") });
        if text("secret").is_empty() {
            let opened = Adapter::open("vonage_sms", "".into(), None, configuration.as_object().unwrap());
            assert_eq!(opened.unwrap_err().details()["field"], "secret");
            continue;
        }
        let account = adapter("vonage_sms", text("secret"), configuration);
        let mut fields = vector["input"]["params"].as_object().unwrap().clone();
        fields.insert("sig".to_owned(), vector["expected"].clone());
        let now: i64 = fields["timestamp"].as_str().unwrap().parse().unwrap();
        let now = DateTime::from_timestamp(now, 0).unwrap();
        for raw in ways(&fields) {
            let verified = account.verify(&raw, now).map(drop);
            assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
        }
        fields.insert("text".to_owned(), "forged".into());
        for raw in ways(&fields) {
            assert_eq!(account.verify(&raw, now).map(drop), Err(Rejected::WrongSignature), "{vector}");
        }
    }
}

#[test]
fn the_account_chooses_the_method() {
    let account = |method: &str| adapter("vonage_sms", "secret", json!({ "signature_method": method }));
    let draft = draft(DateTime::UNIX_EPOCH);
    let methods = ["md5hash", "md5", "sha1", "sha256", "sha512"];
    for theirs in methods {
        let raw = account(theirs).compose(&draft).unwrap();
        for ours in methods {
            assert_eq!(account(ours).verify(&raw, draft.now).is_ok(), ours == theirs, "{theirs} for {ours}");
        }
    }
    let unknown = json!({ "signature_method": "none" });
    assert!(Adapter::open("vonage_sms", "secret".into(), None, unknown.as_object().unwrap()).is_err());
}

#[test]
fn a_signature_needs_a_timestamp() {
    let (method, tolerance) = (SignatureMethod::Sha256, Tolerance::seconds(300));
    let signature = Signature { method, tolerance, secret: "secret".into() };
    let verify = |fields: &str| {
        let sig = signature.sign(&Form::decode(fields.as_bytes())).to_uppercase();
        let raw = webhook(URL, &[("content-type", Form::TYPE)], format!("{fields}&sig={sig}").as_bytes());
        signature.verify(&raw, DateTime::from_timestamp(1_000, 0).unwrap()).map(drop)
    };
    assert_eq!(verify("timestamp=700"), Ok(()));
    assert_eq!(verify("timestamp=699"), Err(Rejected::Stale));
    assert_eq!(verify("timestamp=1301"), Err(Rejected::Stale));
    assert_eq!(verify("timestamp=soon"), Err(Rejected::Stale));
    assert_eq!(verify("text=x"), Err(Rejected::Unsigned("timestamp".to_owned())));
    let xml = webhook(URL, &[("content-type", "text/xml")], b"<a/>");
    assert!(matches!(signature.verify(&xml, DateTime::UNIX_EPOCH), Err(Rejected::WrongType(_))));
}

#[test]
fn a_request_without_parameters_is_a_probe() {
    let account = adapter("vonage_sms", "secret", json!({}));
    let probe = |method, url: &str, body: &[u8]| {
        let mut raw = webhook(url, &[], body);
        raw.method = method;
        account.is_probe(&raw)
    };
    assert!(probe(Method::GET, URL, b""));
    assert!(probe(Method::POST, URL, b""));
    assert!(!probe(Method::GET, &format!("{URL}&msisdn=1"), b""));
    assert!(!probe(Method::POST, URL, b"msisdn=1"));
}

fn parse(body: &Value) -> Result<Item, Malformed> {
    let raw = webhook(URL, &[("content-type", "application/json")], body.to_string().as_bytes());
    parse_first(&adapter("vonage_sms", "x", json!({})), &raw)
}

fn message(more: Value) -> InboundSms {
    let mut body = json!({
        "msisdn": "14155550100", "to": 15_005_550_006_u64, "messageId": "0A0000000123ABCD", "text": "482913",
        "type": "text", "message-timestamp": "2026-11-22 08:00:00", "timestamp": "1795334400",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    match parse(&body) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn messages_and_their_parts_are_parsed() {
    let sms = message(json!({ "status": " " }));
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
    assert_eq!((sms.text.as_str(), sms.part), ("482913", None));
    assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
    assert_eq!(message(json!({ "message-timestamp": "2026-11-22T08:00:00Z" })).sent_at, sms.sent_at);
    assert_eq!(message(json!({ "text": null, "data": "0102" })).text, "0102");
    assert_eq!(message(json!({ "text": "" })).text, "");

    let part = |concat: Value, number: &str, count: &str| {
        let more = json!({ "concat": concat, "concat-ref": "108", "concat-part": number, "concat-total": count });
        message(more).part
    };
    let second = Some(Part { reference: "108".to_owned(), number: 2, count: 3 });
    assert_eq!(part("true".into(), "2", "3"), second);
    assert_eq!(part(true.into(), "2", "3"), second);
    for (concat, number, count) in [("false", "2", "3"), ("true", "0", "3"), ("true", "4", "3"), ("true", "1", "1")] {
        assert_eq!(part(concat.into(), number, count), None, "{concat} {number} {count}");
    }
    let binary = parse(&json!({ "msisdn": "1", "to": "12345", "messageId": "1", "type": "binary", "data": "0102" }));
    assert!(matches!(binary, Ok(Item::Message(sms)) if sms.text == "0102"));
    for (body, field) in [
        (json!({ "msisdn": "1", "to": "12345", "text": "x" }), "messageId"),
        (json!({ "msisdn": "1", "to": "12345", "messageId": "1" }), "text"),
        (json!({ "to": "12345", "messageId": "1", "text": "x" }), "msisdn"),
        (json!({ "msisdn": "1", "messageId": "1", "text": "x" }), "to"),
    ] {
        assert_eq!(parse(&body).unwrap_err().field, field, "{body}");
    }
}

#[test]
fn the_msisdn_of_a_receipt_is_the_recipient() {
    let receipt = |status: &str, code: &str| {
        let body = json!({
            "msisdn": "14155550100", "to": "ACME", "messageId": "1", "status": status, "err-code": code,
            "scts": "2611220800", "message-timestamp": "2026-11-22 08:00:01", "price": "0.03", "network-code": "310260",
        });
        let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
        (update.state, update.error)
    };
    assert_eq!(receipt("delivered", "0"), (Some(DeliveryState::Delivered), None));
    assert_eq!(receipt("failed", "6"), (Some(DeliveryState::Undelivered), Some("6".to_owned())));
    assert_eq!(receipt("rejected", "7").0, Some(DeliveryState::Failed));
    assert_eq!(receipt("unknown", "0").0, None);
}
