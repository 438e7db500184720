//! The phases of shutting down.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// Draining, then shutting down.
#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    draining: AtomicBool,
    shutdown: CancellationToken,
}

impl Lifecycle {
    pub(super) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(super) fn start_shutdown(&self) {
        self.start_draining();
        self.shutdown.cancel();
    }

    /// Returns when the shutdown has started.
    pub(super) async fn shutdown_started(&self) {
        self.shutdown.cancelled().await;
    }
}
