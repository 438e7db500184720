//! What happens by itself: each job is a verb on a timer.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use crate::{app::App, domain::Result};

/// How often watchers are told where their inboxes end.
const HEAL: Duration = Duration::from_secs(2);
/// How often rentals and cool-downs that are over are written down.
const SETTLE: Duration = Duration::from_secs(15);
/// How often what has outlived its retention is deleted.
const PURGE: Duration = Duration::from_secs(60);
/// How often the partitions of the next days are made.
const PREPARE: Duration = Duration::from_secs(3600);

/// Starts every job; they end when the set is dropped.
#[must_use]
pub fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    every(&mut jobs, app, "heal watchers", HEAL, |app| async move { app.heal_watchers().await });
    every(&mut jobs, app, "settle numbers", SETTLE, |app| async move { app.settle_numbers().await.map(drop) });
    every(&mut jobs, app, "purge", PURGE, |app| async move { app.purge().await.map(drop) });
    every(&mut jobs, app, "prepare partitions", PREPARE, |app| async move { app.prepare_partitions().await.map(drop) });
    jobs
}

/// Runs a verb now and then again after each period. A failure is logged and does not stop it.
fn every<F, R>(jobs: &mut JoinSet<()>, app: &Arc<App>, name: &'static str, period: Duration, run: F)
where
    F: Fn(Arc<App>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<()>> + Send + 'static,
{
    let app = Arc::clone(app);
    jobs.spawn(async move {
        loop {
            if let Err(error) = run(Arc::clone(&app)).await {
                error.log(name);
            }
            app.clock().sleep(period).await;
        }
    });
}
