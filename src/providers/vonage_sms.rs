//! Vonage SMS API, the older of the two (once Nexmo): a GET, a form or JSON, as the account says, with the signature
//! among the parameters.
//!
//! `sig` covers every other parameter, sorted by name: `&name=value` each, where `&` and `=` within become `_`. The
//! account has one of five methods: MD5 with the secret at the end (`md5hash`), or HMAC. Parameters that the operator
//! put into the address of a GET (`provider`, `token`) are not Vonage's, and not covered. Vonage's SDKs differ on
//! blank values: most sign them, the Java one does not.
//!
//! Long messages come part by part. In a delivery receipt `msisdn` is the recipient, and `to` is who sent it: the
//! opposite of a message.
//!
//! Sources: Vonage's documentation, "Signing messages", "Inbound SMS", "Delivery receipts"; its SDKs for PHP, Python,
//! Java and .NET. (The Node SDK's signer does not make the documented signature.)

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Hash, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, fresh, hex, message_id, one, payload, read_utc, sender, state_of, unhex,
    },
    vonage::TOLERANCE,
};
use crate::domain::{DeliveryState, InboundSms, Part, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "vonage_sms",
    title: "Vonage SMS API",
    secret: "the signature secret of the account, from its API settings",
    settings: &[(
        "signature_method",
        "The account's signature method: md5hash (the default, as Vonage's), or HMAC with md5, sha1, sha256 or sha512.",
    )],
    api_endpoint: "https://rest.nexmo.com",
    open: Opener::Code(|setup| {
        let Settings { signature_method: method } = setup.own()?;
        let tolerance = setup.tolerance(TOLERANCE);
        Ok(Box::new(VonageSms { secret: setup.secret, method, tolerance, common: setup.common }))
    }),
};

const STATES: &States = &[
    (DeliveryState::Queued, &["accepted", "buffered"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["expired", "failed"]),
    (DeliveryState::Failed, &["rejected"]),
];

/// The parameter that carries the signature.
const SIGNATURE: &str = "sig";
/// The parameter that carries the time of the signature.
const TIMESTAMP: &str = "timestamp";

/// The adapter.
pub struct VonageSms {
    secret: SecretString,
    method: SignatureMethod,
    tolerance: u32,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    signature_method: SignatureMethod,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SignatureMethod {
    #[default]
    Md5Hash,
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl VonageSms {
    fn code(&self, form: &Form<'_>, has_blanks: bool) -> Vec<u8> {
        let mut signed = Vec::new();
        for (name, value) in form.sorted() {
            if name == SIGNATURE.as_bytes() || !has_blanks && value.trim_ascii().is_empty() {
                continue;
            }
            let plain = |bytes: &[u8]| bytes.iter().map(|&b| if matches!(b, b'&' | b'=') { b'_' } else { b }).collect();
            let (name, value): (Vec<u8>, Vec<u8>) = (plain(name), plain(value));
            signed.extend([b"&".as_slice(), &name, b"=", &value].concat());
        }
        let key = self.secret.expose_secret().as_bytes();
        let hash = match self.method {
            SignatureMethod::Md5Hash => return Hash::Md5.digest(&[&signed, key].concat()),
            SignatureMethod::Md5 => Hash::Md5,
            SignatureMethod::Sha1 => Hash::Sha1,
            SignatureMethod::Sha256 => Hash::Sha256,
            SignatureMethod::Sha512 => Hash::Sha512,
        };
        hash.code(key, &[&signed])
    }
}

impl Provider for VonageSms {
    fn methods(&self) -> &[Method] {
        &[Method::GET, Method::POST]
    }

    /// Whether nothing was posted: so Vonage tries an address when it is saved.
    fn is_probe(&self, raw: &RawWebhook) -> bool {
        raw.body.is_empty() && Form::decode(raw.query().as_bytes()).without_ours().is_empty()
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        raw.must_be_flat()?;
        let form = raw.flat().map_err(|_| Rejected::WrongSignature)?.without_ours();
        let find = |name| form.find(name).map_err(|_| Rejected::WrongSignature);
        let presented = find(SIGNATURE)?.ok_or_else(|| Rejected::Unsigned(SIGNATURE.to_owned()))?;
        let presented = unhex(presented).ok_or(Rejected::WrongSignature)?;
        let codes = [true, false].into_iter().map(|has_blanks| self.code(&form, has_blanks));
        let verified = Verified::by_code(raw, codes, &presented)?;
        let signed_at = find(TIMESTAMP)?.ok_or_else(|| Rejected::Unsigned(TIMESTAMP.to_owned()))?;
        fresh(signed_at.parse().map_err(|_| Rejected::Stale)?, now, Some(self.tolerance))?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        one(read(&webhook.raw().flat()?.without_ours(), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let signed_at = draft.now.timestamp().to_string();
        let time = draft.now.format("%Y-%m-%d %H:%M:%S").to_string();
        let keyword = draft.text.split(' ').next().unwrap_or_default().to_uppercase();
        let fields = [
            ("msisdn", Draft::bare(draft.from)),
            ("to", Draft::bare(draft.to)),
            ("messageId", draft.id),
            ("text", draft.text),
            ("type", if draft.text.is_ascii() { "text" } else { "unicode" }),
            ("keyword", &keyword),
            ("api-key", "abcd1234"),
            ("message-timestamp", &time),
            (TIMESTAMP, &signed_at),
            ("nonce", draft.nonce),
        ];
        let mut body: Map<_, _> =
            fields.map(|(name, value)| (name.to_owned(), Value::from(value))).into_iter().collect();
        let form = serde_urlencoded::to_string(fields).unwrap_or_default();
        let signature = hex(&self.code(&Form::decode(form.as_bytes()), true));
        body.insert(SIGNATURE.to_owned(), signature.into());
        Ok(Outgoing::json(draft.url, Value::Object(body).to_string().into_bytes(), &[]))
    }
}

/// Reads a message, a part of one, or a delivery receipt.
fn read(form: &Form<'_>, common: &Common) -> Result<Item, Malformed> {
    let id = message_id("messageId", form.text("messageId")?)?;
    // A blank one may have been added by anybody: blank values need not be signed.
    if let Some(status) = form.find("status")?.filter(|status| !status.trim().is_empty()) {
        return Ok(Item::Status(StatusUpdate {
            provider_message_id: id,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number: form.find("msisdn")?.and_then(|to| common.recipient("msisdn", Some(to)).ok()),
            at: time(form, "scts", "%y%m%d%H%M").or_else(|| sent_at(form)),
            // 0 says that nothing went wrong.
            error: form.filled("err-code")?.filter(|code| *code != "0").map(str::to_owned),
            payload: payload(form),
        }));
    }
    // A binary message has its bytes in `data`. They stay as Vonage writes them, in hexadecimal digits.
    let text = match form.filled("text")?.or(form.filled("data")?) {
        Some(text) => text,
        None => form.text("text")?,
    };
    let mut sms =
        InboundSms::new(id, sender("msisdn", form.text("msisdn")?)?, common.recipient("to", form.find("to")?)?, text);
    sms.sent_at = sent_at(form);
    sms.part = part(form);
    sms.payload = payload(form);
    Ok(Item::Message(sms))
}

/// Which part of a long message it is. What cannot be told makes it a message of its own, so that it is not lost.
fn part(form: &Form<'_>) -> Option<Part> {
    form.filled("concat").ok()?.filter(|concat| concat.eq_ignore_ascii_case("true"))?;
    let count = form.number("concat-total").ok()?.filter(|count| *count >= 2)?;
    let number = form.number("concat-part").ok()?.filter(|number| (1..=count).contains(number))?;
    Some(Part { reference: form.filled("concat-ref").ok()??.to_owned(), number, count })
}

/// When Vonage got it. Its documentation has a time in UTC without a zone; RFC 3339 has been seen too.
fn sent_at(form: &Form<'_>) -> Option<DateTime<Utc>> {
    let name = "message-timestamp";
    time(form, name, "%Y-%m-%d %H:%M:%S").or_else(|| read_utc(form.filled(name).ok()??, &TimeFormat::Rfc3339))
}

fn time(form: &Form<'_>, name: &str, pattern: &str) -> Option<DateTime<Utc>> {
    read_utc(form.filled(name).ok()??, &TimeFormat::Pattern(pattern.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::{
        Adapter,
        testing::{adapter, vectors, webhook},
    };

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test&token=ours";

    fn form(fields: &Map<String, Value>) -> String {
        serde_urlencoded::to_string(
            fields.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    /// The same parameters in each of the three ways to bring them.
    fn ways(fields: &Map<String, Value>) -> [RawWebhook; 3] {
        let mut get = webhook(&format!("{URL}&{}", form(fields)), &[], b"");
        get.method = Method::GET;
        let post = webhook(URL, &[("content-type", Form::TYPE)], form(fields).as_bytes());
        let json = Value::Object(fields.clone()).to_string();
        [get, post, webhook(URL, &[("content-type", "application/json")], json.as_bytes())]
    }

    #[test]
    fn published_signatures() {
        for vector in vectors("vonage_sms") {
            let text = |name: &str| vector["input"][name].as_str().unwrap();
            let configuration = json!({ "signature_method": text("method") });
            if text("secret").is_empty() {
                let opened = Adapter::open("vonage_sms", "".into(), None, configuration.as_object().unwrap());
                assert_eq!(opened.unwrap_err().details()["field"], "secret");
                continue;
            }
            let account = adapter("vonage_sms", text("secret"), configuration);
            let mut fields = vector["input"]["params"].as_object().unwrap().clone();
            fields.insert("sig".to_owned(), vector["expected"].clone());
            let now: i64 = fields["timestamp"].as_str().unwrap().parse().unwrap();
            let now = DateTime::from_timestamp(now, 0).unwrap();
            for raw in ways(&fields) {
                let verified = account.verify(&raw, now).map(drop);
                assert_eq!(Value::from(verified.is_ok()), vector["valid"], "{vector}");
            }
            fields.insert("text".to_owned(), "forged".into());
            for raw in ways(&fields) {
                assert_eq!(account.verify(&raw, now).map(drop), Err(Rejected::WrongSignature), "{vector}");
            }
        }
    }

    #[test]
    fn the_method_is_the_accounts() {
        let account = |method: &str| adapter("vonage_sms", "secret", json!({ "signature_method": method }));
        let draft = Draft {
            id: "1",
            from: "+14155550100",
            to: "+15005550006",
            text: "482913",
            url: URL,
            now: DateTime::UNIX_EPOCH,
            nonce: "1",
            key: None,
        };
        let methods = ["md5hash", "md5", "sha1", "sha256", "sha512"];
        for theirs in methods {
            let raw = account(theirs).compose(&draft).unwrap();
            for ours in methods {
                assert_eq!(account(ours).verify(&raw, draft.now).is_ok(), ours == theirs, "{theirs} for {ours}");
            }
        }
        let unknown = json!({ "signature_method": "none" });
        assert!(Adapter::open("vonage_sms", "secret".into(), None, unknown.as_object().unwrap()).is_err());
    }

    #[test]
    fn a_signature_needs_a_time() {
        let account = VonageSms {
            secret: "secret".into(),
            method: SignatureMethod::Sha256,
            tolerance: 300,
            common: Common::default(),
        };
        let verify = |fields: &str| {
            let sig = hex(&account.code(&Form::decode(fields.as_bytes()), true)).to_uppercase();
            let raw = webhook(URL, &[("content-type", Form::TYPE)], format!("{fields}&sig={sig}").as_bytes());
            account.verify(&raw, DateTime::from_timestamp(1_000, 0).unwrap()).map(drop)
        };
        assert_eq!(verify("timestamp=700"), Ok(()));
        assert_eq!(verify("timestamp=699"), Err(Rejected::Stale));
        assert_eq!(verify("timestamp=1301"), Err(Rejected::Stale));
        assert_eq!(verify("timestamp=soon"), Err(Rejected::Stale));
        assert_eq!(verify("text=x"), Err(Rejected::Unsigned("timestamp".to_owned())));
        let xml = webhook(URL, &[("content-type", "text/xml")], b"<a/>");
        assert!(matches!(account.verify(&xml, DateTime::UNIX_EPOCH), Err(Rejected::WrongType(_))));
    }

    #[test]
    fn an_address_is_tried_without_parameters() {
        let account = adapter("vonage_sms", "secret", json!({}));
        let probe = |method, url: &str, body: &[u8]| {
            let mut raw = webhook(url, &[], body);
            raw.method = method;
            account.is_probe(&raw)
        };
        assert!(probe(Method::GET, URL, b""));
        assert!(probe(Method::POST, URL, b""));
        assert!(!probe(Method::GET, &format!("{URL}&msisdn=1"), b""));
        assert!(!probe(Method::POST, URL, b"msisdn=1"));
    }

    fn parse(body: &Value) -> Result<Item, Malformed> {
        let raw = webhook(URL, &[("content-type", "application/json")], body.to_string().as_bytes());
        adapter("vonage_sms", "x", json!({})).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    fn message(more: Value) -> InboundSms {
        let mut body = json!({
            "msisdn": "14155550100", "to": 15_005_550_006_u64, "messageId": "0A0000000123ABCD", "text": "482913",
            "type": "text", "message-timestamp": "2026-11-22 08:00:00", "timestamp": "1795334400",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        match parse(&body) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn messages_and_their_parts_are_read() {
        let sms = message(json!({ "status": " " }));
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
        assert_eq!((sms.text.as_str(), sms.part), ("482913", None));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
        assert_eq!(message(json!({ "message-timestamp": "2026-11-22T08:00:00Z" })).sent_at, sms.sent_at);
        assert_eq!(message(json!({ "text": null, "data": "0102" })).text, "0102");
        assert_eq!(message(json!({ "text": "" })).text, "");

        let part = |concat: Value, number: &str, count: &str| {
            let more = json!({ "concat": concat, "concat-ref": "108", "concat-part": number, "concat-total": count });
            message(more).part
        };
        let second = Some(Part { reference: "108".to_owned(), number: 2, count: 3 });
        assert_eq!(part("true".into(), "2", "3"), second);
        assert_eq!(part(true.into(), "2", "3"), second);
        for (concat, number, count) in [("false", "2", "3"), ("true", "0", "3"), ("true", "4", "3"), ("true", "1", "1")]
        {
            assert_eq!(part(concat.into(), number, count), None, "{concat} {number} {count}");
        }
        let binary =
            parse(&json!({ "msisdn": "1", "to": "12345", "messageId": "1", "type": "binary", "data": "0102" }));
        assert!(matches!(binary, Ok(Item::Message(sms)) if sms.text == "0102"));
        for (body, field) in [
            (json!({ "msisdn": "1", "to": "12345", "text": "x" }), "messageId"),
            (json!({ "msisdn": "1", "to": "12345", "messageId": "1" }), "text"),
            (json!({ "to": "12345", "messageId": "1", "text": "x" }), "msisdn"),
            (json!({ "msisdn": "1", "messageId": "1", "text": "x" }), "to"),
        ] {
            assert_eq!(parse(&body).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn a_receipt_names_the_recipient_as_the_phone() {
        let receipt = |status: &str, code: &str| {
            let body = json!({
                "msisdn": "14155550100", "to": "ACME", "messageId": "1", "status": status, "err-code": code,
                "scts": "2611220800", "message-timestamp": "2026-11-22 08:00:01", "price": "0.03", "network-code": "310260",
            });
            let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
            assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
            assert_eq!(update.at, DateTime::from_timestamp(1_795_334_400, 0));
            (update.state, update.error)
        };
        assert_eq!(receipt("delivered", "0"), (Some(DeliveryState::Delivered), None));
        assert_eq!(receipt("failed", "6"), (Some(DeliveryState::Undelivered), Some("6".to_owned())));
        assert_eq!(receipt("rejected", "7").0, Some(DeliveryState::Failed));
        assert_eq!(receipt("unknown", "0").0, None);
    }
}
