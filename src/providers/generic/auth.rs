//! The ways to show where a webhook comes from. Which one counts is for the account to say.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{
    config::{Header, Settings},
    jwt::Jwt,
    signature::Signature,
};
use crate::{
    domain::Result,
    providers::kit::{
        Draft, Form, Gate, RawWebhook, Rejected, Setup, Verified, address_with, hex, read_setting, refuse_setting,
        unbase64, unhex,
    },
};

/// How an account shows where its webhooks come from.
pub(super) struct Auth {
    secret: SecretString,
    way: Way,
}

enum Way {
    Signature(Box<Signature>),
    Jwt(Box<Jwt>),
    /// A user name and the secret, as Basic credentials.
    Basic(String),
    /// The secret, as a Bearer token.
    Bearer,
    /// The secret, in a header.
    Header(HeaderName),
    /// The secret, as a parameter of the address.
    Query(String),
    /// The secret, as `token` in the address or as a password.
    Secret,
    /// Nothing but the address that it comes from.
    Source,
}

/// How bytes are written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Encoding {
    #[default]
    #[serde(rename = "hex")]
    Hex,
    #[serde(rename = "base64")]
    Base64,
    #[serde(rename = "utf-8")]
    Utf8,
}

impl Encoding {
    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => unhex(text.trim()),
            Self::Base64 => unbase64(text.trim()),
            Self::Utf8 => Some(text.as_bytes().to_vec()),
        }
    }

    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// Refuses what signatures and hashes cannot be written in.
    pub(super) fn check(self, name: &str) -> Result<()> {
        if self == Self::Utf8 { Err(refuse_setting(name, "must be hex or base64")) } else { Ok(()) }
    }
}

impl Auth {
    /// Reads and checks the setting `auth`.
    pub(super) fn open(settings: &Settings, setup: &Setup) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Basic {
            username: String,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InHeader {
            header: Header,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InQuery {
            parameter: String,
        }

        let mut auth = settings.auth.clone();
        let word = auth.remove("type").ok_or_else(|| refuse_setting("auth.type", "is missing"))?;
        let auth = Value::Object(auth);
        let nothing = |auth| read_setting("auth", auth).map(|Nothing {}| ());
        let way = match word.as_str().unwrap_or_default() {
            "hmac" => Way::Signature(Box::new(Signature::open(settings, setup, auth, true)?)),
            "ed25519" => Way::Signature(Box::new(Signature::open(settings, setup, auth, false)?)),
            "jwt" => Way::Jwt(Box::new(Jwt::open(settings, setup, auth)?)),
            "basic" => Way::Basic(read_setting("auth", auth).map(|Basic { username }| username)?),
            "bearer" => nothing(auth).map(|()| Way::Bearer)?,
            "header" => Way::Header(read_setting("auth", auth).map(|InHeader { header }| header.0)?),
            "query" => match read_setting("auth", auth).map(|InQuery { parameter }| parameter)? {
                name if name.is_empty() || name == "provider" => {
                    return Err(refuse_setting("auth.parameter", "must be a name, and not `provider`"));
                }
                name => Way::Query(name),
            },
            "secret" => nothing(auth).map(|()| Way::Secret)?,
            "none" if !setup.gate.names_sources() => {
                return Err(refuse_setting("auth.type", "can only be none where `allowed_sources` is set"));
            }
            "none" => nothing(auth).map(|()| Way::Source)?,
            _ => {
                let known = "hmac, ed25519, jwt, basic, bearer, header, query, secret or none";
                return Err(refuse_setting("auth.type", format!("must be {known}")));
            }
        };
        Ok(Self { secret: setup.secret.clone(), way })
    }

    /// Whether the account's secret is the parameter `token` of the address.
    pub(super) fn is_in_address(&self) -> bool {
        match &self.way {
            Way::Query(name) => name == "token",
            Way::Secret => true,
            _ => false,
        }
    }

    /// The parameter of the address that is a secret, and no part of what the provider says.
    pub(super) fn hidden(&self) -> Option<&str> {
        match &self.way {
            Way::Query(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn verify<'a>(
        &self,
        raw: &'a RawWebhook,
        gate: &Gate,
        now: DateTime<Utc>,
    ) -> Result<Verified<'a>, Rejected> {
        match &self.way {
            Way::Signature(signature) => signature.verify(raw, now),
            Way::Jwt(jwt) => jwt.verify(raw, &self.secret, now),
            Way::Basic(username) => Verified::by_basic(raw, username, &self.secret),
            Way::Bearer => Verified::by_value(raw, raw.bearer()?, &self.secret),
            Way::Header(name) => Verified::by_value(raw, raw.header(name.as_str())?, &self.secret),
            Way::Query(name) => {
                let query = Form::decode(raw.query().as_bytes());
                let shown = query.find(name).map_err(|_| Rejected::WrongSecret)?;
                let shown = shown.ok_or_else(|| Rejected::Unsigned(format!("`{name}` in the address")))?;
                Verified::by_value(raw, shown, &self.secret)
            }
            Way::Secret => Verified::by_secret(raw, &self.secret),
            Way::Source => Verified::by_source(raw, gate),
        }
    }

    /// Signs a webhook as the provider does.
    pub(super) fn sign(&self, mut raw: RawWebhook, draft: &Draft<'_>) -> Result<RawWebhook> {
        let secret = self.secret.expose_secret();
        match &self.way {
            Way::Signature(signature) => signature.sign(&mut raw, draft)?,
            Way::Jwt(jwt) => jwt.sign(&mut raw, &self.secret, draft)?,
            Way::Basic(username) => {
                let credentials = STANDARD.encode(format!("{username}:{secret}"));
                set(&mut raw, &header::AUTHORIZATION, &format!("Basic {credentials}"));
            }
            Way::Bearer => set(&mut raw, &header::AUTHORIZATION, &format!("Bearer {secret}")),
            Way::Header(name) => set(&mut raw, name, secret),
            Way::Query(name) => raw.url = address_with(&raw.url, &[(name, secret)]),
            Way::Secret => raw = raw.with_token(&self.secret),
            Way::Source => {}
        }
        Ok(raw)
    }
}

/// Sets a header.
pub(super) fn set(raw: &mut RawWebhook, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        raw.headers.insert(name.clone(), value);
    }
}
