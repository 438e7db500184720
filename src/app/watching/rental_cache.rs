//! What users rent, read once for all watchers that look after the same change.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use moka::future::Cache;

use crate::domain::{Number, UserId};

/// Why a watcher looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RefreshKey {
    pub(super) user: UserId,
    /// The version that was seen last. No two changes have the same.
    pub(super) version: u64,
    /// The instant that has come, if it was one.
    pub(super) at: Option<DateTime<Utc>>,
}

/// What users rent, as it was found for a reason.
pub(super) type RentalCache = Cache<RefreshKey, Arc<Vec<Number>>>;
