//! Opening the database, and its migrations.

use std::{str::FromStr, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, FromQueryResult, RuntimeErr,
    SqlxPostgresConnector,
    sqlx::{
        self, Connection,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{
    Meter, Store,
    file::file_of,
    is_pool_timeout,
    row_security::InboxScope,
    sql::{execute, query},
    store_problem,
};
use crate::domain::{Error, ErrorCode, Result, StoreProblem};

/// How often a step of the schema is tried.
const STEP_TRIES: u32 = 10;

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
            let declaring = |reach: (&'static str, &'static str)| {
                let mut options = options.clone();
                options.map_sqlx_postgres_opts(move |options| {
                    options.options([
                        ("statement_timeout", "30s"),
                        ("lock_timeout", "5s"),
                        ("idle_in_transaction_session_timeout", "30s"),
                        reach,
                    ])
                });
                options
            };
            // The receiver uses one at a time, and now and then another is used to look for a provider. There is one
            // for while one is being given back, or hangs on a network that has swallowed it.
            let mut receiver = declaring(InboxScope::OPTION_ALL);
            receiver.max_connections(3);
            let receive = connect(url, receiver).await?;
            let pool = connect(url, declaring(InboxScope::OPTION_NAMED)).await?;
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
        let meter = Meter::default();
        for connection in [&mut read, &mut write, &mut receive] {
            let meter = meter.clone();
            connection.set_metric_callback(move |sent| meter.note(sent.elapsed, sent.failed));
        }
        Self { read, write, receive, meter }
    }

    /// Whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// Takes every step of the schema that is not taken yet. Replicas that start together take turns. A schema
    /// that is further than this program is left as it is.
    ///
    /// # Errors
    /// When a step fails; the steps before it stay. `UNAVAILABLE` when the schema has steps that this program
    /// does not know and lacks some that it does.
    pub async fn migrate_up(&self) -> Result<()> {
        let turn = if self.is_sqlite() { None } else { Some(self.begin().await?) };
        if let Some(turn) = &turn {
            // The turn of another replica lasts as long as its steps take.
            execute(&turn.0, "SET LOCAL statement_timeout = 0".to_owned(), []).await?;
            execute(&turn.0, "SET LOCAL lock_timeout = 0".to_owned(), []).await?;
            // It is idle while its steps are taken on another connection. A replica that is frozen keeps it no longer.
            execute(&turn.0, "SET LOCAL idle_in_transaction_session_timeout = '15min'".to_owned(), []).await?;
            let sql = "SELECT pg_advisory_xact_lock(hashtext('otpwire.migrations'))".to_owned();
            execute(&turn.0, sql, []).await?;
        }
        let taken = match &turn {
            Some(turn) => taken_steps(&turn.0).await?,
            None => taken_steps(&self.read).await?,
        };
        let known: Vec<_> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        let missing = known.iter().filter(|step| !taken.contains(step)).count();
        let unknown = taken.iter().find(|step| !known.contains(step));
        match unknown {
            _ if missing == 0 => Ok(()),
            Some(step) => Err(Error::unavailable(format!(
                "the schema has the step {step}, which this program does not know: use a newer one"
            ))),
            None => {
                let migrator = self.migrator().await?;
                let taken = take_steps(&migrator).await;
                if !self.is_sqlite() {
                    migrator.close().await?;
                }
                taken
            }
        }
    }

    /// A connection whose statements may take as long as a step of the schema takes. For a lock they wait no longer
    /// than others, who queue behind them.
    async fn migrator(&self) -> Result<DatabaseConnection> {
        if self.is_sqlite() {
            return Ok(self.write.clone());
        }
        // Those of the receiver: a step may have to see all messages.
        let options = self.receive.get_postgres_connection_pool().connect_options();
        let options = options.as_ref().clone().options([("statement_timeout", "0")]);
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await;
        Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.map_err(Error::unavailable)?))
    }

    /// Takes back the last `steps` steps of the schema, and what they hold.
    ///
    /// # Errors
    /// When a step fails; the steps before it stay taken back.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        Ok(Migrator::down(&self.receive, Some(steps)).await?)
    }

    /// Every step of the schema that this program knows, oldest first. The database may have later
    /// ones: a newer replica took them, and this one goes on working.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>> {
        let taken = taken_steps(&self.read).await?;
        let applied = |name: &str| taken.iter().any(|step| step == name);
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

/// The steps of the schema that were taken, by any program.
async fn taken_steps(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Step {
        version: String,
    }
    let table = match connection.get_database_backend() {
        DbBackend::Sqlite => "SELECT name AS version FROM sqlite_master WHERE name = 'seaql_migrations'",
        _ => "SELECT relname::text AS version FROM pg_class WHERE oid = to_regclass('seaql_migrations')",
    };
    let table: Vec<Step> = query(connection, table.to_owned(), []).await?;
    let taken: Vec<Step> = match table.first() {
        Some(table) => query(connection, format!("SELECT version FROM {}", table.version), []).await?,
        None => Vec::new(),
    };
    Ok(taken.into_iter().map(|step| step.version).collect())
}

/// Takes the steps that are missing. One that cannot have a lock, because replicas are at work, is tried again:
/// each is taken whole or not at all.
async fn take_steps(migrator: &DatabaseConnection) -> Result<()> {
    for _ in 1..STEP_TRIES {
        match Migrator::up(migrator, None).await {
            Err(error) if store_problem(&error) == Some(StoreProblem::Busy) => {
                tracing::warn!(%error, "a step of the schema could not be taken; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            taken => return Ok(taken?),
        }
    }
    Ok(Migrator::up(migrator, None).await?)
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
            Err(Error::new(ErrorCode::Unavailable, format!("cannot make {}: {error}", path.display())))
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
