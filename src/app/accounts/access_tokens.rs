//! Access tokens: JWTs (RFC 7519) that name a user and a session, signed with HMAC-SHA256 or with
//! Ed25519 (RFC 8037).
//!
//! A token says which key signed it (`kid`). Several keys are honoured at once, so a key can be changed
//! while the tokens of the last one are still out.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    app::keyring::{Keyring, RootKey},
    domain::{Error, ErrorCode, Result, SessionId, UserId},
};

const ISSUER: &str = "otpwire";

/// Makes and reads access tokens.
pub(super) struct AccessTokens {
    header: Header,
    sign: EncodingKey,
    /// What verifies, by `kid`. The algorithm is ours to say, never the token's.
    verify: HashMap<String, (Algorithm, DecodingKey)>,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens")
    }
}

/// What an access token says.
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
}

fn shared_secret(root: &RootKey) -> (String, [u8; 32]) {
    (HEXLOWER.encode(&root.derive("access tokens, key id")[..8]), root.derive("access tokens, HS256"))
}

impl AccessTokens {
    pub(super) fn new(keys: &Keyring) -> Self {
        let mut verify = HashMap::new();
        for root in keys.roots() {
            let (kid, key) = shared_secret(root);
            verify.insert(kid, (Algorithm::HS256, DecodingKey::from_secret(&key)));
        }
        let key_id = |key: &ed25519_dalek::VerifyingKey| HEXLOWER.encode(&Sha256::digest(key.as_bytes())[..8]);
        for key in keys.verifying_keys() {
            verify.insert(key_id(&key), (Algorithm::EdDSA, DecodingKey::from_ed_der(key.as_bytes())));
        }
        let (algorithm, kid, sign) = match keys.signing_pair() {
            Some(pair) => {
                let key = EncodingKey::from_ed_der(pair.document.expose_secret());
                (Algorithm::EdDSA, key_id(&pair.public), key)
            }
            None => {
                let (kid, key) = shared_secret(keys.root());
                (Algorithm::HS256, kid, EncodingKey::from_secret(&key))
            }
        };
        let header = Header { kid: Some(kid), ..Header::new(algorithm) };
        Self { header, sign, verify }
    }

    /// A token for a session, up to a time; and that time as the token has it, in whole seconds.
    pub(super) fn issue(&self, token: AccessToken, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>)> {
        let exp = token.expires_at.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: token.user.to_string(),
            sid: token.session.to_string(),
            iat: now.timestamp(),
            exp,
        };
        let text = jsonwebtoken::encode(&self.header, &claims, &self.sign).map_err(Error::internal)?;
        Ok((text, DateTime::from_timestamp(exp, 0).unwrap_or(token.expires_at)))
    }

    /// What a token says, when we have signed it and it has not ended.
    pub(super) fn read(&self, text: &str, now: DateTime<Utc>) -> Result<AccessToken> {
        let invalid = || Error::new(ErrorCode::Unauthenticated, "the access token is not valid");
        let header = jsonwebtoken::decode_header(text).map_err(|_| invalid())?;
        let (algorithm, key) = header.kid.and_then(|kid| self.verify.get(&kid)).ok_or_else(invalid)?;
        let mut validation = Validation::new(*algorithm);
        validation.set_issuer(&[ISSUER]);
        // The library would ask the machine's clock. The claim must be there, and is checked below.
        validation.validate_exp = false;
        let claims: Claims = jsonwebtoken::decode(text, key, &validation).map_err(|_| invalid())?.claims;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or_else(invalid)?;
        if expires_at <= now {
            return Err(Error::new(ErrorCode::TokenExpired, "the access token has expired"));
        }
        Ok(AccessToken {
            user: claims.sub.parse().map(UserId).map_err(|_| invalid())?,
            session: claims.sid.parse().map(SessionId).map_err(|_| invalid())?,
            expires_at,
        })
    }
}
