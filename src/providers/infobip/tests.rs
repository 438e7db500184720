use serde_json::{Value, json};

use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, Verified,
        testing::{adapter, webhook},
    },
};

fn read(results: Value) -> Vec<Result<Item, Malformed>> {
    let raw = webhook("http://a/", &[], json!({ "results": results }).to_string().as_bytes());
    adapter("infobip", "secret", json!({ "username": "user" })).parse(&Verified::unchecked(&raw)).unwrap()
}

#[test]
fn a_malformed_item_does_not_affect_the_others() {
    let items = read(json!([
        { "messageId": "817790313235066447", "from": "14155550100", "to": "15005550006", "text": "QUIZ 482913",
          "cleanText": "482913", "keyword": "QUIZ", "receivedAt": "2026-11-22T08:00:00.000+0000", "smsCount": 2 },
        { "messageId": "2", "from": "", "to": "15005550006", "text": "x" },
        { "messageId": "3", "from": "GOOGLE", "to": "12345", "text": "", "receivedAt": "yesterday" },
    ]));
    let [Ok(Item::Message(first)), Err(wrong), Ok(Item::Message(last))] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((first.text.as_str(), first.segments), ("QUIZ 482913", Some(2)));
    assert_eq!(first.sent_at.unwrap().timestamp(), 1_795_334_400);
    assert!(first.payload.get().contains("QUIZ") && !first.payload.get().contains("GOOGLE"));
    assert_eq!(wrong.field, "/results/1/from");
    assert_eq!((last.from.as_str(), last.to.as_str(), last.sent_at), ("GOOGLE", "12345", None));
    assert!(read(json!([])).is_empty());
}

#[test]
fn an_mms_is_a_list_of_parts() {
    let items = read(json!([{ "messageId": "1", "from": "1", "to": "12345", "message": [
        { "contentType": "application/smil", "value": "<smil/>" },
        { "contentType": "text/plain; charset=utf-8", "value": "482913" },
        { "contentType": "image/jpeg", "url": "https://a/1.jpg" },
    ] }]));
    let [Ok(Item::Message(sms))] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(sms.text, "482913");
    assert_eq!(sms.media.len(), 1);
    assert_eq!(sms.media[0].content_type.as_deref(), Some("image/jpeg"));
}

#[test]
fn delivery_reports_are_told_apart_by_their_status() {
    let state = |group: &str, error: &str| {
        let items = read(json!([{
            "messageId": "1", "to": "14155550100", "sentAt": "2026-11-22T07:59:00.000+0000",
            "doneAt": "2026-11-22T08:00:00.000+0000", "messageCount": 1,
            "status": { "groupId": 3, "groupName": group, "id": 5, "name": "DELIVERED_TO_HANDSET" },
            "error": { "groupId": 0, "groupName": error, "id": 0, "name": "EC_ABSENT_SUBSCRIBER" },
        }]));
        let [Ok(Item::Status(update))] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!((update.provider_status.as_str(), update.at.unwrap().timestamp()), (group, 1_795_334_400));
        (update.state, update.error.is_some())
    };
    assert_eq!(state("DELIVERED", "Ok"), (Some(DeliveryState::Delivered), false));
    assert_eq!(state("UNDELIVERABLE", "HANDSET_ERRORS"), (Some(DeliveryState::Undelivered), true));
    assert_eq!(state("REJECTED", "OK"), (Some(DeliveryState::Failed), false));
    assert_eq!(state("SOMETHING_NEW", "OK"), (None, false));
}
