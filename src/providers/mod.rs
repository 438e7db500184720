//! SMS providers: one file each. A raw webhook goes in, neutral messages come out.
//!
//! No web framework is used here, and no clock: an adapter is a function of its secret, the request
//! and the time that it is given.
//!
//! Verification cannot be forgotten. [`Provider::parse`] takes a [`Verified`], and the only way to
//! make one is to compare a code that was computed with one that was presented, in constant time.

mod form;
pub mod sandbox;
pub mod twilio;

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Uri, header};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::value::RawValue;
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::domain::{Error as DomainError, InboundSms, ProviderKind};

/// A provider's HTTP call, as it came.
#[derive(Debug)]
pub struct RawWebhook {
    /// The method.
    pub method: Method,
    /// The address that the provider called, as the operator gave it to them: the public one, not
    /// what a proxy made of it. Some providers sign it.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unread.
    pub body: Vec<u8>,
}

impl RawWebhook {
    /// The public address of a request that reached us at `uri`.
    #[must_use]
    pub fn public_url(public_base: &str, uri: &Uri) -> String {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        format!("{}{path}", public_base.trim_end_matches('/'))
    }

    fn header(&self, name: &'static str) -> Result<&str, Rejected> {
        let value = self.headers.get(name).ok_or(Rejected::Unsigned(name))?;
        value.to_str().map_err(|_| Rejected::WrongSignature)
    }

    fn content_type(&self) -> &str {
        let value = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    fn must_be(&self, content_type: &'static str) -> Result<(), Rejected> {
        if self.content_type().eq_ignore_ascii_case(content_type) {
            Ok(())
        } else {
            Err(Rejected::WrongType(content_type))
        }
    }
}

/// A webhook that was shown to come from its provider.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a>(&'a RawWebhook);

impl<'a> Verified<'a> {
    /// The proof: one of the codes that the provider could have computed over this webhook is the
    /// one that was presented. The comparison takes the same time wherever they differ.
    fn by_code<'c>(
        raw: &'a RawWebhook,
        computed: impl IntoIterator<Item = impl AsRef<[u8]> + 'c>,
        presented: &[u8],
    ) -> Result<Self, Rejected> {
        let equal = computed.into_iter().any(|code| bool::from(code.as_ref().ct_eq(presented)));
        if equal { Ok(Self(raw)) } else { Err(Rejected::WrongSignature) }
    }
}

/// Why a webhook was not verified. The texts tell an operator what to look at, and a forger nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// The header that should carry the signature is missing.
    #[error("the header {0} is missing")]
    Unsigned(&'static str),
    /// The signature is not the one of this request.
    #[error("the signature is not the one of this request; check the secret and the public address")]
    WrongSignature,
    /// The signature is of another time.
    #[error("the signature was made too long ago, or in the future")]
    Stale,
    /// Requests of this type are not signed by the scheme.
    #[error("the content type must be {0}")]
    WrongType(&'static str),
}

/// Why a verified webhook could not be read: which field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {issue}")]
pub struct Malformed {
    /// The provider's own name of the field.
    pub field: String,
    /// What is wrong.
    pub issue: String,
}

impl Malformed {
    fn new(field: impl Into<String>, issue: impl Into<String>) -> Self {
        Self { field: field.into(), issue: issue.into() }
    }
}

/// A rule of the domain that a field broke.
impl From<DomainError> for Malformed {
    fn from(error: DomainError) -> Self {
        let detail = |key| error.details().get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Self { field: detail("field"), issue: detail("issue") }
    }
}

/// What tells a provider that its webhook is safe with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

/// An adapter: how one kind of provider signs and writes its webhooks.
pub trait Provider: Send + Sync {
    /// Shows that a webhook came from the provider. There is no default: an adapter that does not
    /// verify does not compile.
    ///
    /// # Errors
    /// Why it was not shown.
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected>;

    /// Reads the messages of a verified webhook.
    ///
    /// # Errors
    /// Which field cannot be read.
    fn parse(&self, webhook: Verified<'_>) -> Result<Vec<InboundSms>, Malformed>;

    /// What the provider wants to hear.
    fn ack(&self) -> Ack;

    /// What a webhook said, for the report of one that could not be read. It may be anything.
    fn payload(&self, webhook: Verified<'_>) -> Box<RawValue> {
        payload(&serde_json::json!({ "body": InboundSms::storable(&String::from_utf8_lossy(&webhook.0.body)) }))
    }
}

/// The adapter of an account.
#[must_use]
pub fn adapter(kind: ProviderKind, secret: SecretString) -> Box<dyn Provider> {
    match kind {
        ProviderKind::Sandbox => Box::new(sandbox::Sandbox::new(secret)),
        ProviderKind::Twilio => Box::new(twilio::Twilio::new(secret)),
    }
}

/// What was posted, as JSON.
fn payload(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
pub(crate) fn webhook(url: &str, headers: &[(&'static str, &str)], body: &[u8]) -> RawWebhook {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    RawWebhook { method: Method::POST, url: url.to_owned(), headers: map, body: body.to_vec() }
}
