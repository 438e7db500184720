//! The schema: applying and reverting migrations.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, SqlxPostgresConnector,
    sqlx::postgres::PgPoolOptions,
};

use super::{
    Store,
    errors::store_problem,
    sql::{execute, query},
};
use crate::domain::{Error, Result, StoreProblem};

/// How often a migration is tried that cannot get its locks.
const TRIES: u32 = 10;

/// A migration, and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The name of the migration.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

impl Store {
    /// Applies every migration that the database lacks. Replicas that start together take turns. A schema that is newer
    /// than this program is left as it is.
    ///
    /// # Errors
    /// When a migration fails; those before it stay applied. `UNAVAILABLE` when the database has migrations that this
    /// program does not know, and lacks some that it does.
    pub async fn migrate_up(&self) -> Result<()> {
        let lock = if self.is_sqlite() { None } else { Some(self.begin().await?) };
        if let Some(lock) = &lock {
            // Another replica holds the lock for as long as its migrations take.
            execute(&lock.0, "SET LOCAL statement_timeout = 0".to_owned(), []).await?;
            execute(&lock.0, "SET LOCAL lock_timeout = 0".to_owned(), []).await?;
            // The transaction is idle while the migrations run on another connection. The limit frees the lock of a
            // replica that is frozen.
            execute(&lock.0, "SET LOCAL idle_in_transaction_session_timeout = '15min'".to_owned(), []).await?;
            let sql = "SELECT pg_advisory_xact_lock(hashtext('otpwire.migrations'))".to_owned();
            execute(&lock.0, sql, []).await?;
        }
        let applied = match &lock {
            Some(lock) => applied_migrations(&lock.0).await?,
            None => applied_migrations(&self.read).await?,
        };
        let known: Vec<_> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        let missing = known.iter().filter(|step| !applied.contains(step)).count();
        let unknown = applied.iter().find(|step| !known.contains(step));
        match unknown {
            _ if missing == 0 => Ok(()),
            Some(step) => Err(Error::unavailable(format!(
                "the schema has the step {step}, which this program does not know: use a newer one"
            ))),
            None => {
                let migrator = self.migrator().await?;
                let outcome = apply_missing(&migrator).await;
                if !self.is_sqlite() {
                    migrator.close().await?;
                }
                outcome
            }
        }
    }

    /// A connection whose statements may take as long as a migration takes. They wait for locks no longer than other
    /// statements, which queue behind them.
    async fn migrator(&self) -> Result<DatabaseConnection> {
        if self.is_sqlite() {
            return Ok(self.write.clone());
        }
        // The receiver's options: a migration may have to see all messages.
        let options = self.receive.get_postgres_connection_pool().connect_options();
        let options = options.as_ref().clone().options([("statement_timeout", "0")]);
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await;
        Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.map_err(Error::unavailable)?))
    }

    /// Reverts the last `steps` migrations, with the data that they brought.
    ///
    /// # Errors
    /// When one cannot be reverted; those reverted before it stay so.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        Ok(Migrator::down(&self.receive, Some(steps)).await?)
    }

    /// Every migration that this program knows, oldest first. The database may have later ones: a newer replica applied
    /// them, and this one keeps working.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>> {
        let applied = applied_migrations(&self.read).await?;
        let is_applied = |name: &str| applied.iter().any(|step| step == name);
        let steps = Migrator::migrations();
        let status =
            steps.iter().map(|step| MigrationStatus { name: step.name().to_owned(), applied: is_applied(step.name()) });
        Ok(status.collect())
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
}

/// The names of the migrations that the database has, from any version of the program.
async fn applied_migrations(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Step {
        version: String,
    }
    let table = match connection.get_database_backend() {
        DbBackend::Sqlite => "SELECT name AS version FROM sqlite_master WHERE name = 'seaql_migrations'",
        _ => "SELECT relname::text AS version FROM pg_class WHERE oid = to_regclass('seaql_migrations')",
    };
    let table: Vec<Step> = query(connection, table.to_owned(), []).await?;
    let applied: Vec<Step> = match table.first() {
        Some(table) => query(connection, format!("SELECT version FROM {}", table.version), []).await?,
        None => Vec::new(),
    };
    Ok(applied.into_iter().map(|step| step.version).collect())
}

/// Applies the migrations that are missing. One that cannot get a lock, because replicas are at work, is tried again:
/// each is applied whole or not at all.
async fn apply_missing(migrator: &DatabaseConnection) -> Result<()> {
    for _ in 1..TRIES {
        match Migrator::up(migrator, None).await {
            Err(error) if store_problem(&error) == Some(StoreProblem::Busy) => {
                tracing::warn!(%error, "a migration could not be applied; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            outcome => return Ok(outcome?),
        }
    }
    Ok(Migrator::up(migrator, None).await?)
}
