use serde_json::Value;

use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed,
        kit::Form,
        testing::{adapter, parse_first, webhook},
    },
};

fn parse(body: &str) -> Result<Item, Malformed> {
    let raw = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
    let adapter = adapter("africastalking", "secret", Value::Null);
    parse_first(&adapter, &raw)
}

#[test]
fn the_format_of_the_date_does_not_matter() {
    for (date, sent_at) in
        [("2026-11-22+08%3A00%3A00", None), ("2026-11-22T08%3A00%3A00Z", Some(1_795_334_400)), ("22.11.2026", None)]
    {
        let body = format!(
            "linkId=03090445075804249226&text=Your+code+is+482913&to=21512&id=ec9adc86-51d5-4bc8-8eb0-d8ab0bb53dc3\
             &date={date}&from=Safaricom&networkCode=63902&cost=None"
        );
        let Ok(Item::Message(sms)) = parse(&body) else { panic!("{body}") };
        assert_eq!(sms.sent_at.map(|time| time.timestamp()), sent_at);
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("Safaricom", "21512"));
        assert_eq!(sms.provider_message_id, "ec9adc86-51d5-4bc8-8eb0-d8ab0bb53dc3");
        assert_eq!(sms.text, "Your code is 482913");
    }
    for (body, field) in [
        ("text=x&to=21512&from=1", "id"),
        ("text=x&to=21512&id=1", "from"),
        ("text=x&id=1&from=1", "to"),
        ("to=21512&id=1&from=1", "text"),
        ("", "text"),
    ] {
        assert_eq!(parse(body).unwrap_err().field, field, "{body}");
    }
}

#[test]
fn a_delivery_report_is_parsed() {
    let report = |status: &str| {
        let body = format!(
            "id=ATXid_1&status={status}&phoneNumber=%2B254791541111&networkCode=63902&failureReason=UserInBlackList"
        );
        let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
        assert_eq!((update.provider_message_id.as_str(), update.provider_status.as_str()), ("ATXid_1", status));
        assert_eq!(update.phone_number.unwrap().as_str(), "+254791541111");
        assert_eq!(update.error.as_deref(), Some("UserInBlackList"));
        update.state
    };
    assert_eq!(report("Success"), Some(DeliveryState::Delivered));
    assert_eq!(report("Failed"), Some(DeliveryState::Undelivered));
    assert_eq!(report("Rejected"), Some(DeliveryState::Failed));
    assert_eq!(report("Novel"), None);
}

#[test]
fn other_notifications_are_ignored() {
    for body in [
        "senderId=BANK&phoneNumber=%2B254791541111",
        "phoneNumber=%2B254791541111&shortCode=21512&keyword=news&updateType=addition",
    ] {
        assert!(matches!(parse(body), Ok(Item::Ignored)), "{body}");
    }
}
