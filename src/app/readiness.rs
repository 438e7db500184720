//! Readiness: whether this replica should get requests.

use super::App;
use crate::domain::{Error, Result, StoreProblem};

impl App {
    /// Whether the service can work: the store answers, is not damaged, and has the expected schema. Returns what is
    /// wrong with the store if it can work nonetheless: a store that is slow or refuses writes for now does not make
    /// the service unready, since reading works or soon will, and no other replica would do better. The answer takes a
    /// second at most.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it cannot; the detail `store` says what is wrong with the store.
    pub async fn check_ready(&self) -> Result<Option<StoreProblem>> {
        if self.is_draining() {
            return Err(Error::unavailable("shutting down"));
        }
        if !self.receiving.is_alive() {
            return Err(Error::unavailable("the writer is gone"));
        }
        let with_reason = |error: Error| match error.store_problem() {
            Some(reason) => error.with("store", reason.as_str()),
            None => error,
        };
        if self.receiving.is_store_damaged() {
            return Err(with_reason(
                Error::unavailable("the database is damaged").with_store_problem(StoreProblem::Corrupt),
            ));
        }
        let Err(error) = self.store.probe().await else {
            self.record_reachable();
            return Ok(self.store_problem());
        };
        self.record_failure(&error);
        match error.store_problem() {
            Some(problem) if !matches!(problem, StoreProblem::Unreachable | StoreProblem::Corrupt) => {
                error.log("check_ready");
                Ok(Some(problem))
            }
            _ => Err(with_reason(error)),
        }
    }

    /// Whether the bus is connected. Without it, watchers learn of other replicas' messages with a delay.
    #[must_use]
    pub fn is_bus_connected(&self) -> bool {
        self.bus.is_connected()
    }
}
