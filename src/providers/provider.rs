//! What an adapter implements.

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Value, json, value::RawValue};
use url::Url;

use super::kit::{Ack, Draft, Form, ParsedWebhook, RawWebhook, Rejected, Verified, payload};
use crate::domain::Result;

/// An adapter: how one kind of provider signs and encodes its webhooks.
pub trait Provider: Send + Sync {
    /// The HTTP methods that it uses.
    fn methods(&self) -> &[Method] {
        &[Method::POST]
    }

    /// Whether the account's secret is the parameter `token` of its URL. Then the URL has no room for a second one.
    fn has_secret_in_url(&self) -> bool {
        false
    }

    /// Whether the operator chooses the account's secret and tells it to the provider. Then a weak one is refused, and
    /// one is generated if none is given. `false` where the provider issues it, since nobody can choose a better one.
    /// There is no default, because whoever guesses a secret can forge webhooks.
    fn is_secret_chosen(&self) -> bool;

    /// Whether a request is empty, as some providers send one to test a URL. It is acknowledged without verification
    /// and dropped.
    fn is_probe(&self, _raw: &RawWebhook) -> bool {
        false
    }

    /// The URL of the certificate that is needed to verify the webhook, if any. It is a URL that the adapter trusts.
    ///
    /// # Errors
    /// If the webhook names one that it does not trust.
    fn certificate_url(&self, _raw: &RawWebhook) -> Result<Option<Url>, Rejected> {
        Ok(None)
    }

    /// Shows that a webhook came from the provider. There is no default: an adapter that does not verify does not
    /// compile.
    ///
    /// # Errors
    /// Why it is rejected.
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected>;

    /// Parses a verified webhook.
    ///
    /// # Errors
    /// The invalid field.
    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook;

    /// The response to an accepted webhook.
    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    /// The content of a webhook that could not be parsed, for its delivery report. It may be anything.
    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        let raw = webhook.raw();
        if let Ok(json) = serde_json::from_slice::<Value>(&raw.body) {
            return payload(&json);
        }
        if raw.is_form() || raw.method == Method::GET {
            let bytes = if raw.method == Method::GET { raw.query().as_bytes() } else { &raw.body };
            return payload(&Form::decode(bytes).without_platform_parameters());
        }
        payload(&json!({ "body": String::from_utf8_lossy(&raw.body) }))
    }

    /// The webhook that the provider would send for a message, signed.
    ///
    /// # Errors
    /// If the account lacks what it is signed with.
    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook>;
}
