//! The current scheme: `MessageBird-Signature-JWT` is a JSON Web Token that is signed with the account's signing key.
//!
//! It covers the URL (`url_hash`) and the body (`payload_hash`, which is present if and only if there is a body), and
//! has an expiry.

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    domain::Result,
    providers::kit::{Draft, Hash, RawWebhook, Rejected, Tolerance, Verified, check_validity, sign_jwt},
};

pub(super) const TOKEN: &str = "messagebird-signature-jwt";

const ALGORITHMS: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

pub(super) struct TokenSignature {
    leeway: Tolerance,
    secret: SecretString,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) jti: String,
    pub(super) url_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) payload_hash: Option<String>,
}

impl Claims {
    const ISSUER: &str = "MessageBird";

    /// Rejects the token of another request. The claims are signed and not secret, so the comparisons need not take
    /// constant time.
    fn check(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        let body = (!raw.body.is_empty()).then(|| digest(&raw.body));
        let is_hash = |claim: &str, digest: &str| claim.eq_ignore_ascii_case(digest);
        let covers_body = match (&self.payload_hash, &body) {
            (Some(claim), Some(body)) => is_hash(claim, body),
            (claim, body) => claim.is_none() && body.is_none(),
        };
        let covers_url = is_hash(&self.url_hash, &digest(raw.url.as_bytes()));
        if self.iss == Self::ISSUER && covers_url && covers_body { Ok(()) } else { Err(Rejected::WrongSignature) }
    }
}

impl TokenSignature {
    pub(super) fn new(leeway: Tolerance, secret: SecretString) -> Self {
        Self { leeway, secret }
    }

    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let check = |claims: &Claims| {
            claims.check(raw)?;
            check_validity(claims.nbf, claims.exp, now, self.leeway.as_seconds())
        };
        let (verified, _) = Verified::by_jwt(raw, raw.header(TOKEN)?, &self.secret, &ALGORITHMS, check)?;
        Ok(verified)
    }

    /// Signs a webhook that has a body.
    pub(super) fn sign(&self, raw: RawWebhook, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.timestamp();
        let claims = Claims {
            iss: Claims::ISSUER.to_owned(),
            nbf: now,
            exp: now + 60,
            jti: draft.nonce.to_owned(),
            url_hash: digest(draft.url.as_bytes()),
            payload_hash: Some(digest(&raw.body)),
        };
        let token = sign_jwt(Algorithm::HS256, &claims, &self.secret)?;
        Ok(raw.with_header(TOKEN, &token))
    }
}

pub(super) fn digest(bytes: &[u8]) -> String {
    Hash::Sha256.hex_digest(bytes)
}
