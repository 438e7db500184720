use chrono::DateTime;
use http::Method;
use serde_json::json;

use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, RawWebhook,
        kit::Form,
        testing::{adapter, parse_first, webhook},
    },
};

fn parse(raw: &RawWebhook) -> Result<Item, Malformed> {
    let clicksend = adapter("clicksend", "secret", json!({ "to": "+15005550006" }));
    parse_first(&clicksend, raw)
}

#[test]
fn a_message_comes_in_three_encodings() {
    let query = "from=%2B14155550100&to=%2B15005550007&body=482913&message_id=0DCF&timestamp=1795334400&user_id=1";
    let mut get = webhook(&format!("https://a/?provider=x&token=secret&{query}"), &[], b"");
    get.method = Method::GET;
    let json = r#"{"from":"+14155550100","to":15005550007,"body":"482913","message_id":"0DCF","timestamp":1795334400,
                   "custom_string":null}"#;
    for raw in [
        webhook("https://a/", &[("content-type", Form::TYPE)], query.as_bytes()),
        get,
        webhook("https://a/", &[("content-type", "application/json")], json.as_bytes()),
    ] {
        let Ok(Item::Message(sms)) = parse(&raw) else { panic!("{raw:?}") };
        assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("0DCF", "482913"));
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550100", "+15005550007"));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
        assert!(!sms.payload.get().contains("secret"));
    }
}

#[test]
fn only_sender_and_text_are_required() {
    let form = |body: &str| parse(&webhook("https://a/", &[("content-type", Form::TYPE)], body.as_bytes()));
    let Ok(Item::Message(sms)) = form("from=BANK&body=&status=Received") else { panic!() };
    assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str(), sms.sent_at), ("", "", None));
    assert_eq!(sms.to.as_str(), "+15005550006");
    for (body, field) in
        [("from=1", "body"), ("body=1", "from"), ("from=1&body=x&to=y", "to"), ("status=x", "message_id")]
    {
        assert_eq!(form(body).unwrap_err().field, field, "{body}");
    }
}

#[test]
fn a_receipt_is_parsed() {
    let form = |body: &str| parse(&webhook("https://a/", &[("content-type", Form::TYPE)], body.as_bytes()));
    let status = |code: &str| {
        let body = format!("message_id=0DCF&status={code}&status_code={code}&error_code=&error_text=absent");
        let Ok(Item::Status(update)) = form(&body) else { panic!("{body}") };
        assert_eq!((update.provider_message_id.as_str(), update.error.as_deref()), ("0DCF", Some("absent")));
        assert_eq!(update.provider_status, code);
        update.state
    };
    assert_eq!(status("201"), Some(DeliveryState::Delivered));
    assert_eq!(status("301"), Some(DeliveryState::Undelivered));
    // A receipt of the delivery may follow.
    assert_eq!(status("300"), None);
    let Ok(Item::Status(update)) = form("message_id=0DCF&status=Delivered") else { panic!() };
    assert_eq!(update.state, Some(DeliveryState::Delivered));
}
