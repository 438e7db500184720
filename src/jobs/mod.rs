//! What happens by itself: each job is a verb on a timer.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::task::JoinSet;

use crate::{app::App, domain::Result};

/// How long a job may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often watchers are told where their inboxes end.
const HEAL: Duration = Duration::from_secs(2);
/// How often a store that could not take messages is tried.
const TRY_AGAIN: Duration = Duration::from_secs(2);
/// How often rentals and cool-downs that are over are written down.
const SETTLE: Duration = Duration::from_secs(15);
/// How often long messages are given up whose parts do not come.
const RELEASE: Duration = Duration::from_secs(5);
/// How often what has outlived its retention is deleted.
const PURGE: Duration = Duration::from_secs(60);
/// How often usage is written down.
const ROLL_UP: Duration = Duration::from_secs(60);
/// How often the partitions of the next days are made.
const PREPARE: Duration = Duration::from_secs(3600);

/// Starts every job; they end when the set is dropped.
#[must_use]
pub fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    every(&mut jobs, app, "heal watchers", HEAL, |app| async move { app.heal_watchers().await });
    every(&mut jobs, app, "try the store again", TRY_AGAIN, |app| async move { app.try_store_again().await });
    every(&mut jobs, app, "settle numbers", SETTLE, |app| async move { app.settle_numbers().await.map(drop) });
    every(&mut jobs, app, "release parts", RELEASE, |app| async move { app.release_parts().await.map(drop) });
    every(&mut jobs, app, "purge", PURGE, |app| async move { app.purge().await.map(drop) });
    every(&mut jobs, app, "roll up usage", ROLL_UP, |app| async move { app.roll_up_usage().await });
    every(&mut jobs, app, "prepare partitions", PREPARE, |app| async move { app.prepare_partitions().await.map(drop) });
    jobs
}

/// Runs a verb now and then again after each period. Whatever happens to it is
/// logged, and does not stop it.
fn every<F, R>(jobs: &mut JoinSet<()>, app: &Arc<App>, name: &'static str, period: Duration, run: F)
where
    F: Fn(Arc<App>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<()>> + Send + 'static,
{
    let app = Arc::clone(app);
    jobs.spawn(async move {
        loop {
            let run = AssertUnwindSafe(tokio::time::timeout(PATIENCE, run(Arc::clone(&app)))).catch_unwind();
            match run.await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => {
                    app.heed(&error);
                    error.log(name);
                }
                Ok(Err(_)) => tracing::error!(job = name, "a job took too long; it will be tried again"),
                Err(_) => tracing::error!(job = name, "a job panicked; it will be tried again"),
            }
            app.clock().sleep(period).await;
        }
    });
}
