//! Tests of the generic adapter and of its presets.

mod auth;
mod reading;
mod settings;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Map, Value, json};

use super::{
    adapter::Generic,
    preset::{FILE, PRESETS},
    sample::Sample,
};
use crate::{
    domain::{DeliveryState, Error, InboundSms, Media},
    providers::{
        Ack, Adapter, Draft, Endpoint, Item, ParsedWebhook, Provider, RawWebhook, Rejected, ReplayKey, Verified,
        kit::{Hash, Setup, decode_hex, encode_hex, sign_jwt},
        testing::{self, URL, adapter, webhook},
    },
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_334_400, 0).unwrap()
}

fn draft() -> Draft<'static> {
    testing::draft(now())
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A valid configuration with these settings changed; null removes one.
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

fn read(generic: &Generic, raw: &RawWebhook) -> ParsedWebhook {
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

/// A message as `presets.json` describes the expected one.
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
        "channel": sms.channel.as_str(),
        "part": sms.part.as_ref().map(|part| format!("{} of {} of {}", part.number, part.count, part.reference)),
    })
}

#[test]
fn every_preset_parses_its_sample() {
    let entries: Vec<Value> = serde_json::from_str(FILE).unwrap();
    assert_eq!(entries.len(), PRESETS.len());
    for (preset, entry) in PRESETS.iter().zip(&entries) {
        let word = &entry["word"];
        let mut own = Map::new();
        if entry["configuration"]["fields"]["to"].is_null() {
            own.insert("to".to_owned(), "+15005550006".into());
        }
        let setup = Setup::new("c2VjcmV0".into(), None, &own).unwrap();
        let sample = &preset.message;
        let generic = preset.open(setup).unwrap_or_else(|error| panic!("{word}: {error}"));
        let read = |sample: &Sample, endpoint| {
            let raw = generic.auth.sign(sample.raw(&generic.methods), &draft()).unwrap();
            let raw = RawWebhook { endpoint, ..raw };
            assert!(generic.methods.contains(&raw.method), "{word}");
            let verified = generic.verify(&raw, now()).unwrap_or_else(|error| panic!("{word}: {error}"));
            let mut items = generic.parse(&verified).unwrap_or_else(|error| panic!("{word}: {error}"));
            assert_eq!(items.len(), 1, "{word}");
            items.remove(0).unwrap_or_else(|error| panic!("{word}: {error}"))
        };

        let Item::Message(sms) = read(sample, Endpoint::Messages) else { panic!("{word}: no message") };
        let (shown, expected) = (shown(&sms), &entry["message"]["expect"]);
        for name in ["id", "from", "to", "text", "sent_at"] {
            assert!(expected.get(name).is_some(), "{word}: {name} is not expected");
        }
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{word}: {name}");
        }
        assert_eq!(entry.get("status").is_some(), generic.settings.status.is_some(), "{word}");
        let Some(status) = entry.get("status") else { continue };
        let sample = serde_json::from_value(status.clone()).unwrap();
        let Item::Status(update) = read(&sample, Endpoint::Statuses) else { panic!("{word}: no status") };
        let shown = json!({
            "id": update.provider_message_id,
            "state": update.state.map(DeliveryState::as_str),
            "word": update.provider_status,
            "at": update.at.map(|time| time.to_rfc3339().replace("+00:00", "Z")),
            "error": update.error,
        });
        for (name, value) in status["expect"].as_object().unwrap() {
            assert_eq!(&shown[name], value, "{word}: status {name}");
        }
    }
}

#[test]
fn the_documentation_says_which_presets_nobody_could_check() {
    let page = include_str!("../../../../docs/generic-adapter.md");
    let (_, presets) = page.split_once("## Presets").unwrap();
    let rows = presets.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut shown: Vec<_> = rows.map(|row| (row.split_once('`').unwrap().0, row.contains("not checked"))).collect();
    let mut expected: Vec<_> = PRESETS.iter().map(|preset| (preset.word, preset.sources.is_empty())).collect();
    shown.sort_unstable();
    expected.sort_unstable();
    assert_eq!(shown, expected);
    assert!(PRESETS.iter().flat_map(|preset| &preset.sources).all(|source| source.starts_with("https://")));
}

#[test]
fn presets_define_the_response() {
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
    let raw = gateway.compose(&draft()).unwrap();
    assert!(raw.headers.contains_key("x-sig") && !raw.url.contains("token="));
    assert!(gateway.verify(&raw, now()).is_ok());
    let other = json!({ "fields": { "from": "/a", "to": "/b", "text": "/c" }, "text_encoding": "utf-8" });
    let gateway = adapter("clickatell", "secret", other);
    let raw = webhook("http://a/?token=secret", &[], br#"{"a":"1","b":"12345","c":"x%20"}"#);
    let read = gateway.parse(&gateway.verify(&raw, now()).unwrap()).unwrap();
    assert!(matches!(&read[..], [Ok(Item::Message(sms))] if sms.text == "x%20"), "{read:?}");
}
