//! The signatures of GatewayAPI.
//!
//! The REST API sends a JSON Web Token in `X-Gwapi-Signature`, signed with the webhook's secret (HS256). The token does
//! not sign the body: its claims repeat it, as the vendor's examples show, and a body that differs from them is
//! rejected. A token whose claims do not repeat a body is accepted with one body only.
//!
//! The Mobile Messaging API sends `Signature: v1=` and HMAC-SHA256 over the body, in hexadecimal digits.

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    domain::Result,
    providers::kit::{
        Hash, JsonNode, RawWebhook, Rejected, Tolerance, Verified, check_age, decode_hex, encode_hex, parse_json,
        sign_jwt,
    },
};

pub(super) const TOKEN: &str = "x-gwapi-signature";
pub(super) const SIGNATURE: &str = "signature";

/// The members of a REST webhook that are parsed, and therefore must be as the token has them.
const PARSED: [&str; 15] = [
    "event",
    "timestamp",
    "id",
    "msisdn",
    "receiver",
    "sender",
    "message",
    "senttime",
    "payload",
    "udh",
    "time",
    "status",
    "error",
    "code",
    "event_type",
];

/// Which of the two signatures an account uses.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scheme {
    #[default]
    Jwt,
    Hmac,
}

pub(super) struct Signature {
    pub(super) scheme: Scheme,
    pub(super) tolerance: Tolerance,
    pub(super) secret: SecretString,
}

impl Signature {
    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        match self.scheme {
            Scheme::Jwt => self.verify_token(raw, now),
            Scheme::Hmac => self.verify_body(raw, now),
        }
    }

    fn verify_token<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let token = raw.header(TOKEN)?;
        let check = |claims: &Map<String, Value>| {
            let has_expired = claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp < now.timestamp());
            if has_expired {
                return Err(Rejected::Stale);
            }
            claims.get("nbf").and_then(Value::as_i64).map_or(Ok(()), |nbf| check_age(nbf, now, None))?;
            let body = parse_json(&raw.body).unwrap_or_default();
            let is_same = |name: &&str| {
                let present = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
                present(claims.get(*name)) == present(body.get(*name))
            };
            if repeats_body(claims) && !PARSED.iter().all(is_same) {
                return Err(Rejected::WrongSignature);
            }
            Ok(())
        };
        let (verified, claims) = Verified::by_jwt(raw, token, &self.secret, &[Algorithm::HS256], check)?;
        Ok(if repeats_body(&claims) { verified } else { verified.single_use_jwt(token, now, None) })
    }

    fn verify_body<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let presented = raw.header(SIGNATURE)?.strip_prefix("v1=").and_then(decode_hex);
        let presented = presented.ok_or(Rejected::WrongSignature)?;
        let verified = Verified::by_mac(raw, [self.mac(&raw.body)], &presented)?;
        // The timestamp is part of the signed body. A body without one has no known age.
        let body = parse_json(&raw.body).unwrap_or_default();
        if let Some(signed_at) = JsonNode::root(&body).time("/timestamp") {
            self.tolerance.check(signed_at.timestamp(), now)?;
        }
        Ok(verified)
    }

    fn mac(&self, body: &[u8]) -> Vec<u8> {
        Hash::Sha256.hmac(&self.secret, &[body])
    }

    /// Signs a webhook with this body.
    pub(super) fn sign(&self, raw: RawWebhook, body: &Value) -> Result<RawWebhook> {
        Ok(match self.scheme {
            Scheme::Jwt => {
                let token = sign_jwt(Algorithm::HS256, body, &self.secret)?;
                raw.with_header(TOKEN, &token)
            }
            Scheme::Hmac => {
                let signature = format!("v1={}", encode_hex(&self.mac(&raw.body)));
                raw.with_header(SIGNATURE, &signature)
            }
        })
    }
}

/// Whether the claims of a token repeat the body.
fn repeats_body(claims: &Map<String, Value>) -> bool {
    claims.contains_key("id")
}
