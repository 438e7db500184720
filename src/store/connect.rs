//! Opening the database, and its migrations.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, Database, DbBackend,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::Store;
use crate::domain::{Error, Result};

/// A step of the schema, and whether it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The name of the step.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

impl Store {
    /// Opens `sqlite:` or `postgres:` URLs. A SQLite file that is not there is made.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database cannot be reached.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .sqlx_logging(false)
            .acquire_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(5))
            .max_connections(connections);
        if !url.starts_with("sqlite:") {
            let pool = Database::connect(options).await?;
            return Ok(Self { read: pool.clone(), write: pool });
        }
        options.map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
        // The writer comes first: it makes the file, which the readers then only open.
        let mut writer = options.clone();
        writer.max_connections(1).min_connections(1);
        let write = Database::connect(writer).await?;
        let read = Database::connect(options).await?;
        Ok(Self { read, write })
    }

    /// Whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// Takes every step of the schema that is not taken yet.
    ///
    /// # Errors
    /// When a step fails; the steps before it stay.
    pub async fn migrate_up(&self) -> Result<()> {
        Ok(Migrator::up(&self.write, None).await?)
    }

    /// Takes back the last `steps` steps of the schema, and what they hold.
    ///
    /// # Errors
    /// When a step fails; the steps before it stay taken back.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        Ok(Migrator::down(&self.write, Some(steps)).await?)
    }

    /// Every step of the schema, oldest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>> {
        let pending = Migrator::get_pending_migrations(&self.write).await?;
        let pending: Vec<_> = pending.iter().map(|step| step.name().to_owned()).collect();
        Ok(Migrator::migrations()
            .iter()
            .map(|step| MigrationStatus {
                name: step.name().to_owned(),
                applied: !pending.iter().any(|name| name == step.name()),
            })
            .collect())
    }

    /// Whether the database answers and has the schema that this program expects.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it does not.
    pub async fn check(&self) -> Result<()> {
        let missing = self.migration_status().await?.into_iter().find(|step| !step.applied);
        match missing {
            Some(step) => Err(Error::unavailable(format!("the schema lacks {}: run `otpwire migrate up`", step.name))),
            None => Ok(()),
        }
    }

    /// Closes every connection, writing back what SQLite still holds in its log.
    pub async fn close(self) {
        let _ = self.read.close().await;
        let _ = self.write.close().await;
    }
}
