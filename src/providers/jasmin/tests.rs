use chrono::DateTime;
use http::Method;
use serde_json::{Value, json};

use crate::{
    domain::DeliveryState,
    providers::{
        Ack, Item, Malformed, Provider,
        kit::Form,
        testing::{adapter, parse_first, webhook},
    },
};

const ENDS: &str = "id=16fd2706&from=14155550100&to=15005550006&origin-connector=smppc_1&priority=1";

fn parse_with(configuration: Value, body: &str) -> Result<Item, Malformed> {
    let raw = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
    let jasmin = adapter("jasmin", "secret", configuration);
    parse_first(&jasmin, &raw)
}

fn text(configuration: Value, rest: &str) -> String {
    match parse_with(configuration, &format!("{ENDS}&{rest}")) {
        Ok(Item::Message(sms)) => sms.text,
        other => panic!("{rest}: {other:?}"),
    }
}

#[test]
fn a_text_is_decoded_by_its_data_coding() {
    for (rest, expected) in [
        ("coding=8&content=%00Y%00o%00u%00r&binary=0059006f00750072", "Your"),
        ("coding=0&content=%00%11&binary=0011", "@_"),
        ("content=%00%11&binary=0011", "@_"),
        ("coding=240&content=%00&binary=00", "@"),
        ("coding=1&content=%40&binary=40", "@"),
        ("coding=3&content=caf%E9&binary=636166E9", "café"),
        ("coding=4&content=caf%C3%A9&binary=636166c3a9", "café"),
        ("coding=2&content=caf%E9&binary=636166e9", "café"),
        // Only `content`, or invalid digits.
        ("coding=8&content=%04%22%04%35", "Те"),
        ("coding=0&content=%00", "@"),
        ("coding=0&content=%00&binary=062A063062A", "@"),
        ("coding=0&content=&binary=", ""),
    ] {
        assert_eq!(text(Value::Null, rest), expected, "{rest}");
    }
}

#[test]
fn a_carrier_may_have_another_default_charset() {
    let configuration = json!({ "default_charset": "iso-8859-1" });
    assert_eq!(text(configuration.clone(), "coding=0&binary=40e9&content=%40%E9"), "@é");
    assert_eq!(text(configuration, "coding=8&binary=0040&content=%00%40"), "@");
}

#[test]
fn errors_name_the_missing_field() {
    for (body, field) in [
        ("from=1&to=12345&content=x", "id"),
        ("id=1&to=12345&content=x", "from"),
        ("id=1&from=1&content=x", "to"),
        ("id=1&from=1&to=12345&binary=0", "content"),
    ] {
        assert_eq!(parse_with(Value::Null, body).unwrap_err().field, field, "{body}");
    }
}

#[test]
fn a_get_may_have_two_question_marks() {
    let jasmin = adapter("jasmin", "secret", Value::Null);
    for separator in ["&?", "&"] {
        let url = format!("https://a/?provider=x&token=secret{separator}{ENDS}&coding=1&content=a%3Fb&binary=613f62");
        let mut raw = webhook(&url, &[], b"");
        raw.method = Method::GET;
        let verified = jasmin.verify(&raw, DateTime::UNIX_EPOCH).unwrap();
        let Ok(Item::Message(sms)) = jasmin.parse(&verified).unwrap().remove(0) else { panic!("{url}") };
        assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("16fd2706", "a?b"));
        assert!(!sms.payload.get().contains("secret"));
    }
}

#[test]
fn delivery_reports_of_all_levels_are_parsed() {
    let report = |rest: &str| match parse_with(Value::Null, &format!("id=16fd2706&{rest}")) {
        Ok(Item::Status(update)) => (update.state, update.at.map(|at| at.timestamp()), update.error),
        other => panic!("{rest}: {other:?}"),
    };
    assert_eq!(report("level=1&message_status=ESME_ROK&connector=c"), (Some(DeliveryState::Sent), None, None));
    assert_eq!(report("level=1&message_status=ESME_RINVDSTADR"), (Some(DeliveryState::Failed), None, None));
    let done = "id_smsc=2567&sub=001&subdate=2611220759&donedate=2611220800&text=Your";
    let at = Some(1_795_334_400);
    assert_eq!(
        report(&format!("level=2&message_status=DELIVRD&dlvrd=001&err=000&{done}")),
        (Some(DeliveryState::Delivered), at, None)
    );
    assert_eq!(
        report(&format!("level=3&message_status=UNDELIV&dlvrd=000&err=0b1&{done}")),
        (Some(DeliveryState::Undelivered), at, Some("0b1".to_owned()))
    );
    assert_eq!(report("level=3&message_status=UNKNOWN&donedate=261122080000"), (None, at, None));
}

#[test]
fn the_response_is_the_one_jasmin_expects() {
    assert_eq!(adapter("jasmin", "secret", Value::Null).ack(), Ack::text("ACK/Jasmin"));
}
