//! The health of the store, as this replica has experienced it.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Error, StoreProblem};

/// How long the store is reported as busy after it was too slow for a webhook.
const BUSY_PERIOD: TimeDelta = TimeDelta::seconds(10);

/// The health of the store.
#[derive(Debug)]
pub(super) struct StoreHealth {
    /// Whether the database is a single file. Damage found anywhere is then damage to all of it, and lasts until an
    /// operator repairs it. On a database server a damaged index may be rebuilt while messages are stored.
    is_embedded: bool,
    /// The problem of the last batch, until one succeeds.
    problem: Mutex<Option<StoreProblem>>,
    /// When a webhook was last refused although batches succeed: more arrive than the store can take.
    refused_at: Mutex<Option<DateTime<Utc>>>,
}

impl StoreHealth {
    pub(super) fn new(is_embedded: bool) -> Self {
        Self { is_embedded, problem: Mutex::default(), refused_at: Mutex::default() }
    }

    pub(super) fn is_lasting(&self, cause: StoreProblem) -> bool {
        self.is_embedded && cause == StoreProblem::Corrupt
    }

    pub(super) fn record_failure(&self, error: &Error) {
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        if !problem.is_some_and(|cause| self.is_lasting(cause)) {
            *problem = Some(error.store_problem().unwrap_or(StoreProblem::Busy));
        }
    }

    /// Records that a webhook was refused.
    pub(super) fn record_refusal(&self, error: &Error, at: DateTime<Utc>) {
        if error.store_problem() == Some(StoreProblem::Busy) {
            *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        }
    }

    pub(super) fn record_success(&self) {
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        if problem.take_if(|cause| !self.is_lasting(*cause)).is_some() {
            tracing::info!("messages are stored again");
        }
    }

    pub(super) fn record_reachable(&self) {
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        if problem.take_if(|cause| *cause == StoreProblem::Unreachable).is_some() {
            tracing::info!("the database can be reached again");
        }
    }

    pub(super) fn problem(&self) -> Option<StoreProblem> {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database is one file that is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.problem().is_some_and(|cause| self.is_lasting(cause))
    }

    pub(super) fn is_busy(&self, now: DateTime<Utc>) -> bool {
        let refused_at = *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner);
        refused_at.is_some_and(|at| now - at < BUSY_PERIOD)
    }
}
