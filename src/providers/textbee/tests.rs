use chrono::DateTime;
use serde_json::{Value, json};

use super::SIGNATURE;
use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, Rejected,
        testing::{adapter, parse_first, webhook},
    },
};

fn read(body: Value) -> Result<Item, Malformed> {
    let account = adapter("textbee", "secret", json!({ "to_map": { "device1": "+15005550006" } }));
    let raw = webhook("https://sms.example.com/", &[], body.to_string().as_bytes());
    parse_first(&account, &raw)
}

#[test]
fn the_signature_covers_the_body() {
    // Computed with OpenSSL.
    let signature = "91adb3e1d7bcdca154b69dd0eeda679c636fed9426e15dd5dc4bd6d02302a4fd";
    let account = adapter("textbee", "0123456789abcdef0123", Value::Null);
    let verify = |body: &[u8], signature: &str| {
        let raw = webhook("https://sms.example.com/", &[(SIGNATURE, signature)], body);
        account.verify(&raw, DateTime::UNIX_EPOCH).map(drop)
    };
    let body = br#"{"smsId":"1","webhookEvent":"MESSAGE_RECEIVED"}"#;
    assert_eq!(verify(body, signature), Ok(()));
    assert_eq!(verify(body, &signature.to_uppercase()), Ok(()));
    for wrong in ["", "00", &signature[2..], &format!("sha256={signature}")] {
        assert_eq!(verify(body, wrong), Err(Rejected::WrongSignature), "{wrong}");
    }
    assert_eq!(verify(b"{}", signature), Err(Rejected::WrongSignature));
}

#[test]
fn a_device_stands_for_a_number() {
    let message = |device: &str| {
        json!({
            "smsId": "s1", "sender": "GOOGLE", "message": "G-482913", "receivedAt": "2026-11-22T08:00:00.000Z",
            "deviceId": device, "webhookEvent": "MESSAGE_RECEIVED",
        })
    };
    let Ok(Item::Message(sms)) = read(message("device1")) else { panic!() };
    assert_eq!((sms.from.as_str(), sms.to.as_str(), sms.text.as_str()), ("GOOGLE", "+15005550006", "G-482913"));
    assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
    let unknown = read(message("device2")).unwrap_err();
    assert!(unknown.field == "deviceId" && unknown.issue.contains("device2"), "{unknown}");
}

#[test]
fn delivery_events_are_parsed() {
    let event = |word: &str| {
        read(json!({
            "smsId": "s2", "message": "Hello", "deviceId": "device1", "webhookEvent": word, "status": "failed",
            "recipient": "+14155550100", "errorCode": 38, "failedAt": "2026-11-22T08:00:00.000Z",
        }))
    };
    let Ok(Item::Status(update)) = event("MESSAGE_FAILED") else { panic!() };
    assert_eq!((update.provider_message_id.as_str(), update.state), ("s2", Some(DeliveryState::Failed)));
    assert_eq!((update.error.as_deref(), update.at), (Some("38"), DateTime::from_timestamp(1_795_334_400, 0)));
    assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
    let Ok(Item::Status(update)) = event("UNKNOWN_STATE") else { panic!() };
    assert_eq!((update.state, update.provider_status.as_str()), (None, "UNKNOWN_STATE"));
    assert!(matches!(event("SOMETHING_ELSE"), Ok(Item::Ignored)));
}
