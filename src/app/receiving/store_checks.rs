//! Reporting and probing the health of the store.

use crate::{
    app::App,
    domain::{Error, ErrorCode, Result, StoreProblem},
};

impl App {
    /// Why messages cannot be stored, or not all of them. `None` if the last ones could.
    #[must_use]
    pub fn store_problem(&self) -> Option<StoreProblem> {
        self.receiving
            .store_health
            .problem()
            .or_else(|| self.receiving.store_health.is_busy(self.clock.now()).then_some(StoreProblem::Busy))
    }

    /// Records a failure from anywhere in the application: damage to the embedded database concerns everybody.
    pub fn record_failure(&self, error: &Error) {
        if error.store_problem().is_some_and(|cause| self.receiving.store_health.is_lasting(cause)) {
            self.receiving.store_health.record_failure(error);
        }
    }

    /// Records that the store can be reached: if it could not be, whether it stores messages is not known again until
    /// the next one comes.
    pub(in crate::app) fn record_reachable(&self) {
        self.receiving.store_health.record_reachable();
    }

    /// Probes whether the store accepts writes again, if the last message could not be stored. A replica that is
    /// reported unhealthy may get no message that would show that it has recovered.
    ///
    /// # Errors
    /// When the store answers and refuses.
    pub async fn try_store_again(&self) -> Result<()> {
        if self.receiving.store_health.problem().is_none_or(|cause| self.receiving.store_health.is_lasting(cause)) {
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
