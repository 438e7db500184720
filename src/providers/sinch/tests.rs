use chrono::DateTime;
use serde_json::{Value, json};

use crate::{
    domain::{DeliveryState, InboundSms},
    providers::{
        Adapter, Item, ParsedWebhook, Provider, Rejected, Verified,
        kit::encode_base64,
        testing::{adapter, draft, vectors, webhook},
    },
};

fn read(body: &Value) -> ParsedWebhook {
    let raw = webhook("http://a/", &[], body.to_string().as_bytes());
    adapter("sinch", "secret", json!({})).parse(&Verified::unchecked(&raw))
}

fn message(body: &Value) -> InboundSms {
    match read(body).unwrap().remove(0) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn published_signatures() {
    for vector in vectors("sinch") {
        let text = |pointer| vector.pointer(pointer).and_then(Value::as_str).unwrap();
        let timestamp: i64 = text("/input/timestamp").parse().unwrap();
        let verify = |kind, body: &str, nonce, late| {
            let headers = [
                ("x-sinch-webhook-signature", text("/expected")),
                ("x-sinch-webhook-signature-nonce", nonce),
                ("x-sinch-webhook-signature-timestamp", text("/input/timestamp")),
                // Ignored.
                ("x-sinch-webhook-signature-algorithm", "none"),
            ];
            let raw = webhook("http://a/", &headers, body.as_bytes());
            let now = DateTime::from_timestamp(timestamp + late, 0).unwrap();
            adapter(kind, text("/input/secret"), json!({})).verify(&raw, now).map(drop)
        };
        let (body, nonce) = (text("/input/body"), text("/input/nonce"));
        for kind in ["sinch", "sinch_conversation"] {
            assert_eq!(Value::from(verify(kind, body, nonce, 0).is_ok()), vector["valid"], "{vector}");
            assert_eq!(verify(kind, body, nonce, 45 * 3600), Ok(()), "the last attempt");
            assert_eq!(verify(kind, body, nonce, 49 * 3600), Err(Rejected::Stale));
            assert_eq!(verify(kind, body, "other", 0), Err(Rejected::WrongSignature));
            assert_eq!(verify(kind, &format!("{body} "), nonce, 0), Err(Rejected::WrongSignature));
        }
    }
}

#[test]
fn an_account_has_one_scheme() {
    let draft = draft(DateTime::UNIX_EPOCH);
    let accounts = [json!({}), json!({ "auth": "basic", "username": "user" })];
    let accounts = accounts.map(|configuration| adapter("sinch", "secret", configuration));
    for (at, account) in accounts.iter().enumerate() {
        let raw = account.compose(&draft).unwrap();
        assert_eq!(account.verify(&raw, draft.now).map(drop), Ok(()));
        let other = accounts[1 - at].verify(&raw, draft.now).map(drop);
        assert!(matches!(other, Err(Rejected::Unsigned(_))), "{other:?}");
    }
    for (configuration, field) in [
        (json!({ "auth": "basic" }), "configuration.username"),
        (json!({ "username": "user" }), "configuration.username"),
        (json!({ "auth": "none" }), "configuration.auth"),
    ] {
        let refused = Adapter::open("sinch", "secret".into(), None, configuration.as_object().unwrap());
        assert_eq!(refused.unwrap_err().details()["field"], field, "{configuration}");
    }
}

#[test]
fn messages_of_three_types_are_parsed() {
    let sms = message(&json!({
        "type": "mo_text", "id": "01FC66621", "from": "GOOGLE", "to": "15005550006", "body": "G-482913",
        "sent_at": "2026-11-22T07:59:58.000Z", "received_at": "2026-11-22T08:00:00.000Z",
    }));
    assert_eq!((sms.from.as_str(), sms.to.as_str(), sms.text.as_str()), ("GOOGLE", "+15005550006", "G-482913"));
    // Not the operator's time.
    assert_eq!(sms.sent_at.unwrap().timestamp(), 1_795_334_400);

    let binary = |body: &[u8], udh| {
        message(&json!({
            "type": "mo_binary", "id": "1", "from": "1", "to": "12345", "body": encode_base64(body), "udh": udh,
        }))
    };
    let part = binary(b"Your code is 482913", "0500032a0201");
    assert_eq!(
        (part.text.as_str(), part.part.map(|part| (part.number, part.count))),
        ("Your code is 482913", Some((1, 2)))
    );
    let ring = binary(&[0x02, 0x4a, 0xff], "06050415811581");
    assert_eq!((ring.text.as_str(), ring.part), ("024aff", None));
    let wrong = read(&json!({ "type": "mo_binary", "id": "1", "from": "1", "to": "12345", "body": "?" }));
    assert_eq!(wrong.unwrap_err().to_string(), "/body: must be base64");

    let mms = message(&json!({
        "type": "mo_media", "id": "1", "from": "1", "to": "12345",
        "body": { "subject": "Hi", "message": "there", "media": [
            { "url": "https://a/1.jpg", "content_type": "image/jpeg", "status": "Uploaded", "code": 0 },
            { "url": null, "content_type": "image/png", "status": "Failed", "code": 1 },
        ] },
    }));
    assert_eq!((mms.text.as_str(), mms.media.len()), ("Hi\nthere", 1));
    assert_eq!(mms.media[0].content_type.as_deref(), Some("image/jpeg"));
}

#[test]
fn delivery_reports_of_both_kinds_are_parsed() {
    let states = |body: &Value| -> Vec<_> {
        let states = read(body).unwrap().into_iter().map(|item| match item {
            Ok(Item::Status(update)) => {
                assert_eq!(update.provider_message_id, "B1");
                (update.provider_status, update.state, update.phone_number.map(|to| to.to_string()), update.error)
            }
            other => panic!("{other:?}"),
        });
        states.collect()
    };
    let (one, two) = (Some("+14155550100".to_owned()), Some("+14155550101".to_owned()));
    let report = |status, code| {
        states(&json!({
            "type": "recipient_delivery_report_sms", "batch_id": "B1", "recipient": "14155550100",
            "status": status, "code": code, "at": "2025-01-13T09:22:40.914Z",
        }))
    };
    let state =
        |word: &str, state, error: Option<&str>| (word.to_owned(), state, one.clone(), error.map(str::to_owned));
    assert_eq!(report("Delivered", 0), [state("Delivered", Some(DeliveryState::Delivered), None)]);
    assert_eq!(report("DISPATCHED", 401), [state("DISPATCHED", Some(DeliveryState::Sent), None)]);
    assert_eq!(report("Rejected", 402), [state("Rejected", Some(DeliveryState::Failed), Some("402"))]);
    assert_eq!(report("Unknown", 0), [state("Unknown", None, None)]);

    let batch = states(&json!({
        "type": "delivery_report_sms", "batch_id": "B1", "total_message_count": 3, "statuses": [
            { "code": 0, "status": "Delivered", "count": 2, "recipients": ["14155550100", "14155550101"] },
            { "code": 407, "status": "Expired", "count": 1 },
        ],
    }));
    assert_eq!(
        batch,
        [
            ("Delivered".to_owned(), Some(DeliveryState::Delivered), one.clone(), None),
            ("Delivered".to_owned(), Some(DeliveryState::Delivered), two, None),
            ("Expired".to_owned(), Some(DeliveryState::Undelivered), None, Some("407".to_owned())),
        ]
    );
    assert!(matches!(read(&json!({ "type": "something_new" })).unwrap()[0], Ok(Item::Ignored)));
}
