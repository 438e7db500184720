use chrono::DateTime;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{KEY, SIGNATURE, Twilio};
use crate::{
    domain::DeliveryState,
    providers::{
        Item, Malformed, Provider, RawWebhook, Rejected, Verified, join_texts,
        kit::Form,
        testing::{adapter, draft, vectors, webhook},
    },
};

const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const CALL: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";

fn verify(url: &str, body: &str, signature: &str) -> Result<(), Rejected> {
    let raw = webhook(url, &[("content-type", Form::TYPE), (SIGNATURE, signature)], body.as_bytes());
    Twilio::new("12345".into()).verify(&raw, DateTime::UNIX_EPOCH).map(drop)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn published_signatures_of_forms() {
    for vector in vectors("twilio_form") {
        let input = &vector["input"];
        let fields: Vec<(String, String)> = serde_json::from_value(input["params"].clone()).unwrap();
        let body = serde_urlencoded::to_string(fields).unwrap();
        let headers = [("content-type", Form::TYPE), (SIGNATURE, text(&vector["expected"]))];
        let raw = webhook(text(&input["url"]), &headers, body.as_bytes());
        let verified = Twilio::new(SecretString::from(text(&input["token"]))).verify(&raw, DateTime::UNIX_EPOCH);
        assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
    }
}

#[test]
fn published_signatures_of_json() {
    for vector in vectors("twilio_json") {
        let input = &vector["input"];
        let headers = [("content-type", "application/json"), (SIGNATURE, text(&vector["expected"]))];
        let raw = webhook(text(&input["url"]), &headers, text(&input["body"]).as_bytes());
        let verified = Twilio::new(SecretString::from(text(&input["token"]))).verify(&raw, DateTime::UNIX_EPOCH);
        assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
    }
}

#[test]
fn other_signatures_are_rejected() {
    let good = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    for (url, body, signature) in [
        (URL, CALL.replace("1234", "1235").as_str(), good),
        ("https://mycompany.com/myapp.php?foo=1&bar=3", CALL, good),
        (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B9="),
        (URL, CALL, "not base64"),
        (URL, CALL, ""),
    ] {
        assert_eq!(verify(url, body, signature), Err(Rejected::WrongSignature), "{signature}");
    }
    let unsigned = webhook(URL, &[("content-type", Form::TYPE)], CALL.as_bytes());
    let verified = Twilio::new("12345".into()).verify(&unsigned, DateTime::UNIX_EPOCH).map(drop);
    assert_eq!(verified, Err(Rejected::Unsigned(SIGNATURE.to_owned())));
    let xml = webhook(URL, &[("content-type", "text/xml"), (SIGNATURE, good)], b"<a/>");
    let verified = Twilio::new("12345".into()).verify(&xml, DateTime::UNIX_EPOCH).map(drop);
    assert_eq!(verified, Err(Rejected::WrongType(Form::TYPE)));
    let json = webhook(URL, &[("content-type", "application/json"), (SIGNATURE, good)], b"{}");
    let verified = Twilio::new("12345".into()).verify(&json, DateTime::UNIX_EPOCH).map(drop);
    assert_eq!(verified, Err(Rejected::Unsigned("`bodySHA256` in the address".to_owned())));
}

#[test]
fn a_shared_key_cannot_be_downgraded() {
    let draft = draft(DateTime::UNIX_EPOCH);
    let account = |secret: &str, id: Option<&str>| adapter("twilio", secret, json!({ "shared_key_id": id }));
    let sent = account("secret", Some("SK1")).compose(&draft).unwrap();
    let verify = |id, raw: &RawWebhook| account("secret", id).verify(raw, DateTime::UNIX_EPOCH).map(drop);
    assert_eq!(verify(Some("SK1"), &sent), Ok(()));
    assert_eq!(verify(Some("SK2"), &sent), Err(Rejected::WrongSignature));
    assert_eq!(verify(None, &sent), Err(Rejected::WrongSignature));
    let weaker = account("secret", None).compose(&draft).unwrap();
    assert_eq!(verify(Some("SK1"), &weaker), Err(Rejected::Unsigned(KEY.to_owned())));
    let mut weaker = weaker;
    weaker.headers.insert(KEY, "key=SK1,algorithm=HMAC_SHA1".parse().unwrap());
    assert_eq!(verify(Some("SK1"), &weaker), Err(Rejected::WrongSignature));
}

fn parse(body: &str) -> Result<Item, Malformed> {
    let raw = webhook(URL, &[("content-type", Form::TYPE)], body.as_bytes());
    Twilio::new("12345".into()).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
}

#[test]
fn a_status_callback_is_parsed() {
    let status = |word| {
        let body = format!("MessageSid=SM1&MessageStatus={word}&To=%2B15005550006&ErrorCode=30003");
        let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
        assert_eq!((update.provider_message_id.as_str(), update.error.as_deref()), ("SM1", Some("30003")));
        (update.state, update.provider_status)
    };
    assert_eq!(status("undelivered"), (Some(DeliveryState::Undelivered), "undelivered".to_owned()));
    assert_eq!(status("sent").0, Some(DeliveryState::Sent));
    assert_eq!(status("something_new"), (None, "something_new".to_owned()));
}

#[test]
fn media_are_parsed() {
    let body = "MessageSid=MM1&From=1&To=12345&Body=&NumMedia=3&MediaUrl0=https://a/1&MediaContentType0=image/jpeg\
                &MediaUrl1=javascript:x&MediaUrl2=https://a/2";
    let Ok(Item::Message(sms)) = parse(body) else { panic!() };
    let urls: Vec<_> = sms.media.iter().map(|media| (media.url.as_str(), media.content_type.as_deref())).collect();
    assert_eq!(urls, [("https://a/1", Some("image/jpeg")), ("https://a/2", None)]);
}

#[test]
fn a_message_is_parsed_field_by_field() {
    let message = |body| match parse(body) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    };
    let read = message("MessageSid=SM1&From=GOOGLE&To=%2B15005550006&Body=G-482913+%F0%9F%98%80&NumMedia=0");
    assert_eq!(read.text, "G-482913 😀");
    assert_eq!(read.from.as_str(), "GOOGLE");
    assert_eq!(read.to.as_str(), "+15005550006");
    assert_eq!(message("MessageSid=SM1&From=1&To=12345&Body=").text, "");
    // What is no text, and what is missing, does not cost the rest.
    let cut = message("MessageSid=SM1&From=1&To=12345&Body=x%FF").text;
    assert_eq!(join_texts([cut.as_str()]), "x\u{fffd}");
    assert_eq!(message("MessageSid=SM1&From=1&To=12345&Latitude=1.5&Longitude=2.5").text, "");
    assert_eq!(message("MessageSid=SM1&From=1&To=12345&Body=x&NumMedia=some").text, "x");
    for (body, field) in [
        ("From=1&To=12345&Body=x", "MessageSid"),
        ("MessageSid=&From=1&To=12345&Body=x", "MessageSid"),
        ("MessageSid=SM1&To=12345&Body=x", "From"),
        ("MessageSid=SM1&From=1&To=nobody&Body=x", "To"),
        ("MessageSid=SM1&From=1&To=12345", "Body"),
        ("MessageSid=SM1&From=1&To=12345&Body=a&Body=b", "Body"),
    ] {
        assert_eq!(parse(body).unwrap_err().field, field, "{body}");
    }
}
