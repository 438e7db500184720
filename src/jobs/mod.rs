//! Background jobs: each is a use case on a schedule. `runner` runs them.
//!
//! A job of the whole platform runs on one replica each time that it is due, under a lease
//! ([`crate::app::maintenance::job_lease`]). Any replica will do, so none depends on another being up. All other jobs
//! run on every replica, because they work on what that replica holds (its watchers, its connection to the store, its
//! counters) or share a queue whose entries are locked one by one.

mod runner;

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use self::runner::{Job, JobScope};
use crate::app::App;

const JOBS: [Job; 8] = [
    // Tells watchers where their inboxes end, so that they read what the bus lost.
    Job {
        name: "heal_watchers",
        scope: JobScope::Replica,
        period: Duration::from_secs(2),
        run: |app| Box::pin(async move { app.heal_watchers().await }),
    },
    // Gives back what is left of shares of limits.
    Job {
        name: "give_back_permits",
        scope: JobScope::Replica,
        period: Duration::from_secs(1),
        run: |app| {
            Box::pin(async move {
                app.give_back_permits().await;
                Ok(())
            })
        },
    },
    // Tries a store that could not take messages.
    Job {
        name: "try_store_again",
        scope: JobScope::Replica,
        period: Duration::from_secs(2),
        run: |app| Box::pin(async move { app.try_store_again().await }),
    },
    // Releases long messages of which some parts did not arrive. The replicas share the work message by message, so one
    // that is hard to store does not keep them from the others.
    Job {
        name: "release_parts",
        scope: JobScope::Replica,
        period: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.release_parts().await.map(drop) }),
    },
    // Ends rentals and cool-downs in the store.
    Job {
        name: "settle_numbers",
        scope: JobScope::Platform,
        period: Duration::from_secs(15),
        run: |app| Box::pin(async move { app.settle_numbers().await.map(drop) }),
    },
    // Deletes what has expired.
    Job {
        name: "purge",
        scope: JobScope::Platform,
        period: Duration::from_secs(60),
        run: |app| Box::pin(async move { app.purge().await.map(drop) }),
    },
    // Stores usage statistics and the activity of providers.
    Job {
        name: "roll_up_usage",
        scope: JobScope::Replica,
        period: Duration::from_secs(60),
        run: |app| Box::pin(async move { app.roll_up_usage().await }),
    },
    // Creates the partitions of the next days.
    Job {
        name: "prepare_partitions",
        scope: JobScope::Platform,
        period: Duration::from_secs(3600),
        run: |app| Box::pin(async move { app.prepare_partitions().await.map(drop) }),
    },
];

/// The names of the jobs.
pub fn names() -> impl Iterator<Item = &'static str> {
    JOBS.map(|job| job.name).into_iter()
}

/// Starts every job. They end when the set is dropped.
#[must_use]
pub fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    for job in JOBS {
        jobs.spawn(job.repeat(Arc::clone(app)));
    }
    jobs
}
