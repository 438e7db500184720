//! `otpwire backup`: a verified copy of the embedded database, while a server uses it.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{
    app::{MissingDatabase, check_database},
    progress::Progress,
    terminal::{print_error_line, print_line},
};
use crate::{
    config::{Config, RootKeySource},
    server::operator_error,
    store::Store,
};

pub(super) async fn run(config: &Config, target: &Path) -> Result<()> {
    check_database(config, MissingDatabase::Refuse)?;
    if Store::find_file(&config.database_url).map_err(operator_error)?.is_none() {
        bail!(
            "this copies a file of SQLite, and the database is {}: use `pg_dump --enable-row-security`, see \
             docs/production.md",
            Store::describe(&config.database_url)
        );
    }
    let progress = Progress::spinning("copying the database");
    let copied = Store::back_up(&config.database_url, target, || progress.turn_to("checking the copy")).await;
    progress.finish();
    let copy = copied.map_err(operator_error).with_context(|| format!("cannot back up to {}", target.display()))?;
    print_line(format_args!("{}: {} bytes, checked", target.display(), copy.bytes))?;
    for (table, rows) in copy.rows {
        print_line(format_args!("{rows:>12} {table}"))?;
    }
    if let RootKeySource::File(path) = &config.keys.root {
        print_error_line(format_args!(
            "the secret key is not in it: keep {} as well, at another place; without it the secrets of providers are \
             lost",
            path.display()
        ));
    }
    Ok(())
}
