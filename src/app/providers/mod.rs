//! Accounts at providers. To be read in this order:
//!
//! 1. `webhooks`: which account a webhook is for, and whether its provider sent it. `gateway` is an account with the
//!    adapter that verifies and reads its webhooks.
//! 2. `accounts`: accounts as operators keep them; `secret_vault` encrypts their secrets for the database.
//! 3. `health`: how they are doing, from the `activity` that is counted as it happens.

mod accounts;
mod activity;
mod gateway;
mod health;
mod secret_vault;
mod webhooks;

use std::sync::Arc;

use moka::future::Cache;
use tokio::sync::Mutex;

pub use accounts::NewSecrets;
pub(super) use activity::{ActivityRecorder, ProviderEvent};
pub use gateway::{Gateway, SIMULATED};

use self::secret_vault::SecretVault;
use super::{keyring::Keyring, settings::MEMORY};
use crate::{fetch::Fetcher, random::Random, store::Activity};

/// The state of providers on this replica.
#[derive(Debug)]
pub(super) struct Providers {
    /// Those that post to us, kept for a few seconds: no query a webhook.
    gateways: Cache<String, Option<Arc<Gateway>>>,
    /// Held while one is looked up.
    lookup: Mutex<()>,
    /// What happened, until it is written down.
    activity: Arc<ActivityRecorder>,
    vault: SecretVault,
    fetcher: Fetcher,
}

impl Providers {
    pub(super) fn new(keys: &Keyring, fetcher: Fetcher, random: Random) -> Self {
        Self {
            gateways: Cache::builder().max_capacity(1_000).time_to_live(MEMORY).build(),
            lookup: Mutex::default(),
            activity: Arc::default(),
            vault: SecretVault::new(keys, random),
            fetcher,
        }
    }

    pub(super) fn activity(&self) -> &Arc<ActivityRecorder> {
        &self.activity
    }

    /// What happened at providers since this was asked last.
    pub(super) fn take_activity(&self) -> Vec<Activity> {
        self.activity.take()
    }
}
