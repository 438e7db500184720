//! Webhooks as a provider would send them, for simulations and tests.

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{Endpoint, Form, RawWebhook, with_parameters};
use crate::domain::{Error, Result};

/// A message that a provider is to deliver.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The provider's message id.
    pub id: &'a str,
    /// The sender.
    pub from: &'a str,
    /// The recipient, in E.164.
    pub to: &'a str,
    /// The text.
    pub text: &'a str,
    /// The webhook URL that the provider was given.
    pub url: &'a str,
    /// When it is sent.
    pub now: DateTime<Utc>,
    /// A nonce: hexadecimal digits that no other webhook has.
    pub nonce: &'a str,
    /// The private key, if the account has only the public one.
    pub key: Option<&'a SecretString>,
}

impl Draft<'_> {
    /// A number without its plus sign, as many providers write it.
    pub(in crate::providers) fn without_plus(number: &str) -> &str {
        number.strip_prefix('+').unwrap_or(number)
    }

    /// The private key, for providers that sign with one.
    pub(in crate::providers) fn private_key(&self) -> Result<&SecretString> {
        self.key.ok_or_else(|| {
            Error::invalid("key", "is needed: the account has the public key alone, and cannot sign with it")
        })
    }
}

/// Headers and header values that are not valid HTTP are left out.
impl RawWebhook {
    /// A POST of a form.
    pub(in crate::providers) fn form_post(url: &str, fields: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(fields).unwrap_or_default();
        Self::post(url, Form::TYPE, body.into_bytes())
    }

    /// A POST of JSON.
    pub(in crate::providers) fn json_post(url: &str, body: &impl Serialize) -> Self {
        Self::post(url, "application/json", serde_json::to_vec(body).unwrap_or_default())
    }

    /// A POST of a body.
    pub(in crate::providers) fn post(url: &str, content_type: &str, body: Vec<u8>) -> Self {
        let raw = Self::request(Method::POST, url).with_header(header::CONTENT_TYPE, content_type);
        Self { body, ..raw }
    }

    /// A request without a body.
    pub(in crate::providers) fn request(method: Method, url: &str) -> Self {
        Self {
            endpoint: Endpoint::Messages,
            method,
            url: url.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            source: None,
            certificate: None,
        }
    }

    /// The same with this header, in place of any that it has.
    pub(in crate::providers) fn with_header(mut self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (name.try_into(), HeaderValue::from_str(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same with the secret in its URL, for providers that sign nothing.
    pub(in crate::providers) fn with_url_secret(mut self, secret: &SecretString) -> Self {
        self.url = with_parameters(&self.url, &[("token", secret.expose_secret())]);
        self
    }
}
