use chrono::DateTime;
use http::Method;
use serde_json::json;

use super::{NONCE, SIGNATURE, Seven, TIMESTAMP, TOLERANCE};
use crate::{
    domain::DeliveryState,
    providers::{
        CommonSettings, Item, Malformed, Provider, RawWebhook, Rejected, Verified,
        kit::{Form, Tolerance, encode_hex},
        testing::{adapter, parse_first, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=seven";
const BODY: &str = r#"{"data":{"id":681590,"sender":"491771783130","system":"491771456780","text":"Your code is 482913","time":"1795334400"},"webhook_event":"sms_mo","webhook_timestamp":"2026-11-22 09:00:00"}"#;

fn account() -> Seven {
    Seven {
        secret: "0123456789abcdef".into(),
        tolerance: Tolerance::seconds(TOLERANCE),
        common: CommonSettings::default(),
    }
}

fn verify(raw: &mut RawWebhook, signature: &str, seconds: i64) -> Result<(), Rejected> {
    raw.headers.insert(SIGNATURE, signature.parse().unwrap());
    raw.headers.insert(TIMESTAMP, "1795334400".parse().unwrap());
    raw.headers.insert(NONCE, "6e6f6e6365".parse().unwrap());
    account().verify(raw, DateTime::from_timestamp(seconds, 0).unwrap()).map(drop)
}

#[test]
fn the_signature_covers_timestamp_nonce_method_url_and_body() {
    // Computed with OpenSSL: first with path and query, then with the whole URL.
    let (by_path, by_url) = (
        "507fc55e3628f2670424d8f222894c207fe032184bfb786cf55f414faf1329df",
        "b2e0019379eea05b1d331dcc8168749660d6115d11115328233fcb9d351ffad0",
    );
    let mut raw = webhook(URL, &[("content-type", "application/json")], BODY.as_bytes());
    for signature in [by_path, by_url, &by_path.to_uppercase()] {
        for (seconds, result) in [
            (1_795_334_100, Ok(())),
            (1_795_334_700, Ok(())),
            (1_795_334_099, Err(Rejected::Stale)),
            (1_795_334_701, Err(Rejected::Stale)),
        ] {
            assert_eq!(verify(&mut raw, signature, seconds), result, "{signature} {seconds}");
        }
    }
    for wrong in ["", "zz", "00", &by_path[2..]] {
        assert_eq!(verify(&mut raw, wrong, 1_795_334_400), Err(Rejected::WrongSignature), "{wrong}");
    }
    let mut other = webhook(&format!("{URL}2"), &[("content-type", "application/json")], BODY.as_bytes());
    assert_eq!(verify(&mut other, by_path, 1_795_334_400), Err(Rejected::WrongSignature));
    raw.method = Method::PUT;
    assert_eq!(verify(&mut raw, by_path, 1_795_334_400), Err(Rejected::WrongSignature));
    raw.method = Method::POST;
    raw.body.push(b' ');
    assert_eq!(verify(&mut raw, by_path, 1_795_334_400), Err(Rejected::WrongSignature));
}

#[test]
fn the_url_covers_the_query() {
    let url = format!("{URL}&webhook_event=sms_mo&data%5Bid%5D=1");
    let mut raw = webhook(&url, &[], b"");
    raw.method = Method::GET;
    let signature = encode_hex(&account().mac("1795334400", "6e6f6e6365", &raw, raw.path_and_query()));
    assert_eq!(verify(&mut raw, &signature, 1_795_334_400), Ok(()));
    raw.url += "0";
    assert_eq!(verify(&mut raw, &signature, 1_795_334_400), Err(Rejected::WrongSignature));
}

fn read(raw: &RawWebhook) -> Result<Item, Malformed> {
    account().parse(&Verified::unchecked(raw))?.remove(0)
}

#[test]
fn json_forms_and_queries_are_equivalent() {
    let plain = "webhook_event=sms_mo&id=681590&sender=491771783130&system=491771456780\
                 &text=Your+code+is+482913&time=1795334400";
    let nested = "webhook_event=sms_mo&data%5Bid%5D=681590&data%5Bsender%5D=491771783130\
                  &data%5Bsystem%5D=491771456780&data%5Btext%5D=Your+code+is+482913&data[time]=1795334400";
    let mut webhooks = vec![webhook(URL, &[("content-type", "application/json")], BODY.as_bytes())];
    for form in [plain, nested] {
        webhooks.push(webhook(URL, &[("content-type", Form::TYPE)], form.as_bytes()));
        webhooks.push(webhook(&format!("{URL}&token=secret&{form}"), &[], b""));
        webhooks.last_mut().unwrap().method = Method::GET;
    }
    for raw in webhooks {
        let Ok(Item::Message(sms)) = read(&raw) else { panic!("{raw:?}") };
        assert_eq!((sms.provider_message_id.as_str(), sms.from.as_str()), ("681590", "491771783130"));
        assert_eq!((sms.to.as_str(), sms.text.as_str()), ("+491771456780", "Your code is 482913"));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
        assert!(!sms.payload.get().contains("secret"));
    }
}

#[test]
fn delivery_reports_are_parsed_and_other_events_ignored() {
    let event = |event: &str, status: &str| {
        let body = json!({
            "data": { "msg_id": "77140000001", "status": status, "timestamp": "2026-11-22 09:00:00" },
            "webhook_event": event,
        });
        read(&webhook(URL, &[("content-type", "application/json")], body.to_string().as_bytes()))
    };
    let Ok(Item::Status(update)) = event("dlr", "NOTDELIVERED") else { panic!() };
    assert_eq!((update.provider_message_id.as_str(), update.at), ("77140000001", None));
    assert_eq!(update.state, Some(DeliveryState::Undelivered));
    let Ok(Item::Status(update)) = event("dlr", "UNKNOWN") else { panic!() };
    assert_eq!((update.state, update.provider_status.as_str()), (None, "UNKNOWN"));
    assert!(matches!(event("voice_status", ""), Ok(Item::Ignored)));
    assert_eq!(event("sms_mo", "").unwrap_err().field, "/data/id");
}

#[test]
fn a_shared_number_needs_the_setting_to() {
    let body = json!({ "data": { "id": 1, "sender": "BANK", "system": null, "text": "" }, "webhook_event": "sms_mo" });
    let raw = webhook(URL, &[("content-type", "application/json")], body.to_string().as_bytes());
    let parse = |configuration| parse_first(&adapter("seven", "x", configuration), &raw);
    assert_eq!(parse(json!({})).unwrap_err().field, "data.system");
    let Ok(Item::Message(sms)) = parse(json!({ "to": "+15005550006" })) else { panic!() };
    assert_eq!((sms.from.as_str(), sms.to.as_str()), ("BANK", "+15005550006"));
}
