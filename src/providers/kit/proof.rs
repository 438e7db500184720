//! Proof that a webhook came from its provider.
//!
//! A [`Verified`] can be made in this file alone, and each way to make one compares in constant time or has a
//! library verify a signature. (A build for tests or for fuzzing has one way more.)

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use http::header;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use md5::Md5;
use percent_encoding::percent_decode_str;
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::{Form, RawWebhook};

/// Why a webhook was not verified. The texts tell an operator what to look at, and a forger nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// What should carry the signature or the secret is missing.
    #[error("{0} is missing")]
    Unsigned(String),
    /// The signature is not the one of this request.
    #[error("the signature is not the one of this request; check the secret and the public address")]
    WrongSignature,
    /// The secret is not the account's.
    #[error("the secret that came with the request is not the one of this provider")]
    WrongSecret,
    /// The signature is of another time.
    #[error("the signature was made too long ago, or in the future")]
    Stale,
    /// The signature has been used for another request.
    #[error("the signature was used before, for another request")]
    Reused,
    /// It came from somewhere that is not on the account's list.
    #[error("requests from this address are not taken")]
    WrongSource,
    /// It is signed, and not by whom the account trusts.
    #[error("{0}")]
    Untrusted(&'static str),
    /// Requests of this type are not signed by the scheme.
    #[error("the content type must be {0}")]
    WrongType(&'static str),
}

/// What makes a signature good for one request, where it does not cover the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// A digest of what was signed.
    pub key: String,
    /// Until when the signature could be used again.
    pub until: DateTime<Utc>,
}

/// A webhook that was shown to come from its provider.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    raw: &'a RawWebhook,
    once: Option<Once>,
}

impl<'a> Verified<'a> {
    fn new(raw: &'a RawWebhook) -> Self {
        Self { raw, once: None }
    }

    /// The webhook.
    #[must_use]
    pub fn raw(&self) -> &'a RawWebhook {
        self.raw
    }

    /// What must not have been used with another body.
    #[must_use]
    pub fn once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    /// The same proof, good for one body: the signature does not cover it. `signed` is all that it covers, because
    /// what stands in one part of it could be moved to another. `end` is when the signature ends by itself.
    pub(in crate::providers) fn only_once(self, signed: &[u8], now: DateTime<Utc>, end: Option<DateTime<Utc>>) -> Self {
        // At its last second it can still be used, and a time that is too far away cannot be stored.
        let latest = now + TimeDelta::days(3_650);
        let until = end.map_or(now + Once::KEPT, |end| end.min(latest) + TimeDelta::seconds(2));
        Self { once: Some(Once { key: hex(&Hash::Sha256.digest(signed)), until }), ..self }
    }

    /// The proof: one of the codes that the provider could have computed over this webhook is the
    /// one that was presented. The comparison takes the same time wherever they differ.
    pub(in crate::providers) fn by_code<'c>(
        raw: &'a RawWebhook,
        computed: impl IntoIterator<Item = impl AsRef<[u8]> + 'c>,
        presented: &[u8],
    ) -> Result<Self, Rejected> {
        let equal = computed.into_iter().any(|code| bool::from(code.as_ref().ct_eq(presented)));
        if equal { Ok(Self::new(raw)) } else { Err(Rejected::WrongSignature) }
    }

    /// The proof: a signature that the holder of the private key alone could make.
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

    /// The proof: a JSON Web Token (RFC 7519) that is signed with the secret by one of these algorithms, and whose
    /// claims pass. Times are for `claims` to check: they are the application's, not the library's.
    pub(in crate::providers) fn by_token<C: DeserializeOwned + Clone>(
        raw: &'a RawWebhook,
        token: &str,
        secret: &SecretString,
        algorithms: &[Algorithm],
        claims: impl FnOnce(&C) -> Result<(), Rejected>,
    ) -> Result<(Self, C), Rejected> {
        let mut validation = Validation::new(algorithms.first().copied().unwrap_or_default());
        validation.algorithms = algorithms.to_vec();
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
        let read = crate::jwt::decode::<C>(token, &key, &validation).map_err(|_| Rejected::WrongSignature)?;
        claims(&read.claims)?;
        Ok((Self::new(raw), read.claims))
    }

    /// The proof, where a provider signs nothing: the secret that the operator put into the address, as `token` or
    /// as the password of Basic credentials.
    pub(in crate::providers) fn by_secret(raw: &'a RawWebhook, secret: &SecretString) -> Result<Self, Rejected> {
        let passwords = basic_of(raw).map(|(_, password)| spellings(&password));
        let shown: Vec<_> = token_of(raw).into_iter().chain(passwords.into_iter().flatten()).collect();
        if shown.is_empty() {
            return Err(Rejected::Unsigned("the secret (`token` in the address, or a password)".to_owned()));
        }
        let equal = shown.iter().any(|shown| equals(secret, shown.as_bytes()));
        if equal { Ok(Self::new(raw)) } else { Err(Rejected::WrongSecret) }
    }

    /// The proof: Basic credentials (RFC 7617) with the account's user name and password.
    pub(in crate::providers) fn by_basic(
        raw: &'a RawWebhook,
        username: &str,
        password: &SecretString,
    ) -> Result<Self, Rejected> {
        let (user, shown) =
            basic_of(raw).ok_or_else(|| Rejected::Unsigned("the header authorization (Basic)".to_owned()))?;
        let equal = spellings(&user).iter().zip(&spellings(&shown)).any(|(user, shown)| {
            let known = user.as_bytes().ct_eq(username.as_bytes());
            bool::from(known & password.expose_secret().as_bytes().ct_eq(shown.as_bytes()))
        });
        if equal { Ok(Self::new(raw)) } else { Err(Rejected::WrongSecret) }
    }

    /// The proof: a value that only the provider was told.
    pub(in crate::providers) fn by_value(
        raw: &'a RawWebhook,
        shown: &str,
        secret: &SecretString,
    ) -> Result<Self, Rejected> {
        if equals(secret, shown.as_bytes()) { Ok(Self::new(raw)) } else { Err(Rejected::WrongSecret) }
    }

    /// The proof: it came from one of the account's addresses, which [`Gate`] has checked. For gateways in one's own
    /// network that can show nothing else.
    ///
    /// [`Gate`]: super::Gate
    pub(in crate::providers) fn by_source(raw: &'a RawWebhook, gate: &super::Gate) -> Result<Self, Rejected> {
        if gate.names_sources() { Ok(Self::new(raw)) } else { Err(Rejected::WrongSource) }
    }

    /// For tests of what comes after the proof. `cargo fuzz` sets the flag; no feature does.
    #[cfg(any(test, fuzzing))]
    #[must_use]
    pub fn unchecked(raw: &'a RawWebhook) -> Self {
        Self::new(raw)
    }
}

fn equals(secret: &SecretString, shown: &[u8]) -> bool {
    secret.expose_secret().as_bytes().ct_eq(shown).into()
}

/// The parameter `token` of the address.
pub(super) fn token_of(raw: &RawWebhook) -> Option<String> {
    Form::decode(raw.query().as_bytes()).find("token").ok().flatten().map(str::to_owned)
}

fn basic_of(raw: &RawWebhook) -> Option<(String, String)> {
    let value = raw.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, password) = credentials.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// A text as it is, and as it was before somebody encoded it: who puts credentials into an address has to encode
/// some characters, and not every client decodes them.
fn spellings(text: &str) -> [String; 2] {
    [text.to_owned(), percent_decode_str(text).decode_utf8_lossy().into_owned()]
}

/// A hash function, for digests and for HMAC (RFC 2104).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::providers) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// HMAC over the parts, one after the other.
    pub(in crate::providers) fn code(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        macro_rules! code {
            ($hash:ty) => {{
                let mut mac = Hmac::<$hash>::new_from_slice(key).expect("any length");
                parts.iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Md5 => code!(Md5),
            Self::Sha1 => code!(Sha1),
            Self::Sha256 => code!(Sha256),
            Self::Sha384 => code!(Sha384),
            Self::Sha512 => code!(Sha512),
        }
    }

    /// The digest of the bytes.
    pub(in crate::providers) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// How far into the future a signature may be, in seconds: clocks differ.
const AHEAD: i64 = 300;

/// Refuses a time (seconds since 1970) that lies further back than `tolerance` seconds, or ahead of us.
pub(in crate::providers) fn fresh(signed_at: i64, now: DateTime<Utc>, tolerance: Option<u32>) -> Result<(), Rejected> {
    let age = now.timestamp().saturating_sub(signed_at);
    let too_old = tolerance.is_some_and(|tolerance| age > i64::from(tolerance));
    if too_old || age < -AHEAD { Err(Rejected::Stale) } else { Ok(()) }
}

/// Refuses a token (RFC 7519, 4.1.4 and 4.1.5) that is not valid yet, or expired more than `leeway` seconds ago.
pub(in crate::providers) fn in_force(
    not_before: i64,
    expires: i64,
    now: DateTime<Utc>,
    leeway: u32,
) -> Result<(), Rejected> {
    fresh(not_before, now, None)?;
    let is_over = now.timestamp().saturating_sub(expires) > i64::from(leeway);
    if is_over { Err(Rejected::Stale) } else { Ok(()) }
}

impl Once {
    /// For how long a signature is remembered where its scheme sets no end: longer than anybody who reads along may
    /// be expected to wait, and not so long that the table only grows.
    const KEPT: TimeDelta = TimeDelta::days(90);
}

/// Hexadecimal digits of either case.
pub(in crate::providers) fn unhex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

/// Lower-case hexadecimal digits.
pub(in crate::providers) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Base64 (RFC 4648, 4), with or without padding.
pub(in crate::providers) fn unbase64(text: &str) -> Option<Vec<u8>> {
    let engine = if text.ends_with('=') { &STANDARD } else { &STANDARD_NO_PAD };
    engine.decode(text).or_else(|_| STANDARD.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::super::testing::webhook, *};

    #[test]
    fn a_secret_comes_in_the_address_or_as_a_password() {
        let secret = SecretString::from("s:€cret");
        let by = |url: &str, authorization: &str| {
            let headers: &[_] = &[("authorization", authorization)];
            let raw = webhook(url, if authorization.is_empty() { &[] } else { headers }, b"");
            Verified::by_secret(&raw, &secret).map(drop)
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
    fn both_halves_of_basic_credentials_count() {
        let by = |credentials: &str| {
            let raw =
                webhook("http://a/", &[("authorization", &format!("basic {}", STANDARD.encode(credentials)))], b"");
            Verified::by_basic(&raw, "user", &"word".into()).map(drop)
        };
        assert_eq!(by("user:word"), Ok(()));
        for wrong in ["user:wor", "use:word", ":", "user:", "user:word:"] {
            assert_eq!(by(wrong), Err(Rejected::WrongSecret), "{wrong}");
        }
    }

    #[test]
    fn a_token_needs_its_algorithm() {
        #[derive(Clone, Deserialize)]
        struct Claims {
            iss: String,
        }
        // {"alg":"none"} and {"alg":"HS256"} over {"iss":"x"}, the second signed with "key".
        let payload = "eyJpc3MiOiJ4In0";
        let signed = "eyJhbGciOiJIUzI1NiJ9";
        let code = Hash::Sha256.code(b"key", &[format!("{signed}.{payload}").as_bytes()]);
        let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(code);
        let raw = webhook("http://a/", &[], b"");
        let by = |token: &str, key: &str, algorithms: &[Algorithm]| {
            Verified::by_token(&raw, token, &key.into(), algorithms, |claims: &Claims| {
                if claims.iss == "x" { Ok(()) } else { Err(Rejected::WrongSignature) }
            })
            .map(drop)
        };
        let good = format!("{signed}.{payload}.{code}");
        assert_eq!(by(&good, "key", &[Algorithm::HS256]), Ok(()));
        assert_eq!(by(&good, "other", &[Algorithm::HS256]), Err(Rejected::WrongSignature));
        assert_eq!(by(&good, "key", &[Algorithm::HS512]), Err(Rejected::WrongSignature));
        for forged in [format!("eyJhbGciOiJub25lIn0.{payload}."), format!("{signed}.{payload}."), "a.b".into()] {
            assert_eq!(by(&forged, "key", &[Algorithm::HS256]), Err(Rejected::WrongSignature), "{forged}");
        }
    }

    #[test]
    fn times_may_differ_a_little() {
        let now = DateTime::from_timestamp(10_000, 0).unwrap();
        assert_eq!(fresh(9_700, now, Some(300)), Ok(()));
        assert_eq!(fresh(9_699, now, Some(300)), Err(Rejected::Stale));
        assert_eq!(fresh(0, now, None), Ok(()));
        assert_eq!(fresh(10_300, now, None), Ok(()));
        assert_eq!(fresh(10_301, now, None), Err(Rejected::Stale));
        assert_eq!(fresh(i64::MIN, now, Some(1)), Err(Rejected::Stale));
    }

    #[test]
    fn a_token_is_in_force_between_its_times() {
        let now = DateTime::from_timestamp(10_000, 0).unwrap();
        for (not_before, expires) in [(10_000, 10_060), (10_300, 10_360), (9_000, 10_000), (9_000, 9_995)] {
            assert_eq!(in_force(not_before, expires, now, 5), Ok(()), "{not_before} {expires}");
        }
        for (not_before, expires) in [(10_301, 10_360), (9_000, 9_994), (9_000, i64::MIN), (i64::MAX, i64::MAX)] {
            assert_eq!(in_force(not_before, expires, now, 5), Err(Rejected::Stale), "{not_before} {expires}");
        }
    }

    #[test]
    fn digits_are_read_in_either_case() {
        assert_eq!(unhex("00fFA9"), Some(vec![0, 255, 169]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
        assert_eq!(hex(&[0, 255]), "00ff");
        assert_eq!(unbase64("aGk="), Some(b"hi".to_vec()));
        assert_eq!(unbase64("aGk"), Some(b"hi".to_vec()));
        assert_eq!(unbase64("a k="), None);
    }
}
