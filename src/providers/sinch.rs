//! Sinch SMS API (REST, formerly XMS): JSON posts, told apart by `type`.
//!
//! `x-sinch-webhook-signature` is base64 of HMAC-SHA256 over the body, a dot, the nonce, a dot and the timestamp,
//! which have headers of their own. The secret is used as it is written. A fourth header names the algorithm, and is
//! not listened to. Sinch's account managers switch the signature on, or Basic credentials in its place: which of the
//! two an account uses is for its configuration to say.
//!
//! Sources: Sinch's documentation, "SMS webhooks" and "Inbounds"; its SDKs for Node.js (`@sinch/sms`,
//! `@sinch/sdk-client`), Python and Java.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Basic, Common, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        Verified, document, fresh, media, message_id, octets, one, part_of, payload, refuse_setting, sender, state_of,
        unbase64, unhex,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "sinch",
    title: "Sinch SMS",
    secret: "the secret of the webhook signature, or with `auth` \"basic\" the password",
    settings: &[
        ("auth", "How webhooks show where they come from: \"hmac\" (the default) or \"basic\"."),
        ("username", "The user name, with `auth` \"basic\"."),
    ],
    api_endpoint: "https://sms.api.sinch.com",
    open: Opener::Code(|setup| Ok(Box::new(Sinch::open(setup)?))),
};

const SIGNATURE: &str = "x-sinch-webhook-signature";
const NONCE: &str = "x-sinch-webhook-signature-nonce";
const TIMESTAMP: &str = "x-sinch-webhook-signature-timestamp";
const ALGORITHM: &str = "x-sinch-webhook-signature-algorithm";

/// How old a signature may be, in seconds: Sinch waits twice as long each time before it tries again, at last almost
/// 23 hours, and does not say whether it signs anew.
const TOLERANCE: u32 = 48 * 3600;

const STATES: &States = &[
    (DeliveryState::Queued, &["Queued"]),
    (DeliveryState::Sent, &["Dispatched"]),
    (DeliveryState::Delivered, &["Delivered"]),
    (DeliveryState::Undelivered, &["Expired", "Failed", "Deleted"]),
    (DeliveryState::Failed, &["Aborted", "Rejected", "Cancelled"]),
];

/// The signature of Sinch's webhooks.
pub(super) struct Signature {
    secret: SecretString,
    tolerance: u32,
}

impl Signature {
    pub(super) fn new(setup: &Setup) -> Self {
        Self { secret: setup.secret.clone(), tolerance: setup.tolerance(TOLERANCE) }
    }

    fn code(&self, body: &[u8], nonce: &str, timestamp: &str) -> Vec<u8> {
        let parts: [&[u8]; 5] = [body, b".", nonce.as_bytes(), b".", timestamp.as_bytes()];
        Hash::Sha256.code(self.secret.expose_secret().as_bytes(), &parts)
    }

    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let presented = STANDARD.decode(raw.header(SIGNATURE)?).map_err(|_| Rejected::WrongSignature)?;
        let (nonce, timestamp) = (raw.header(NONCE)?, raw.header(TIMESTAMP)?);
        let verified = Verified::by_code(raw, [self.code(&raw.body, nonce, timestamp)], &presented)?;
        fresh(timestamp.parse().map_err(|_| Rejected::Stale)?, now, Some(self.tolerance))?;
        Ok(verified)
    }

    /// The same webhook, signed.
    pub(super) fn sign(&self, mut raw: RawWebhook, draft: &Draft<'_>) -> RawWebhook {
        let timestamp = draft.now.timestamp().to_string();
        let signature = STANDARD.encode(self.code(&raw.body, draft.nonce, &timestamp));
        for (name, value) in
            [(SIGNATURE, signature.as_str()), (NONCE, draft.nonce), (TIMESTAMP, &timestamp), (ALGORITHM, "HmacSHA256")]
        {
            Outgoing::set(&mut raw, name, value);
        }
        raw
    }
}

/// The adapter.
struct Sinch {
    proof: Proof,
    common: Common,
}

enum Proof {
    Hmac(Signature),
    Basic(Basic),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    auth: Auth,
    username: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Auth {
    #[default]
    Hmac,
    Basic,
}

impl Sinch {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { auth, username } = setup.own()?;
        let proof = match (auth, username) {
            (Auth::Hmac, None) => Proof::Hmac(Signature::new(&setup)),
            (Auth::Hmac, Some(_)) => return Err(refuse_setting("username", "goes with `auth` \"basic\" alone")),
            (Auth::Basic, username) => Proof::Basic(Basic::new(username.unwrap_or_default(), setup.secret)?),
        };
        Ok(Self { proof, common: setup.common })
    }

    fn message(&self, root: &Node<'_>, kind: &str) -> Result<InboundSms, Malformed> {
        let text = match kind {
            "mo_text" => root.text("/body")?.to_owned(),
            "mo_binary" => {
                let body = unbase64(root.text("/body")?).ok_or_else(|| root.wrong("/body", "must be base64"))?;
                octets(&body)
            }
            // A message of media may have a subject, a text, both or neither.
            _ => [root.filled("/body/subject")?, root.filled("/body/message")?]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("\n"),
        };
        let mut sms = InboundSms::new(
            message_id("/id", &root.scalar("/id")?)?,
            sender("/from", &root.scalar("/from")?)?,
            self.common.recipient("/to", root.find_scalar("/to")?.as_deref())?,
            &text,
        );
        if kind == "mo_binary" {
            sms.part = root.filled("/udh")?.and_then(unhex).and_then(|header| part_of(&header));
        }
        if kind == "mo_media" {
            // A file that could not be kept has no address.
            sms.media = (root.items("/body/media").unwrap_or_default().iter())
                .filter_map(|file| media(file.text("/url").ok()?, file.text("/content_type").ok()))
                .take(InboundSms::MAX_MEDIA)
                .collect();
        }
        sms.sent_at = root.time("/sent_at").or_else(|| root.time("/received_at"));
        sms.payload = payload(root.value());
        Ok(sms)
    }

    /// The state of one message of a batch, as `entry` has it: the report, or one of its `statuses`.
    fn status(&self, root: &Node<'_>, entry: &Node<'_>, recipient: Option<&str>) -> Result<Item, Malformed> {
        let word = entry.text("/status")?;
        let state = state_of(STATES, word);
        let code = entry.find_scalar("/code")?.filter(|_| state > Some(DeliveryState::Delivered));
        Ok(Item::Status(StatusUpdate {
            provider_message_id: message_id("/batch_id", root.text("/batch_id")?)?,
            state,
            provider_status: word.to_owned(),
            phone_number: recipient.and_then(|to| self.common.recipient("/recipient", Some(to)).ok()),
            at: root.time("/operator_status_at").or_else(|| root.time("/at")),
            error: code.map(Into::into),
            // What concerns this recipient: a report may name thousands.
            payload: payload(&json!({
                "type": root.value().get("type"),
                "batch_id": root.value().get("batch_id"),
                "recipient": recipient,
                "status": word,
                "code": entry.value().get("code"),
            })),
        }))
    }

    /// The states of a whole batch: one for every recipient that it names.
    fn statuses(&self, root: &Node<'_>) -> Reading {
        let mut items = Vec::new();
        for entry in root.items("/statuses")? {
            // Reports of the type `summary` have counts and no recipients.
            let recipients = entry.items("/recipients").unwrap_or_default();
            let named: Vec<_> = recipients.iter().filter_map(|recipient| recipient.scalar("").ok()).map(Some).collect();
            let recipients = if named.is_empty() { vec![None] } else { named };
            items.extend(recipients.iter().map(|recipient| self.status(root, &entry, recipient.as_deref())));
        }
        Ok(items)
    }
}

impl Provider for Sinch {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        match &self.proof {
            Proof::Hmac(signature) => signature.verify(raw, now),
            Proof::Basic(basic) => basic.verify(raw),
        }
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let body = document(&webhook.raw().body)?;
        let root = Node::root(&body);
        match root.text("/type")? {
            kind @ ("mo_text" | "mo_binary" | "mo_media") => one(self.message(&root, kind).map(Item::Message)),
            "recipient_delivery_report_sms" | "recipient_delivery_report_mms" => {
                one(self.status(&root, &root, root.find_scalar("/recipient")?.as_deref()))
            }
            "delivery_report_sms" | "delivery_report_mms" => self.statuses(&root),
            _ => one(Ok(Item::Nothing)),
        }
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({
            "id": draft.id,
            "type": "mo_text",
            "from": Draft::bare(draft.from),
            "to": Draft::bare(draft.to),
            "body": draft.text,
            "operator_id": "310260",
            "sent_at": now,
            "received_at": now,
        });
        let raw = Outgoing::json(draft.url, body.to_string().into_bytes(), &[]);
        Ok(match &self.proof {
            Proof::Hmac(signature) => signature.sign(raw, draft),
            Proof::Basic(basic) => basic.sign(raw),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::{
        Adapter,
        testing::{adapter, vectors, webhook},
    };

    fn read(body: &Value) -> Reading {
        let raw = webhook("http://a/", &[], body.to_string().as_bytes());
        adapter("sinch", "secret", json!({})).parse(&Verified::unchecked(&raw))
    }

    fn message(body: &Value) -> InboundSms {
        match read(body).unwrap().remove(0) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn published_signatures() {
        for vector in vectors("sinch") {
            let text = |pointer| vector.pointer(pointer).and_then(Value::as_str).unwrap();
            let timestamp: i64 = text("/input/timestamp").parse().unwrap();
            let verify = |kind, body: &str, nonce, late| {
                let headers = [
                    ("x-sinch-webhook-signature", text("/expected")),
                    ("x-sinch-webhook-signature-nonce", nonce),
                    ("x-sinch-webhook-signature-timestamp", text("/input/timestamp")),
                    // Whatever it says.
                    ("x-sinch-webhook-signature-algorithm", "none"),
                ];
                let raw = webhook("http://a/", &headers, body.as_bytes());
                let now = DateTime::from_timestamp(timestamp + late, 0).unwrap();
                adapter(kind, text("/input/secret"), json!({})).verify(&raw, now).map(drop)
            };
            let (body, nonce) = (text("/input/body"), text("/input/nonce"));
            for kind in ["sinch", "sinch_conversation"] {
                assert_eq!(Value::from(verify(kind, body, nonce, 0).is_ok()), vector["valid"], "{vector}");
                assert_eq!(verify(kind, body, nonce, 45 * 3600), Ok(()), "the last attempt");
                assert_eq!(verify(kind, body, nonce, 49 * 3600), Err(Rejected::Stale));
                assert_eq!(verify(kind, body, "other", 0), Err(Rejected::WrongSignature));
                assert_eq!(verify(kind, &format!("{body} "), nonce, 0), Err(Rejected::WrongSignature));
            }
        }
    }

    #[test]
    fn an_account_has_one_proof() {
        let draft = Draft {
            id: "1",
            from: "+14155550100",
            to: "+15005550006",
            text: "x",
            url: "http://a/",
            now: DateTime::UNIX_EPOCH,
            nonce: "00",
            key: None,
        };
        let accounts = [json!({}), json!({ "auth": "basic", "username": "user" })];
        let accounts = accounts.map(|configuration| adapter("sinch", "secret", configuration));
        for (at, account) in accounts.iter().enumerate() {
            let raw = account.compose(&draft).unwrap();
            assert_eq!(account.verify(&raw, draft.now).map(drop), Ok(()));
            let other = accounts[1 - at].verify(&raw, draft.now).map(drop);
            assert!(matches!(other, Err(Rejected::Unsigned(_))), "{other:?}");
        }
        for (configuration, field) in [
            (json!({ "auth": "basic" }), "configuration.username"),
            (json!({ "username": "user" }), "configuration.username"),
            (json!({ "auth": "none" }), "configuration.auth"),
        ] {
            let refused = Adapter::open("sinch", "secret".into(), None, configuration.as_object().unwrap());
            assert_eq!(refused.unwrap_err().details()["field"], field, "{configuration}");
        }
    }

    #[test]
    fn messages_of_three_types() {
        let sms = message(&json!({
            "type": "mo_text", "id": "01FC66621", "from": "GOOGLE", "to": "15005550006", "body": "G-482913",
            "sent_at": "2026-11-22T07:59:58.000Z", "received_at": "2026-11-22T08:00:00.000Z",
        }));
        assert_eq!((sms.from.as_str(), sms.to.as_str(), sms.text.as_str()), ("GOOGLE", "+15005550006", "G-482913"));
        assert_eq!(sms.sent_at.unwrap().timestamp(), 1_795_334_398);

        let binary = |body: &[u8], udh| {
            message(&json!({
                "type": "mo_binary", "id": "1", "from": "1", "to": "12345", "body": STANDARD.encode(body), "udh": udh,
            }))
        };
        let part = binary(b"Your code is 482913", "0500032a0201");
        assert_eq!(
            (part.text.as_str(), part.part.map(|part| (part.number, part.count))),
            ("Your code is 482913", Some((1, 2)))
        );
        let ring = binary(&[0x02, 0x4a, 0xff], "06050415811581");
        assert_eq!((ring.text.as_str(), ring.part), ("024aff", None));
        let wrong = read(&json!({ "type": "mo_binary", "id": "1", "from": "1", "to": "12345", "body": "?" }));
        assert_eq!(wrong.unwrap_err().to_string(), "/body: must be base64");

        let mms = message(&json!({
            "type": "mo_media", "id": "1", "from": "1", "to": "12345",
            "body": { "subject": "Hi", "message": "there", "media": [
                { "url": "https://a/1.jpg", "content_type": "image/jpeg", "status": "Uploaded", "code": 0 },
                { "url": null, "content_type": "image/png", "status": "Failed", "code": 1 },
            ] },
        }));
        assert_eq!((mms.text.as_str(), mms.media.len()), ("Hi\nthere", 1));
        assert_eq!(mms.media[0].content_type.as_deref(), Some("image/jpeg"));
    }

    #[test]
    fn delivery_reports_of_both_kinds() {
        let states = |body: &Value| -> Vec<_> {
            let states = read(body).unwrap().into_iter().map(|item| match item {
                Ok(Item::Status(update)) => {
                    assert_eq!(update.provider_message_id, "B1");
                    (update.provider_status, update.state, update.phone_number.map(|to| to.to_string()), update.error)
                }
                other => panic!("{other:?}"),
            });
            states.collect()
        };
        let (one, two) = (Some("+14155550100".to_owned()), Some("+14155550101".to_owned()));
        let report = |status, code| {
            states(&json!({
                "type": "recipient_delivery_report_sms", "batch_id": "B1", "recipient": "14155550100",
                "status": status, "code": code, "at": "2025-01-13T09:22:40.914Z",
            }))
        };
        let state =
            |word: &str, state, error: Option<&str>| (word.to_owned(), state, one.clone(), error.map(str::to_owned));
        assert_eq!(report("Delivered", 0), [state("Delivered", Some(DeliveryState::Delivered), None)]);
        assert_eq!(report("DISPATCHED", 401), [state("DISPATCHED", Some(DeliveryState::Sent), None)]);
        assert_eq!(report("Rejected", 402), [state("Rejected", Some(DeliveryState::Failed), Some("402"))]);
        assert_eq!(report("Unknown", 0), [state("Unknown", None, None)]);

        let batch = states(&json!({
            "type": "delivery_report_sms", "batch_id": "B1", "total_message_count": 3, "statuses": [
                { "code": 0, "status": "Delivered", "count": 2, "recipients": ["14155550100", "14155550101"] },
                { "code": 407, "status": "Expired", "count": 1 },
            ],
        }));
        assert_eq!(
            batch,
            [
                ("Delivered".to_owned(), Some(DeliveryState::Delivered), one.clone(), None),
                ("Delivered".to_owned(), Some(DeliveryState::Delivered), two, None),
                ("Expired".to_owned(), Some(DeliveryState::Undelivered), None, Some("407".to_owned())),
            ]
        );
        assert!(matches!(read(&json!({ "type": "something_new" })).unwrap()[0], Ok(Item::Nothing)));
    }
}
