//! Tests that every registered kind must pass: an adapter composes a webhook, verifies and parses it, and rejects it
//! once it is altered.

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, header};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{
    Adapter, Draft, Endpoint, Item, Provider, RawWebhook, Rejected, Verified, kinds,
    testing::{adapter, webhook},
};
use crate::domain::InboundSms;

#[path = "../../tests/it/support/samples.rs"]
mod samples;

/// The account of a kind in these tests.
struct Sample {
    secret: String,
    /// Another secret that an account could have.
    other: String,
    configuration: Value,
    /// The private key, if the secret is the public one.
    key: Option<SecretString>,
}

fn sample(kind: &super::Kind) -> Sample {
    let text = |name: &str| samples::text(kind.word, kind.is_preset(), name);
    Sample {
        secret: text("secret").unwrap(),
        other: text("other").unwrap(),
        configuration: samples::sample(kind.word, kind.is_preset(), "configuration").unwrap(),
        key: text("key").map(Into::into),
    }
}

/// A kind with its adapter.
struct Case {
    word: &'static str,
    sample: Sample,
    adapter: Adapter,
}

impl Case {
    fn all() -> Vec<Self> {
        let case = |kind: &&'static super::Kind| {
            let sample = sample(kind);
            Self { word: kind.word, adapter: adapter(kind.word, &sample.secret, sample.configuration.clone()), sample }
        };
        kinds().iter().map(case).collect()
    }

    fn draft(&self) -> Draft<'_> {
        Draft {
            id: "0123456789abcdef0123456789abcdef",
            from: "+14155550100",
            to: "+15005550006",
            text: "Your code is 482913. Ünïcödé & = + % \"quoted\"",
            url: "https://sms.example.com/v1/webhooks/sms?provider=test",
            now: now(),
            nonce: "6e6f6e63650123456789abcdef012345",
            key: self.sample.key.as_ref(),
        }
    }

    fn compose(&self) -> RawWebhook {
        self.adapter.compose(&self.draft()).unwrap_or_else(|error| panic!("{}: {error}", self.word))
    }

    fn verify<'a>(&self, raw: &'a RawWebhook) -> Result<Verified<'a>, Rejected> {
        self.adapter.verify(raw, now())
    }

    /// The only message of a webhook.
    fn message(&self, raw: &RawWebhook) -> InboundSms {
        let verified = self.verify(raw).unwrap_or_else(|rejected| panic!("{}: {rejected}", self.word));
        let mut items = self.adapter.parse(&verified).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.word));
        assert_eq!(items.len(), 1, "{}", self.word);
        match items.remove(0) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{}: {other:?}", self.word),
        }
    }
}

/// Whether the request carries the secret itself, which covers nothing of it.
fn sends_secret(case: &Case) -> bool {
    let raw = case.compose();
    let has_basic = raw.headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"Basic"));
    case.adapter.has_secret_in_url() && case.word != "aws_sns" || has_basic
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_334_400, 0).unwrap()
}

#[test]
fn composed_webhooks_are_parsed() {
    for case in Case::all() {
        let raw = case.compose();
        assert!(case.adapter.methods().contains(&raw.method), "{}", case.word);
        let sms = case.message(&raw);
        let draft = case.draft();
        let text = if case.word == "kannel_gsm" { "x" } else { draft.text };
        assert_eq!(sms.text, text, "{}", case.word);
        assert_eq!(sms.to.as_str(), draft.to, "{}", case.word);
        assert_eq!(sms.from.as_str().trim_start_matches('+'), &draft.from[1..], "{}", case.word);
        assert!(!sms.payload.get().contains(&case.sample.secret), "{}: the payload has the secret", case.word);
        let again = case.message(&raw);
        assert_eq!(again.provider_message_id, sms.provider_message_id, "{}", case.word);
    }
}

#[test]
fn a_sender_may_have_a_name() {
    for case in Case::all() {
        let raw = case.adapter.compose(&Draft { from: "GOOGLE", ..case.draft() }).unwrap();
        assert_eq!(case.message(&raw).from.as_str(), "GOOGLE", "{}", case.word);
    }
}

#[test]
fn another_secret_is_rejected() {
    for case in Case::all() {
        let raw = case.compose();
        let other = adapter(case.word, &case.sample.other, case.sample.configuration.clone());
        let refused = other.verify(&raw, now()).map(drop);
        assert!(
            matches!(refused, Err(Rejected::WrongSignature | Rejected::WrongSecret | Rejected::Untrusted(_))),
            "{}: {refused:?}",
            case.word
        );
    }
}

#[test]
fn an_empty_secret_is_refused() {
    for case in Case::all() {
        for empty in ["", " "] {
            let configuration = case.sample.configuration.as_object().unwrap();
            let opened = Adapter::open(case.word, empty.into(), None, configuration);
            assert_eq!(opened.unwrap_err().details()["field"], "secret", "{}", case.word);
        }
    }
}

#[test]
fn an_unsigned_webhook_is_rejected() {
    for case in Case::all() {
        let mut raw = case.compose();
        let content_type = raw.headers.get(header::CONTENT_TYPE).cloned();
        raw.headers.clear();
        raw.headers.extend(content_type.map(|value| (header::CONTENT_TYPE, value)));
        raw.url = "https://sms.example.com/v1/webhooks/sms?provider=test".to_owned();
        if raw.method == Method::GET {
            raw.url += "&from=1&to=12345&text=x";
        }
        // Some have the signature in the body.
        if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(&raw.body) {
            ["sig", "Signature"].iter().for_each(|name| drop(body.as_object_mut().unwrap().remove(*name)));
            raw.body = serde_json::to_vec(&body).unwrap();
        }
        let refused = case.verify(&raw).map(drop);
        assert!(matches!(refused, Err(Rejected::Unsigned(_))), "{}: {refused:?}", case.word);
    }
}

#[test]
fn a_changed_body_is_rejected_or_single_use() {
    for case in Case::all() {
        if sends_secret(&case) {
            continue;
        }
        let mut raw = case.compose();
        let body = if raw.method == Method::GET {
            raw.url = raw.url.replace("482913", "482914");
            continue;
        } else {
            String::from_utf8(raw.body.clone()).unwrap()
        };
        let changed = body.replace("482913", "482914");
        assert_ne!(body, changed, "{}", case.word);
        raw.body = changed.into_bytes();
        match case.verify(&raw) {
            Err(Rejected::WrongSignature) => {}
            // The scheme does not cover the body.
            Ok(verified) => assert!(verified.replay_key().is_some(), "{}: the change is not seen", case.word),
            Err(other) => panic!("{}: {other}", case.word),
        }
    }
}

#[test]
fn a_stale_signature_is_rejected() {
    let dated = [
        "sandbox",
        "telnyx",
        "seven",
        "httpsms",
        "sms_gateway_android",
        "messagebird",
        "vonage",
        "vonage_sms",
        "aws_sns",
        "sinch",
        "sinch_conversation",
        "bird",
        "gammu",
        "sms_portal",
    ];
    for case in Case::all() {
        let raw = case.compose();
        let at = |shift: TimeDelta| case.adapter.verify(&raw, now() + shift).map(drop);
        let (late, early) = (at(TimeDelta::days(8)), at(TimeDelta::days(-8)));
        for (refused, when) in [(late, "late"), (early, "early")] {
            assert!(matches!(refused, Ok(()) | Err(Rejected::Stale)), "{} {when}: {refused:?}", case.word);
            if dated.contains(&case.word) {
                assert_eq!(refused, Err(Rejected::Stale), "{} {when}", case.word);
            }
        }
        assert_eq!(at(TimeDelta::seconds(-30)), Ok(()), "{}: clocks differ a little", case.word);
    }
}

#[test]
fn a_truncated_or_deeply_nested_body_is_malformed() {
    for case in Case::all() {
        let whole = case.compose();
        // Some have all fields in the URL.
        if whole.method == Method::GET || whole.body.is_empty() {
            continue;
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000)).into_bytes();
        let cut = whole.body[..whole.body.len() / 3].to_vec();
        for body in [deep, cut, Vec::new(), b"null".to_vec(), b"[]".to_vec(), b"[1,[],{}]".to_vec(), b"{}".to_vec()] {
            let mut raw = case.compose();
            raw.body = body;
            // The body is malformed, its items are, or it has none.
            let read = case.adapter.parse(&Verified::unchecked(&raw));
            let messages = read.into_iter().flatten().filter(|item| matches!(item, Ok(Item::Message(_)))).count();
            assert_eq!(messages, 0, "{}: {:?}", case.word, String::from_utf8_lossy(&raw.body));
        }
    }
}

#[test]
fn a_repeated_field_is_malformed() {
    for case in Case::all() {
        let mut raw = case.compose();
        let is_form =
            raw.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"urlencoded"));
        let Ok(body) = String::from_utf8(raw.body.clone()) else { continue };
        let said =
            |sms: &InboundSms| (sms.provider_message_id.clone(), sms.from.clone(), sms.to.clone(), sms.text.clone());
        let (once, sent_at) = (said(&case.message(&raw)), case.message(&raw).sent_at);
        let doubled: Vec<String> = if body.trim_start().starts_with(['{', '[']) {
            // A repeated name in the first object.
            vec![body.replacen('{', r#"{"doubled":1,"doubled":2,"#, 1)]
        } else if is_form {
            let names = body.split('&').filter_map(|field| Some(field.split_once('=')?.0));
            names.map(|name| format!("{body}&{name}=another+value")).collect()
        } else {
            continue;
        };
        for body in doubled {
            raw.body = body.into_bytes();
            // Neither of the two values is taken: the body is malformed, or the field is not one that is parsed.
            for item in case.adapter.parse(&Verified::unchecked(&raw)).into_iter().flatten() {
                let Ok(Item::Message(sms)) = item else { continue };
                assert!(is_form, "{}: JSON with a name twice is read", case.word);
                assert!(sms.sent_at.is_none() || sms.sent_at == sent_at, "{}: one of two times was taken", case.word);
                assert_eq!(said(&sms), once, "{}: {}", case.word, String::from_utf8_lossy(&raw.body));
            }
        }
    }
}

#[test]
fn another_content_type_is_rejected_or_malformed() {
    for case in Case::all() {
        let mut raw = case.compose();
        if raw.method == Method::GET {
            continue;
        }
        raw.headers.insert(header::CONTENT_TYPE, "image/png".parse().unwrap());
        if let Ok(verified) = case.verify(&raw) {
            // A content type that is not signed may be ignored.
            let read = case.adapter.parse(&verified);
            for item in read.into_iter().flatten().flatten() {
                let Item::Message(sms) = item else { continue };
                assert_eq!(sms.text, case.draft().text, "{}", case.word);
            }
        }
    }
}

#[test]
fn every_kind_has_a_description() {
    let mut words = Vec::new();
    for kind in kinds() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(kind.word.chars().all(plain) && kind.word.starts_with(char::is_alphabetic), "{}", kind.word);
        assert!(!kind.title.is_empty() && !kind.secret.is_empty(), "{}", kind.word);
        assert!(kind.api_endpoint.starts_with("http"), "{}", kind.word);
        assert!(!words.contains(&kind.word), "{} is there twice", kind.word);
        words.push(kind.word);
    }
    assert!(super::find_kind("unheard_of").unwrap_err().message().contains("twilio"));
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    for case in Case::all() {
        let mut configuration: Map<_, _> = case.sample.configuration.as_object().unwrap().clone();
        configuration.insert("unheard_of".to_owned(), 1.into());
        let refused = Adapter::open(case.word, case.sample.secret.as_str().into(), None, &configuration).unwrap_err();
        assert!(refused.message().contains("unheard_of"), "{}: {refused}", case.word);
    }
}

#[test]
fn a_url_token_is_required_as_well() {
    for case in Case::all() {
        let configuration = case.sample.configuration.as_object().unwrap();
        let with_token =
            || Adapter::open(case.word, case.sample.secret.as_str().into(), Some("second".into()), configuration);
        if case.adapter.has_secret_in_url() {
            // The URL has only one parameter for both.
            assert_eq!(with_token().unwrap_err().details()["field"], "addressToken", "{}", case.word);
            continue;
        }
        let opened = with_token().unwrap();
        assert!(opened.verify(&case.compose(), now()).is_err(), "{}", case.word);
        let with = opened.compose(&case.draft()).unwrap();
        assert!(with.url.contains("token=second"), "{}", case.word);
        opened.verify(&with, now()).unwrap_or_else(|rejected| panic!("{}: {rejected}", case.word));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Neither verifying nor parsing panics, whatever the request.
    #[test]
    fn random_requests_do_not_panic(
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..400),
            "[\\[\\]{}:,\"a-z0-9\\\\ ]{0,200}".prop_map(String::into_bytes),
            "([a-zA-Z_0-9]{1,12}=(%[0-9a-fA-F]{2}|[a-z+&%]){0,20}&){0,10}".prop_map(String::into_bytes),
        ],
        query in "[ -~]{0,60}",
        header in "[ -~]{0,80}",
        content_type in prop_oneof![
            Just("application/json"), Just("application/x-www-form-urlencoded"), Just("text/plain"), Just("text/xml"), Just(""),
        ],
        is_get in any::<bool>(),
    ) {
        for case in Case::all() {
            let composed = case.compose();
            let mut raw = webhook(&format!("https://sms.example.com/v1/webhooks/sms?{query}"), &[("content-type", content_type)], &body);
            if is_get {
                raw.method = Method::GET;
            }
            for name in composed.headers.keys().filter(|name| *name != header::CONTENT_TYPE) {
                raw.headers.insert(name.clone(), header.parse().unwrap());
            }
            for endpoint in [Endpoint::Messages, Endpoint::Statuses] {
                raw.endpoint = endpoint;
                let _ = case.adapter.certificate_url(&raw);
                let _ = case.adapter.is_probe(&raw);
                prop_assert!(case.verify(&raw).is_err() || case.adapter.is_probe(&raw), "{} verified it", case.word);
                let _ = case.adapter.parse(&Verified::unchecked(&raw));
                let _ = case.adapter.payload(&Verified::unchecked(&raw));
            }
        }
    }

    /// Nor with a few bytes of a real body changed; what is parsed can be stored.
    #[test]
    fn mutated_bodies_do_not_panic(at in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        for case in Case::all() {
            let mut raw = case.compose();
            if raw.body.is_empty() {
                continue;
            }
            for (index, byte) in &at {
                let length = raw.body.len();
                raw.body[index.index(length)] = *byte;
            }
            let _ = case.verify(&raw);
            for item in case.adapter.parse(&Verified::unchecked(&raw)).into_iter().flatten().flatten() {
                if let Item::Message(sms) = item {
                    prop_assert!(!sms.text.contains('\0'), "{}", case.word);
                    prop_assert!(sms.provider_message_id.chars().count() <= InboundSms::MAX_ID, "{}", case.word);
                }
            }
            let _ = case.adapter.payload(&Verified::unchecked(&raw));
        }
    }
}
