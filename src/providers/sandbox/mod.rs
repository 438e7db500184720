//! The sandbox: the platform's own provider, for development, demonstrations and tests.
//!
//! JSON posts, signed with HMAC-SHA256 over the timestamp and the body:
//!
//! ```text
//! X-Otpwire-Timestamp: 1767225600                      seconds since 1970
//! X-Otpwire-Signature: v1=<hex of HMAC-SHA256(secret, "1767225600" "." body)>
//!
//! {"id": "…", "from": "GOOGLE", "to": "+14155550100", "text": "…", "sent_at": "2026-01-01T00:00:00Z"}
//! ```
//!
//! `sent_at` is optional. A signature is valid for five minutes before and after its timestamp.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, Hash, Item, JsonNode, Malformed, ParsedWebhook, RawWebhook, Rejected, Required,
        TimeFormat, Tolerance, Verified, decode_hex, encode_hex, message_id, parse_json, payload, read_time, sender,
        single,
    },
};
use crate::domain::Result;

/// The kind.
pub static KIND: Kind = Kind {
    word: "sandbox",
    title: "Sandbox",
    secret: "a random text of your own: webhooks are signed with it",
    settings: &[],
    api_endpoint: "http://localhost",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(Sandbox { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret }))
    }),
};

/// The header of the timestamp.
pub const TIMESTAMP: &str = "x-otpwire-timestamp";
/// The header of the signature.
pub const SIGNATURE: &str = "x-otpwire-signature";

/// How old a signature may be, in seconds.
const TOLERANCE: u32 = 300;

/// The body of a webhook.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxSms {
    /// The message id, which a retry repeats.
    pub id: String,
    /// The sender.
    pub from: String,
    /// The recipient: one of the platform's numbers.
    pub to: String,
    /// The text.
    pub text: String,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
}

impl SandboxSms {
    const FIELDS: [&str; 5] = ["id", "from", "to", "text", "sent_at"];
}

/// The adapter.
pub struct Sandbox {
    secret: SecretString,
    tolerance: Tolerance,
}

impl Sandbox {
    /// An adapter for webhooks that are signed with this secret.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self { secret, tolerance: Tolerance::seconds(TOLERANCE) }
    }

    /// The value of the signature header for a body with this timestamp (seconds since 1970).
    #[must_use]
    pub fn sign(&self, timestamp: i64, body: &[u8]) -> String {
        format!("v1={}", encode_hex(&self.mac(&timestamp.to_string(), body)))
    }

    fn mac(&self, timestamp: &str, body: &[u8]) -> Vec<u8> {
        Hash::Sha256.hmac(&self.secret, &[timestamp.as_bytes(), b".", body])
    }
}

impl Provider for Sandbox {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let presented = raw.header(SIGNATURE)?.strip_prefix("v1=").and_then(decode_hex);
        let presented = presented.ok_or(Rejected::WrongSignature)?;
        let verified = Verified::by_mac(raw, [self.mac(timestamp, &raw.body)], &presented)?;
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        let root = JsonNode::root(&body);
        let text = |name: &str| {
            let text = root.text(&format!("/{name}"));
            text.map_err(|wrong| Malformed::new(name, wrong.issue))
        };
        let has_unknown = body
            .as_object()
            .is_some_and(|fields| fields.keys().any(|name| !SandboxSms::FIELDS.contains(&name.as_str())));
        if has_unknown {
            // The message does not repeat the unknown name, which may be anything.
            return Err(Malformed::new("body", "may have id, from, to, text and sent_at, and nothing else"));
        }
        let required = Required {
            id: text("id").and_then(|id| message_id("id", id)),
            from: text("from").and_then(|from| sender("from", from)),
            to: text("to").and_then(|to| CommonSettings::default().recipient("to", Some(to))),
            text: text("text").map(Into::into),
        };
        let mut sms = required.message()?;
        if root.find("/sent_at").is_some() {
            let sent_at = text("sent_at").and_then(|sent_at| {
                let issue = "must be a time such as 2026-03-01T12:00:00Z (RFC 3339)";
                read_time(sent_at, &TimeFormat::Rfc3339).ok_or_else(|| Malformed::new("sent_at", issue))
            });
            let known = |wrong: Malformed| wrong.about(Some(&sms.provider_message_id), Some(&sms.to));
            sms.sent_at = Some(sent_at.map_err(known)?);
        }
        sms.payload = payload(&body);
        single(Ok(Item::Message(sms)))
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let sms = SandboxSms {
            id: draft.id.to_owned(),
            from: draft.from.to_owned(),
            to: draft.to.to_owned(),
            text: draft.text.to_owned(),
            sent_at: Some(draft.now),
        };
        let raw = RawWebhook::json_post(draft.url, &sms);
        let timestamp = draft.now.timestamp();
        let signature = self.sign(timestamp, &raw.body);
        Ok(raw.with_header(SIGNATURE, &signature).with_header(TIMESTAMP, &timestamp.to_string()))
    }
}

#[cfg(test)]
mod tests;
