//! Signatures: HMAC (RFC 2104) with a shared key, or Ed25519 (RFC 8032) with the provider's public key, over what a
//! template says.

use chrono::{DateTime, Utc};
use http::HeaderName;
use ring::signature::{ED25519, Ed25519KeyPair};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Deserialize;
use serde_json::Value;

use super::{
    auth::{Encoding, set},
    config::{Header, Settings},
    template::{Piece, pieces},
};
use crate::{
    domain::{Error, Result},
    providers::kit::{
        Draft, Hash, RawWebhook, Rejected, Setup, TimeFormat, Verified, fresh, hex, read_setting, read_time,
        refuse_setting, unbase64, unhex,
    },
};

/// A signature: HMAC, or Ed25519.
pub(super) struct Signature {
    key: Key,
    settings: SignatureSettings,
    tolerance: u32,
    /// Whether there may be a body that it does not cover.
    is_good_once: bool,
}

enum Key {
    Shared(Hash, SecretSlice<u8>),
    Public(Vec<u8>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureSettings {
    algorithm: Option<Hash>,
    key_encoding: Option<Encoding>,
    header: Header,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    encoding: Encoding,
    payload: Template,
    timestamp_header: Option<Header>,
    #[serde(default)]
    timestamp_prefix: String,
    nonce_header: Option<Header>,
    tolerance_s: Option<u32>,
}

/// What is signed.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Template(Vec<Piece<Part>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Body,
    BodyMd5Hex,
    BodySha256Hex,
    Timestamp,
    Nonce,
    Method,
    Url,
    /// The path of the address, with its query.
    Path,
}

impl Part {
    const NAMES: &[(&'static str, Self)] = &[
        ("body", Self::Body),
        ("body_md5_hex", Self::BodyMd5Hex),
        ("body_sha256_hex", Self::BodySha256Hex),
        ("timestamp", Self::Timestamp),
        ("nonce", Self::Nonce),
        ("method", Self::Method),
        ("url", Self::Url),
        ("path", Self::Path),
    ];
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = |name: &str| {
            let part = Part::NAMES.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
            part.ok_or_else(|| {
                let known: Vec<_> = Part::NAMES.iter().map(|(name, _)| format!("{{{name}}}")).collect();
                format!("`{{{name}}}` is not known; there are {}", known.join(" "))
            })
        };
        pieces(&text, known).map(Self)
    }
}

impl Template {
    fn has(&self, parts: &[Part]) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Hole(part) if parts.contains(part)))
    }

    fn covers_body(&self) -> bool {
        self.has(&[Part::Body, Part::BodyMd5Hex, Part::BodySha256Hex])
    }

    fn covers_address(&self) -> bool {
        self.has(&[Part::Url, Part::Path])
    }

    fn fill(&self, raw: &RawWebhook, timestamp: &str, nonce: &str) -> Vec<u8> {
        let mut filled = Vec::with_capacity(raw.body.len() + 200);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.extend(text.as_bytes()),
                Piece::Hole(Part::Body) => filled.extend(&raw.body),
                Piece::Hole(Part::BodyMd5Hex) => filled.extend(hex(&Hash::Md5.digest(&raw.body)).as_bytes()),
                Piece::Hole(Part::BodySha256Hex) => filled.extend(hex(&Hash::Sha256.digest(&raw.body)).as_bytes()),
                Piece::Hole(Part::Timestamp) => filled.extend(timestamp.as_bytes()),
                Piece::Hole(Part::Nonce) => filled.extend(nonce.as_bytes()),
                Piece::Hole(Part::Method) => filled.extend(raw.method.as_str().as_bytes()),
                Piece::Hole(Part::Url) => filled.extend(raw.url.as_bytes()),
                Piece::Hole(Part::Path) => filled.extend(raw.path_and_query().as_bytes()),
            }
        }
        filled
    }
}

impl Signature {
    /// `is_shared` says whether the key is one that both sides have.
    pub(super) fn open(account: &Settings, setup: &Setup, auth: Value, is_shared: bool) -> Result<Self> {
        let settings: SignatureSettings = read_setting("auth", auth)?;
        settings.encoding.check("auth.encoding")?;
        let secret = setup.secret.expose_secret();
        let key = if is_shared {
            let hash = settings.algorithm.ok_or_else(|| refuse_setting("auth.algorithm", "is missing"))?;
            let key = settings.key_encoding.unwrap_or(Encoding::Utf8).decode(secret).filter(|key| !key.is_empty());
            let key = key.ok_or_else(|| Error::invalid("secret", "must be written as `key_encoding` says"))?;
            Key::Shared(hash, key.into())
        } else {
            for (name, is_set) in [
                ("auth.algorithm", settings.algorithm.is_some()),
                ("auth.key_encoding", settings.key_encoding.is_some()),
            ] {
                if is_set {
                    return Err(refuse_setting(name, "is of hmac"));
                }
            }
            Key::Public(key_of(secret).ok_or_else(|| {
                Error::invalid("secret", "must be the public key of the provider: 32 bytes as base64 or hexadecimal")
            })?)
        };
        settings.check(account)?;
        let tolerance = setup.tolerance(settings.tolerance_s.unwrap_or(300));
        let is_good_once = account.reads_body() && !settings.payload.covers_body();
        Ok(Self { key, settings, tolerance, is_good_once })
    }

    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let SignatureSettings { header, prefix, encoding, payload, timestamp_header, nonce_header, .. } =
            &self.settings;
        let presented = value_of(raw, &header.0, prefix)?;
        let timestamp = timestamp_header.as_ref().map(|name| value_of(raw, &name.0, &self.settings.timestamp_prefix));
        let timestamp = timestamp.transpose()?;
        let nonce = nonce_header.as_ref().map(|name| value_of(raw, &name.0, "")).transpose()?;
        if nonce == Some("") {
            return Err(Rejected::WrongSignature);
        }
        let presented = encoding.decode(presented).ok_or(Rejected::WrongSignature)?;
        let message = payload.fill(raw, timestamp.unwrap_or_default(), nonce.unwrap_or_default());
        let verified = match &self.key {
            Key::Shared(hash, key) => {
                Verified::by_code(raw, [hash.code(key.expose_secret(), &[&message])], &presented)?
            }
            Key::Public(key) => Verified::by_public_key(raw, &ED25519, key, &message, &presented)?,
        };
        // Only now is the time worth reading: it is the one that was signed.
        let mut end = None;
        if let Some(text) = timestamp {
            let signed_at = seconds(text).ok_or(Rejected::Stale)?;
            fresh(signed_at, now, Some(self.tolerance))?;
            end = DateTime::from_timestamp(signed_at.saturating_add(i64::from(self.tolerance)), 0);
        }
        if !self.is_good_once {
            return Ok(verified);
        }
        Ok(verified.only_once(&message, now, end))
    }

    pub(super) fn sign(&self, raw: &mut RawWebhook, draft: &Draft<'_>) -> Result<()> {
        let SignatureSettings { header, prefix, encoding, payload, timestamp_header, nonce_header, .. } =
            &self.settings;
        let timestamp = draft.now.timestamp().to_string();
        let message = payload.fill(raw, &timestamp, draft.nonce);
        let signature = match &self.key {
            Key::Shared(hash, key) => hash.code(key.expose_secret(), &[&message]),
            Key::Public(_) => {
                let wrong = || Error::invalid("key", "must be the private key: 32 bytes as base64 or hexadecimal");
                let seed = key_of(draft.private_key()?.expose_secret()).ok_or_else(wrong)?;
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| wrong())?;
                pair.sign(&message).as_ref().to_vec()
            }
        };
        let mut signature = format!("{prefix}{}", encoding.encode(&signature));
        if let Some(name) = timestamp_header {
            let timestamp = format!("{}{timestamp}", self.settings.timestamp_prefix);
            if name.0 == header.0 {
                signature = format!("{timestamp},{signature}");
            } else {
                set(raw, &name.0, &timestamp);
            }
        }
        if let Some(name) = nonce_header {
            set(raw, &name.0, draft.nonce);
        }
        set(raw, &header.0, &signature);
        Ok(())
    }
}

impl SignatureSettings {
    fn check(&self, account: &Settings) -> Result<()> {
        let refuse = |issue: &str| Err(refuse_setting("auth.payload", issue));
        let (timestamp, nonce) = (self.payload.has(&[Part::Timestamp]), self.payload.has(&[Part::Nonce]));
        if timestamp != self.timestamp_header.is_some() {
            return refuse("must have {timestamp} if there is a timestamp_header, and only then");
        }
        if nonce != self.nonce_header.is_some() {
            return refuse("must have {nonce} if there is a nonce_header, and only then");
        }
        if account.reads_address() && !self.payload.covers_address() {
            return refuse("must have {url} or {path}: what is read is in the address");
        }
        if account.reads_body() && !self.payload.covers_body() && !timestamp && !nonce {
            return refuse("must have {body} or a hash of it; without, {nonce} or {timestamp} at least");
        }
        if self.timestamp_header.as_ref().is_some_and(|name| name.0 == self.header.0)
            && (self.prefix.is_empty() || self.timestamp_prefix.is_empty())
        {
            return Err(refuse_setting(
                "auth.timestamp_prefix",
                "must tell time and signature apart, as must `prefix`",
            ));
        }
        for (name, prefix) in [("auth.prefix", &self.prefix), ("auth.timestamp_prefix", &self.timestamp_prefix)] {
            let is_visible = prefix.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
            if prefix.len() > 50 || prefix.contains(',') || !is_visible {
                return Err(refuse_setting(name, "must have at most 50 visible characters, and no comma"));
            }
        }
        match self.tolerance_s {
            Some(0) | Some(604_801..) => Err(refuse_setting("auth.tolerance_s", "must be from 1 to 604800")),
            _ => Ok(()),
        }
    }
}

/// What follows a prefix in a header, which may have several values between commas: `t=1795334400,v1=…`.
fn value_of<'r>(raw: &'r RawWebhook, name: &HeaderName, prefix: &str) -> Result<&'r str, Rejected> {
    let value = raw.header(name.as_str())?;
    if prefix.is_empty() {
        return Ok(value.trim());
    }
    value.split(',').find_map(|part| part.trim().strip_prefix(prefix)).ok_or(Rejected::WrongSignature)
}

/// A time in seconds or milliseconds since 1970, or as RFC 3339 writes it.
fn seconds(text: &str) -> Option<i64> {
    // As seconds, this is in the year 5138.
    const FIRST_OF_MILLISECONDS: i64 = 100_000_000_000;
    match text.parse::<i64>() {
        Ok(number) if number >= FIRST_OF_MILLISECONDS => Some(number / 1_000),
        Ok(number) => Some(number),
        Err(_) => read_time(text, &TimeFormat::Rfc3339).map(|time| time.timestamp()),
    }
}

/// The 32 bytes of a key.
fn key_of(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let is_key = |key: &Vec<u8>| key.len() == 32;
    unhex(text).filter(is_key).or_else(|| unbase64(text).filter(is_key))
}
