//! What users rent, read once for all watchers that react to the same change.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use moka::future::Cache;

use crate::domain::{Number, UserId};

/// Identifies one occasion to read a user's rentals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RefreshKey {
    pub(super) user: UserId,
    /// The version of the last notification. Every change has its own.
    pub(super) version: u64,
    /// The instant that was waited for, if the occasion was an instant.
    pub(super) at: Option<DateTime<Utc>>,
}

/// What users rent, by occasion.
pub(super) type RentalCache = Cache<RefreshKey, Arc<Vec<Number>>>;
