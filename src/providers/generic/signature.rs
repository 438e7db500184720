//! Signatures over a template: HMAC (RFC 2104) with a shared key, or Ed25519 (RFC 8032) with the provider's public key.

use chrono::{DateTime, Utc};
use http::HeaderName;
use ring::signature::{ED25519, Ed25519KeyPair};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Deserialize;
use serde_json::Value;

use super::{
    encoding::Encoding,
    settings::{HeaderSetting, Settings},
    signed_template::{SignedPart, SignedTemplate},
};
use crate::{
    domain::{Error, Result},
    providers::kit::{
        Draft, Hash, RawWebhook, Rejected, Setup, TimeFormat, Tolerance, Verified, decode_base64, decode_hex,
        read_setting, read_time, refuse_setting,
    },
};

/// A signature that comes with every webhook.
pub(super) struct Signature {
    key: Key,
    settings: SignatureSettings,
    tolerance: Tolerance,
    /// Whether it may come with a body that it does not cover.
    is_single_use: bool,
}

enum Key {
    Hmac(Hash, SecretSlice<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureSettings {
    algorithm: Option<Hash>,
    key_encoding: Option<Encoding>,
    header: HeaderSetting,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    encoding: Encoding,
    payload: SignedTemplate,
    timestamp_header: Option<HeaderSetting>,
    #[serde(default)]
    timestamp_prefix: String,
    nonce_header: Option<HeaderSetting>,
    tolerance_s: Option<u32>,
    #[serde(default)]
    issued_by_provider: bool,
}

/// The default tolerance, in seconds.
const TOLERANCE: u32 = 300;

impl Signature {
    pub(super) fn open_hmac(account: &Settings, setup: &Setup, auth: Value) -> Result<Self> {
        let settings: SignatureSettings = read_setting("auth", auth)?;
        settings.encoding.check_binary("auth.encoding")?;
        let hash = settings.algorithm.ok_or_else(|| refuse_setting("auth.algorithm", "is missing"))?;
        let encoding = settings.key_encoding.unwrap_or(Encoding::Utf8);
        let key = encoding.decode(setup.secret.expose_secret()).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| Error::invalid("secret", "must be written as `key_encoding` says"))?;
        Self::open(account, setup, settings, Key::Hmac(hash, key.into()))
    }

    pub(super) fn open_ed25519(account: &Settings, setup: &Setup, auth: Value) -> Result<Self> {
        let settings: SignatureSettings = read_setting("auth", auth)?;
        settings.encoding.check_binary("auth.encoding")?;
        for (name, is_set) in [
            ("auth.algorithm", settings.algorithm.is_some()),
            ("auth.key_encoding", settings.key_encoding.is_some()),
            ("auth.issued_by_provider", settings.issued_by_provider),
        ] {
            if is_set {
                return Err(refuse_setting(name, "is of hmac"));
            }
        }
        let key = ed25519_key(setup.secret.expose_secret()).ok_or_else(|| {
            Error::invalid("secret", "must be the public key of the provider: 32 bytes as base64 or hexadecimal")
        })?;
        Self::open(account, setup, settings, Key::Ed25519(key))
    }

    fn open(account: &Settings, setup: &Setup, settings: SignatureSettings, key: Key) -> Result<Self> {
        settings.check(account)?;
        let tolerance = setup.tolerance(settings.tolerance_s.unwrap_or(TOLERANCE));
        let is_single_use = account.reads_body() && !settings.payload.covers_body();
        Ok(Self { key, settings, tolerance, is_single_use })
    }

    /// Whether the operator chose the key, so that a weak one is refused. A public key is the provider's.
    pub(super) fn is_key_chosen(&self) -> bool {
        matches!(self.key, Key::Hmac(..)) && !self.settings.issued_by_provider
    }

    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let SignatureSettings { header, prefix, encoding, payload, timestamp_header, nonce_header, .. } =
            &self.settings;
        let presented = header_value(raw, &header.0, prefix)?;
        let timestamp =
            timestamp_header.as_ref().map(|name| header_value(raw, &name.0, &self.settings.timestamp_prefix));
        let timestamp = timestamp.transpose()?;
        let nonce = nonce_header.as_ref().map(|name| header_value(raw, &name.0, "")).transpose()?;
        if nonce == Some("") {
            return Err(Rejected::WrongSignature);
        }
        let presented = encoding.decode(presented).ok_or(Rejected::WrongSignature)?;
        let message = payload.fill(raw, timestamp.unwrap_or_default(), nonce.unwrap_or_default());
        let verified = match &self.key {
            Key::Hmac(hash, key) => {
                Verified::by_mac(raw, [hash.hmac_with_key(key.expose_secret(), &[&message])], &presented)?
            }
            Key::Ed25519(key) => Verified::by_public_key(raw, &ED25519, key, &message, &presented)?,
        };
        let mut expires_at = None;
        if let Some(text) = timestamp {
            let signed_at = parse_timestamp(text).ok_or(Rejected::Stale)?;
            self.tolerance.check(signed_at, now)?;
            let last = signed_at.saturating_add(i64::from(self.tolerance.as_seconds()));
            expires_at = DateTime::from_timestamp(last, 0);
        }
        Ok(if self.is_single_use { verified.single_use(&message, now, expires_at) } else { verified })
    }

    pub(super) fn sign(&self, mut raw: RawWebhook, draft: &Draft<'_>) -> Result<RawWebhook> {
        let SignatureSettings { header, prefix, encoding, payload, timestamp_header, nonce_header, .. } =
            &self.settings;
        let timestamp = draft.now.timestamp().to_string();
        let message = payload.fill(&raw, &timestamp, draft.nonce);
        let signature = match &self.key {
            Key::Hmac(hash, key) => hash.hmac_with_key(key.expose_secret(), &[&message]),
            Key::Ed25519(_) => {
                let wrong = || Error::invalid("key", "must be the private key: 32 bytes as base64 or hexadecimal");
                let seed = ed25519_key(draft.private_key()?.expose_secret()).ok_or_else(wrong)?;
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
                raw = raw.with_header(&name.0, &timestamp);
            }
        }
        if let Some(name) = nonce_header {
            raw = raw.with_header(&name.0, draft.nonce);
        }
        Ok(raw.with_header(&header.0, &signature))
    }
}

impl SignatureSettings {
    fn check(&self, account: &Settings) -> Result<()> {
        let refuse = |issue: &str| Err(refuse_setting("auth.payload", issue));
        let has_timestamp = self.payload.has(&[SignedPart::Timestamp]);
        let has_nonce = self.payload.has(&[SignedPart::Nonce]);
        if has_timestamp != self.timestamp_header.is_some() {
            return refuse("must have {timestamp} if there is a timestamp_header, and only then");
        }
        if has_nonce != self.nonce_header.is_some() {
            return refuse("must have {nonce} if there is a nonce_header, and only then");
        }
        if account.reads_url() && !self.payload.covers_url() {
            return refuse("must have {url} or {path}: what is read is in the address");
        }
        if account.reads_body() && !self.payload.covers_body() && !has_timestamp && !has_nonce {
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

/// What follows a prefix in a header, which may have several comma-separated values: `t=1795334400,v1=…`.
fn header_value<'r>(raw: &'r RawWebhook, name: &HeaderName, prefix: &str) -> Result<&'r str, Rejected> {
    let value = raw.header(name.as_str())?;
    if prefix.is_empty() {
        return Ok(value.trim());
    }
    value.split(',').find_map(|part| part.trim().strip_prefix(prefix)).ok_or(Rejected::WrongSignature)
}

/// A timestamp in seconds or milliseconds since 1970, or in RFC 3339.
fn parse_timestamp(text: &str) -> Option<i64> {
    // In seconds, this is in the year 5138.
    const FIRST_IN_MILLISECONDS: i64 = 100_000_000_000;
    match text.parse::<i64>() {
        Ok(number) if number >= FIRST_IN_MILLISECONDS => Some(number / 1_000),
        Ok(number) => Some(number),
        Err(_) => read_time(text, &TimeFormat::Rfc3339).map(|time| time.timestamp()),
    }
}

/// The 32 bytes of an Ed25519 key.
fn ed25519_key(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let is_key = |key: &Vec<u8>| key.len() == 32;
    decode_hex(text).filter(is_key).or_else(|| decode_base64(text).filter(is_key))
}
