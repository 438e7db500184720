use chrono::DateTime;
use http::HeaderValue;
use serde_json::{Value, json};

use super::{SIGNATURE, TIMESTAMP};
use crate::{
    domain::{DeliveryState, Result},
    providers::{
        Adapter, Draft, Item, ParsedWebhook, Provider, RawWebhook, Rejected, Verified,
        testing::{adapter, draft, webhook},
    },
};

/// The first key pair of RFC 8032, 7.1.
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

fn telnyx() -> Adapter {
    adapter("telnyx", PUBLIC, Value::Null)
}

fn composed(seed: &str) -> Result<RawWebhook> {
    let key = seed.into();
    let draft = Draft { key: Some(&key), ..draft(DateTime::from_timestamp(1_000, 0).unwrap()) };
    telnyx().compose(&draft)
}

fn verify(raw: &RawWebhook, now: i64) -> Result<(), Rejected> {
    telnyx().verify(raw, DateTime::from_timestamp(now, 0).unwrap()).map(drop)
}

/// Made with another implementation of Ed25519, over `1000|{}`.
#[test]
fn a_signature_made_by_another_library() {
    let raw = |signature| webhook("https://a/", &[(TIMESTAMP, "1000"), (SIGNATURE, signature)], b"{}");
    let good = "n/wgQt67Tqjrv8hiBuDTSy7wp3Uu7CtoPWGmYqBZZl6Q7PFO/tmJLiDEI37aUpP5vFCIDgqwultCNgy6qPX7BA==";
    assert_eq!(verify(&raw(good), 1_000), Ok(()));
    for wrong in ["", "not base64", &good[..84], &format!("A{}", &good[1..])] {
        assert_eq!(verify(&raw(wrong), 1_000), Err(Rejected::WrongSignature), "{wrong}");
    }
}

#[test]
fn a_signature_is_valid_for_five_minutes() {
    let sent = composed(SEED).unwrap();
    for (now, verified) in [(700, true), (1_300, true), (699, false), (1_301, false)] {
        assert_eq!(verify(&sent, now), if verified { Ok(()) } else { Err(Rejected::Stale) }, "{now}");
    }
    for header in [SIGNATURE, TIMESTAMP] {
        let mut unsigned = composed(SEED).unwrap();
        unsigned.headers.remove(header);
        assert_eq!(verify(&unsigned, 1_000), Err(Rejected::Unsigned(header.to_owned())));
    }
    let mut later = composed(SEED).unwrap();
    later.headers.insert(TIMESTAMP, HeaderValue::from(1_001));
    assert_eq!(verify(&later, 1_000), Err(Rejected::WrongSignature));
}

#[test]
fn invalid_keys_are_refused() {
    for wrong in ["c2hvcnQ=", "not base64", "bm90IGEga2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMgYnV0IGxvbmdlcg=="] {
        let opened = Adapter::open("telnyx", wrong.into(), None, &Default::default());
        assert_eq!(opened.unwrap_err().details()["field"], "secret", "{wrong}");
    }
    for wrong in ["", "c2hvcnQ=", "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs="] {
        assert_eq!(composed(wrong).unwrap_err().details()["field"], "key", "{wrong}");
    }
}

fn parse(body: &Value) -> ParsedWebhook {
    let raw = webhook("https://a/", &[], &serde_json::to_vec(body).unwrap());
    telnyx().parse(&Verified::unchecked(&raw))
}

#[test]
fn a_group_message_has_an_item_for_each_recipient() {
    let read = parse(&json!({ "data": { "event_type": "message.received", "id": "event", "payload": {
        "id": "84cca175", "type": "MMS", "from": { "phone_number": "+14155550100" }, "text": null, "parts": 2,
        "to": [
            { "phone_number": "+15005550006" },
            { "phone_number": "nobody" },
            { "phone_number": "+15005550008" },
        ],
        "received_at": "2026-11-22T08:00:00.000+00:00",
        "media": [
            { "url": "https://media.example.com/1.png", "content_type": "image/png", "size": 12 },
            { "url": "file:///etc/passwd", "content_type": null },
            { "url": "https://media.example.com/2", "content_type": null },
        ],
    } } }));
    let read = read.unwrap();
    let [Ok(Item::Message(first)), Err(second), Ok(Item::Message(third))] = &read[..] else { panic!("{read:?}") };
    assert_eq!((first.provider_message_id.as_str(), first.to.as_str()), ("84cca175", "+15005550006"));
    assert_eq!((third.provider_message_id.as_str(), third.to.as_str()), ("84cca175#3", "+15005550008"));
    assert_eq!(second.field, "/data/payload/to/1/phone_number");
    assert_eq!((first.text.as_str(), first.segments), ("", Some(2)));
    assert_eq!(first.sent_at.unwrap().timestamp(), 1_795_334_400);
    let files: Vec<_> = first.media.iter().map(|file| (&file.url[26..], file.content_type.as_deref())).collect();
    assert_eq!(files, [("1.png", Some("image/png")), ("2", None)]);
}

#[test]
fn delivery_reports_have_an_item_for_each_recipient() {
    let read = parse(&json!({ "data": {
        "event_type": "message.finalized", "occurred_at": "2026-11-22T08:00:01Z",
        "payload": {
            "id": "84cca175", "completed_at": "2026-11-22T08:00:00Z",
            "to": [
                { "phone_number": "+14155550100", "status": "delivery_failed" },
                { "phone_number": "+14155550101", "status": "delivered" },
                { "phone_number": "+14155550102", "status": "something_new" },
            ],
            "errors": [{ "code": "40001", "title": "Not routable", "detail": "…" }],
        },
    } }));
    let states: Vec<_> = read
        .unwrap()
        .into_iter()
        .map(|item| match item {
            Ok(Item::Status(update)) => {
                assert_eq!(update.provider_message_id, "84cca175");
                let error = (update.provider_status != "delivered").then_some("40001 Not routable");
                assert_eq!(update.error.as_deref(), error);
                assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
                (update.state, update.provider_status, update.phone_number.unwrap().to_string())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = |state, word: &str, number: &str| (state, word.to_owned(), number.to_owned());
    assert_eq!(
        states,
        [
            expected(Some(DeliveryState::Undelivered), "delivery_failed", "+14155550100"),
            expected(Some(DeliveryState::Delivered), "delivered", "+14155550101"),
            expected(None, "something_new", "+14155550102"),
        ]
    );
}

#[test]
fn the_webhook_url_is_not_stored() {
    let raw = composed(SEED).unwrap();
    assert!(String::from_utf8_lossy(&raw.body).contains("sms.example.com"));
    let webhook = Verified::unchecked(&raw);
    let Ok(Item::Message(sms)) = telnyx().parse(&webhook).unwrap().remove(0) else { panic!() };
    for kept in [sms.payload, telnyx().payload(&webhook)] {
        assert!(kept.get().contains("482913") && !kept.get().contains("sms.example.com"), "{kept}");
    }
}

#[test]
fn other_events_are_ignored_and_malformed_ones_refused() {
    let read = parse(&json!({ "data": { "event_type": "call.initiated", "payload": {} } })).unwrap();
    assert!(matches!(&read[..], [Ok(Item::Ignored)]));
    for (body, field) in [
        (json!({}), "/data"),
        (json!({ "data": {} }), "/data/event_type"),
        (json!({ "data": { "event_type": "message.received", "payload": { "id": "1" } } }), "/data/payload/to"),
        (json!({ "data": { "event_type": "message.received", "payload": { "to": [] } } }), "/data/payload/to"),
    ] {
        assert_eq!(parse(&body).unwrap_err().field, field, "{body}");
    }
}
