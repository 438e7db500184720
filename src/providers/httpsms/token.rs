//! The token of httpSMS: `Authorization: Bearer` carries a JSON Web Token that is signed with HMAC-SHA256 by the
//! webhook's signing key.
//!
//! It names the URL that it is for (`aud`) and has a timestamp. It does not cover the body, and has no id: all webhooks
//! within one second have the same token. To accept a token with one body only would lose messages that share their
//! second with another event, so that is the account's choice (`token_once`).

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    domain::Result,
    providers::kit::{Draft, RawWebhook, Rejected, Tolerance, Verified, check_validity, sign_jwt},
};

pub(super) const ISSUER: &str = "api.httpsms.com";

pub(super) struct TokenSignature {
    pub(super) is_single_use: bool,
    pub(super) tolerance: Tolerance,
    pub(super) secret: SecretString,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: Audience,
    #[serde(default)]
    pub(super) sub: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
}

/// The audience of a token (RFC 7519, 4.1.3): a list, or in older versions a string.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    Many(Vec<String>),
    One(String),
}

impl Audience {
    fn includes(&self, url: &str) -> bool {
        match self {
            Self::Many(urls) => urls.iter().any(|known| known == url),
            Self::One(known) => known == url,
        }
    }
}

impl TokenSignature {
    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let token = raw.bearer_token()?;
        let check = |claims: &Claims| {
            // Several webhooks often share a signing key, so a token for another URL is rejected.
            if claims.iss != ISSUER || !claims.aud.includes(&raw.url) {
                return Err(Rejected::WrongSignature);
            }
            self.tolerance.check(claims.iat, now)?;
            check_validity(claims.nbf, claims.exp, now, 0)
        };
        let (verified, claims) = Verified::by_jwt(raw, token, &self.secret, &[Algorithm::HS256], check)?;
        if !self.is_single_use {
            return Ok(verified);
        }
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(Rejected::Stale)?;
        Ok(verified.single_use_jwt(token, now, Some(expires_at)))
    }

    pub(super) fn sign(&self, raw: RawWebhook, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: Audience::Many(vec![draft.url.to_owned()]),
            sub: "simulation".to_owned(),
            iat: now,
            nbf: now - 600,
            exp: now + 600,
        };
        let token = sign_jwt(Algorithm::HS256, &claims, &self.secret)?;
        Ok(raw.with_header("authorization", &format!("Bearer {token}")))
    }
}
