//! Access tokens: JWTs (RFC 7519) that name a user and a session, signed with HMAC-SHA256 or with
//! Ed25519 (RFC 8037).
//!
//! A token names the key that signed it (`kid`). Several keys are accepted at once, so that a key can be replaced
//! while tokens signed with the last one are still in use.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    app::keyring::{Keyring, PublicKey},
    domain::{Error, ErrorCode, Result, SessionId, UserId},
};

const ISSUER: &str = "otpwire";

/// Issues and verifies access tokens.
pub(super) struct AccessTokens {
    header: Header,
    sign: EncodingKey,
    /// Verification keys by `kid`. The algorithm belongs to the key; what the token claims is ignored.
    verify: HashMap<String, (Algorithm, DecodingKey)>,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens")
    }
}

/// The content of an access token.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccessToken {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) expires_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
    /// Not in tokens that are issued here, but in those that others sign with the same Ed25519 key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
}

/// The keys for HS256 that are accepted, each with its `kid`. The first one signs.
fn shared_secrets(keys: &Keyring) -> Vec<(String, [u8; 32])> {
    let ids = keys.derive("access tokens, key id").map(|(_, id)| HEXLOWER.encode(&id[..8]));
    ids.zip(keys.derive("access tokens, HS256").map(|(_, key)| key)).collect()
}

impl AccessTokens {
    pub(super) fn new(keys: &Keyring) -> Self {
        let shared = shared_secrets(keys);
        let mut verify = HashMap::new();
        for (kid, key) in &shared {
            verify.insert(kid.clone(), (Algorithm::HS256, DecodingKey::from_secret(key)));
        }
        let key_id = |key: &PublicKey| HEXLOWER.encode(&Sha256::digest(key)[..8]);
        for key in keys.verifying_keys() {
            verify.insert(key_id(&key), (Algorithm::EdDSA, DecodingKey::from_ed_der(&key)));
        }
        let (algorithm, kid, sign) = match keys.signing_pair() {
            Some(pair) => {
                let key = EncodingKey::from_ed_der(pair.document.expose_secret());
                (Algorithm::EdDSA, key_id(&pair.public), key)
            }
            None => {
                let (kid, key) = &shared[0];
                (Algorithm::HS256, kid.clone(), EncodingKey::from_secret(key))
            }
        };
        let header = Header { kid: Some(kid), ..Header::new(algorithm) };
        Self { header, sign, verify }
    }

    /// Issues a token for a session. Returns it with its expiry as the token has it, in whole seconds.
    pub(super) fn issue(&self, token: AccessToken, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>)> {
        let exp = token.expires_at.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: token.user.to_string(),
            sid: token.session.to_string(),
            iat: now.timestamp(),
            exp,
            nbf: None,
        };
        let text = crate::jwt::encode(&self.header, &claims, &self.sign).map_err(Error::internal)?;
        Ok((text, DateTime::from_timestamp(exp, 0).unwrap_or(token.expires_at)))
    }

    /// Verifies a token's signature and times, and returns its content.
    pub(super) fn read(&self, text: &str, now: DateTime<Utc>) -> Result<AccessToken> {
        let invalid = || Error::new(ErrorCode::Unauthenticated, "the access token is not valid");
        let header = jsonwebtoken::decode_header(text).map_err(|_| invalid())?;
        let (algorithm, key) = header.kid.and_then(|kid| self.verify.get(&kid)).ok_or_else(invalid)?;
        let mut validation = Validation::new(*algorithm);
        validation.set_issuer(&[ISSUER]);
        // The library would use the machine's clock. `exp` is required, and both are checked below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims: Claims = crate::jwt::decode(text, key, &validation).map_err(|_| invalid())?.claims;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or_else(invalid)?;
        if expires_at <= now {
            return Err(Error::new(ErrorCode::TokenExpired, "the access token has expired"));
        }
        if claims.nbf.is_some_and(|nbf| nbf > now.timestamp()) {
            return Err(invalid());
        }
        Ok(AccessToken {
            user: claims.sub.parse().map(UserId).map_err(|_| invalid())?,
            session: claims.sid.parse().map(SessionId).map_err(|_| invalid())?,
            expires_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::RootKey;

    /// One of the first derivation, and one as the next release will sign it.
    #[test]
    fn the_tokens_of_other_releases_are_read() {
        let tokens = AccessTokens::new(&Keyring::new(RootKey::new([7; 32])));
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let claims = "eyJpc3MiOiJvdHB3aXJlIiwic3ViIjoiMyIsInNpZCI6IjciLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDkwMH0";
        let first = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijc2MDk4MTgyMWQ0NGQ5N2UifQ";
        let second = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6IjgzMjNiMThjNTZkNzc4YTUifQ";
        for (header, signature) in [
            (first, "4vkM_PLJ059JENz_qEg7ebdk32yHDLSGCg4Mc1wgKjI"),
            (second, "1wzwrQ3aXdgCcNM6W8uxJYgbAx-RH4DIp-33ZTwVhyM"),
        ] {
            let read = tokens.read(&format!("{header}.{claims}.{signature}"), now).unwrap();
            assert_eq!((read.user, read.session), (UserId(3), SessionId(7)));
            let other = format!("{header}.{claims}.{}A", &signature[..42]);
            assert!(tokens.read(&other, now).is_err(), "{header}");
        }
        let token = AccessToken { user: UserId(3), session: SessionId(7), expires_at: now };
        let (issued, _) = tokens.issue(token, now).unwrap();
        assert!(issued.starts_with(first), "replicas of the release before must read it");
    }
}
