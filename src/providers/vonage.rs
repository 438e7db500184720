//! Vonage Messages API: JSON posts, with a JSON Web Token that is signed with the account's signature secret.
//!
//! `Authorization: Bearer` carries the token (HS256). Its claim `payload_hash` is the SHA-256 of the body; without
//! it the token would fit any body, and some of Vonage's SDKs do not look. The token has a time (`iat`) and no end.
//! Vonage repeats a webhook for 24 hours, and whether it signs it anew is not documented, so a token is good for a
//! little longer than that.
//!
//! Sources: Vonage's documentation, "Signed webhooks", "Messages API: inbound message", "Messages status callbacks";
//! its Java SDK's `InboundMessage` and `MessageStatus`.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, document, fresh, hex, media, message_id, one, payload, read_time, sender, state_of,
    },
};
use crate::domain::{DeliveryState, Error, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "vonage",
    title: "Vonage Messages API",
    secret: "the signature secret of the account, from its API settings",
    settings: &[],
    api_endpoint: "https://api.nexmo.com",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Vonage { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

/// How old a signature may be, in seconds: Vonage repeats a webhook for 24 hours.
pub(super) const TOLERANCE: u32 = 90_000;

const ISSUER: &str = "Vonage";

const STATES: &States = &[
    (DeliveryState::Sent, &["submitted"]),
    (DeliveryState::Delivered, &["delivered", "read"]),
    (DeliveryState::Undelivered, &["undeliverable"]),
    (DeliveryState::Failed, &["rejected"]),
];

/// The members that a message with a file has it in.
const FILES: [&str; 5] = ["/image", "/video", "/audio", "/file", "/vcard"];

/// The adapter.
pub struct Vonage {
    secret: SecretString,
    tolerance: u32,
    common: Common,
}

/// What a token says.
#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    iat: i64,
    payload_hash: Option<String>,
    #[serde(default)]
    jti: String,
}

impl Provider for Vonage {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let claims = |claims: &Claims| {
            if claims.iss != ISSUER {
                return Err(Rejected::Untrusted("the token was not issued by Vonage"));
            }
            let covered = claims.payload_hash.as_deref();
            let covered = covered.ok_or_else(|| Rejected::Unsigned("`payload_hash` in the token".to_owned()))?;
            // Nothing secret is compared here: the token is signed.
            if !covered.eq_ignore_ascii_case(&hex(&Hash::Sha256.digest(&raw.body))) {
                return Err(Rejected::WrongSignature);
            }
            fresh(claims.iat, now, Some(self.tolerance))
        };
        let (verified, _) = Verified::by_token(raw, raw.bearer()?, &self.secret, &[Algorithm::HS256], claims)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let json = document(&webhook.raw().body)?;
        one(read(&Node::root(&json), &self.common))
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "channel": "sms",
            "message_uuid": draft.id,
            "to": Draft::bare(draft.to),
            "from": Draft::bare(draft.from),
            "timestamp": draft.now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "text": draft.text,
            "message_type": "text",
            "sms": { "num_messages": "1", "keyword": draft.text.split(' ').next().unwrap_or_default().to_uppercase() },
            "usage": { "currency": "EUR", "price": "0.0057" },
            "origin": { "network_code": "310260" },
        });
        let body = body.to_string().into_bytes();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            iat: draft.now.timestamp(),
            payload_hash: Some(hex(&Hash::Sha256.digest(&body))),
            jti: draft.nonce.to_owned(),
        };
        let key = EncodingKey::from_secret(self.secret.expose_secret().as_bytes());
        let token = crate::jwt::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .map_err(|error| Error::invalid("secret", error.to_string()))?;
        Ok(Outgoing::json(draft.url, body, &[("authorization", &format!("Bearer {token}"))]))
    }
}

/// Reads a message or a status callback.
fn read(root: &Node<'_>, common: &Common) -> Result<Item, Malformed> {
    let id = message_id("/message_uuid", root.text("/message_uuid")?)?;
    let at = root.filled("/timestamp").ok().flatten().and_then(|text| read_time(text, &TimeFormat::Rfc3339));
    if let Some(status) = root.filled("/status")? {
        let said = |pointer| root.find_scalar(pointer).ok().flatten();
        return Ok(Item::Status(StatusUpdate {
            provider_message_id: id,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number: said("/to").and_then(|to| common.recipient("/to", Some(&to)).ok()),
            at,
            error: match (said("/error/title"), said("/error/detail")) {
                (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
                (title, detail) => title.or(detail).map(Into::into),
            },
            payload: payload(root.value()),
        }));
    }
    let file = FILES.iter().find_map(|kind| root.find(kind));
    let text = match (root.filled("/text")?, &file) {
        (Some(text), _) => text,
        (None, Some(file)) => file.filled("/caption")?.unwrap_or_default(),
        (None, None) => root.text("/text")?,
    };
    let to = root.find_scalar("/to")?;
    let mut sms =
        InboundSms::new(id, sender("/from", &root.scalar("/from")?)?, common.recipient("/to", to.as_deref())?, text);
    sms.sent_at = at;
    sms.media = file.and_then(|file| media(file.filled("/url").ok()??, None)).into_iter().collect();
    sms.segments = root.number("/sms/num_messages").or_else(|| root.number("/sms/total_count"));
    sms.payload = payload(root.value());
    Ok(Item::Message(sms))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";
    const SECRET: &str = "a signature secret of an account";
    const NOW: i64 = 1_795_334_400;

    /// Verifies a body with a token of these claims.
    fn verify(algorithm: Algorithm, claims: &Value, body: &[u8]) -> Result<(), Rejected> {
        let token = crate::jwt::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(SECRET.as_bytes()));
        let raw = webhook(URL, &[("authorization", &format!("Bearer {}", token.unwrap()))], body);
        adapter("vonage", SECRET, Value::Null).verify(&raw, DateTime::from_timestamp(NOW, 0).unwrap()).map(drop)
    }

    #[test]
    fn a_token_is_good_for_its_body_and_its_day() {
        // SHA-256 of `{}`.
        let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let claims =
            |iat: i64| json!({ "iss": "Vonage", "iat": iat, "jti": "1", "payload_hash": hash, "api_key": "a" });
        let with = |name: &str, value: Value| {
            let mut claims = claims(NOW);
            claims[name] = value;
            claims
        };
        let hs256 = Algorithm::HS256;
        assert_eq!(verify(hs256, &claims(NOW), b"{}"), Ok(()));
        assert_eq!(verify(hs256, &claims(NOW - 86_400), b"{}"), Ok(()), "the last time that it is repeated");
        assert_eq!(verify(hs256, &with("payload_hash", hash.to_uppercase().into()), b"{}"), Ok(()));
        for (claims, body, refused) in [
            (claims(NOW), b"{ }".as_slice(), Rejected::WrongSignature),
            (with("payload_hash", Value::Null), b"{}", Rejected::Unsigned("`payload_hash` in the token".to_owned())),
            (with("payload_hash", "".into()), b"{}", Rejected::WrongSignature),
            (with("iss", "vonage.example".into()), b"{}", Rejected::Untrusted("the token was not issued by Vonage")),
            (with("iat", Value::Null), b"{}", Rejected::WrongSignature),
            (claims(NOW - 90_001), b"{}", Rejected::Stale),
            (claims(NOW + 301), b"{}", Rejected::Stale),
        ] {
            assert_eq!(verify(hs256, &claims, body), Err(refused), "{claims}");
        }
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            assert_eq!(verify(algorithm, &claims(NOW), b"{}"), Err(Rejected::WrongSignature), "{algorithm:?}");
        }
    }

    fn parse(body: &Value) -> Result<Item, Malformed> {
        let raw = webhook(URL, &[], body.to_string().as_bytes());
        adapter("vonage", SECRET, Value::Null).parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    #[test]
    fn messages_are_read() {
        let mut body = json!({
            "channel": "sms", "message_uuid": "aaaaaaaa-bbbb", "to": "15005550006", "from": "14155550100",
            "timestamp": "2026-11-22T08:00:00Z", "text": "Your code is 482913", "message_type": "text",
            "sms": { "num_messages": "2", "keyword": "YOUR" },
        });
        let Ok(Item::Message(sms)) = parse(&body) else { panic!("{body}") };
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("14155550100", "+15005550006"));
        assert_eq!((sms.text.as_str(), sms.segments), ("Your code is 482913", Some(2)));
        assert_eq!(sms.sent_at, DateTime::from_timestamp(NOW, 0));
        for (pointer, value) in [("/to", json!("nobody")), ("/from", json!({})), ("/text", Value::Null)] {
            let mut wrong = body.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert_eq!(parse(&wrong).unwrap_err().field, pointer);
        }
        body["text"] = Value::Null;
        body["image"] = json!({ "url": "https://a/1", "caption": "look" });
        let Ok(Item::Message(mms)) = parse(&body) else { panic!("{body}") };
        assert_eq!((mms.text.as_str(), mms.media[0].url.as_str()), ("look", "https://a/1"));
    }

    #[test]
    fn status_callbacks_are_read() {
        let status = |word: &str, error: Value| {
            let body = json!({
                "message_uuid": "1", "to": "14155550100", "from": "15005550006", "timestamp": "2026-11-22T08:00:00.000Z",
                "status": word, "error": error,
            });
            let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
            assert_eq!(update.phone_number.unwrap().as_str(), "+14155550100");
            assert_eq!(update.at, DateTime::from_timestamp(NOW, 0));
            (update.state, update.error)
        };
        let error = json!({ "type": "https://…#1000", "title": 1000, "detail": "Throttled" });
        assert_eq!(status("rejected", error), (Some(DeliveryState::Failed), Some("1000: Throttled".to_owned())));
        assert_eq!(status("submitted", Value::Null), (Some(DeliveryState::Sent), None));
        assert_eq!(status("something_new", json!("x")), (None, None));
    }
}
