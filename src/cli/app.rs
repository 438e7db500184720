//! The application for commands that run one use case and end.

use anyhow::Result;

use crate::{config::Config, server::RunningApp};

/// Starts the application, passes it to `command`, and stops it, whatever the result.
pub(super) async fn with_app<T>(config: &Config, command: impl AsyncFnOnce(&RunningApp) -> Result<T>) -> Result<T> {
    let running = RunningApp::start(config).await?;
    let result = command(&running).await;
    running.stop().await;
    result
}
