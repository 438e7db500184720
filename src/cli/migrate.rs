//! `otpwire migrate`.

use anyhow::Result;
use clap::Subcommand;

use crate::{config::Config, server::operator_error, store::Store};

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
    // A server can keep running while steps are added, but not while they are taken back.
    let _lock = match direction {
        Direction::Down { .. } => Store::lock_file(&config.database_url).map_err(operator_error)?,
        Direction::Up | Direction::Status => None,
    };
    let store = Store::connect(&config.database_url, 2).await.map_err(operator_error)?;
    match direction {
        Direction::Up => store.migrate_up().await.map_err(operator_error)?,
        Direction::Down { steps } => store.migrate_down(*steps).await.map_err(operator_error)?,
        Direction::Status => {}
    }
    for step in store.migration_status().await.map_err(operator_error)? {
        println!("{} {}", if step.applied { "applied" } else { "pending" }, step.name);
    }
    store.close().await;
    Ok(())
}
