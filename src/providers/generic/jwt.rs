//! JSON Web Tokens (RFC 7519) with a shared secret.

use chrono::{DateTime, Utc};
use http::{HeaderName, header};
use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    encoding::Encoding,
    settings::{HeaderSetting, Settings},
};
use crate::{
    domain::Result,
    providers::kit::{
        Draft, Hash, RawWebhook, Rejected, Setup, Verified, check_age, read_setting, refuse_setting, sign_jwt,
    },
};

type Claims = Map<String, Value>;

/// A token that comes with every webhook.
pub(super) struct Jwt {
    algorithms: Vec<Algorithm>,
    header: HeaderName,
    settings: JwtSettings,
    /// How old a token may be, in seconds.
    tolerance: Option<u32>,
    /// Whether it may come with a body that it does not cover.
    is_single_use: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JwtSettings {
    algorithms: Vec<HmacAlgorithm>,
    header: Option<HeaderSetting>,
    iss: Option<String>,
    /// The audience; `url` is the URL that was called.
    aud: Option<String>,
    body_hash_claim: Option<String>,
    url_hash_claim: Option<String>,
    #[serde(default)]
    hash_encoding: Encoding,
    #[serde(default = "default_require_exp")]
    require_exp: bool,
    tolerance_s: Option<u32>,
    #[serde(default)]
    issued_by_provider: bool,
}

/// The algorithms whose key is a shared secret. Others cannot be configured.
#[derive(Clone, Copy, Deserialize)]
enum HmacAlgorithm {
    HS256,
    HS384,
    HS512,
}

fn default_require_exp() -> bool {
    true
}

/// The value of `aud` for the URL that was called.
const URL: &str = "url";

impl Jwt {
    pub(super) fn open(account: &Settings, setup: &Setup, auth: Value) -> Result<Self> {
        let mut settings: JwtSettings = read_setting("auth", auth)?;
        let algorithm = |algorithm: &HmacAlgorithm| match algorithm {
            HmacAlgorithm::HS256 => Algorithm::HS256,
            HmacAlgorithm::HS384 => Algorithm::HS384,
            HmacAlgorithm::HS512 => Algorithm::HS512,
        };
        let algorithms: Vec<_> = settings.algorithms.iter().map(algorithm).collect();
        if algorithms.is_empty() {
            return Err(refuse_setting("auth.algorithms", "must name at least one of HS256, HS384 and HS512"));
        }
        settings.hash_encoding.check_binary("auth.hash_encoding")?;
        if account.reads_url() && settings.url_hash_claim.is_none() && settings.aud.as_deref() != Some(URL) {
            return Err(refuse_setting("auth.url_hash_claim", "is needed: what is read is in the address"));
        }
        if matches!(settings.tolerance_s, Some(0) | Some(604_801..)) {
            return Err(refuse_setting("auth.tolerance_s", "must be from 1 to 604800"));
        }
        let header = settings.header.take().map_or(header::AUTHORIZATION, |header| header.0);
        let tolerance = setup.common.tolerance_seconds.or(settings.tolerance_s);
        let is_single_use = account.reads_body() && settings.body_hash_claim.is_none();
        Ok(Self { algorithms, header, settings, tolerance, is_single_use })
    }

    /// Whether the operator chose the key, so that a weak one is refused.
    pub(super) fn is_key_chosen(&self) -> bool {
        !self.settings.issued_by_provider
    }

    pub(super) fn verify<'a>(
        &self,
        raw: &'a RawWebhook,
        secret: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<Verified<'a>, Rejected> {
        let token = match self.header == header::AUTHORIZATION {
            true => raw.bearer_token()?,
            false => raw.header(self.header.as_str())?,
        };
        let check = |claims: &Claims| self.check(raw, claims, now);
        let (verified, claims) = Verified::by_jwt(raw, token, secret, &self.algorithms, check)?;
        if !self.is_single_use {
            return Ok(verified);
        }
        let expires_at = time(&claims, "exp")?.and_then(|exp| DateTime::from_timestamp(exp, 0));
        Ok(verified.single_use_jwt(token, now, expires_at))
    }

    fn check(&self, raw: &RawWebhook, claims: &Claims, now: DateTime<Utc>) -> Result<(), Rejected> {
        let JwtSettings { iss, aud, body_hash_claim, url_hash_claim, hash_encoding, require_exp, .. } = &self.settings;
        let includes = |name: &str, wanted: &str| match claims.get(name) {
            Some(Value::Array(values)) => values.iter().any(|value| value == wanted),
            value => value.is_some_and(|value| value == wanted),
        };
        let is_hash = |name: &str, bytes: &[u8]| {
            let claim = claims.get(name).and_then(Value::as_str).and_then(|text| hash_encoding.decode(text));
            claim == Some(Hash::Sha256.digest(bytes))
        };
        let audience = aud.as_deref().map(|aud| if aud == URL { &raw.url } else { aud });
        let is_for_request = iss.as_deref().is_none_or(|iss| includes("iss", iss))
            && audience.is_none_or(|audience| includes("aud", audience))
            && body_hash_claim.as_deref().is_none_or(|name| is_hash(name, &raw.body))
            && url_hash_claim.as_deref().is_none_or(|name| is_hash(name, raw.url.as_bytes()));
        if !is_for_request {
            return Err(Rejected::WrongSignature);
        }
        let expires = time(claims, "exp")?;
        if expires.map_or(*require_exp, |exp| exp < now.timestamp()) {
            return Err(Rejected::Stale);
        }
        time(claims, "nbf")?.map_or(Ok(()), |nbf| check_age(nbf, now, None))?;
        match (time(claims, "iat")?, self.tolerance) {
            (Some(issued), tolerance) => check_age(issued, now, tolerance),
            (None, Some(_)) => Err(Rejected::Stale),
            (None, None) => Ok(()),
        }
    }

    pub(super) fn sign(&self, raw: RawWebhook, secret: &SecretString, draft: &Draft<'_>) -> Result<RawWebhook> {
        let now = draft.now.timestamp();
        let mut claims = json!({ "iat": now, "nbf": now, "exp": now + 300, "jti": draft.nonce });
        let hash = |bytes: &[u8]| self.settings.hash_encoding.encode(&Hash::Sha256.digest(bytes));
        let audience = self.settings.aud.as_ref().map(|aud| if aud == URL { raw.url.clone() } else { aud.clone() });
        let more = [
            (Some("iss"), self.settings.iss.clone()),
            (Some("aud"), audience),
            (self.settings.body_hash_claim.as_deref(), Some(hash(&raw.body))),
            (self.settings.url_hash_claim.as_deref(), Some(hash(raw.url.as_bytes()))),
        ];
        for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name?, value?))) {
            claims[name] = value.into();
        }
        let token = sign_jwt(self.algorithms.first().copied().unwrap_or_default(), &claims, secret)?;
        let is_bearer = self.header == header::AUTHORIZATION;
        Ok(raw.with_header(&self.header, &if is_bearer { format!("Bearer {token}") } else { token }))
    }
}

/// A time claim, in seconds since 1970.
fn time(claims: &Claims, name: &str) -> Result<Option<i64>, Rejected> {
    let read = |value: &Value| value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
    claims.get(name).map(|value| read(value).ok_or(Rejected::Stale)).transpose()
}
