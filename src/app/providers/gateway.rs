//! Gateways: an account at a provider with the adapter that reads it, ready to use.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{
    domain::ProviderAccount,
    providers::{Adapter, Provider, RawWebhook, Rejected, Verified},
    store::SealedSecret,
};

/// An account with its adapter.
pub struct Gateway {
    /// The account.
    pub account: ProviderAccount,
    /// What verifies and reads its webhooks.
    pub adapter: Adapter,
    /// The same with the secret that was replaced, while nothing has been verified with the new one.
    pub(super) previous: Option<Adapter>,
    /// The secret, as it is kept.
    pub(super) sealed: SealedSecret,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("account", &self.account).finish_non_exhaustive()
    }
}

/// The header that a webhook has which `otpwire simulate` posts.
pub const SIMULATED: &str = "x-otpwire-simulated";

/// What a webhook was verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Current,
    Previous,
}

impl Gateway {
    /// What has to be fetched to verify a webhook, with whichever secret it may have been made.
    pub(super) fn wanted(&self, raw: &RawWebhook) -> Result<Option<url::Url>, Rejected> {
        self.adapter.wanted(raw).or_else(|refused| {
            let by_previous = self.previous.as_ref().and_then(|previous| previous.wanted(raw).ok());
            by_previous.ok_or(refused)
        })
    }

    /// Shows that a webhook came from the provider. A secret that was replaced is honoured until the new one has
    /// been used: the operator cannot change both sides at one moment.
    pub(super) fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<(Verified<'a>, Key), Rejected> {
        let refused = match self.adapter.verify(raw, now) {
            Ok(verified) => return Ok((verified, Key::Current)),
            Err(refused) => refused,
        };
        let by_previous = self.previous.as_ref().and_then(|previous| previous.verify(raw, now).ok());
        by_previous.map(|verified| (verified, Key::Previous)).ok_or(refused)
    }
}
