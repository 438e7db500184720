//! Draining and shutting down.

use super::App;
use crate::domain::Result;

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
    ///
    /// # Errors
    /// `UNAVAILABLE` when that takes too long.
    pub async fn flush(&self) -> Result<()> {
        self.bus.flush().await
    }
}
