//! A gateway: an account at a provider, with the adapter that verifies and parses its webhooks.

use std::{fmt, sync::atomic::AtomicBool};

use chrono::{DateTime, Utc};

use crate::{
    domain::ProviderAccount,
    providers::{Adapter, Provider, RawWebhook, Rejected, Verified},
    store::SealedSecret,
};

/// An account with its adapter, ready to use.
pub struct Gateway {
    /// The account.
    pub account: ProviderAccount,
    /// Verifies and parses its webhooks.
    pub adapter: Adapter,
    /// The adapter with the previous secret, until a webhook is verified with the current one.
    pub(super) previous: Option<Adapter>,
    /// The current secret, encrypted.
    pub(super) sealed: SealedSecret,
    /// Whether it was stored that the current secret has verified a webhook, or is being stored: of many webhooks at
    /// once, one writes.
    pub(super) is_noted: AtomicBool,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("account", &self.account).finish_non_exhaustive()
    }
}

/// The header that marks webhooks posted by `otpwire simulate`.
pub const SIMULATED: &str = "x-otpwire-simulated";

/// Which secret a webhook was verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Current,
    Previous,
}

impl Gateway {
    /// What has to be fetched to verify a webhook, with either secret.
    pub(super) fn certificate_url(&self, raw: &RawWebhook) -> Result<Option<url::Url>, Rejected> {
        self.adapter.certificate_url(raw).or_else(|refused| {
            let by_previous = self.previous.as_ref().and_then(|previous| previous.certificate_url(raw).ok());
            by_previous.ok_or(refused)
        })
    }

    /// Verifies a webhook. The previous secret is accepted until the current one has been used: the operator cannot
    /// change both sides at the same moment.
    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<(Verified<'a>, Key), Rejected> {
        let refused = match self.adapter.verify(raw, now) {
            Ok(verified) => return Ok((verified, Key::Current)),
            Err(refused) => refused,
        };
        let by_previous = self.previous.as_ref().and_then(|previous| previous.verify(raw, now).ok());
        by_previous.map(|verified| (verified, Key::Previous)).ok_or(refused)
    }
}
