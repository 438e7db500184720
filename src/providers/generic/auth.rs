//! How an account verifies its webhooks: the setting `auth`.

use chrono::{DateTime, Utc};
use http::{HeaderName, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{
    jwt::Jwt,
    settings::{HeaderSetting, Settings},
    signature::Signature,
};
use crate::{
    domain::Result,
    providers::kit::{
        Draft, Form, RawWebhook, Rejected, RequestGuard, Setup, Verified, authorization, read_setting, refuse_setting,
        with_parameters,
    },
};

/// How an account verifies its webhooks.
pub(super) struct Auth {
    secret: SecretString,
    scheme: Scheme,
}

enum Scheme {
    Signature(Box<Signature>),
    Jwt(Box<Jwt>),
    /// Basic credentials: this user name, and the secret.
    Basic(String),
    /// The secret as a Bearer token.
    Bearer,
    /// The secret in this header.
    Header(HeaderName),
    /// The secret in this parameter of the URL.
    Query(String),
    /// The secret as `token` in the URL or as a password.
    UrlSecret,
    /// The source address alone.
    SourceAddress,
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
            header: HeaderSetting,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InQuery {
            parameter: String,
        }

        let mut auth = settings.auth.clone();
        let kind = auth.remove("type").ok_or_else(|| refuse_setting("auth.type", "is missing"))?;
        let auth = Value::Object(auth);
        let nothing = |auth| read_setting("auth", auth).map(|Nothing {}| ());
        let scheme = match kind.as_str().unwrap_or_default() {
            "hmac" => Scheme::Signature(Box::new(Signature::open_hmac(settings, setup, auth)?)),
            "ed25519" => Scheme::Signature(Box::new(Signature::open_ed25519(settings, setup, auth)?)),
            "jwt" => Scheme::Jwt(Box::new(Jwt::open(settings, setup, auth)?)),
            "basic" => Scheme::Basic(read_setting("auth", auth).map(|Basic { username }| username)?),
            "bearer" => nothing(auth).map(|()| Scheme::Bearer)?,
            "header" => Scheme::Header(read_setting("auth", auth).map(|InHeader { header }| header.0)?),
            "query" => match read_setting("auth", auth).map(|InQuery { parameter }| parameter)? {
                name if name.is_empty() || name == "provider" => {
                    return Err(refuse_setting("auth.parameter", "must be a name, and not `provider`"));
                }
                name => Scheme::Query(name),
            },
            "secret" => nothing(auth).map(|()| Scheme::UrlSecret)?,
            "none" if !setup.guard.restricts_sources() => {
                return Err(refuse_setting("auth.type", "can only be none where `allowed_sources` is set"));
            }
            "none" => nothing(auth).map(|()| Scheme::SourceAddress)?,
            _ => {
                let known = "hmac, ed25519, jwt, basic, bearer, header, query, secret or none";
                return Err(refuse_setting("auth.type", format!("must be {known}")));
            }
        };
        Ok(Self { secret: setup.secret.clone(), scheme })
    }

    /// Whether the account's secret is the parameter `token` of the URL.
    pub(super) fn is_url_token(&self) -> bool {
        match &self.scheme {
            Scheme::Query(name) => name == "token",
            Scheme::UrlSecret => true,
            _ => false,
        }
    }

    /// Whether a weak secret is refused: one that webhooks carry, whoever chose it, and a key that the provider did not
    /// issue.
    pub(super) fn is_secret_chosen(&self) -> bool {
        match &self.scheme {
            Scheme::Basic(_) | Scheme::Bearer | Scheme::Header(_) | Scheme::Query(_) | Scheme::UrlSecret => true,
            Scheme::Signature(signature) => signature.is_key_chosen(),
            Scheme::Jwt(jwt) => jwt.is_key_chosen(),
            // It is not used.
            Scheme::SourceAddress => false,
        }
    }

    /// The URL parameter that has the secret, and is no part of the provider's data.
    pub(super) fn secret_parameter(&self) -> Option<&str> {
        match &self.scheme {
            Scheme::Query(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn verify<'a>(
        &self,
        raw: &'a RawWebhook,
        guard: &RequestGuard,
        now: DateTime<Utc>,
    ) -> Result<Verified<'a>, Rejected> {
        match &self.scheme {
            Scheme::Signature(signature) => signature.verify(raw, now),
            Scheme::Jwt(jwt) => jwt.verify(raw, &self.secret, now),
            Scheme::Basic(username) => Verified::by_basic_auth(raw, username, &self.secret),
            Scheme::Bearer => Verified::by_secret(raw, raw.bearer_token()?, &self.secret),
            Scheme::Header(name) => Verified::by_secret(raw, raw.header(name.as_str())?, &self.secret),
            Scheme::Query(name) => {
                let query = Form::decode(raw.query().as_bytes());
                let presented = query.find(name).map_err(|_| Rejected::WrongSecret)?;
                let presented = presented.ok_or_else(|| Rejected::Unsigned(format!("`{name}` in the address")))?;
                Verified::by_secret(raw, presented, &self.secret)
            }
            Scheme::UrlSecret => Verified::by_url_secret(raw, &self.secret),
            Scheme::SourceAddress => Verified::by_source(raw, guard),
        }
    }

    /// Signs a webhook as the provider does.
    pub(super) fn sign(&self, raw: RawWebhook, draft: &Draft<'_>) -> Result<RawWebhook> {
        let secret = self.secret.expose_secret();
        Ok(match &self.scheme {
            Scheme::Signature(signature) => signature.sign(raw, draft)?,
            Scheme::Jwt(jwt) => jwt.sign(raw, &self.secret, draft)?,
            Scheme::Basic(username) => raw.with_header(header::AUTHORIZATION, &authorization(username, secret)),
            Scheme::Bearer => raw.with_header(header::AUTHORIZATION, &format!("Bearer {secret}")),
            Scheme::Header(name) => raw.with_header(name, secret),
            Scheme::Query(name) => RawWebhook { url: with_parameters(&raw.url, &[(name, secret)]), ..raw },
            Scheme::UrlSecret => raw.with_url_secret(&self.secret),
            Scheme::SourceAddress => raw,
        })
    }
}
