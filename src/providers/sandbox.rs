//! The sandbox: a provider of our own, for development, demonstrations and tests.
//!
//! JSON posts, signed with HMAC-SHA256 over the time and the body:
//!
//! ```text
//! X-Otpwire-Timestamp: 1767225600                      seconds since 1970
//! X-Otpwire-Signature: v1=<hex of HMAC-SHA256(secret, "1767225600" "." body)>
//!
//! {"id": "…", "from": "GOOGLE", "to": "+14155550100", "text": "…", "sent_at": "2026-01-01T00:00:00Z"}
//! ```
//!
//! `sent_at` may be left out. A signature is good for five minutes around its time.

use chrono::{DateTime, Utc};
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Draft, Hash, Item, Malformed, Node, Outgoing, RawWebhook, Reading, Rejected, TimeFormat, Verified, document,
        fresh, hex, message_id, one, payload, read_time, unhex,
    },
};
use crate::domain::{InboundSms, Msisdn, Result, Sender};

/// How operators know it.
pub const KIND: Kind = Kind {
    word: "sandbox",
    title: "Sandbox",
    secret: "any text: webhooks are signed with it",
    settings: &[],
    api_endpoint: "http://localhost",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Sandbox { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret }))
    }),
};

/// The header that carries the time of the signature.
pub const TIMESTAMP: &str = "x-otpwire-timestamp";
/// The header that carries the signature.
pub const SIGNATURE: &str = "x-otpwire-signature";

/// How far the time of a signature may be from ours, in seconds.
const TOLERANCE: u32 = 300;

/// What a sandbox webhook says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxSms {
    /// The id, which a retry repeats.
    pub id: String,
    /// Who sends.
    pub from: String,
    /// One of the platform's numbers.
    pub to: String,
    /// The text.
    pub text: String,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
}

/// The adapter.
pub struct Sandbox {
    secret: SecretString,
    tolerance: u32,
}

impl Sandbox {
    /// An adapter for webhooks signed with this secret.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self { secret, tolerance: TOLERANCE }
    }

    /// The value of the signature header for a body sent at a time.
    #[must_use]
    pub fn sign(&self, timestamp: i64, body: &[u8]) -> String {
        format!("v1={}", hex(&self.code(&timestamp.to_string(), body)))
    }

    fn code(&self, timestamp: &str, body: &[u8]) -> Vec<u8> {
        Hash::Sha256.code(self.secret.expose_secret().as_bytes(), &[timestamp.as_bytes(), b".", body])
    }
}

impl Provider for Sandbox {
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let presented = raw.header(SIGNATURE)?.strip_prefix("v1=").and_then(unhex).ok_or(Rejected::WrongSignature)?;
        let verified = Verified::by_code(raw, [self.code(timestamp, &raw.body)], &presented)?;
        // Only now is the time worth reading: it is the one that was signed.
        fresh(timestamp.parse().map_err(|_| Rejected::Stale)?, now, Some(self.tolerance))?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let body = document(&webhook.raw().body)?;
        let root = Node::root(&body);
        let text = |name: &str| {
            let text = root.text(&format!("/{name}"));
            text.map_err(|wrong| Malformed::new(name, wrong.issue))
        };
        let known = |name: &&String| !["id", "from", "to", "text", "sent_at"].contains(&name.as_str());
        if body.as_object().and_then(|fields| fields.keys().find(known)).is_some() {
            // Its name is not repeated: what is unknown may be anything.
            return Err(Malformed::new("body", "may have id, from, to, text and sent_at, and nothing else"));
        }
        let mut sms = InboundSms::new(
            message_id("id", text("id")?)?,
            Sender::parse("from", text("from")?)?,
            Msisdn::parse("to", text("to")?)?,
            text("text")?,
        );
        if root.find("/sent_at").is_some() {
            let read = read_time(text("sent_at")?, &TimeFormat::Rfc3339);
            let issue = "must be a time such as 2026-03-01T12:00:00Z (RFC 3339)";
            sms.sent_at = Some(read.ok_or_else(|| Malformed::new("sent_at", issue))?);
        }
        sms.payload = payload(&body);
        one(Ok(Item::Message(sms)))
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let sms = SandboxSms {
            id: draft.id.to_owned(),
            from: draft.from.to_owned(),
            to: draft.to.to_owned(),
            text: draft.text.to_owned(),
            sent_at: Some(draft.now),
        };
        let body = serde_json::to_vec(&sms).unwrap_or_default();
        let signature = self.sign(draft.now.timestamp(), &body);
        let mut raw = Outgoing::json(draft.url, body, &[(SIGNATURE, &signature)]);
        raw.headers.insert(TIMESTAMP, HeaderValue::from(draft.now.timestamp()));
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::webhook;

    const BODY: &[u8] = br#"{"id":"1","from":"GOOGLE","to":"+14155550100","text":"482913"}"#;

    fn verify(timestamp: &str, signature: &str, body: &[u8], now: i64) -> Result<(), Rejected> {
        let raw = webhook("http://localhost/", &[(TIMESTAMP, timestamp), (SIGNATURE, signature)], body);
        let now = DateTime::from_timestamp(now, 0).unwrap();
        Sandbox::new("secret".into()).verify(&raw, now).map(drop)
    }

    #[test]
    fn its_own_signature_verifies_for_five_minutes() {
        let signature = Sandbox::new("secret".into()).sign(1000, BODY);
        for now in [700, 1000, 1300] {
            assert_eq!(verify("1000", &signature, BODY, now), Ok(()));
        }
        for now in [699, 1301] {
            assert_eq!(verify("1000", &signature, BODY, now), Err(Rejected::Stale));
        }
    }

    #[test]
    fn anything_else_does_not() {
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
    fn a_body_that_cannot_be_read_says_where() {
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
    fn a_text_with_a_nul_keeps_the_rest() {
        let raw = webhook("http://localhost/", &[], br#"{"id":"1","from":"A","to":"12345","text":"a\u0000b"}"#);
        let mut read = Sandbox::new("secret".into()).parse(&Verified::unchecked(&raw)).unwrap();
        let Ok(Item::Message(sms)) = read.remove(0) else { panic!("{read:?}") };
        assert_eq!(sms.text, "a\u{FFFD}b");
        assert!(!sms.payload.get().contains("u0000"));
    }
}
