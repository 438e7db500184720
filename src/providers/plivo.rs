//! Plivo: form posts, signed with the Auth Token of the account, or of the main account.
//!
//! Messages are signed by scheme V2: base64 of HMAC-SHA256 over the address without its query, and a nonce. Neither
//! the body nor the query is covered, so a nonce is good for one body. Scheme V3, which calls have today, covers the
//! query and the fields too; an account that gets it says so in its configuration. V1 is obsolete, and refused.
//!
//! Each scheme has two headers for signatures: one made with the token of the account or subaccount that owns the
//! number, and one made with that of the main account (`Ma`). Either fits, according to whose token the secret is.
//!
//! Sources: Plivo's documentation, "Signature validation", "Incoming messages", "Message status callbacks"; its SDKs'
//! signature utilities.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Hash, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, States,
        TimeFormat, Verified, media, message_id, one, payload, read_utc, sender, state_of, unbase64,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "plivo",
    title: "Plivo",
    secret: "the Auth Token of the account or the subaccount",
    settings: &[("signature", "How webhooks are signed: v2 (the default, as messages are) or v3.")],
    api_endpoint: "https://api.plivo.com",
    open: Opener::Code(|setup| {
        let Settings { signature } = setup.own()?;
        Ok(Box::new(Plivo { secret: setup.secret, scheme: signature, common: setup.common }))
    }),
};

const STATES: &States = &[
    (DeliveryState::Queued, &["queued"]),
    (DeliveryState::Sent, &["sent"]),
    (DeliveryState::Delivered, &["delivered", "read"]),
    (DeliveryState::Undelivered, &["undelivered"]),
    (DeliveryState::Failed, &["failed", "rejected"]),
];

/// The adapter.
pub struct Plivo {
    secret: SecretString,
    scheme: Scheme,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    signature: Scheme,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    #[default]
    V2,
    V3,
}

impl Scheme {
    /// The headers of the signature, of the main account's signature, and of the nonce.
    const fn headers(self) -> [&'static str; 3] {
        match self {
            Self::V2 => ["x-plivo-signature-v2", "x-plivo-signature-ma-v2", "x-plivo-signature-v2-nonce"],
            Self::V3 => ["x-plivo-signature-v3", "x-plivo-signature-ma-v3", "x-plivo-signature-v3-nonce"],
        }
    }

    /// What is signed, but for the nonce at its end.
    fn covered(self, raw: &RawWebhook) -> Vec<u8> {
        let base = raw.url.split(['?', '#']).next().unwrap_or_default();
        let mut covered = base.as_bytes().to_vec();
        if self == Self::V2 {
            return covered;
        }
        let query = Form::decode(raw.query().as_bytes());
        let query: Vec<_> =
            query.sorted().iter().map(|(name, value)| [name, b"=".as_slice(), value].concat()).collect();
        let form = Form::decode(if raw.method == Method::GET { b"" } else { &raw.body });
        let fields: Vec<_> = form.sorted().iter().flat_map(|(name, value)| [*name, *value]).collect();
        if !query.is_empty() || !fields.is_empty() {
            covered.push(b'?');
        }
        covered.extend(query.join(&b'&'));
        if !query.is_empty() && !fields.is_empty() {
            covered.push(b'.');
        }
        covered.extend(fields.concat());
        covered.push(b'.');
        covered
    }
}

impl Plivo {
    fn code(&self, raw: &RawWebhook, nonce: &str) -> Vec<u8> {
        let key = self.secret.expose_secret().as_bytes();
        Hash::Sha256.code(key, &[&self.scheme.covered(raw), nonce.as_bytes()])
    }
}

impl Provider for Plivo {
    fn methods(&self) -> &[Method] {
        match self.scheme {
            // The fields of a GET are in its query, which V2 leaves out: they could be changed with the same nonce.
            Scheme::V2 => &[Method::POST],
            Scheme::V3 => &[Method::POST, Method::GET],
        }
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let [own, main, nonce] = self.scheme.headers();
        let headers: Vec<_> = [own, main].into_iter().filter_map(|name| raw.header(name).ok()).collect();
        if headers.is_empty() {
            return Err(Rejected::Unsigned(own.to_owned()));
        }
        let nonce = raw.header(nonce)?;
        if self.scheme == Scheme::V2 || raw.method != Method::GET {
            raw.must_be_form()?;
        }
        // Of several signatures, any may be the one. Equality is symmetric, so they take the place of the computed.
        let presented = headers.iter().flat_map(|header| header.split(',')).filter_map(|text| unbase64(text.trim()));
        let verified = Verified::by_code(raw, presented, &self.code(raw, nonce))?;
        Ok(match self.scheme {
            Scheme::V2 => verified.only_once(&[&self.scheme.covered(raw), nonce.as_bytes()].concat(), now, None),
            Scheme::V3 => verified,
        })
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let raw = webhook.raw();
        let form = match self.scheme {
            Scheme::V2 => Form::decode(&raw.body),
            Scheme::V3 => raw.flat()?,
        };
        one(read(&form.without_ours(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack { status: 200, content_type: "application/xml".into(), body: "<Response/>".into() }
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("From", Draft::bare(draft.from)),
            ("To", Draft::bare(draft.to)),
            ("Text", draft.text),
            ("Type", "sms"),
            ("MessageUUID", draft.id),
            ("Units", "1"),
            ("TotalRate", "0"),
            ("TotalAmount", "0"),
            ("MessageIntent", ""),
        ];
        let [signature, _, nonce] = self.scheme.headers();
        let mut raw = Outgoing::form(draft.url, &fields, &[(nonce, draft.nonce)]);
        let code = STANDARD.encode(self.code(&raw, draft.nonce));
        Outgoing::set(&mut raw, signature, &code);
        Ok(raw)
    }
}

/// Reads a message or a status callback.
fn read(form: &Form<'_>, common: &Common) -> Result<Item, Malformed> {
    let id = message_id("MessageUUID", form.text("MessageUUID")?)?;
    if let Some(status) = form.filled("Status")? {
        let at = form.first_of(&["DeliveryReportTime", "SentTime", "QueuedTime"]).ok();
        return Ok(Item::Status(StatusUpdate {
            provider_message_id: id,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number: form.find("To")?.and_then(|to| common.recipient("To", Some(to)).ok()),
            at: at.and_then(|(_, text)| {
                let plain = TimeFormat::Pattern("%Y-%m-%d %H:%M:%S%.f".to_owned());
                read_utc(text, &TimeFormat::Rfc3339).or_else(|| read_utc(text, &plain))
            }),
            // 000 says that nothing went wrong.
            error: form.filled("ErrorCode")?.filter(|code| *code != "000").map(str::to_owned),
            payload: payload(form),
        }));
    }
    // An MMS has its text in `Body`, and need not have one.
    let text = match (form.find("Text")?, form.find("Body")?) {
        (None, None) if form.filled("Type")? != Some("mms") => return Err(Malformed::new("Text", "is missing")),
        (text, body) => text.filter(|text| !text.is_empty()).or(body).unwrap_or_default(),
    };
    let mut sms =
        InboundSms::new(id, sender("From", form.text("From")?)?, common.recipient("To", Some(form.text("To")?))?, text);
    // Files are counted from 0 or from 1.
    let files = form.number::<usize>("MediaCount")?.unwrap_or(0).min(InboundSms::MAX_MEDIA);
    let file = |at: usize| media(form.find(&format!("Media{at}")).ok().flatten()?, None);
    sms.media = (0..=files).filter_map(file).take(InboundSms::MAX_MEDIA).collect();
    sms.segments = form.number("Units")?;
    sms.payload = payload(form);
    Ok(Item::Message(sms))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use super::*;
    use crate::providers::testing::{adapter, vectors, webhook};

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
    const V2: [&str; 3] = Scheme::V2.headers();

    /// The form that a vector posts, or has in the query of a GET.
    fn fields(vector: &Value) -> String {
        let fields: Vec<(String, String)> =
            serde_json::from_value(vector["input"]["params"].clone()).unwrap_or_default();
        serde_urlencoded::to_string(fields).unwrap()
    }

    fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
        vector["input"][name].as_str().unwrap()
    }

    fn verify(scheme: &str, secret: &str, raw: &RawWebhook) -> Result<(), Rejected> {
        adapter("plivo", secret, json!({ "signature": scheme })).verify(raw, DateTime::UNIX_EPOCH).map(drop)
    }

    #[test]
    fn published_signatures_of_v2() {
        for vector in vectors("plivo_v2") {
            let expected = vector["expected"].as_str().unwrap();
            for header in [V2[0], V2[1]] {
                let headers = [("content-type", Form::TYPE), (header, expected), (V2[2], text(&vector, "nonce"))];
                // The query is not covered.
                for url in [text(&vector, "url").to_owned(), format!("{}?provider=test", text(&vector, "url"))] {
                    let verified = verify("v2", text(&vector, "token"), &webhook(&url, &headers, b"Text=x"));
                    assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
                }
            }
        }
    }

    #[test]
    fn published_signatures_of_v3() {
        let [header, main, nonce] = Scheme::V3.headers();
        for vector in vectors("plivo_v3") {
            let expected = vector["expected"].as_str().unwrap();
            let request = |fields: &str| {
                let listed = format!("AAAA, {expected}");
                let headers = [("content-type", Form::TYPE), (header, &listed), (nonce, text(&vector, "nonce"))];
                let url = text(&vector, "url");
                if text(&vector, "method") == "POST" {
                    return webhook(url, &headers, fields.as_bytes());
                }
                let separator = if url.contains('?') { "&" } else { "?" };
                let mut raw = webhook(&format!("{url}{separator}{fields}"), &headers, b"");
                raw.method = Method::GET;
                raw
            };
            let verify = |raw: &RawWebhook| verify("v3", text(&vector, "token"), raw);
            let mut raw = request(&fields(&vector));
            assert_eq!(verify(&raw), Ok(()), "{vector}");
            assert_eq!(verify(&request(&fields(&vector).replace("0.002", "0.003"))), Err(Rejected::WrongSignature));
            let signature = raw.headers.remove(header).unwrap();
            assert_eq!(verify(&raw), Err(Rejected::Unsigned(header.to_owned())));
            raw.headers.insert(main, signature);
            assert_eq!(verify(&raw), Ok(()), "the main account's");
        }
    }

    #[test]
    fn the_obsolete_scheme_is_refused() {
        for vector in vectors("plivo_v1") {
            let expected = vector["expected"].as_str().unwrap();
            let verify = |scheme: &str, headers: &[(&str, &str)]| {
                let mut raw = webhook(text(&vector, "url"), headers, fields(&vector).as_bytes());
                Outgoing::set(&mut raw, "content-type", Form::TYPE);
                verify(scheme, text(&vector, "token"), &raw)
            };
            for (scheme, [own, _, nonce]) in [("v2", V2), ("v3", Scheme::V3.headers())] {
                let old = verify(scheme, &[("x-plivo-signature", expected)]);
                assert_eq!(old, Err(Rejected::Unsigned(own.to_owned())));
                let renamed = verify(scheme, &[(own, expected), (nonce, "")]);
                assert_eq!(renamed, Err(Rejected::WrongSignature));
            }
        }
    }

    #[test]
    fn the_scheme_is_the_accounts() {
        let draft = Draft {
            id: "1",
            from: "+14155550100",
            to: "+15005550006",
            text: "482913",
            url: URL,
            now: DateTime::UNIX_EPOCH,
            nonce: "12345",
            key: None,
        };
        let sent = |scheme: &str| adapter("plivo", "key", json!({ "signature": scheme })).compose(&draft).unwrap();
        for (theirs, ours) in [("v2", "v3"), ("v3", "v2")] {
            assert_eq!(verify(theirs, "key", &sent(theirs)), Ok(()));
            assert!(matches!(verify(ours, "key", &sent(theirs)), Err(Rejected::Unsigned(_))), "{theirs} for {ours}");
        }
        // V2 covers no field: a nonce is good for one body, and a query says nothing.
        let account = adapter("plivo", "key", json!({}));
        let mut raw = sent("v2");
        let once = |raw: &RawWebhook| account.verify(raw, draft.now).unwrap().once().cloned().unwrap();
        assert!(once(&raw).until > draft.now + TimeDelta::days(30));
        // What stands in the path could stand in the nonce: it is the same signature, and it was used.
        let (path, last) = ("https://a.example/v1/webhooks/sms", "/plivo");
        let of = |url: &str, nonce: &str| {
            let code = Hash::Sha256.code(b"key", &[format!("{path}{last}12345").as_bytes()]);
            let signature = STANDARD.encode(code);
            let [own, _, nonce_header] = Scheme::V2.headers();
            let headers = [("content-type", Form::TYPE), (own, &signature), (nonce_header, nonce)];
            once(&webhook(url, &headers, b"MessageUUID=1")).key
        };
        assert_eq!(of(&format!("{path}{last}"), "12345"), of(&format!("{path}?provider=plivo"), "/plivo12345"));
        raw.method = Method::GET;
        raw.url = format!("{URL}&MessageUUID=2&From=BANK&To=15005550006&Text=forged");
        assert_eq!(account.methods(), [Method::POST]);
        let verified = account.verify(&raw, draft.now).unwrap();
        let Item::Message(sms) = account.parse(&verified).unwrap().remove(0).unwrap() else { panic!() };
        assert_eq!(sms.text, "482913");
    }

    fn parse(body: &str) -> Result<Item, Malformed> {
        let raw = webhook(URL, &[("content-type", Form::TYPE)], body.as_bytes());
        adapter("plivo", "key", json!({})).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    #[test]
    fn messages_of_either_type_are_read() {
        let body = "From=14155550100&To=15005550006&Text=Your+code+is+482913&Type=sms&MessageUUID=3f1d7c2e&Units=2\
                    &TotalRate=0&TotalAmount=0&MessageIntent=";
        let Ok(Item::Message(sms)) = parse(body) else { panic!("{body}") };
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
        assert_eq!((sms.text.as_str(), sms.segments), ("Your code is 482913", Some(2)));
        let body =
            "From=1&To=12345&Type=mms&MessageUUID=1&Body=look&MediaCount=2&Media1=https://a/1&Media2=https://a/2";
        let Ok(Item::Message(mms)) = parse(body) else { panic!("{body}") };
        assert_eq!((mms.text.as_str(), mms.media.len()), ("look", 2));
        let Ok(Item::Message(mms)) = parse("From=1&To=12345&Type=mms&MessageUUID=1&MediaCount=1&Media0=https://a/1")
        else {
            panic!()
        };
        assert_eq!((mms.text.as_str(), mms.media.len()), ("", 1));
        for (body, field) in [
            ("From=1&To=12345&Text=x", "MessageUUID"),
            ("MessageUUID=1&To=12345&Text=x", "From"),
            ("MessageUUID=1&From=1&Text=x", "To"),
            ("MessageUUID=1&From=1&To=12345", "Text"),
        ] {
            assert_eq!(parse(body).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn status_callbacks_are_read() {
        let status = |word: &str, code: &str| {
            let body = format!(
                "MessageUUID=1&ParentMessageUUID=1&PartInfo=1+of+2&Status={word}&From=15005550006&To=%2B14155550100\
                 &ErrorCode={code}&DeliveryReportTime=2026-11-22+08%3A00%3A00"
            );
            let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
            assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
            assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
            (update.state, update.error)
        };
        assert_eq!(status("delivered", "000"), (Some(DeliveryState::Delivered), None));
        assert_eq!(status("undelivered", "300"), (Some(DeliveryState::Undelivered), Some("300".to_owned())));
        assert_eq!(status("something_new", ""), (None, None));
    }
}
