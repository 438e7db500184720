//! Proof that a webhook came from its provider.
//!
//! Only this file can make a [`Verified`], and each constructor compares in constant time or has a library verify a
//! signature. (Builds for tests and for fuzzing have one more.)

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Algorithm;
use percent_encoding::percent_decode_str;
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::{Hash, RawWebhook, Rejected, RequestGuard, jwt::decode_jwt};

/// What identifies a signature that does not cover the body, so that it can be refused with a second body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayKey {
    /// SHA-256 of what was signed, in hexadecimal digits.
    pub digest: String,
    /// When the signature ceases to be valid, and need not be remembered any longer.
    pub expires_at: DateTime<Utc>,
}

impl ReplayKey {
    /// How long a signature is remembered if its scheme sets no end: longer than an eavesdropper is likely to wait,
    /// and short enough that the table stops growing.
    const DEFAULT_LIFETIME: TimeDelta = TimeDelta::days(90);
    /// The latest expiry, which can still be stored.
    const MAX_LIFETIME: TimeDelta = TimeDelta::days(3_650);
    /// Added to an expiry: the signature is valid throughout its last second.
    const MARGIN: TimeDelta = TimeDelta::seconds(2);
}

/// A webhook that was shown to come from its provider.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    raw: &'a RawWebhook,
    replay_key: Option<ReplayKey>,
}

impl<'a> Verified<'a> {
    fn new(raw: &'a RawWebhook) -> Self {
        Self { raw, replay_key: None }
    }

    /// The webhook.
    #[must_use]
    pub fn raw(&self) -> &'a RawWebhook {
        self.raw
    }

    /// The key that must not have been used with another body, if the signature does not cover the body.
    #[must_use]
    pub fn replay_key(&self) -> Option<&ReplayKey> {
        self.replay_key.as_ref()
    }

    /// The same proof for a signature that does not cover the body: it is valid for one body only. `signed` is
    /// everything that the signature covers, since bytes could be moved between its parts. `expires_at` is the end
    /// that the scheme sets, if any.
    pub(in crate::providers) fn single_use(
        self,
        signed: &[u8],
        now: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Self {
        let expires_at = expires_at.map_or(now + ReplayKey::DEFAULT_LIFETIME, |expires_at| {
            expires_at.min(now + ReplayKey::MAX_LIFETIME) + ReplayKey::MARGIN
        });
        Self { replay_key: Some(ReplayKey { digest: Hash::Sha256.hex_digest(signed), expires_at }), ..self }
    }

    /// [`Verified::single_use`] for a JSON Web Token. Its signature is left out: one signature has several encodings.
    pub(in crate::providers) fn single_use_jwt(
        self,
        token: &str,
        now: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Self {
        let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
        self.single_use(signed.as_bytes(), now, expires_at)
    }

    /// By a message authentication code: one of those that the provider could have computed over this webhook is the
    /// presented one.
    pub(in crate::providers) fn by_mac<'c>(
        raw: &'a RawWebhook,
        computed: impl IntoIterator<Item = impl AsRef<[u8]> + 'c>,
        presented: &[u8],
    ) -> Result<Self, Rejected> {
        let is_equal = computed.into_iter().any(|mac| bool::from(mac.as_ref().ct_eq(presented)));
        if is_equal { Ok(Self::new(raw)) } else { Err(Rejected::WrongSignature) }
    }

    /// By a public-key signature.
    pub(in crate::providers) fn by_public_key(
        raw: &'a RawWebhook,
        algorithm: &'static dyn VerificationAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<Self, Rejected> {
        let verified = UnparsedPublicKey::new(algorithm, key).verify(message, signature);
        verified.map(|()| Self::new(raw)).map_err(|_| Rejected::WrongSignature)
    }

    /// By a JSON Web Token that is signed with the secret by one of these algorithms, and whose claims pass `check`.
    /// Times are for `check` to compare.
    pub(in crate::providers) fn by_jwt<C: DeserializeOwned + Clone>(
        raw: &'a RawWebhook,
        token: &str,
        secret: &SecretString,
        algorithms: &[Algorithm],
        check: impl FnOnce(&C) -> Result<(), Rejected>,
    ) -> Result<(Self, C), Rejected> {
        let claims = decode_jwt(token, secret, algorithms)?;
        check(&claims)?;
        Ok((Self::new(raw), claims))
    }

    /// By the secret that the operator put into the webhook URL, as `token` or as the password of Basic credentials:
    /// for providers that sign nothing.
    pub(in crate::providers) fn by_url_secret(raw: &'a RawWebhook, secret: &SecretString) -> Result<Self, Rejected> {
        let passwords = raw.basic_credentials().map(|(_, password)| decodings(&password));
        let presented: Vec<_> = raw.url_token().into_iter().chain(passwords.into_iter().flatten()).collect();
        if presented.is_empty() {
            return Err(Rejected::Unsigned("the secret (`token` in the address, or a password)".to_owned()));
        }
        let is_equal = presented.iter().any(|presented| equals(secret, presented));
        if is_equal { Ok(Self::new(raw)) } else { Err(Rejected::WrongSecret) }
    }

    /// By Basic credentials (RFC 7617): the account's user name and password.
    pub(in crate::providers) fn by_basic_auth(
        raw: &'a RawWebhook,
        username: &str,
        password: &SecretString,
    ) -> Result<Self, Rejected> {
        let credentials = raw.basic_credentials();
        let (user, presented) =
            credentials.ok_or_else(|| Rejected::Unsigned("the header authorization (Basic)".to_owned()))?;
        let is_equal = decodings(&user).iter().zip(&decodings(&presented)).any(|(user, presented)| {
            let is_user = user.as_bytes().ct_eq(username.as_bytes());
            bool::from(is_user & password.expose_secret().as_bytes().ct_eq(presented.as_bytes()))
        });
        if is_equal { Ok(Self::new(raw)) } else { Err(Rejected::WrongSecret) }
    }

    /// By the secret itself, which the webhook carries in a header or a parameter.
    pub(in crate::providers) fn by_secret(
        raw: &'a RawWebhook,
        presented: &str,
        secret: &SecretString,
    ) -> Result<Self, Rejected> {
        if equals(secret, presented) { Ok(Self::new(raw)) } else { Err(Rejected::WrongSecret) }
    }

    /// By its source address, which the [`RequestGuard`] has checked: for gateways in the operator's own network that
    /// can send no secret.
    pub(in crate::providers) fn by_source(raw: &'a RawWebhook, guard: &RequestGuard) -> Result<Self, Rejected> {
        if guard.restricts_sources() { Ok(Self::new(raw)) } else { Err(Rejected::WrongSource) }
    }

    /// Without any proof, for tests of what comes after it. `cargo fuzz` sets the flag; no feature does.
    #[cfg(any(test, fuzzing))]
    #[must_use]
    pub fn unchecked(raw: &'a RawWebhook) -> Self {
        Self::new(raw)
    }
}

fn equals(secret: &SecretString, presented: &str) -> bool {
    secret.expose_secret().as_bytes().ct_eq(presented.as_bytes()).into()
}

/// A text as it is and percent-decoded: credentials in a URL are encoded, and not every client decodes them before it
/// sends them.
fn decodings(text: &str) -> [String; 2] {
    [text.to_owned(), percent_decode_str(text).decode_utf8_lossy().into_owned()]
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::Deserialize;

    use super::*;
    use crate::providers::testing::webhook;

    #[test]
    fn a_secret_comes_in_the_url_or_as_a_password() {
        let secret = SecretString::from("s:€cret");
        let by = |url: &str, authorization: &str| {
            let headers: &[_] = &[("authorization", authorization)];
            let raw = webhook(url, if authorization.is_empty() { &[] } else { headers }, b"");
            Verified::by_url_secret(&raw, &secret).map(drop)
        };
        let basic = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        assert_eq!(by("http://a/?provider=x&token=s%3A%E2%82%ACcret", ""), Ok(()));
        assert_eq!(by("http://a/", &basic("anybody:s:€cret")), Ok(()));
        assert_eq!(by("http://a/", &basic("anybody:s%3A%E2%82%ACcret")), Ok(()));
        assert_eq!(by("http://a/?token=other", ""), Err(Rejected::WrongSecret));
        assert_eq!(by("http://a/?token=", ""), Err(Rejected::WrongSecret));
        assert_eq!(by("http://a/?token=x", &basic("anybody:y")), Err(Rejected::WrongSecret));
        assert!(matches!(by("http://a/?provider=x", ""), Err(Rejected::Unsigned(_))));
        assert!(matches!(by("http://a/", "Basic ???"), Err(Rejected::Unsigned(_))));
    }

    #[test]
    fn both_halves_of_basic_credentials_are_compared() {
        let by = |credentials: &str| {
            let raw =
                webhook("http://a/", &[("authorization", &format!("basic {}", STANDARD.encode(credentials)))], b"");
            Verified::by_basic_auth(&raw, "user", &"word".into()).map(drop)
        };
        assert_eq!(by("user:word"), Ok(()));
        for wrong in ["user:wor", "use:word", ":", "user:", "user:word:"] {
            assert_eq!(by(wrong), Err(Rejected::WrongSecret), "{wrong}");
        }
    }

    #[test]
    fn a_jwt_must_use_an_allowed_algorithm() {
        #[derive(Clone, Deserialize)]
        struct Claims {
            iss: String,
        }
        // {"alg":"none"} and {"alg":"HS256"} over {"iss":"x"}, the second signed with "key".
        let payload = "eyJpc3MiOiJ4In0";
        let header = "eyJhbGciOiJIUzI1NiJ9";
        let mac = Hash::Sha256.hmac_with_key(b"key", &[format!("{header}.{payload}").as_bytes()]);
        let mac = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac);
        let raw = webhook("http://a/", &[], b"");
        let by = |token: &str, key: &str, algorithms: &[Algorithm]| {
            Verified::by_jwt(&raw, token, &key.into(), algorithms, |claims: &Claims| {
                if claims.iss == "x" { Ok(()) } else { Err(Rejected::WrongSignature) }
            })
            .map(drop)
        };
        let good = format!("{header}.{payload}.{mac}");
        assert_eq!(by(&good, "key", &[Algorithm::HS256]), Ok(()));
        assert_eq!(by(&good, "other", &[Algorithm::HS256]), Err(Rejected::WrongSignature));
        assert_eq!(by(&good, "key", &[Algorithm::HS512]), Err(Rejected::WrongSignature));
        for forged in [format!("eyJhbGciOiJub25lIn0.{payload}."), format!("{header}.{payload}."), "a.b".into()] {
            assert_eq!(by(&forged, "key", &[Algorithm::HS256]), Err(Rejected::WrongSignature), "{forged}");
        }
    }
}
