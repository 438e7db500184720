//! `otpwire migrate`.

use anyhow::{Context, Result};
use clap::Subcommand;

use super::{
    app::{MissingDatabase, check_database},
    progress::Progress,
    terminal::print_line,
};
use crate::{
    config::Config,
    server::{open_store, operator_error},
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum Direction {
    /// Take every step that is not taken yet.
    Up,
    /// Take back the last steps, with all that they hold.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List the steps.
    Status,
}

pub(super) async fn run(config: &Config, direction: &Direction) -> Result<()> {
    let missing = match direction {
        Direction::Up => MissingDatabase::Make,
        Direction::Down { .. } | Direction::Status => MissingDatabase::Refuse,
    };
    check_database(config, missing)?;
    // A server can keep running while steps are added, but not while they are taken back.
    let _lock = match direction {
        Direction::Down { .. } => Store::lock_file(&config.database_url).map_err(operator_error)?,
        Direction::Up | Direction::Status => None,
    };
    let store = open_store(&config.database_url, 2).await?;
    let progress = Progress::spinning("migrating the database");
    let migrated = match direction {
        Direction::Up => store.migrate_up().await,
        Direction::Down { steps } => store.migrate_down(*steps).await,
        Direction::Status => Ok(()),
    };
    progress.finish();
    let database = || format!("the database {}", Store::describe(&config.database_url));
    migrated.map_err(operator_error).with_context(database)?;
    for step in store.migration_status().await.map_err(operator_error).with_context(database)? {
        print_line(format_args!("{} {}", if step.applied { "applied" } else { "pending" }, step.name))?;
    }
    store.close().await;
    Ok(())
}
