//! What is wrong with the store, and whether it takes changes again.

use crate::{
    app::App,
    domain::{Error, ErrorCode, Result, StoreProblem},
};

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
        if error.store_problem().is_some_and(|reason| self.receiving.store_health.is_lasting(reason)) {
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
