//! Vonage Messages API: JSON posts with a JSON Web Token that is signed with the account's signature secret.
//!
//! `Authorization: Bearer` carries the token (HS256). Its claim `payload_hash` is the SHA-256 of the body: without it
//! the token would be valid for any body, though some of Vonage's SDKs do not check it. The token has a timestamp
//! (`iat`) and no expiry. Vonage retries for 24 hours, and does not document whether it signs again, so a token is
//! accepted for a little longer.
//!
//! Sources: Vonage's documentation, "Signed webhooks", "Messages API: inbound message", "Messages status callbacks";
//! its Java SDK's `InboundMessage` and `MessageStatus`.

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, Hash, JsonNode, ParsedWebhook, RawWebhook, Rejected, Tolerance, Verified, parse_json,
        sign_jwt, single,
    },
};
use crate::domain::Result;

mod message;

pub(super) static KIND: Kind = Kind {
    word: "vonage",
    title: "Vonage Messages API",
    secret: "the signature secret of the account, from its API settings",
    settings: &[],
    api_endpoint: "https://api.nexmo.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(Vonage { tolerance: setup.tolerance(TOLERANCE), secret: setup.secret, common: setup.common }))
    }),
};

/// How old a signature may be, in seconds: Vonage retries for 24 hours.
pub(super) const TOLERANCE: u32 = 90_000;

const ISSUER: &str = "Vonage";

struct Vonage {
    secret: SecretString,
    tolerance: Tolerance,
    common: CommonSettings,
}

#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    iat: i64,
    payload_hash: Option<String>,
    #[serde(default)]
    jti: String,
}

impl Vonage {
    fn check(&self, claims: &Claims, raw: &RawWebhook, now: DateTime<Utc>) -> Result<(), Rejected> {
        if claims.iss != ISSUER {
            return Err(Rejected::Untrusted("the token was not issued by Vonage"));
        }
        let hash = claims.payload_hash.as_deref();
        let hash = hash.ok_or_else(|| Rejected::Unsigned("`payload_hash` in the token".to_owned()))?;
        // The claims are signed and not secret, so the comparison need not take constant time.
        if !hash.eq_ignore_ascii_case(&Hash::Sha256.hex_digest(&raw.body)) {
            return Err(Rejected::WrongSignature);
        }
        self.tolerance.check(claims.iat, now)
    }
}

impl Provider for Vonage {
    fn is_secret_chosen(&self) -> bool {
        false
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let check = |claims: &Claims| self.check(claims, raw, now);
        let (verified, _) = Verified::by_jwt(raw, raw.bearer_token()?, &self.secret, &[Algorithm::HS256], check)?;
        Ok(verified)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let body = parse_json(&webhook.raw().body)?;
        single(message::parse(&JsonNode::root(&body), &self.common))
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let body = json!({
            "channel": "sms",
            "message_uuid": draft.id,
            "to": Draft::without_plus(draft.to),
            "from": Draft::without_plus(draft.from),
            "timestamp": draft.now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "text": draft.text,
            "message_type": "text",
            "sms": { "num_messages": "1", "keyword": draft.text.split(' ').next().unwrap_or_default().to_uppercase() },
            "usage": { "currency": "EUR", "price": "0.0057" },
            "origin": { "network_code": "310260" },
        });
        let raw = RawWebhook::json_post(draft.url, &body);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            iat: draft.now.timestamp(),
            payload_hash: Some(Hash::Sha256.hex_digest(&raw.body)),
            jti: draft.nonce.to_owned(),
        };
        let token = sign_jwt(Algorithm::HS256, &claims, &self.secret)?;
        Ok(raw.with_header("authorization", &format!("Bearer {token}")))
    }
}

#[cfg(test)]
mod tests;
