//! Providers that sign nothing: the account's secret is in the webhook URL, as `token` or as a password.

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;

use super::{
    Provider,
    kit::{Ack, Draft, Item, Malformed, ParsedWebhook, RawWebhook, Rejected, Setup, Verified, single},
};
use crate::domain::Result;

/// A provider that signs nothing, and brings one message or delivery report at a time as names and values.
pub(super) trait UnsignedProvider: Send + Sync + 'static {
    /// The HTTP methods that it uses.
    fn methods(&self) -> &[Method] {
        &[Method::POST]
    }

    /// Rejects a content type that it does not use.
    fn check_type(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        raw.require_form()
    }

    /// Parses a webhook.
    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed>;

    /// The response to an accepted webhook.
    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    /// The webhook that the provider would send for a message, without the secret.
    fn compose(&self, draft: &Draft<'_>) -> RawWebhook;
}

/// The adapter of such a provider: verifies the secret in the URL.
pub(super) struct Unsigned<P> {
    secret: SecretString,
    provider: P,
}

impl<P: UnsignedProvider> Unsigned<P> {
    /// Makes an adapter, of a provider that is made from its account.
    pub(super) fn open(setup: Setup, provider: impl FnOnce(&Setup) -> Result<P>) -> Result<Box<dyn Provider>> {
        let provider = provider(&setup)?;
        Ok(Box::new(Self { secret: setup.secret, provider }))
    }
}

impl<P: UnsignedProvider> Provider for Unsigned<P> {
    fn methods(&self) -> &[Method] {
        self.provider.methods()
    }

    fn has_secret_in_url(&self) -> bool {
        true
    }

    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.provider.check_type(raw)?;
        Verified::by_url_secret(raw, &self.secret)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        single(self.provider.parse(webhook.raw()))
    }

    fn ack(&self) -> Ack {
        self.provider.ack()
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        Ok(self.provider.compose(draft).with_url_secret(&self.secret))
    }
}
