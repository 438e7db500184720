use chrono::DateTime;
use serde_json::{Value, json};

use super::{SIGNATURE, TIMESTAMP};
use crate::{
    domain::{DeliveryState, InboundSms},
    providers::{
        Item, Malformed, Provider, Rejected, Verified,
        testing::{adapter, webhook},
    },
};

const DEVICE: &str = "ffffffffceb0b1db0000018e937c815b";

fn parse(configuration: Value, body: &Value) -> Vec<Result<Item, Malformed>> {
    let raw = webhook("https://sms.example.com/", &[], body.to_string().as_bytes());
    let account = adapter("sms_gateway_android", "secret", configuration);
    account.parse(&Verified::unchecked(&raw)).unwrap_or_else(|wrong| vec![Err(wrong)])
}

fn event(word: &str, payload: Value) -> Value {
    json!({ "deviceId": DEVICE, "event": word, "id": "Ey6ECgOkVVFjz3CL48B8C", "webhookId": "w", "payload": payload })
}

fn message(configuration: Value, body: &Value) -> Result<InboundSms, Malformed> {
    match parse(configuration, body).remove(0)? {
        Item::Message(sms) => Ok(sms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_signature_covers_body_and_timestamp() {
    // Computed with OpenSSL. The app escapes some characters: the bytes are signed.
    let body = br#"{"event":"sms:received","payload":{"message":"a\u003db"}}"#;
    let signature = "966012ba546362a0021af47369475e39753c1924bf54240da5ac261aa4dcd18e";
    let account = adapter("sms_gateway_android", "0123456789abcdef", Value::Null);
    let verify = |body: &[u8], timestamp: &str, seconds: i64| {
        let raw = webhook("https://a.example/", &[(SIGNATURE, signature), (TIMESTAMP, timestamp)], body);
        account.verify(&raw, DateTime::from_timestamp(seconds, 0).unwrap()).map(drop)
    };
    assert_eq!(verify(body, "1795334400", 1_795_334_700), Ok(()));
    assert_eq!(verify(body, "1795334400", 1_795_334_100), Ok(()));
    assert_eq!(verify(body, "1795334400", 1_795_334_701), Err(Rejected::Stale));
    assert_eq!(verify(body, "1795334401", 1_795_334_400), Err(Rejected::WrongSignature));
    assert_eq!(verify(&body[1..], "1795334400", 1_795_334_400), Err(Rejected::WrongSignature));
    // A digit moved from the timestamp to the body verifies, but the timestamp is stale and the body no JSON.
    let moved = [body, b"1".as_slice()].concat();
    assert_eq!(verify(&moved, "795334400", 1_795_334_400), Err(Rejected::Stale));
    let raw = webhook("https://a.example/", &[], &moved);
    assert!(account.parse(&Verified::unchecked(&raw)).is_err());
}

#[test]
fn a_sim_stands_for_a_number() {
    let received = |recipient: Value, sim: Value| {
        event(
            "sms:received",
            json!({
                "messageId": "a1b2c3d4", "message": "Your code is 482913", "phoneNumber": "+14155550100",
                "recipient": recipient, "simNumber": sim, "receivedAt": "2026-11-22T15:00:00.000+07:00",
            }),
        )
    };
    let slot = format!("{DEVICE}:2");
    let two = json!({ "to_map": { slot: "+15005550007", DEVICE: "+15005550008" } });
    let to = |configuration: &Value, recipient: Value, sim: Value| {
        message(configuration.clone(), &received(recipient, sim)).map(|sms| sms.to.to_string())
    };
    assert_eq!(to(&two, "+15005550006".into(), 2.into()).unwrap(), "+15005550006");
    assert_eq!(to(&two, Value::Null, 2.into()).unwrap(), "+15005550007");
    assert_eq!(to(&two, "".into(), 2.into()).unwrap(), "+15005550007");
    // A number in national form.
    assert_eq!(to(&two, "0150055500".into(), 2.into()).unwrap(), "+15005550007");
    assert_eq!(to(&two, Value::Null, 1.into()).unwrap(), "+15005550008");
    assert_eq!(to(&two, Value::Null, Value::Null).unwrap(), "+15005550008");
    assert_eq!(to(&json!({ "to": "+15005550009" }), Value::Null, 1.into()).unwrap(), "+15005550009");
    let unknown = to(&json!({}), Value::Null, 1.into()).unwrap_err();
    assert!(unknown.field == "recipient" && unknown.issue.contains(&format!("{DEVICE}:1")), "{unknown}");

    let sms = message(two, &received(Value::Null, 2.into())).unwrap();
    assert_eq!((sms.provider_message_id.as_str(), sms.from.as_str()), ("Ey6ECgOkVVFjz3CL48B8C", "+14155550100"));
    assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
    assert!(sms.may_return);
}

#[test]
fn data_and_mms_become_text() {
    let text = |word: &str, payload: Value| {
        let mut payload = payload;
        payload["sender"] = "BANK".into();
        payload["recipient"] = "+15005550006".into();
        message(json!({}), &event(word, payload)).map(|sms| sms.text)
    };
    assert_eq!(text("sms:data-received", json!({ "data": "NDgyOTEz" })).unwrap(), "482913");
    assert_eq!(text("sms:data-received", json!({ "data": "/wD+" })).unwrap(), "/wD+");
    assert_eq!(text("mms:downloaded", json!({ "subject": "Code", "body": "482913" })).unwrap(), "Code\n482913");
    assert_eq!(text("mms:downloaded", json!({ "subject": null, "body": "482913" })).unwrap(), "482913");
    assert_eq!(text("mms:downloaded", json!({ "attachments": [] })).unwrap(), "");
    assert_eq!(text("sms:received", json!({})).unwrap_err().field, "/payload/message");
}

#[test]
fn messages_of_a_batch_have_their_own_ids() {
    let one = |text: &str| json!({ "messageId": "x", "message": text, "sender": "A", "recipient": "+15005550006" });
    let messages = json!({ "messages": [one("1"), { "message": "2" }, one("3")] });
    let read = parse(json!({}), &event("sms:batch:received", messages));
    assert_eq!(read.len(), 3);
    assert_eq!(read[1].as_ref().unwrap_err().field, "/payload/messages/1/phoneNumber");
    let ids: Vec<_> = read
        .iter()
        .filter_map(|item| match item {
            Ok(Item::Message(sms)) => Some((sms.provider_message_id.as_str(), sms.text.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(ids, [("Ey6ECgOkVVFjz3CL48B8C:0", "1"), ("Ey6ECgOkVVFjz3CL48B8C:2", "3")]);
}

#[test]
fn delivery_reports_are_parsed_and_other_events_ignored() {
    let read = |word: &str| {
        let payload = json!({
            "messageId": "o1", "phoneNumber": "+14155550100", "simNumber": 1,
            "reason": "No service", "failedAt": "2026-11-22T08:00:00.000Z",
        });
        parse(json!({}), &event(word, payload)).remove(0)
    };
    for (word, state) in [
        ("sms:sent", DeliveryState::Sent),
        ("sms:delivered", DeliveryState::Delivered),
        ("sms:failed", DeliveryState::Failed),
        ("sms:cancelled", DeliveryState::Failed),
    ] {
        let Ok(Item::Status(update)) = read(word) else { panic!("{word}") };
        assert_eq!((update.provider_message_id.as_str(), update.state), ("o1", Some(state)));
        assert_eq!((update.provider_status.as_str(), update.error.as_deref()), (word, Some("No service")));
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
    }
    for word in ["system:ping", "app:started", "mms:received", "mms:batch:received", "call:missed"] {
        assert!(matches!(read(word), Ok(Item::Ignored)), "{word}");
    }
}
