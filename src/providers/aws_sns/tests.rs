use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{certificate::trusted_url, envelope::sign};
use crate::{
    domain::DeliveryState,
    providers::{
        Adapter, Item, Malformed, Provider, RawWebhook, Rejected,
        testing::{adapter, webhook},
    },
};

const KEY: &str = include_str!("../../../tests/data/sns-key.pem");
const CERTIFICATE: &str = include_str!("../../../tests/data/sns-certificate.pem");
const OTHER: &str = include_str!("../../../tests/data/sns-other-certificate.pem");
/// An envelope of version 1, signed with OpenSSL.
const SHA1: &str = include_str!("../../../tests/data/sns-sha1.json");
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:two-way-sms";
const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=aws&token=secret";

fn account(version: u8, certificate: Option<&str>) -> Adapter {
    let configuration =
        json!({ "topic_arn": [TOPIC], "signature_version": version, "signing_certificate": certificate });
    adapter("aws_sns", "secret", configuration)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_334_400, 0).unwrap()
}

/// An envelope with these fields, signed.
fn sealed(fields: Value) -> RawWebhook {
    let mut envelope = json!({
        "Type": "Notification",
        "MessageId": "m1",
        "TopicArn": TOPIC,
        "Message": "{}",
        "Timestamp": "2026-11-22T08:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    });
    envelope.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    envelope["Signature"] = sign(&envelope, &KEY.into()).unwrap().into();
    webhook(URL, &[("content-type", "text/plain; charset=UTF-8")], envelope.to_string().as_bytes())
}

fn read(raw: &RawWebhook) -> Result<Item, Malformed> {
    let account = account(2, Some(CERTIFICATE));
    let verified = account.verify(raw, now()).unwrap();
    account.parse(&verified)?.remove(0)
}

fn changed(raw: &RawWebhook, from: &str, to: &str) -> RawWebhook {
    let body = String::from_utf8(raw.body.clone()).unwrap();
    assert!(body.contains(from), "{from}");
    webhook(&raw.url, &[], body.replace(from, to).as_bytes())
}

#[test]
fn a_signature_with_sha1_is_for_accounts_that_say_so() {
    let raw = webhook(URL, &[], SHA1.as_bytes());
    let legacy = account(1, Some(CERTIFICATE));
    let verified = legacy.verify(&raw, now()).unwrap();
    let Ok(Item::Message(sms)) = legacy.parse(&verified).unwrap().remove(0) else { panic!() };
    assert_eq!(sms.provider_message_id, "cae173d2-66b9-564c-8309-21f858e9fb84");
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550100", "+15005550006"));
    assert_eq!((sms.text.as_str(), sms.sent_at), ("Your code is 482913\nÜnïcödé", Some(now())));
    let refused = account(1, Some(OTHER)).verify(&raw, now()).map(drop);
    assert_eq!(refused, Err(Rejected::WrongSignature));
    assert!(matches!(account(2, Some(CERTIFICATE)).verify(&raw, now()), Err(Rejected::Untrusted(_))));
    for (from, to) in [("482913", "482914"), ("An SMS", "An MMS"), ("edeb3e00", "edeb3e01"), ("08:00", "08:01")] {
        let refused = legacy.verify(&changed(&raw, from, to), now()).map(drop);
        assert_eq!(refused, Err(Rejected::WrongSignature), "{from}");
    }
    // The certificate could verify SHA-256 too, but the request does not choose the version.
    let renamed = changed(&raw, r#""SignatureVersion": "1""#, r#""SignatureVersion": "2""#);
    assert!(matches!(legacy.verify(&renamed, now()), Err(Rejected::Untrusted(_))));
}

#[test]
fn signed_fields_cannot_be_changed() {
    let raw = sealed(json!({ "Message": r#"{"messageBody":"482913"}"#, "Subject": null }));
    let account = account(2, Some(CERTIFICATE));
    account.verify(&raw, now()).unwrap();
    for (from, to) in [("482913", "482914"), ("m1", "m2"), (r#""Subject":null"#, r#""Subject":"x""#)] {
        let refused = account.verify(&changed(&raw, from, to), now()).map(drop);
        assert_eq!(refused, Err(Rejected::WrongSignature), "{from}");
    }
    for name in ["Signature", "SignatureVersion", "Timestamp", "Type"] {
        let refused = account.verify(&changed(&raw, &format!(r#""{name}":"#), r#""x":"#), now()).map(drop);
        assert_eq!(refused, Err(Rejected::Unsigned(name.to_owned())));
    }
    let of = |days| account.verify(&raw, now() + chrono::TimeDelta::hours(days)).map(drop);
    assert_eq!((of(6), of(7), of(-1)), (Ok(()), Err(Rejected::Stale), Err(Rejected::Stale)));
}

#[test]
fn the_certificate_is_fetched_from_sns_only() {
    let account = account(2, None);
    let mut raw = sealed(json!({}));
    assert!(matches!(account.verify(&raw, now()), Err(Rejected::Untrusted(_))));
    let wanted = account.certificate_url(&raw).unwrap().unwrap();
    assert_eq!(wanted.host_str(), Some("sns.us-east-1.amazonaws.com"));
    raw.certificate = Some(CERTIFICATE.as_bytes().into());
    account.verify(&raw, now()).unwrap();
    raw.certificate = Some(OTHER.as_bytes().into());
    assert_eq!(account.verify(&raw, now()).unwrap_err(), Rejected::WrongSignature);
    raw.certificate = Some(b"<html>".as_slice().into());
    assert!(matches!(account.verify(&raw, now()), Err(Rejected::Untrusted(_))));

    let name = "SimpleNotificationService-0123456789abcdef0123456789ABCDEF.pem";
    for address in [
        format!("https://sns.us-gov-west-1.amazonaws.com/{name}"),
        format!("https://sns.cn-north-1.amazonaws.com.cn/{name}"),
    ] {
        assert_eq!(trusted_url(&address).unwrap().as_str(), address);
    }
    for address in [
        format!("http://sns.us-east-1.amazonaws.com/{name}"),
        format!("https://sns.us-east-1.amazonaws.com:444/{name}"),
        format!("https://sns.us-east-1.amazonaws.com@evil.example/{name}"),
        format!("https://evil.example/?sns.us-east-1.amazonaws.com/{name}"),
        format!("https://evil.example\\sns.us-east-1.amazonaws.com/{name}"),
        format!("https://sns.us-east-1.amazonaws.com.evil.example/{name}"),
        format!("https://sns.evil.example#.amazonaws.com/{name}"),
        format!("https://sns.bucket.s3.amazonaws.com/{name}"),
        format!("https://SNS.us-east-1.amazonaws.com/{name}"),
        format!("https://sns.us\t-east-1.amazonaws.com/{name}"),
        format!("https://sns..amazonaws.com/{name}"),
        format!("https://sns.us-east-1.amazonaws.com//{name}"),
        format!("https://sns.us-east-1.amazonaws.com/x/../{name}"),
        format!("https://sns.us-east-1.amazonaws.com/{name}?x"),
        format!("https://sns.us-east-1.amazonaws.com/{name}#"),
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem".to_owned(),
        String::new(),
    ] {
        assert_eq!(trusted_url(&address), None, "{address}");
    }
}

#[test]
fn nothing_is_fetched_without_the_secret_and_the_topic() {
    let account = account(2, None);
    let raw = sealed(json!({}));
    let stranger = |url: &str| account.certificate_url(&webhook(url, &[], &raw.body)).unwrap_err();
    assert!(matches!(stranger("https://sms.example.com/?provider=aws"), Rejected::Unsigned(_)));
    assert_eq!(stranger("https://sms.example.com/?token=guess"), Rejected::WrongSecret);
    let other = sealed(json!({ "TopicArn": "arn:aws:sns:us-east-1:999999999999:two-way-sms" }));
    assert!(matches!(account.certificate_url(&other), Err(Rejected::Untrusted(_))));
    let elsewhere = changed(&raw, "sns.us-east-1.amazonaws.com", "sns.us-east-1.example.com");
    assert!(matches!(account.certificate_url(&elsewhere), Err(Rejected::Untrusted(_))));
}

#[test]
fn other_topics_and_raw_delivery_are_rejected() {
    let account = account(2, Some(CERTIFICATE));
    let other = sealed(json!({ "TopicArn": "arn:aws:sns:us-east-1:999999999999:two-way-sms" }));
    assert!(matches!(account.verify(&other, now()), Err(Rejected::Untrusted(_))));
    let bare = br#"{"originationNumber":"+14155550100","destinationNumber":"+15005550006","messageBody":"x"}"#;
    assert_eq!(account.verify(&webhook(URL, &[], bare), now()).unwrap_err(), Rejected::Unsigned("TopicArn".into()));
    let raw = webhook(URL, &[("x-amz-sns-rawdelivery", "true")], bare);
    assert!(matches!(account.verify(&raw, now()), Err(Rejected::Untrusted(_))));
}

#[test]
fn an_expired_certificate_is_rejected() {
    let account = account(2, Some(CERTIFICATE));
    for (time, is_good) in [
        ("2125-12-31T23:59:59Z", true),
        ("2126-01-01T00:00:01Z", false),
        ("2026-01-01T00:00:00Z", true),
        ("2025-12-31T23:59:59Z", false),
    ] {
        let verified = account.verify(&sealed(json!({ "Timestamp": time })), time.parse().unwrap()).map(drop);
        assert_eq!(verified.is_ok(), is_good, "{time}: {verified:?}");
        assert!(is_good || matches!(verified, Err(Rejected::Untrusted(_))), "{time}");
    }
}

#[test]
fn a_subscription_is_confirmed_at_sns_only() {
    let visit = |host: &str| {
        let url = format!("https://{host}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336");
        read(&sealed(json!({ "Type": "SubscriptionConfirmation", "Token": "2336", "SubscribeURL": url })))
    };
    let Ok(Item::ConfirmSubscription(url)) = visit("sns.us-east-1.amazonaws.com") else { panic!() };
    assert_eq!(url.host_str(), Some("sns.us-east-1.amazonaws.com"));
    for host in ["evil.example", "sns.us-east-1.amazonaws.com:8443", "x@sns.us-east-1.amazonaws.com"] {
        assert_eq!(visit(host).unwrap_err().field, "/SubscribeURL", "{host}");
    }
    let over = json!({ "Type": "UnsubscribeConfirmation", "Token": "1", "SubscribeURL": "https://sns.us-east-1.amazonaws.com/" });
    assert!(matches!(read(&sealed(over)), Ok(Item::Ignored)));
}

#[test]
fn delivery_events_are_parsed() {
    let event = |word: &str| {
        let event = json!({
            "eventType": word, "eventVersion": "1.0", "eventTimestamp": 1_795_334_400_000_i64, "isFinal": true,
            "originationPhoneNumber": "+15005550006", "destinationPhoneNumber": "+14155550100",
            "messageId": "o1", "messageStatus": "X", "messageStatusDescription": "Phone is gone",
        });
        let Ok(Item::Status(update)) = read(&sealed(json!({ "Message": event.to_string() }))) else { panic!() };
        assert_eq!((update.provider_message_id.as_str(), update.at), ("o1", Some(now())));
        assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
        assert_eq!(update.provider_status, word);
        (update.state, update.error)
    };
    assert_eq!(event("TEXT_DELIVERED"), (Some(DeliveryState::Delivered), None));
    assert_eq!(event("TEXT_SUCCESSFUL").0, Some(DeliveryState::Sent));
    assert_eq!(event("TEXT_SPAM"), (Some(DeliveryState::Undelivered), Some("Phone is gone".to_owned())));
    assert_eq!(event("TEXT_UNKNOWN"), (None, None));
}

#[test]
fn errors_name_the_field() {
    let field = |message: &str| read(&sealed(json!({ "Message": message }))).unwrap_err().field;
    assert_eq!(field("hello"), "/Message");
    assert_eq!(field("{}"), "/originationNumber");
    assert_eq!(field(r#"{"originationNumber":"+1","destinationNumber":"nobody"}"#), "destinationNumber");
    for (configuration, wrong) in [
        (json!({}), "configuration"),
        (json!({ "topic_arn": [] }), "configuration.topic_arn"),
        (json!({ "topic_arn": 1 }), "configuration.topic_arn"),
        (json!({ "topic_arn": "arn:aws:sqs:us-east-1:123456789012:x" }), "configuration.topic_arn"),
        (json!({ "topic_arn": TOPIC, "signature_version": 3 }), "configuration.signature_version"),
        (json!({ "topic_arn": TOPIC, "signing_certificate": KEY }), "configuration.signing_certificate"),
    ] {
        let opened = Adapter::open("aws_sns", "secret".into(), None, configuration.as_object().unwrap());
        assert_eq!(opened.unwrap_err().details()["field"], wrong, "{configuration}");
    }
}
