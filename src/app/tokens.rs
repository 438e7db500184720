//! Access tokens: JWTs (RFC 7519) signed with HMAC-SHA256.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::keys::RootKey;
use crate::domain::{Code, Error, Result, UserId};

const ISSUER: &str = "otpwire";

/// Makes and reads access tokens.
pub(super) struct Tokens {
    sign: EncodingKey,
    verify: DecodingKey,
    lifetime: Duration,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
}

impl Tokens {
    pub(super) fn new(root: &RootKey, lifetime: Duration) -> Self {
        let key = root.derive("access tokens, HS256");
        Self { sign: EncodingKey::from_secret(&key), verify: DecodingKey::from_secret(&key), lifetime }
    }

    /// A token for a user, and when it ends.
    pub(super) fn issue(&self, user: UserId, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>)> {
        let expires_at = now + self.lifetime;
        let claims =
            Claims { iss: ISSUER.to_owned(), sub: user.to_string(), iat: now.timestamp(), exp: expires_at.timestamp() };
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign).map_err(Error::internal)?;
        // The claim has whole seconds, and it is the claim that decides.
        Ok((token, DateTime::from_timestamp(claims.exp, 0).unwrap_or(expires_at)))
    }

    /// Whose token this is, and when it ends.
    pub(super) fn read(&self, token: &str, now: DateTime<Utc>) -> Result<(UserId, DateTime<Utc>)> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        // The library would ask the machine's clock. The claim must be there, and is checked below.
        validation.validate_exp = false;
        let invalid = || Error::new(Code::Unauthenticated, "the access token is not valid");
        let claims: Claims = jsonwebtoken::decode(token, &self.verify, &validation).map_err(|_| invalid())?.claims;
        let user = claims.sub.parse().map(UserId).map_err(|_| invalid())?;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or_else(invalid)?;
        if expires_at <= now {
            return Err(Error::new(Code::TokenExpired, "the access token has expired"));
        }
        Ok((user, expires_at))
    }
}
