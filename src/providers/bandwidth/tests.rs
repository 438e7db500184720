use serde_json::{Value, json};

use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, Verified,
        testing::{adapter, webhook},
    },
};

fn read(body: Value) -> Vec<Result<Item, Malformed>> {
    let raw = webhook("http://a/", &[], body.to_string().as_bytes());
    adapter("bandwidth", "secret", json!({ "username": "user" })).parse(&Verified::unchecked(&raw)).unwrap()
}

#[test]
fn the_recipient_of_a_group_message_is_outside_of_it() {
    let message = json!({
        "id": "14762070468292kw2fuqty55yp2b2", "owner": "+15005550006", "from": "+14155550100",
        "to": ["+14155550199", "+15005550006"], "time": "2026-11-22T08:00:00.000Z", "segmentCount": 2,
        "media": ["https://messaging.bandwidth.com/api/v2/users/1/media/a.jpg"],
    });
    let items = read(json!([
        { "type": "message-received", "to": "15005550006", "message": message },
        { "type": "message-received", "message": message },
        { "type": "message-received", "message": { "id": "1", "from": "+14155550100", "text": "x" } },
    ]));
    let [Ok(Item::Message(outer)), Ok(Item::Message(owner)), Err(wrong)] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!((outer.to.as_str(), owner.to.as_str()), ("+15005550006", "+15005550006"));
    // The first of the group has the id of the message, the others have it with their position.
    let ids = [&outer.provider_message_id, &owner.provider_message_id];
    assert_eq!(ids, ["14762070468292kw2fuqty55yp2b2#2", "14762070468292kw2fuqty55yp2b2#2"]);
    assert_eq!((outer.text.as_str(), outer.segments, outer.media.len()), ("", Some(2), 1));
    assert_eq!(outer.sent_at.unwrap().timestamp(), 1_795_334_400);
    assert_eq!(wrong.field, "/2/to");
}

#[test]
fn delivery_reports_are_types_of_event() {
    let update = |kind: &str, code: Value| {
        let body = json!([{
            "type": kind, "time": "2026-11-22T08:00:00.000Z", "to": "+14155550100", "errorCode": code,
            "description": "x", "message": { "id": "M1", "owner": "+15005550006", "direction": "out" },
        }]);
        read(body).remove(0).unwrap()
    };
    let Item::Status(failed) = update("message-failed", json!(4432)) else { panic!() };
    assert_eq!((failed.state, failed.error.as_deref()), (Some(DeliveryState::Failed), Some("4432")));
    assert_eq!((failed.provider_message_id.as_str(), failed.provider_status.as_str()), ("M1", "message-failed"));
    assert_eq!(failed.phone_number.unwrap().as_str(), "+14155550100");
    let Item::Status(delivered) = update("message-delivered", Value::Null) else { panic!() };
    assert_eq!((delivered.state, delivered.error), (Some(DeliveryState::Delivered), None));
    assert!(matches!(update("something-new", Value::Null), Item::Ignored));
}
