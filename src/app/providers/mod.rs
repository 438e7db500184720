//! Providers: the operator's accounts with them, and verifying their webhooks. To be read in this order:
//!
//! 1. `webhooks`: finding the account that a webhook names, and verifying the webhook. A `gateway` is an account with
//!    its adapter.
//! 2. `accounts`: managing accounts; `secret_vault` encrypts their secrets for the database, and `secret_strength`
//!    refuses those that can be guessed.
//! 3. `health`: how providers are doing, from the `activity` that is counted as it happens.

mod accounts;
mod activity;
mod gateway;
mod health;
mod secret_strength;
mod secret_vault;
mod webhooks;

use std::{collections::HashSet, sync::Arc};

use moka::future::Cache;
use tokio::sync::Mutex;

pub use accounts::NewSecrets;
pub(super) use activity::{ActivityRecorder, ProviderEvent};
pub use gateway::{Gateway, SIMULATED};

use self::secret_vault::SecretVault;
use super::{keyring::Keyring, settings::MEMORY};
use crate::{fetch::Fetcher, limiter::MemoryLimiter, random::Random, store::Activity};

/// The state of providers in this process.
#[derive(Debug)]
pub(super) struct Providers {
    /// Gateways by name, cached for a few seconds so that a webhook costs no query.
    gateways: Cache<String, Option<Arc<Gateway>>>,
    /// The names of active accounts, cached as long: a name that is not among them costs no look-up of its own.
    names: Cache<(), Arc<HashSet<String>>>,
    /// Webhooks that were not verified or named no account, by network. Each replica counts by itself, so that genuine
    /// webhooks wait for nothing.
    failures: MemoryLimiter,
    /// Held during a look-up.
    lookup: Mutex<()>,
    /// Events, until they are rolled up.
    activity: Arc<ActivityRecorder>,
    vault: SecretVault,
    fetcher: Fetcher,
}

impl Providers {
    pub(super) fn new(keys: &Keyring, fetcher: Fetcher, random: Random) -> Self {
        Self {
            gateways: Cache::builder().max_capacity(1_000).time_to_live(MEMORY).build(),
            names: Cache::builder().max_capacity(1).time_to_live(MEMORY).build(),
            failures: MemoryLimiter::default(),
            lookup: Mutex::default(),
            activity: Arc::default(),
            vault: SecretVault::new(keys, random),
            fetcher,
        }
    }

    /// Drops what is cached of an account that was added or has changed.
    async fn forget(&self, name: &str) {
        self.names.invalidate(&()).await;
        self.gateways.invalidate(name).await;
    }

    pub(super) fn activity(&self) -> &Arc<ActivityRecorder> {
        &self.activity
    }

    /// Takes the activity since the last call.
    pub(super) fn take_activity(&self) -> Vec<Activity> {
        self.activity.take()
    }
}
