//! Opening and closing the database.

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    sqlx::{
        self, Connection,
        postgres::PgConnectOptions,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{
    StatementMetrics, Store,
    errors::is_pool_timeout,
    number_finder::NumberFinder,
    reachability::{Server, SharedProbe},
    row_security::InboxScope,
    sql::execute,
    sqlite_file::file_of,
};
use crate::{
    coalescer::Coalescer,
    domain::{Error, ErrorCode, Result},
};

impl Store {
    /// The options of the connections that read, on PostgreSQL.
    ///
    /// Partitions of days to come are empty, and reading an empty table from end to end looks cheaper to the planner
    /// than using its index. What is read so has no order, so that a page of an inbox would be all of its messages,
    /// read and sorted. Without that choice, it is as many as the page has.
    pub const READING_OPTIONS: [(&str, &str); 2] = [InboxScope::OPTION_NAMED, ("enable_seqscan", "off")];

    /// Opens a `sqlite:` or `postgres:` URL. A SQLite file that does not exist is created.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .sqlx_logging(false)
            .acquire_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(5))
            // A connection that was used a moment ago is not tested again.
            .test_before_acquire_if_idle_for(Duration::from_secs(5))
            .max_connections(connections);
        if !url.starts_with("sqlite:") {
            // Nothing waits for ever: neither a statement, nor a lock, nor others for a transaction of a replica that
            // is gone. Statements are short, so that compiling them takes longer than running them.
            let with_options = |own: &'static [(&'static str, &'static str)]| {
                let mut options = options.clone();
                options.map_sqlx_postgres_opts(move |options| {
                    let common = [
                        ("statement_timeout", "30s"),
                        ("lock_timeout", "5s"),
                        ("idle_in_transaction_session_timeout", "30s"),
                        ("jit", "off"),
                    ];
                    options.options(common).options(own.iter().copied())
                });
                options
            };
            // The receiver uses two connections at a time, and looking up a provider now and then uses another. The
            // fourth is for the time while one is being returned, or hangs on a broken network.
            let mut receiver = with_options(&[InboxScope::OPTION_ALL]);
            receiver.max_connections(4);
            let receive = connect(url, receiver).await?;
            let pool = connect(url, with_options(&Self::READING_OPTIONS)).await?;
            return Ok(Self::measured(pool.clone(), pool, receive, Some(Server::of(url)?)));
        }
        options.map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
        create_private(url)?;
        // When a commit fails (a full disk), SQLite has rolled back by itself. The driver's own rollback then fails,
        // and the driver, which counts transactions, takes the connection to be inside one for ever.
        options.map_sqlx_sqlite_pool_opts(|options| {
            options.after_release(|connection, _| {
                Box::pin(async move {
                    // The rollback is queued: the ping is answered after it.
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
        });
        // The writer comes first: it creates the -wal file, which the readers then share.
        let mut writer = options.clone();
        writer.max_connections(1).min_connections(1);
        let write = Database::connect(writer).await?;
        let read = Database::connect(options).await?;
        Ok(Self::measured(read, write.clone(), write, None))
    }

    /// A store whose statements are counted.
    fn measured(
        mut read: DatabaseConnection,
        mut write: DatabaseConnection,
        mut receive: DatabaseConnection,
        server: Option<Server>,
    ) -> Self {
        let statements = StatementMetrics::default();
        for (connection, writes) in [(&mut read, false), (&mut write, true), (&mut receive, true)] {
            let statements = statements.clone();
            connection.set_metric_callback(move |sent| {
                statements.record(&sent.statement.sql, sent.elapsed, sent.failed);
                statements.observe(sent.statement, writes);
            });
        }
        let number_finder = Coalescer::new(NumberFinder(read.clone()));
        Self { read, write, receive, server, probe: SharedProbe::default(), statements, number_finder }
    }

    /// Whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// Writes a row durably and deletes it in the same transaction, on the connection that stores messages.
    ///
    /// # Errors
    /// Why the database takes no changes.
    pub async fn try_writing(&self, now: DateTime<Utc>) -> Result<()> {
        let tx = self.begin_receiving().await?;
        let insert = "INSERT INTO api_rate_limits (endpoint, request_count, window_start) VALUES ($1, 1, $2)";
        execute(&tx.0, insert.to_owned(), ["otpwire.try_writing".into(), now.into()]).await?;
        let delete = "DELETE FROM api_rate_limits WHERE endpoint = $1";
        execute(&tx.0, delete.to_owned(), ["otpwire.try_writing".into()]).await?;
        tx.commit().await
    }

    /// Sets the metrics of the connections to the database to what is now.
    pub fn measure_connections(&self) {
        let pools = [("read", &self.read), ("write", &self.write), ("receive", &self.receive)];
        // On SQLite the receiver has the connection of everything that writes; on PostgreSQL everybody else shares one
        // pool, which is `read`.
        let pools = match self.is_sqlite() {
            true => [pools[0], pools[1]],
            false => [pools[0], pools[2]],
        };
        for (pool, connection) in pools {
            let Some((open, idle, max)) = count_connections(connection, self.is_sqlite()) else { continue };
            let gauge = |state| metrics::gauge!("otpwire_database_connections", "pool" => pool, "state" => state);
            gauge("in_use").set(f64::from(open.saturating_sub(idle)));
            gauge("idle").set(f64::from(idle));
            metrics::gauge!("otpwire_database_connections_max", "pool" => pool).set(f64::from(max));
        }
    }

    /// Closes every connection. SQLite writes its -wal file back into the database.
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

/// How many connections a pool has open, how many of them are idle, and how many it may have.
fn count_connections(connection: &DatabaseConnection, is_sqlite: bool) -> Option<(u32, u32, u32)> {
    let idle = |idle: usize| u32::try_from(idle).unwrap_or(u32::MAX);
    if is_sqlite {
        let pool = connection.get_sqlite_connection_pool();
        return Some((pool.size(), idle(pool.num_idle()), pool.options().get_max_connections()));
    }
    let pool = connection.get_postgres_connection_pool();
    Some((pool.size(), idle(pool.num_idle()), pool.options().get_max_connections()))
}

/// Connects to PostgreSQL. When the server takes no more connections, the pool reports only a timeout: then one
/// connection outside the pool finds out what the server says.
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

/// Creates the file of a new SQLite database, readable by its owner alone. SQLite's other files get the same mode.
fn create_private(url: &str) -> Result<()> {
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
    use sea_orm::FromQueryResult;

    use super::*;
    use crate::store::sql::query;

    /// Otherwise a power loss may take acknowledged messages.
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
