//! What is measured of receiving. Each metric is looked up once, because a look-up costs more than recording.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use metrics::{Counter, Histogram};

use crate::domain::{ProviderAccount, ProviderId};

/// What is measured of batches and their messages.
#[derive(Debug)]
pub(super) struct ReceiveMeasures {
    outcomes: [(&'static str, Counter); 8],
    /// From queueing to commit, in seconds.
    pub(super) commit: Histogram,
    /// Messages in a batch.
    pub(super) batch: Histogram,
}

impl ReceiveMeasures {
    pub(super) fn new() -> Self {
        let outcomes =
            ["received", "quarantined", "held", "unroutable", "duplicate", "unavailable", "failed", "passed_over"];
        Self {
            outcomes: outcomes
                .map(|outcome| (outcome, metrics::counter!("otpwire_received_total", "outcome" => outcome))),
            commit: metrics::histogram!("otpwire_receive_commit_seconds"),
            batch: metrics::histogram!("otpwire_batch_messages"),
        }
    }

    /// Counts messages with an outcome.
    pub(super) fn count(&self, outcome: &'static str, messages: u64) {
        if let Some((_, counter)) = self.outcomes.iter().find(|(name, _)| *name == outcome) {
            counter.increment(messages);
        }
    }
}

/// What is measured of one account at a provider.
#[derive(Debug)]
pub(super) struct ProviderMeasures {
    name: String,
    messages: Counter,
    lag: Histogram,
}

impl ProviderMeasures {
    fn new(account: &ProviderAccount) -> Self {
        Self {
            name: account.name.clone(),
            messages: metrics::counter!("otpwire_provider_messages_total", "provider" => account.name.clone()),
            lag: metrics::histogram!("otpwire_provider_lag_seconds", "provider" => account.name.clone()),
        }
    }

    /// Records a message that was received for the first time, and how long it took to get here.
    pub(super) fn record(&self, lag: Option<TimeDelta>) {
        self.messages.increment(1);
        if let Some(lag) = lag {
            self.lag.record(lag.to_std().unwrap_or_default().as_secs_f64());
        }
    }
}

/// What is measured of each account.
#[derive(Debug, Default)]
pub(super) struct ProvidersMeasures(RwLock<HashMap<ProviderId, Arc<ProviderMeasures>>>);

impl ProvidersMeasures {
    pub(super) fn of(&self, account: &ProviderAccount) -> Arc<ProviderMeasures> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&account.id).cloned();
        if let Some(known) = known.filter(|known| known.name == account.name) {
            return known;
        }
        let new = Arc::new(ProviderMeasures::new(account));
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(account.id, Arc::clone(&new));
        new
    }
}

/// When the oldest message was queued that still waits for a batch. It is exact for those that the writer has gathered,
/// and for the rest a time shortly before.
#[derive(Debug)]
pub(super) struct OldestQueued {
    start: Instant,
    /// In microseconds after the start.
    queued_at: AtomicU64,
}

impl OldestQueued {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), queued_at: AtomicU64::default() }
    }

    pub(super) fn set(&self, queued_at: Instant) {
        let since = queued_at.saturating_duration_since(self.start).as_micros();
        self.queued_at.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn age(&self) -> Duration {
        self.start.elapsed().saturating_sub(Duration::from_micros(self.queued_at.load(Ordering::Relaxed)))
    }
}
