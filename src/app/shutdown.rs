//! Draining and shutting down.

use std::time::Duration;

use chrono::TimeDelta;

use super::App;
use crate::domain::Result;

impl App {
    /// Starts draining: the application reports that it is not ready, answers requests as before, and closes its
    /// sockets and streams one after the other during this period.
    pub fn start_draining(&self, period: Duration) {
        let period = TimeDelta::from_std(period).unwrap_or(TimeDelta::zero());
        self.lifecycle.start_draining(self.clock.now(), period);
    }

    /// Whether the application is draining, or shutting down.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.lifecycle.is_draining()
    }

    /// Starts the shutdown: sockets and streams that are still open are closed. Requests in flight continue.
    pub fn start_shutdown(&self) {
        self.lifecycle.start_shutdown(self.clock.now());
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
