use chrono::DateTime;
use serde_json::json;

use super::SIGNATURE;
use crate::{
    domain::DeliveryState,
    providers::{
        Item, Provider, Rejected, Verified,
        kit::{Form, Hash, encode_base64, encode_hex},
        testing::{adapter, vectors, webhook},
        twilio,
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
const BODY: &str = "MessageSid=1&From=%2B14155550100&To=%2B15005550006&Body=482913";

fn verify_at(url: &str, headers: &[(&str, &str)], body: &str) -> Result<(), Rejected> {
    adapter("signalwire", "key", json!({}))
        .verify(&webhook(url, headers, body.as_bytes()), DateTime::UNIX_EPOCH)
        .map(drop)
}

/// The HMAC over the concatenated texts.
fn code(parts: &[&str]) -> Vec<u8> {
    Hash::Sha1.hmac_with_key(b"key", &parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
}

#[test]
fn published_signatures_of_json() {
    for vector in vectors("signalwire_json") {
        let text = |name: &str| vector["input"][name].as_str().unwrap();
        let headers = [("content-type", "application/json"), (SIGNATURE, vector["expected"].as_str().unwrap())];
        let account = adapter("signalwire", text("key"), json!({}));
        let mut raw = webhook(text("url"), &headers, text("body").as_bytes());
        let verified = account.verify(&raw, DateTime::UNIX_EPOCH).unwrap();
        assert!(matches!(account.parse(&verified).unwrap()[..], [Ok(Item::Ignored)]), "an event of a call");
        raw.body.push(b' ');
        assert_eq!(account.verify(&raw, DateTime::UNIX_EPOCH).map(drop), Err(Rejected::WrongSignature));
    }
}

#[test]
fn a_form_is_signed_with_its_fields() {
    let signature = encode_base64(&code(&[URL, "Body482913From+14155550100MessageSid1To+15005550006"]));
    for header in [SIGNATURE, twilio::SIGNATURE] {
        assert_eq!(verify_at(URL, &[("content-type", Form::TYPE), (header, &signature)], BODY), Ok(()));
    }
    let bare = encode_base64(&code(&[URL]));
    let raw = encode_base64(&code(&[URL, BODY]));
    let digits = encode_hex(&code(&[URL, "Body482913From+14155550100MessageSid1To+15005550006"]));
    for wrong in [bare, raw, digits] {
        let refused = verify_at(URL, &[("content-type", Form::TYPE), (SIGNATURE, &wrong)], BODY);
        assert_eq!(refused, Err(Rejected::WrongSignature), "{wrong}");
    }
    let both = [("content-type", Form::TYPE), (SIGNATURE, "AAAA"), (twilio::SIGNATURE, &signature)];
    assert_eq!(verify_at(URL, &both, BODY), Err(Rejected::WrongSignature), "its own header counts");
}

#[test]
fn fields_of_one_name_stay_in_their_order() {
    let verify = |signed: &str| {
        let signature = encode_base64(&code(&[URL, signed]));
        verify_at(URL, &[("content-type", Form::TYPE), (SIGNATURE, &signature)], "b=1&a=2&a=1&a=1")
    };
    assert_eq!(verify("a2a1a1b1"), Ok(()));
    assert_eq!(verify("a1a2b1"), Err(Rejected::WrongSignature));
}

#[test]
fn a_standard_port_may_be_signed() {
    let verify = |called: &str, signed: &str| {
        let signature = encode_base64(&code(&[signed, "a1"]));
        verify_at(called, &[("content-type", Form::TYPE), (SIGNATURE, &signature)], "a=1")
    };
    assert_eq!(verify("https://a.example/x", "https://a.example:443/x"), Ok(()));
    assert_eq!(verify("https://a.example:443/x", "https://a.example/x"), Ok(()));
    assert_eq!(verify("https://a.example:8443/x", "https://a.example:8443/x"), Ok(()));
    let stripped = verify("https://a.example:8443/x", "https://a.example/x");
    assert_eq!(stripped, Err(Rejected::WrongSignature));
}

#[test]
fn json_is_covered_by_hash_or_directly() {
    let body = r#"{"MessageSid":"1","From":"+14155550100","To":"+15005550006","Body":"482913"}"#;
    let url = format!("{URL}&bodySHA256={}", encode_hex(&Hash::Sha256.digest(body.as_bytes())));
    let verify = |url: &str, signature: String, body: &str| {
        verify_at(url, &[("content-type", "application/json"), (SIGNATURE, &signature)], body)
    };
    assert_eq!(verify(&url, encode_base64(&code(&[&url])), body), Ok(()));
    assert_eq!(verify(URL, encode_hex(&code(&[URL, body])), body), Ok(()));
    for (url, signature, body) in [
        (url.as_str(), encode_base64(&code(&[&url])), "{}"),
        (&url, encode_hex(&code(&[&url, body])), body),
        (URL, encode_base64(&code(&[URL])), body),
        (URL, encode_hex(&code(&[URL])), body),
        (URL, encode_base64(&code(&[URL, body])), body),
    ] {
        assert_eq!(verify(url, signature, body), Err(Rejected::WrongSignature), "{url} {body}");
    }
}

#[test]
fn messages_and_status_callbacks_are_those_of_twilio() {
    let read = |content_type: &str, body: &str| {
        let raw = webhook(URL, &[("content-type", content_type)], body.as_bytes());
        adapter("signalwire", "key", json!({})).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))
    };
    let Ok(Ok(Item::Message(sms))) = read(Form::TYPE, BODY) else { panic!("{BODY}") };
    assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("1", "482913"));
    let status = "MessageSid=1&MessageStatus=undelivered&To=%2B15005550006&ErrorCode=30003&ErrorMessage=x";
    let Ok(Ok(Item::Status(update))) = read(Form::TYPE, status) else { panic!("{status}") };
    assert_eq!((update.state, update.error.as_deref()), (Some(DeliveryState::Undelivered), Some("30003")));
    // A message in an unknown format must be an error.
    assert!(read("application/json", r#"{"event":"messaging.receive","params":{}}"#).is_err());
}
