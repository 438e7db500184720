//! Readiness, draining and shutdown.

use super::App;
use crate::domain::{Error, Result, StoreProblem};

impl App {
    /// Starts draining: the application reports that it is not ready, and keeps serving until load balancers have
    /// noticed.
    pub fn start_draining(&self) {
        self.lifecycle.start_draining();
    }

    /// Whether the application is draining, or shutting down.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.lifecycle.is_draining()
    }

    /// Starts the shutdown: watchers are told to reconnect elsewhere. Requests in flight continue.
    pub fn start_shutdown(&self) {
        self.lifecycle.start_shutdown();
    }

    /// Returns when the shutdown has started.
    pub async fn shutdown_started(&self) {
        self.lifecycle.shutdown_started().await;
    }

    /// Accepts no more messages and mail. Those accepted before are still stored and sent.
    pub fn stop_receiving(&self) {
        self.receiving.close();
        self.accounts.close();
    }

    /// Returns when pending notifications to other replicas have been sent.
    pub async fn flush(&self) {
        self.bus.flush().await;
    }

    /// Whether the service can work: the store answers, is not damaged, and has the expected schema. A store that
    /// refuses writes for now does not make the service unready: reading works, and no other replica would do better.
    /// See [`Self::store_problem`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when it cannot; the detail `store` says what is wrong with the store.
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

    /// Whether the bus is connected. Without it, watchers learn of other replicas' messages with a delay.
    #[must_use]
    pub fn is_bus_connected(&self) -> bool {
        self.bus.is_connected()
    }
}
