//! Metrics that are not counted as things happen, but are as they are at the moment when somebody asks.

use std::time::Duration;

use super::App;
use crate::domain::Error;

/// How long counting may take. After it the figures of the last time stay.
const COUNT_TIMEOUT: Duration = Duration::from_secs(1);

impl App {
    /// Sets the metrics of what is in use, waits or is there, to what is now. It takes two seconds at most, also when
    /// the store is away.
    pub async fn measure(&self) {
        self.receiving.measure();
        self.bus.measure();
        self.store.measure_connections();
        let is_ready = self.check_ready().await.is_ok();
        metrics::gauge!("otpwire_ready").set(if is_ready { 1.0 } else { 0.0 });
        if !is_ready {
            // Whoever asks has little patience, and counting would wait for a store that is away.
            return;
        }
        let count = async {
            let count = self.store.count_platform(self.as_of());
            tokio::time::timeout(COUNT_TIMEOUT, count).await.map_err(Error::unavailable)?
        };
        if let Err(error) = self.platform.refresh(self.clock.now(), count).await {
            error.log("measure");
        }
    }
}
