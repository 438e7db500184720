use chrono::DateTime;
use serde_json::Value;

use crate::{
    domain::{DeliveryState, InboundSms},
    providers::{
        Item, Malformed, Provider, Rejected,
        kit::{Form, encode_base64},
        testing::{adapter, parse_first, webhook},
    },
};

const MESSAGE: &str = "direction=incoming&id=sf8425555e5d8db61dda7a7b3f1b91bdb&from=%2B46706861004&to=%2B46706860000\
                       &created=2018-07-13T13%3A57%3A23.741000";

fn parse(body: &str) -> Result<Item, Malformed> {
    let raw = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
    let elks = adapter("elks46", "secret", Value::Null);
    parse_first(&elks, &raw)
}

fn message(body: &str) -> InboundSms {
    match parse(body) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_parsed() {
    let sms = message(&format!("{MESSAGE}&message=Hello%20how%20are%20you%3F"));
    assert_eq!(sms.text, "Hello how are you?");
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+46706861004", "+46706860000"));
    assert_eq!(sms.sent_at, DateTime::from_timestamp_millis(1_531_490_243_741));
    assert!(sms.media.is_empty());
    // A message has a sender, even if it should have a status.
    assert_eq!(message(&format!("{MESSAGE}&message=x&status=received")).text, "x");
    assert_eq!(parse(MESSAGE).unwrap_err().field, "message");
    assert_eq!(parse("id=&from=1&to=12345&message=x").unwrap_err().field, "id");
}

#[test]
fn an_mms_has_pictures() {
    let sms = message(&format!("{MESSAGE}&image=https%3A%2F%2Fa%2F1.jpg&image2=https%3A%2F%2Fa%2F2.jpg"));
    let urls: Vec<_> = sms.media.iter().map(|media| media.url.as_str()).collect();
    assert_eq!((sms.text.as_str(), urls), ("", vec!["https://a/1.jpg", "https://a/2.jpg"]));
}

#[test]
fn a_delivery_report_is_parsed() {
    let report = |rest: &str| match parse(&format!("id=s1&{rest}")) {
        Ok(Item::Status(update)) => (update.state, update.at.map(|at| at.timestamp())),
        other => panic!("{other:?}"),
    };
    let delivered = "status=delivered&delivered=2018-07-13T13%3A57%3A23.741000";
    assert_eq!(report(delivered), (Some(DeliveryState::Delivered), Some(1_531_490_243)));
    assert_eq!(report("status=failed"), (Some(DeliveryState::Undelivered), None));
    assert_eq!(report("status=novel"), (None, None));
}

#[test]
fn the_response_is_empty_and_the_secret_may_be_a_password() {
    let elks = adapter("elks46", "secret", Value::Null);
    assert_eq!(elks.ack().body, "");
    let basic = |password| format!("Basic {}", encode_base64(format!("elks:{password}").as_bytes()));
    let verify = |password| {
        let headers = [("content-type", Form::TYPE), ("authorization", &*basic(password))];
        elks.verify(&webhook("https://a/", &headers, b""), DateTime::UNIX_EPOCH).map(drop)
    };
    assert_eq!(verify("secret"), Ok(()));
    assert_eq!(verify("guess"), Err(Rejected::WrongSecret));
}
