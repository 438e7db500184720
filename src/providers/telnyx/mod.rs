//! Telnyx Messaging: JSON posts, signed with the account's Ed25519 key.
//!
//! `telnyx-signature-ed25519` is base64 of the signature (RFC 8032) over the value of `telnyx-timestamp`, a `|` and the
//! body. Each attempt is signed anew, and valid for five minutes. An account has only the public key.
//!
//! Sources: Telnyx's documentation, "Receiving webhooks for messaging", "Group messaging"; its SDKs' webhook
//! verification and its reference of `message.received` and `message.finalized`.

use chrono::{DateTime, Utc};
use ring::signature::{ED25519, Ed25519KeyPair};
use secrecy::ExposeSecret;
use serde_json::{json, value::RawValue};

use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, JsonNode, ParsedWebhook, RawWebhook, Rejected, Setup, Tolerance, Verified,
        decode_base64, encode_base64, parse_json,
    },
};
use crate::domain::{Error, Result};

mod message;

pub(super) static KIND: Kind = Kind {
    word: "telnyx",
    title: "Telnyx",
    secret: "the account's public key: base64 of 32 bytes",
    settings: &[],
    api_endpoint: "https://api.telnyx.com/v2",
    open: Constructor::Code(|setup| Ok(Box::new(Telnyx::open(setup)?))),
};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";

/// How old a signature may be, in seconds.
const TOLERANCE: u32 = 300;

struct Telnyx {
    public_key: [u8; 32],
    tolerance: Tolerance,
    common: CommonSettings,
}

impl Telnyx {
    fn open(setup: Setup) -> Result<Self> {
        setup.refuse_settings()?;
        let key = decode_base64(setup.secret.expose_secret().trim()).and_then(|key| key.try_into().ok());
        let public_key = key.ok_or_else(|| Error::invalid("secret", format!("must be {}", KIND.secret)))?;
        Ok(Self { public_key, tolerance: setup.tolerance(TOLERANCE), common: setup.common })
    }
}

/// What is signed.
fn signed(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b"|", body].concat()
}

impl Provider for Telnyx {
    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let timestamp = raw.header(TIMESTAMP)?;
        let signature = raw.base64_header(SIGNATURE)?;
        let signed = signed(timestamp, &raw.body);
        let verified = Verified::by_public_key(raw, &ED25519, &self.public_key, &signed, &signature)?;
        self.tolerance.check_text(timestamp, now)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        message::parse(&JsonNode::root(&body), &self.common)
    }

    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        message::redacted(serde_json::from_slice(&webhook.raw().body).unwrap_or_default())
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let seed = decode_base64(draft.private_key()?.expose_secret().trim());
        let pair = seed.and_then(|seed| Ed25519KeyPair::from_seed_and_public_key(&seed, &self.public_key).ok());
        let pair = pair.ok_or_else(|| {
            Error::invalid("key", "must be base64 of the 32-byte seed that the account's public key was made from")
        })?;
        let time = draft.now.to_rfc3339();
        let body = json!({
            "data": {
                "event_type": "message.received",
                "id": draft.nonce,
                "occurred_at": time,
                "record_type": "event",
                "payload": {
                    "id": draft.id,
                    "record_type": "message",
                    "direction": "inbound",
                    "type": "SMS",
                    "from": { "phone_number": draft.from, "carrier": "", "line_type": "Wireless" },
                    "to": [{ "phone_number": draft.to, "status": "webhook_delivered", "carrier": "Telnyx" }],
                    "cc": [],
                    "text": draft.text,
                    "media": [],
                    "encoding": "GSM-7",
                    "parts": 1,
                    "received_at": time,
                    "webhook_url": draft.url,
                    "errors": [],
                },
            },
            "meta": { "attempt": 1, "delivered_to": draft.url },
        });
        let raw = RawWebhook::json_post(draft.url, &body);
        let timestamp = draft.now.timestamp().to_string();
        let signature = encode_base64(pair.sign(&signed(&timestamp, &raw.body)).as_ref());
        Ok(raw.with_header(TIMESTAMP, &timestamp).with_header(SIGNATURE, &signature))
    }
}

#[cfg(test)]
mod tests;
