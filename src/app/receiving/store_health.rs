//! What is wrong with the store, as far as this replica has met it, so that the operator can be told.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::App,
    domain::{Error, ErrorCode, Result, StoreProblem},
};

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

    fn is_lasting(&self, problem: StoreProblem) -> bool {
        self.is_one_file && problem == StoreProblem::Corrupt
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

    fn met(&self) -> Option<StoreProblem> {
        *self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database is one file that is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.met().is_some_and(|reason| self.is_lasting(reason))
    }

    fn is_busy(&self, now: DateTime<Utc>) -> bool {
        let refused_at = *self.refused_at.lock().unwrap_or_else(PoisonError::into_inner);
        refused_at.is_some_and(|at| now - at < BUSY)
    }
}

impl App {
    /// Why messages cannot be stored, or not all of them, if the last ones could not.
    #[must_use]
    pub fn store_problem(&self) -> Option<StoreProblem> {
        self.receiving
            .store_health
            .met()
            .or_else(|| self.receiving.store_health.is_busy(self.clock.now()).then_some(StoreProblem::Busy))
    }

    /// Takes note of a failure that was met anywhere: a file that is damaged is damaged for everybody.
    pub fn record_failure(&self, error: &Error) {
        if error.store_problem().is_some_and(|problem| self.receiving.store_health.is_lasting(problem)) {
            self.receiving.store_health.record_failure(error);
        }
    }

    /// Tries whether the store takes changes again, if the last message could not be stored: a replica that is told
    /// to be in trouble may get no message that would show that the trouble is over.
    ///
    /// # Errors
    /// When the store is there and refuses.
    pub async fn try_store_again(&self) -> Result<()> {
        if self.receiving.store_health.met().is_none_or(|reason| self.receiving.store_health.is_lasting(reason)) {
            return Ok(());
        }
        match self.store.try_writing(self.clock.now()).await {
            Err(error) if error.code() == ErrorCode::Unavailable => {
                self.receiving.store_health.record_failure(&error);
                error.log("try the store again");
                Ok(())
            }
            tried => {
                self.receiving.store_health.record_success();
                tried
            }
        }
    }
}
