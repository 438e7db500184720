//! Opening the database, and its migrations.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, FromQueryResult, RuntimeErr,
    sqlx::{
        self, Connection,
        postgres::PgConnectOptions,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{
    Store,
    file::file_of,
    is_pool_timeout,
    sql::{execute, query},
};
use crate::domain::{Code, Error, Result};

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
            // A connection that was just used need not be asked whether it still works.
            .test_before_acquire_if_idle_for(Duration::from_secs(5))
            .max_connections(connections);
        if !url.starts_with("sqlite:") {
            // Nothing waits for ever: not a statement, not for a lock, and nobody for a transaction
            // whose replica is gone.
            options.map_sqlx_postgres_opts(|options| {
                options.options([
                    ("statement_timeout", "30s"),
                    ("lock_timeout", "5s"),
                    ("idle_in_transaction_session_timeout", "30s"),
                ])
            });
            // The receiver uses one at a time. The others are for while one is being given back, and
            // for when one hangs on a network that has swallowed it.
            let mut receiver = options.clone();
            receiver.max_connections(3);
            let receive = connect(url, receiver).await?;
            let pool = connect(url, options).await?;
            return Ok(Self::over(pool.clone(), pool, receive));
        }
        options.map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
        keep_private(url)?;
        // When a commit fails (a full disk), SQLite has rolled back by itself. The driver counts transactions, and takes
        // a connection on which its own rollback then fails for one that is inside a transaction for ever.
        options.map_sqlx_sqlite_pool_opts(|options| {
            options.after_release(|connection, _| {
                Box::pin(async move {
                    // What is answered comes after the rollback.
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
        });
        // The writer comes first: it makes the log beside the file, which the readers then share.
        let mut writer = options.clone();
        writer.max_connections(1).min_connections(1);
        let write = Database::connect(writer).await?;
        let read = Database::connect(options).await?;
        Ok(Self::over(read, write.clone(), write))
    }

    /// A store that counts what it sends.
    fn over(mut read: DatabaseConnection, mut write: DatabaseConnection, mut receive: DatabaseConnection) -> Self {
        let statements = Arc::new(AtomicU64::new(0));
        for connection in [&mut read, &mut write, &mut receive] {
            let statements = Arc::clone(&statements);
            connection.set_metric_callback(move |sent| {
                statements.fetch_add(1, Ordering::Relaxed);
                metrics::histogram!("otpwire_database_seconds").record(sent.elapsed.as_secs_f64());
                if sent.failed {
                    metrics::counter!("otpwire_database_failed_total").increment(1);
                }
            });
        }
        Self { read, write, receive, statements }
    }

    /// Whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// Takes every step of the schema that is not taken yet. Replicas that start together take turns.
    ///
    /// # Errors
    /// When a step fails; the steps before it stay.
    pub async fn migrate_up(&self) -> Result<()> {
        let turn = if self.is_sqlite() { None } else { Some(self.begin().await?) };
        if let Some(turn) = &turn {
            let sql = "SELECT pg_advisory_xact_lock(hashtext('otpwire.migrations'))".to_owned();
            execute(&turn.0, sql, []).await?;
        }
        Ok(Migrator::up(&self.write, None).await?)
    }

    /// Takes back the last `steps` steps of the schema, and what they hold.
    ///
    /// # Errors
    /// When a step fails; the steps before it stay taken back.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        Ok(Migrator::down(&self.write, Some(steps)).await?)
    }

    /// Every step of the schema that this program knows, oldest first. The database may have later
    /// ones: a newer replica took them, and this one goes on working.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>> {
        #[derive(FromQueryResult)]
        struct Step {
            version: String,
        }
        let table = match self.read.get_database_backend() {
            DbBackend::Sqlite => "SELECT name AS version FROM sqlite_master WHERE name = 'seaql_migrations'",
            _ => "SELECT relname::text AS version FROM pg_class WHERE oid = to_regclass('seaql_migrations')",
        };
        let table: Vec<Step> = query(&self.read, table.to_owned(), []).await?;
        let taken: Vec<Step> = match table.first() {
            Some(table) => query(&self.read, format!("SELECT version FROM {}", table.version), []).await?,
            None => Vec::new(),
        };
        let applied = |name: &str| taken.iter().any(|step| step.version == name);
        let steps = Migrator::migrations();
        let status =
            steps.iter().map(|step| MigrationStatus { name: step.name().to_owned(), applied: applied(step.name()) });
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

    /// Closes every connection, writing back what SQLite still holds in its log.
    pub async fn close(self) {
        let close = async {
            let _ = self.read.close().await;
            let _ = self.write.close().await;
            let _ = self.receive.close().await;
        };
        // A connection that hangs is left to the operating system.
        let _ = tokio::time::timeout(Duration::from_secs(5), close).await;
    }
}

/// Connects to PostgreSQL. A pool says only that it waited in vain, also when the server takes no more connections:
/// then what the server says is the reason.
async fn connect(url: &str, options: ConnectOptions) -> Result<DatabaseConnection> {
    let error = match Database::connect(options).await {
        Ok(connection) => return Ok(connection),
        Err(error) => error,
    };
    if is_pool_timeout(&error)
        && let Ok(options) = PgConnectOptions::from_str(url)
        && let Ok(Err(refusal)) =
            tokio::time::timeout(Duration::from_secs(5), sqlx::PgConnection::connect_with(&options)).await
    {
        return Err(DbErr::Conn(RuntimeErr::SqlxError(refusal.into())).into());
    }
    Err(error.into())
}

/// Makes the file of a new SQLite database one that only its owner can read. Its logs follow it.
fn keep_private(url: &str) -> Result<()> {
    let Some(path) = file_of(url)? else { return Ok(()) };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::new(Code::Unavailable, format!("cannot make {}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without it, what was acknowledged may be gone after a power loss.
    #[tokio::test]
    async fn the_connection_that_writes_waits_for_the_disk() {
        #[derive(FromQueryResult)]
        struct Pragma {
            synchronous: i32,
            journal_mode: String,
        }
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(&format!("sqlite:{}/x.sqlite", folder.path().display()), 2).await.unwrap();
        let sql = "SELECT synchronous, journal_mode FROM pragma_synchronous, pragma_journal_mode";
        for connection in [&store.write, &store.receive] {
            let pragma: Vec<Pragma> = query(connection, sql.to_owned(), []).await.unwrap();
            assert_eq!((pragma[0].synchronous, pragma[0].journal_mode.as_str()), (2, "wal"));
        }
        store.close().await;
    }
}
