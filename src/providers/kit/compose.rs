//! Webhooks as a provider would send them, for simulations and tests.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use jsonwebtoken::{EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::{Endpoint, Form, RawWebhook};
use crate::domain::{Error, Result};

/// A message that a provider is to bring.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The id that the provider gives it.
    pub id: &'a str,
    /// Who sends it.
    pub from: &'a str,
    /// The number that it is for, as the platform writes it.
    pub to: &'a str,
    /// The text.
    pub text: &'a str,
    /// The address that the provider was given.
    pub url: &'a str,
    /// When it is sent.
    pub now: DateTime<Utc>,
    /// Something that no other webhook has: hexadecimal digits.
    pub nonce: &'a str,
    /// The private key, where the account has only the public one.
    pub key: Option<&'a SecretString>,
}

impl Draft<'_> {
    /// A number as half of the providers write it: without the plus sign.
    pub(in crate::providers) fn bare(number: &str) -> &str {
        number.strip_prefix('+').unwrap_or(number)
    }

    /// The private key.
    pub(in crate::providers) fn private_key(&self) -> Result<&SecretString> {
        self.key.ok_or_else(|| {
            Error::invalid("key", "is needed: the account has the public key alone, and cannot sign with it")
        })
    }
}

/// A webhook that is being put together.
pub(in crate::providers) struct Outgoing;

impl Outgoing {
    /// A form post.
    pub(in crate::providers) fn form(url: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> RawWebhook {
        let body = serde_urlencoded::to_string(fields).unwrap_or_default();
        Self::post(url, Form::TYPE, body.into_bytes(), headers)
    }

    /// A post of JSON.
    pub(in crate::providers) fn json(url: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> RawWebhook {
        Self::post(url, "application/json", body, headers)
    }

    /// A post.
    pub(in crate::providers) fn post(
        url: &str,
        content_type: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> RawWebhook {
        let mut raw = Self::request(Method::POST, url, headers);
        if let Ok(value) = HeaderValue::from_str(content_type) {
            raw.headers.insert(header::CONTENT_TYPE, value);
        }
        raw.body = body;
        raw
    }

    /// Sets a header. A value that cannot be one leaves it out.
    pub(in crate::providers) fn set(raw: &mut RawWebhook, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            raw.headers.insert(name, value);
        }
    }

    /// A request without a body. A header that cannot be one is left out.
    pub(in crate::providers) fn request(method: Method, url: &str, headers: &[(&str, &str)]) -> RawWebhook {
        let pairs = headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        });
        RawWebhook {
            endpoint: Endpoint::Messages,
            method,
            url: url.to_owned(),
            headers: HeaderMap::from_iter(pairs),
            body: Vec::new(),
            source: None,
            fetched: None,
        }
    }
}

/// A JSON Web Token (RFC 7519) with these claims, signed with HMAC-SHA256.
pub(in crate::providers) fn token(claims: &impl Serialize, secret: &SecretString) -> Result<String> {
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    crate::jwt::encode(&Header::default(), claims, &key).map_err(Error::internal)
}

/// An address with more parameters. Those that it has already stay as they are.
pub(in crate::providers) fn address_with(url: &str, parameters: &[(&str, &str)]) -> String {
    let Ok(parsed) = Url::parse(url) else { return url.to_owned() };
    let missing: Vec<_> =
        parameters.iter().filter(|(name, _)| !parsed.query_pairs().any(|(known, _)| known == *name)).collect();
    if missing.is_empty() {
        return url.to_owned();
    }
    let query = serde_urlencoded::to_string(missing).unwrap_or_default();
    let separator: Cow<'_, str> = if url.contains('?') { "&".into() } else { "?".into() };
    format!("{url}{separator}{query}")
}

impl RawWebhook {
    /// The same with the secret in its address, for providers that sign nothing.
    pub(in crate::providers) fn with_token(mut self, secret: &SecretString) -> Self {
        self.url = address_with(&self.url, &[("token", secret.expose_secret())]);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_once() {
        let with = |url| address_with(url, &[("token", "a b&c")]);
        assert_eq!(with("http://a/x"), "http://a/x?token=a+b%26c");
        assert_eq!(with("http://a/x?provider=y"), "http://a/x?provider=y&token=a+b%26c");
        assert_eq!(with("http://a/x?token=z"), "http://a/x?token=z");
    }
}
