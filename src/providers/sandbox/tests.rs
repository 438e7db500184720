use chrono::DateTime;

use super::{SIGNATURE, Sandbox, TIMESTAMP};
use crate::providers::{Item, Provider, Rejected, Verified, testing::webhook};

const BODY: &[u8] = br#"{"id":"1","from":"GOOGLE","to":"+14155550100","text":"482913"}"#;

fn verify(timestamp: &str, signature: &str, body: &[u8], now: i64) -> Result<(), Rejected> {
    let raw = webhook("http://localhost/", &[(TIMESTAMP, timestamp), (SIGNATURE, signature)], body);
    let now = DateTime::from_timestamp(now, 0).unwrap();
    Sandbox::new("secret".into()).verify(&raw, now).map(drop)
}

#[test]
fn a_signature_is_valid_for_five_minutes() {
    let signature = Sandbox::new("secret".into()).sign(1000, BODY);
    for now in [700, 1000, 1300] {
        assert_eq!(verify("1000", &signature, BODY, now), Ok(()));
    }
    for now in [699, 1301] {
        assert_eq!(verify("1000", &signature, BODY, now), Err(Rejected::Stale));
    }
}

#[test]
fn other_signatures_are_rejected() {
    let signature = Sandbox::new("secret".into()).sign(1000, BODY);
    let other = Sandbox::new("another".into()).sign(1000, BODY);
    for (timestamp, signature, body) in [
        ("1001", signature.as_str(), BODY),
        ("1000", signature.as_str(), &BODY[1..]),
        ("1000", other.as_str(), BODY),
        ("1000", &signature[3..], BODY),
        ("1000", "v1=", BODY),
        ("1000", "v1=xyz", BODY),
    ] {
        assert_eq!(verify(timestamp, signature, body, 1000), Err(Rejected::WrongSignature), "{signature}");
    }
}

#[test]
fn errors_name_the_field() {
    let parse = |body: &str| {
        let raw = webhook("http://localhost/", &[], body.as_bytes());
        Sandbox::new("secret".into()).parse(&Verified::unchecked(&raw)).unwrap_err().to_string()
    };
    assert!(parse(r#"{"id":"1""#).contains("line 1 column"));
    assert!(parse(r#"{"id":"1","from":"A","to":"12345","text":"x","extra":1}"#).contains("and nothing else"));
    assert!(parse(r#"{"id":"1","from":"A","to":"12345"}"#).contains("text: is missing"));
    assert!(parse(r#"{"id":"1","from":"A","to":"x","text":"x"}"#).starts_with("to: must be a number in E.164"));
    assert!(parse(r#"{"id":"1","from":"A","to":12345,"text":"x"}"#).contains("to: must be a text"));
    assert!(parse(r#"{"id":"1","from":"A","to":"12345","text":"x","sent_at":"now"}"#).starts_with("sent_at: "));
    assert!(parse(&"[".repeat(10_000)).contains("body: "));
}

#[test]
fn a_nul_in_a_text_is_replaced() {
    let raw = webhook("http://localhost/", &[], br#"{"id":"1","from":"A","to":"12345","text":"a\u0000b"}"#);
    let mut read = Sandbox::new("secret".into()).parse(&Verified::unchecked(&raw)).unwrap();
    let Ok(Item::Message(sms)) = read.remove(0) else { panic!("{read:?}") };
    assert_eq!(sms.text, "a\u{FFFD}b");
    assert!(!sms.payload.get().contains("u0000"));
}
