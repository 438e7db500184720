mod auth;
mod reading;
mod settings;

use http::Method;
use serde_json::{Map, Value, json};

use super::{preset::FILE, *};
use crate::{
    domain::{Error, Media},
    providers::{
        Adapter,
        kit::{Endpoint, Once, Outgoing, unhex},
        testing::{adapter, webhook},
    },
};

const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_334_400, 0).unwrap()
}

fn draft(url: &str) -> Draft<'_> {
    Draft {
        id: "id1",
        from: "+14155550100",
        to: "+15005550006",
        text: "Your code is 482913",
        url,
        now: now(),
        nonce: "6e6f6e6365",
        key: None,
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A configuration that is good, with these settings instead of its own; null leaves one out.
fn configuration(changes: Value) -> Map<String, Value> {
    let mut configuration = object(json!({
        "body": "json",
        "fields": { "id": "/id", "from": "/from", "to": "/to", "text": "/text" },
        "auth": { "type": "secret" },
    }));
    configuration.extend(object(changes));
    configuration.retain(|_, value| !value.is_null());
    configuration
}

fn open(changes: Value) -> Result<Generic, Error> {
    let setup = Setup::new("secret".into(), None, &configuration(changes)).unwrap();
    Generic::open(&Map::new(), None, setup)
}

fn read(generic: &Generic, raw: &RawWebhook) -> Reading {
    generic.parse(&Verified::unchecked(raw))
}

fn message(generic: &Generic, raw: &RawWebhook) -> InboundSms {
    let mut items = read(generic, raw).unwrap();
    assert_eq!(items.len(), 1);
    match items.remove(0) {
        Ok(Item::Message(sms)) => sms,
        other => panic!("{other:?}"),
    }
}

fn wrong(generic: &Generic, body: &str) -> String {
    let read = read(generic, &webhook(URL, &[], body.as_bytes()));
    read.and_then(|mut items| items.remove(0)).map(|item| format!("{item:?}")).unwrap_err().to_string()
}

/// What a test of a preset expects of a message.
fn shown(sms: &InboundSms) -> Value {
    let file = |file: &Media| format!("{} {}", file.url, file.content_type.as_deref().unwrap_or_default());
    json!({
        "id": sms.provider_message_id,
        "from": sms.from.as_str(),
        "to": sms.to.as_str(),
        "text": sms.text,
        "sent_at": sms.sent_at.map(|time| time.to_rfc3339().replace("+00:00", "Z")),
        "segments": sms.segments,
        "media": sms.media.iter().map(file).collect::<Vec<_>>(),
        "part": sms.part.as_ref().map(|part| format!("{} of {} of {}", part.number, part.count, part.reference)),
    })
}

#[test]
fn every_preset_reads_its_provider() {
    let entries: Vec<Value> = serde_json::from_str(FILE).unwrap();
    assert_eq!(entries.len(), presets().count());
    for (kind, entry) in presets().zip(&entries) {
        let Opener::Preset(preset) = &kind.open else { panic!("{}", kind.word) };
        let mut own = Map::new();
        if entry["configuration"]["fields"]["to"].is_null() {
            own.insert("to".to_owned(), "+15005550006".into());
        }
        let setup = Setup::new("c2VjcmV0".into(), None, &own).unwrap();
        let sample: &Sample = preset.sample();
        let generic = Generic::open(preset.configuration(), Some(sample), setup)
            .unwrap_or_else(|error| panic!("{}: {error}", kind.word));
        let read = |sample: &Sample, endpoint| {
            let raw = generic.auth.sign(sample.raw(&generic.methods), &draft(URL)).unwrap();
            let raw = RawWebhook { endpoint, ..raw };
            assert!(generic.methods.contains(&raw.method), "{}", kind.word);
            let verified = generic.verify(&raw, now()).unwrap_or_else(|error| panic!("{}: {error}", kind.word));
            let mut items = generic.parse(&verified).unwrap_or_else(|error| panic!("{}: {error}", kind.word));
            assert_eq!(items.len(), 1, "{}", kind.word);
            items.remove(0).unwrap_or_else(|error| panic!("{}: {error}", kind.word))
        };

        let Item::Message(sms) = read(sample, Endpoint::Messages) else { panic!("{}: no message", kind.word) };
        let (shown, expected) = (shown(&sms), &entry["message"]["expect"]);
        for name in ["id", "from", "to", "text", "sent_at"] {
            assert!(expected.get(name).is_some(), "{}: {name} is not expected", kind.word);
        }
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{}: {name}", kind.word);
        }
        assert_eq!(entry.get("status").is_some(), generic.settings.status.is_some(), "{}", kind.word);
        let Some(status) = entry.get("status") else { continue };
        let sample = serde_json::from_value(status.clone()).unwrap();
        let Item::Status(update) = read(&sample, Endpoint::Statuses) else { panic!("{}: no status", kind.word) };
        let shown = json!({
            "id": update.provider_message_id,
            "state": update.state.map(crate::domain::DeliveryState::as_str),
            "word": update.provider_status,
            "at": update.at.map(|time| time.to_rfc3339().replace("+00:00", "Z")),
            "error": update.error,
        });
        for (name, value) in status["expect"].as_object().unwrap() {
            assert_eq!(&shown[name], value, "{}: status {name}", kind.word);
        }
    }
}

#[test]
fn what_the_sender_would_be_texted_is_said_by_the_preset() {
    let ack = |word| adapter(word, "secret", json!({ "to": "+15005550006" })).ack();
    let nothing = Ack { status: 200, content_type: "".into(), body: "".into() };
    assert_eq!(ack("macrokiosk").body, "-1");
    assert_eq!(ack("hub9").body, "000");
    assert_eq!(ack("start_mobile").content_type, "text/xml");
    assert!(ack("start_mobile").body.contains("<state>Accepted</state>"));
    assert_eq!(ack("clickatell"), nothing);
}

#[test]
fn an_account_may_replace_a_setting_of_its_preset() {
    let signed = json!({ "auth": { "type": "hmac", "algorithm": "sha256", "header": "X-Sig", "payload": "{body}" } });
    let gateway = adapter("clickatell", "secret", signed);
    let raw = gateway.compose(&draft(URL)).unwrap();
    assert!(raw.headers.contains_key("x-sig") && !raw.url.contains("token="));
    assert!(gateway.verify(&raw, now()).is_ok());
    let other = json!({ "fields": { "from": "/a", "to": "/b", "text": "/c" }, "text_encoding": "utf-8" });
    let gateway = adapter("clickatell", "secret", other);
    let raw = webhook("http://a/?token=secret", &[], br#"{"a":"1","b":"12345","c":"x%20"}"#);
    let read = gateway.parse(&gateway.verify(&raw, now()).unwrap()).unwrap();
    assert!(matches!(&read[..], [Ok(Item::Message(sms))] if sms.text == "x%20"), "{read:?}");
}
