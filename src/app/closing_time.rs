//! When sockets, streams and long polls end because their replica stops.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::App;

/// When one socket, stream or long poll ends because its replica stops.
#[derive(Debug)]
pub struct ClosingTime {
    app: Arc<App>,
    /// Known once the replica drains.
    at: Option<DateTime<Utc>>,
}

impl App {
    /// The closing time of a socket or stream that is opened now: some time during the drain. A replica that drains
    /// already closes it at once, because its client would only be sent away again.
    pub fn closing_time(self: &Arc<Self>) -> ClosingTime {
        ClosingTime { app: Arc::clone(self), at: self.is_draining().then(|| self.clock.now()) }
    }

    /// The closing time of a request that waits for something. During the drain it may still wait.
    pub fn closing_time_of_request(self: &Arc<Self>) -> ClosingTime {
        ClosingTime { app: Arc::clone(self), at: None }
    }
}

impl ClosingTime {
    /// Returns when it has come, at the latest when the shutdown starts. The future may be dropped and made again.
    pub async fn reached(&mut self) {
        let Self { app, at } = self;
        let at = match *at {
            Some(at) => at,
            None => *at.insert(app.lifecycle.next_closing_time().await),
        };
        tokio::select! {
            () = app.clock.sleep_until(at) => {}
            () = app.shutdown_started() => {}
        }
    }
}
