//! The cache of API keys, so that a request costs no query.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use crate::{app::single_flight::SingleFlight, domain::ApiKeyId, store::FoundApiKey};

/// How many keys are cached at most.
const CAPACITY: u64 = 100_000;
/// How long a key is cached that nobody presents.
const IDLE: Duration = Duration::from_secs(600);

/// API keys by digest, and when they were used.
#[derive(Debug)]
pub(super) struct ApiKeyCache {
    /// Keys by digest. What is known of a key never changes; whether it is still valid is checked with its account.
    known: Cache<String, FoundApiKey>,
    /// Look-ups that are under way, by digest.
    pub(super) look_ups: SingleFlight<String>,
    /// When keys were last used, until this is rolled up.
    usage: Mutex<HashMap<ApiKeyId, DateTime<Utc>>>,
}

impl ApiKeyCache {
    pub(super) fn new() -> Self {
        Self {
            known: Cache::builder().max_capacity(CAPACITY).time_to_idle(IDLE).build(),
            look_ups: SingleFlight::new(),
            usage: Mutex::default(),
        }
    }

    pub(super) fn get(&self, digest: &str) -> Option<FoundApiKey> {
        self.known.get(digest)
    }

    pub(super) fn insert(&self, digest: String, key: FoundApiKey) {
        self.known.insert(digest, key);
    }

    pub(super) fn record_usage(&self, id: ApiKeyId, now: DateTime<Utc>) {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).insert(id, now);
    }

    pub(super) fn take_usage(&self) -> Vec<(ApiKeyId, DateTime<Utc>)> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }
}
