//! The application for commands that run one use case and end.

use anyhow::{Result, bail};

use super::terminal::print_error_line;
use crate::{
    config::Config,
    server::{RunningApp, operator_error},
    store::Store,
    tracer::Tracer,
};

/// What a command does where there is no SQLite database yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MissingDatabase {
    /// It makes one, and says so.
    Make,
    /// It fails: `database_url` is probably wrong, and an empty database would hide that.
    Refuse,
}

/// Starts the application, passes it to `command`, and stops it, whatever the result.
pub(super) async fn with_app<T>(
    config: &Config,
    missing: MissingDatabase,
    command: impl AsyncFnOnce(&RunningApp) -> Result<T>,
) -> Result<T> {
    check_database(config, missing)?;
    let running = RunningApp::start(config, Tracer::off()).await?;
    let result = command(&running).await;
    running.stop().await;
    result
}

/// Looks whether the database of a command is there.
pub(super) fn check_database(config: &Config, missing: MissingDatabase) -> Result<()> {
    let Some(file) = Store::find_file(&config.database_url).map_err(operator_error)? else { return Ok(()) };
    let path = file.path.display();
    match missing {
        _ if !file.is_new => {}
        MissingDatabase::Make => print_error_line(format_args!("there was no database at {path}: making a new one")),
        MissingDatabase::Refuse => bail!(
            "there is no database at {path}: `otpwire serve`, `otpwire migrate up` and `otpwire admin create-user` \
             make one. Is database_url meant to be another?"
        ),
    }
    Ok(())
}
