//! The adapter of one account.

use std::fmt;

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, value::RawValue};
use url::Url;

use super::{
    Provider, find_kind,
    kit::{Ack, Draft, ParsedWebhook, RawWebhook, Rejected, RequestGuard, Setup, Verified},
};
use crate::domain::{Error, Result};

/// The adapter of one account: that of its kind, behind what the account requires of every webhook.
pub struct Adapter {
    inner: Box<dyn Provider>,
    guard: RequestGuard,
    webhook_url: Option<String>,
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapter").field("webhook_url", &self.webhook_url).finish_non_exhaustive()
    }
}

impl Adapter {
    /// Makes the adapter of an account from its secret, the second secret in its URL, and its configuration.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, with the invalid field or setting.
    pub fn open(
        kind: &str,
        secret: SecretString,
        url_token: Option<SecretString>,
        configuration: &Map<String, Value>,
    ) -> Result<Self> {
        let kind = find_kind(kind)?;
        // An empty key would verify whatever is signed with an empty key.
        if secret.expose_secret().trim().is_empty() {
            return Err(Error::invalid("secret", format!("must not be empty: it is {}", kind.secret)));
        }
        if configuration.iter().any(|(key, value)| key.contains('\0') || has_nul(value)) {
            return Err(Error::invalid("configuration", "must not have the character NUL"));
        }
        let setup = Setup::new(secret, url_token, configuration)?;
        let (guard, webhook_url) = (setup.guard.clone(), setup.common.webhook_url.clone());
        let inner = kind.open.open(setup)?;
        if inner.has_secret_in_url() && guard.has_url_token() {
            let issue = "cannot be asked for: the secret of this kind of provider is in the address already";
            return Err(Error::invalid("addressToken", issue));
        }
        Ok(Self { inner, guard, webhook_url })
    }

    /// The URL that the provider was given, if the account overrides the platform's.
    #[must_use]
    pub fn webhook_url(&self) -> Option<&str> {
        self.webhook_url.as_deref()
    }
}

/// Whether a text in a value has NUL, which PostgreSQL cannot store.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Provider for Adapter {
    fn methods(&self) -> &[Method] {
        self.inner.methods()
    }

    fn has_secret_in_url(&self) -> bool {
        self.inner.has_secret_in_url()
    }

    fn is_secret_chosen(&self) -> bool {
        self.inner.is_secret_chosen()
    }

    fn is_probe(&self, raw: &RawWebhook) -> bool {
        self.inner.is_probe(raw)
    }

    fn certificate_url(&self, raw: &RawWebhook) -> Result<Option<Url>, Rejected> {
        self.guard.check(raw)?;
        self.inner.certificate_url(raw)
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.guard.check(raw)?;
        self.inner.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        self.inner.parse(webhook)
    }

    fn ack(&self) -> Ack {
        self.inner.ack()
    }

    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        self.inner.payload(webhook)
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let url = self.guard.url_with_token(draft.url);
        self.inner.compose(&Draft { url: &url, ..draft.clone() })
    }
}
