//! The cache of API keys, so that a request costs no query.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use moka::future::Cache;

use crate::{app::settings::MEMORY, domain::ApiKeyId, store::FoundApiKey};

/// API keys by digest, and when they were used.
#[derive(Debug)]
pub(super) struct ApiKeyCache {
    /// Keys by digest. Whether a key is still valid is checked with its account.
    known: Cache<String, FoundApiKey>,
    /// When keys were last used, until this is rolled up.
    usage: Mutex<HashMap<ApiKeyId, DateTime<Utc>>>,
}

impl ApiKeyCache {
    pub(super) fn new() -> Self {
        Self { known: Cache::builder().max_capacity(10_000).time_to_live(MEMORY).build(), usage: Mutex::default() }
    }

    pub(super) async fn get(&self, digest: &str) -> Option<FoundApiKey> {
        self.known.get(digest).await
    }

    pub(super) async fn insert(&self, digest: String, key: FoundApiKey) {
        self.known.insert(digest, key).await;
    }

    pub(super) fn record_usage(&self, id: ApiKeyId, now: DateTime<Utc>) {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).insert(id, now);
    }

    pub(super) fn take_usage(&self) -> Vec<(ApiKeyId, DateTime<Utc>)> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }
}
