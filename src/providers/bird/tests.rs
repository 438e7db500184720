use chrono::DateTime;
use serde_json::{Value, json};

use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, Rejected,
        testing::{adapter, parse_first, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=bird";

/// Made with another implementation of HMAC, as Bird documents it.
#[test]
fn the_url_is_signed_unchanged() {
    let verify = |url: &str, body: &[u8], now| {
        let headers = [
            ("messagebird-request-timestamp", "1719823259"),
            ("messagebird-signature", "fU16mk7pP20vP3QdmQ6HifjHQrHP0HenUUfJn6qcg8c="),
        ];
        let raw = webhook(url, &headers, body);
        let bird = adapter("bird", "secret", Value::Null);
        bird.verify(&raw, DateTime::from_timestamp(now, 0).unwrap()).map(drop)
    };
    assert_eq!(verify(URL, b"{}", 1_719_823_259), Ok(()));
    assert_eq!(verify(URL, b"{}", 1_719_823_259 + 43_200), Ok(()));
    assert_eq!(verify(URL, b"{}", 1_719_823_259 + 43_201), Err(Rejected::Stale));
    assert_eq!(verify(URL, b"{ }", 1_719_823_259), Err(Rejected::WrongSignature));
    let sorted = URL.split_once('?').unwrap().1;
    for url in [&format!("{URL}&a=b"), sorted, "https://sms.example.com/v1/webhooks/sms"] {
        assert_eq!(verify(url, b"{}", 1_719_823_259), Err(Rejected::WrongSignature), "{url}");
    }
}

fn parse(configuration: Value, event: &Value) -> Result<Item, Malformed> {
    let raw = webhook(URL, &[], &serde_json::to_vec(event).unwrap());
    parse_first(&adapter("bird", "secret", configuration), &raw)
}

/// The example of the documentation.
fn inbound() -> Value {
    json!({ "service": "channels", "event": "sms.inbound", "payload": {
        "id": "96a0b5fa", "channelId": "614208aa",
        "sender": { "contact": { "identifierKey": "phonenumber", "identifierValue": "+31612345678" } },
        "receiver": { "connector": { "id": "86cc4dc0" } },
        "body": { "type": "text", "text": { "text": "Sample incoming text message" } },
        "parts": [{ "platformReference": "e8077d80" }],
        "status": "delivered", "direction": "incoming", "createdAt": "2026-11-22T08:00:00.736Z",
    } })
}

#[test]
fn a_channel_stands_for_a_number() {
    let to = |configuration, event: &Value| match parse(configuration, event) {
        Ok(Item::Message(sms)) => Ok(sms.to.to_string()),
        Ok(other) => panic!("{other:?}"),
        Err(wrong) => Err(wrong.to_string()),
    };
    let number = || Ok("+15005550006".to_owned());
    assert_eq!(to(json!({ "to_map": { "614208aa": "+15005550006" } }), &inbound()), number());
    assert_eq!(to(json!({ "to_map": { "86cc4dc0": "+15005550006" } }), &inbound()), number());
    assert_eq!(to(json!({ "to": "+15005550006", "to_map": { "other": "+15005550007" } }), &inbound()), number());
    assert!(to(json!({}), &inbound()).unwrap_err().starts_with("/payload/channelId: is not known"));
    let mut event = inbound();
    event["payload"]["receiver"]["connector"]["identifierValue"] = json!("+15005550006");
    assert_eq!(to(json!({}), &event), number());
}

#[test]
fn a_message_is_parsed() {
    let read = |event: &Value| match parse(json!({ "to": "+15005550006" }), event) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    };
    let sms = read(&inbound());
    assert_eq!((sms.provider_message_id.as_str(), sms.from.as_str()), ("96a0b5fa", "+31612345678"));
    assert_eq!(sms.text, "Sample incoming text message");
    assert_eq!(sms.sent_at.unwrap().timestamp(), 1_795_334_400);
    let mut picture = inbound();
    let files = json!([{ "mediaUrl": "https://media.example.com/1" }, { "mediaUrl": "javascript:x" }]);
    picture["payload"]["body"] = json!({ "type": "image", "image": { "text": "look", "images": files } });
    let sms = read(&picture);
    assert_eq!((sms.text.as_str(), sms.media.len()), ("look", 1));
}

#[test]
fn errors_name_the_field() {
    for (pointer, field) in [
        ("/event", "/event"),
        ("/payload", "/payload"),
        ("/payload/id", "/payload/id"),
        ("/payload/sender/contact/identifierValue", "/payload/sender/contact/identifierValue"),
        ("/payload/body", "/payload/body/type"),
        ("/payload/body/text/text", "/payload/body/text/text"),
    ] {
        let mut event = inbound();
        *event.pointer_mut(pointer).unwrap() = Value::Null;
        assert_eq!(parse(json!({ "to": "+15005550006" }), &event).unwrap_err().field, field);
    }
}

#[test]
fn a_delivery_report_is_parsed() {
    let status = |word| {
        let event = json!({ "service": "channels", "event": "sms.outbound", "payload": {
            "id": "1", "status": word, "reason": "", "failure": { "code": 5, "description": "no route" },
            "receiver": { "contacts": [{ "identifierValue": "+31612345678" }] },
            "lastStatusAt": "2026-11-22T08:00:00Z",
        } });
        let Ok(Item::Status(update)) = parse(json!({}), &event) else { panic!("{word}") };
        assert_eq!((update.provider_status.as_str(), update.error.as_deref()), (word, Some("no route")));
        assert_eq!(update.phone_number.unwrap().as_str(), "+31612345678");
        assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
        update.state
    };
    assert_eq!(status("sending_failed"), Some(DeliveryState::Failed));
    assert_eq!(status("delivery_failed"), Some(DeliveryState::Undelivered));
    assert_eq!(status("something_new"), None);
    let other = json!({ "service": "channels", "event": "whatsapp.inbound", "payload": {} });
    assert!(matches!(parse(json!({}), &other), Ok(Item::Ignored)));
}
