//! Whether the application is ready for work, and how it stops.

use super::App;
use crate::domain::{Error, Result, StoreProblem};

impl App {
    /// Starts draining: the application is no longer ready, and does everything as before, until whoever sends it
    /// work has noticed.
    pub fn start_draining(&self) {
        self.lifecycle.start_draining();
    }

    /// Whether the application is draining, or shutting down.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.lifecycle.is_draining()
    }

    /// Starts the shutdown: watchers are told to go elsewhere. What is under way goes on.
    pub fn start_shutdown(&self) {
        self.lifecycle.start_shutdown();
    }

    /// Returns when the shutdown has started.
    pub async fn shutdown_started(&self) {
        self.lifecycle.shutdown_started().await;
    }

    /// Takes no more messages and no more mail. What was accepted is still stored and sent.
    pub fn stop_receiving(&self) {
        self.receiving.close();
        self.accounts.close();
    }

    /// Returns when what other replicas should hear of is on its way to them.
    pub async fn flush(&self) {
        self.bus.flush().await;
    }

    /// Whether the service can do its work: the store answers, is not damaged, and has the schema that it needs.
    /// One that takes no changes for now is ready: reading works, and no other replica would do better. See
    /// [`Self::store_problem`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when it cannot; what is wrong with the store is in its details, as `store`.
    pub async fn check_ready(&self) -> Result<()> {
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
        self.store.check().await.inspect_err(|error| self.record_failure(error)).map_err(with_reason)
    }

    /// Whether replicas hear of each other's messages at once. Without it they hear late, and the
    /// service is up.
    #[must_use]
    pub fn is_bus_connected(&self) -> bool {
        self.bus.is_connected()
    }
}
