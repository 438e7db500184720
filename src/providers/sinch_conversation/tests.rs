use serde_json::{Value, json};

use crate::{
    domain::{Channel, DeliveryState},
    providers::{
        Item, Malformed,
        testing::{adapter, parse_first, vectors, webhook},
    },
};

fn read(body: &Value, configuration: Value) -> Result<Item, Malformed> {
    let raw = webhook("http://a/", &[], body.to_string().as_bytes());
    let account = adapter("sinch_conversation", "secret", configuration);
    parse_first(&account, &raw)
}

fn message(contents: Value, more: Value) -> Value {
    let mut message = json!({
        "id": "01EQ8235", "contact_message": contents, "sender_id": "15005550006",
        "channel_identity": { "channel": "SMS", "identity": "14155550100" },
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "app_id": "APP1", "message": message })
}

#[test]
fn messages_come_as_texts_and_as_media() {
    let sms = |contents| match read(&message(contents, json!({})), json!({})) {
        Ok(Item::Message(sms)) => (sms.text, sms.media.into_iter().map(|file| file.url).collect::<Vec<_>>()),
        other => panic!("{other:?}"),
    };
    assert_eq!(sms(json!({ "text_message": { "text": "482913" } })), ("482913".to_owned(), vec![]));
    let file = vec!["https://a/1".to_owned()];
    assert_eq!(sms(json!({ "media_message": { "url": "https://a/1" } })), (String::new(), file.clone()));
    let card = json!({ "media_card_message": { "url": "https://a/1", "caption": "x" } });
    assert_eq!(sms(card), ("x".to_owned(), file));
    let place = json!({ "location_message": { "title": "Here", "coordinates": { "latitude": 1, "longitude": 2 } } });
    assert_eq!(sms(place), ("Here".to_owned(), vec![]));
    assert_eq!(sms(json!({ "voice_message": { "url": "x" } })), (String::new(), vec![]));
    let empty = message(json!({}), json!({}));
    assert_eq!(read(&empty, json!({})).unwrap_err().field, "/message/contact_message/text_message/text");
}

#[test]
fn outbound_messages_are_ignored() {
    let sent = message(json!({ "text_message": { "text": "x" } }), json!({ "direction": "TO_CONTACT" }));
    assert!(matches!(read(&sent, json!({})), Ok(Item::Ignored)));
}

#[test]
fn a_message_has_the_channel_that_it_came_through() {
    for (name, channel) in [
        ("SMS", Channel::Sms),
        ("MMS", Channel::Mms),
        ("RCS", Channel::Rcs),
        ("WHATSAPP", Channel::Whatsapp),
        ("MESSENGER", Channel::Other),
    ] {
        let identity = json!({ "channel_identity": { "channel": name, "identity": "14155550100" } });
        let Ok(Item::Message(sms)) = read(&message(json!({ "text_message": { "text": "x" } }), identity), json!({}))
        else {
            panic!("{name}")
        };
        assert_eq!((sms.channel, sms.from.as_str()), (channel, "14155550100"), "{name}");
    }
}

#[test]
fn an_app_may_stand_for_a_number() {
    let old = message(json!({ "text_message": { "text": "x" } }), json!({ "sender_id": "" }));
    let to = |configuration| match read(&old, configuration) {
        Ok(Item::Message(sms)) => sms.to.to_string(),
        Err(wrong) => wrong.field,
        other => panic!("{other:?}"),
    };
    assert_eq!(to(json!({ "to_map": { "APP1": "+15005550007" } })), "+15005550007");
    assert_eq!(to(json!({ "to": "+15005550008", "to_map": { "APP2": "+15005550007" } })), "+15005550008");
    assert_eq!(to(json!({})), "/message/sender_id");
}

#[test]
fn delivery_reports_are_parsed_and_other_events_ignored() {
    let published = vectors("sinch").into_iter().map(|vector| vector["input"]["body"].as_str().unwrap().to_owned());
    let bodies: Vec<Value> = published.map(|body| serde_json::from_str(&body).unwrap()).collect();
    let contact = bodies.iter().find(|body| body.get("contact_create_notification").is_some()).unwrap();
    assert!(matches!(read(contact, json!({})), Ok(Item::Ignored)));
    let receipt = bodies.iter().find(|body| body.get("message_delivery_report").is_some()).unwrap();
    let Ok(Item::Status(update)) = read(receipt, json!({})) else { panic!() };
    assert_eq!(update.provider_message_id, "01EQBC1A3BEK731GY4YXEN0C2R");
    assert_eq!(update.state, Some(DeliveryState::Queued));

    let failed = json!({ "event_time": "2026-11-22T08:00:00Z", "message_delivery_report": {
        "message_id": "M1", "status": "FAILED", "reason": { "code": "RECIPIENT_NOT_REACHABLE" },
        "channel_identity": { "channel": "SMS", "identity": "14155550100" },
    } });
    let Ok(Item::Status(update)) = read(&failed, json!({})) else { panic!() };
    assert_eq!(
        (update.state, update.error.as_deref()),
        (Some(DeliveryState::Undelivered), Some("RECIPIENT_NOT_REACHABLE"))
    );
    assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
    assert_eq!(update.at.unwrap().timestamp(), 1_795_334_400);
}
