//! What is wrong with the store, as far as this replica has met it, so that the operator can be told.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Error, StoreProblem};

/// How long the store is called busy after it was too slow for a webhook.
const BUSY: TimeDelta = TimeDelta::seconds(10);

/// Why messages cannot be stored.
#[derive(Debug)]
pub(super) struct StoreHealth {
    /// Whether the database is one file: then damage that is met anywhere is damage to all of it, and stays until
    /// somebody has mended it. Otherwise one index may be damaged, and be made anew, while messages are stored.
    is_one_file: bool,
    /// What the last batch met, until one is stored.
    met: Mutex<Option<StoreProblem>>,
    /// When a webhook was last refused although batches are stored: more come than the store takes.
    refused_at: Mutex<Option<DateTime<Utc>>>,
}

impl StoreHealth {
    pub(super) fn new(is_one_file: bool) -> Self {
        Self { is_one_file, met: Mutex::default(), refused_at: Mutex::default() }
    }

    pub(super) fn is_lasting(&self, reason: StoreProblem) -> bool {
        self.is_one_file && reason == StoreProblem::Corrupt
    }

    pub(super) fn record_failure(&self, error: &Error) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if !met.is_some_and(|reason| self.is_lasting(reason)) {
            *met = Some(error.store_problem().unwrap_or(StoreProblem::Busy));
        }
    }

    /// Takes note that a webhook was not told that its message is stored.
    pub(super) fn record_refusal(&self, error: &Error, at: DateTime<Utc>) {
        if error.store_problem() == Some(StoreProblem::Busy) {
            *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        }
    }

    pub(super) fn record_success(&self) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if met.take_if(|reason| !self.is_lasting(*reason)).is_some() {
            tracing::info!("messages are stored again");
        }
    }

    pub(super) fn met(&self) -> Option<StoreProblem> {
        *self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database is one file that is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.met().is_some_and(|reason| self.is_lasting(reason))
    }

    pub(super) fn is_busy(&self, now: DateTime<Utc>) -> bool {
        let refused_at = *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner);
        refused_at.is_some_and(|at| now - at < BUSY)
    }
}
