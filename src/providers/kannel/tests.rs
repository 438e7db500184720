use chrono::DateTime;
use http::Method;
use serde_json::{Value, json};

use crate::{
    domain::{DeliveryState, InboundSms},
    providers::{
        Ack, Item, Malformed, Provider, RawWebhook,
        kit::Form,
        testing::{adapter, webhook},
    },
};

fn get(query: &str) -> RawWebhook {
    let mut raw = webhook(&format!("https://a/?provider=x&token=secret&{query}"), &[], b"");
    raw.method = Method::GET;
    raw
}

fn parse_with(configuration: Value, raw: &RawWebhook) -> Result<Item, Malformed> {
    let kannel = adapter("kannel", "secret", configuration);
    let verified = kannel.verify(raw, DateTime::UNIX_EPOCH).unwrap();
    kannel.parse(&verified).map(|mut items| items.remove(0))?
}

fn message(raw: &RawWebhook) -> InboundSms {
    match parse_with(Value::Null, raw) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{}: {other:?}", raw.url),
    }
}

const ENDS: &str = "from=14155550100&to=15005550006";

#[test]
fn a_message_is_parsed() {
    let sms = message(&get(&format!(
        "{ENDS}&text=Your+code+is+482913&id=5ba51f0c-8f2b-4b0a-9d3c-0f0a1b2c3d4e&ts=1795334400&charset=UTF-8\
         &coding=0&smsc=smsc1&udh="
    )));
    assert_eq!(sms.provider_message_id, "5ba51f0c-8f2b-4b0a-9d3c-0f0a1b2c3d4e");
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
    assert_eq!((sms.text.as_str(), sms.part.as_ref()), ("Your code is 482913", None));
    assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
    assert!(!sms.payload.get().contains("secret"));
    for (query, field) in [("to=12345&text=x", "from"), ("from=1&text=x", "to"), (ENDS, "text")] {
        assert_eq!(parse_with(Value::Null, &get(query)).unwrap_err().field, field, "{query}");
    }
}

#[test]
fn escapes_unknown_to_an_old_gateway_are_ignored() {
    for rest in ["id=%I&ts=%T&charset=%C", "id=&ts=2026-11-22+08%3A00&charset="] {
        let sms = message(&get(&format!("{ENDS}&text=x&{rest}")));
        assert_eq!((sms.provider_message_id.as_str(), sms.sent_at), ("", None), "{rest}");
    }
    let sms = message(&get(&format!("{ENDS}&text=x&ts=1795334400")));
    assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
}

#[test]
fn a_text_is_decoded_by_charset_then_coding_then_setting() {
    for (rest, text) in [
        ("charset=UTF-8&text=caf%C3%A9", "café"),
        ("charset=ISO-8859-1&coding=0&text=caf%E9", "café"),
        ("charset=gsm&coding=1&text=%00", "@"),
        ("charset=UTF16-BE&coding=3&text=%04%22", "Т"),
        ("charset=UTF-16BE&coding=2&text=%04%22", "Т"),
        ("coding=2&text=%04%22", "Т"),
        ("coding=0&text=caf%C3%A9", "café"),
        ("charset=8-BIT&coding=1&text=caf%E9", "café"),
        // Coding 3 of old versions is coding 2 of new ones.
        ("charset=binary&coding=2&text=caf%E9", "café"),
        ("text=caf%C3%A9", "café"),
    ] {
        assert_eq!(message(&get(&format!("{ENDS}&{rest}"))).text, text, "{rest}");
    }
    let raw = get(&format!("{ENDS}&coding=0&text=caf%E9"));
    let configured = parse_with(json!({ "default_charset": "iso-8859-1" }), &raw);
    assert!(matches!(configured, Ok(Item::Message(sms)) if sms.text == "café"));
}

#[test]
fn a_text_may_be_posted() {
    let url = format!("https://a/?token=secret&{ENDS}&charset=%C&coding=%c");
    let plain = webhook(&url.replace("%c", "2"), &[("content-type", "text/plain")], &[0x04, 0x22]);
    assert_eq!(message(&plain).text, "Т");
    let body = format!("{ENDS}&text=%E2%82%AC");
    let form = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
    assert_eq!(message(&form).text, "€");
}

#[test]
fn parts_of_a_long_message_are_numbered() {
    let part = |udh: &str| message(&get(&format!("{ENDS}&text=x&udh={udh}"))).part;
    let expected = |reference: &str| Some(crate::domain::Part { reference: reference.to_owned(), number: 2, count: 3 });
    assert_eq!(part("%05%00%03%2A%03%02"), expected("2a"));
    assert_eq!(part("%06%08%04%01%2A%03%02"), expected("012a"));
    // After application port addressing (9.2.3.24.4).
    assert_eq!(part("%0B%05%04%0B%84%23%F0%00%03%2A%03%02"), expected("2a"));
    for none in [
        "",
        "%u",
        "%05%00%03%2A%03%00",
        "%05%00%03%2A%03%04",
        "%05%00%03%2A%01%01",
        "%05%00%03%2A%03",
        "%05%00%04%2A%03%02",
        "%06%05%04%0B%84%23%F0",
        "%04%08%02%03%02",
        "%FF",
    ] {
        assert_eq!(part(none), None, "{none}");
    }
}

#[test]
fn a_delivery_report_is_parsed() {
    let report = |dlr: &str| {
        let query = format!("id=our-1&dlr={dlr}&to=14155550100&ts=1795334400&answer=err%3A011");
        match parse_with(Value::Null, &get(&query)) {
            Ok(Item::Status(update)) => {
                assert_eq!((update.provider_message_id.as_str(), &*update.provider_status), ("our-1", dlr));
                assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
                assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
                (update.state, update.error)
            }
            other => panic!("{dlr}: {other:?}"),
        }
    };
    let error = Some("err:011".to_owned());
    assert_eq!(report("1"), (Some(DeliveryState::Delivered), None));
    assert_eq!(report("2"), (Some(DeliveryState::Undelivered), error.clone()));
    assert_eq!(report("4"), (Some(DeliveryState::Queued), None));
    assert_eq!(report("8"), (Some(DeliveryState::Sent), None));
    assert_eq!(report("16"), (Some(DeliveryState::Failed), error));
    for unknown in ["32", "0", "512", "x"] {
        assert_eq!(report(unknown), (None, None), "{unknown}");
    }
    assert_eq!(parse_with(Value::Null, &get("dlr=1")).unwrap_err().field, "id");
}

#[test]
fn the_response_is_empty() {
    assert_eq!(adapter("kannel", "secret", Value::Null).ack(), Ack::text(""));
}
