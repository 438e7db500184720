//! Memory: users, numbers, inboxes and messages, in SQLite or PostgreSQL.
//!
//! This is the only place that says `sea_orm`. Entities stay inside; what leaves are values of
//! [`crate::domain`]. Finders take the owner first: a query without one is for administrators or
//! for the path of a message, and says so in its name.
//!
//! SQLite has one writer, so everything that writes shares its single writing connection while reads
//! go to a pool beside it. On PostgreSQL the receiver has a connection of its own, and everything
//! else shares a pool, whose connections see messages only as far as `reach.rs` lets them. Inside a transaction,
//! everything goes through [`Tx`].

mod activity;
mod api_keys;
mod audit;
mod connect;
mod entity;
mod file;
mod idempotency;
mod jobs;
mod maintenance;
mod messages;
mod numbers;
mod paging;
mod parts;
mod patterns;
mod providers;
mod purging;
mod receipts;
mod receiving;
mod reports;
mod row_security;
mod row_set;
mod sessions;
mod sql;
mod stats;
mod usage;
mod users;
mod watching;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sqlx,
};

pub use activity::Activity;
pub use api_keys::FoundApiKey;
pub use audit::NewAudit;
pub use connect::MigrationStatus;
pub use entity::{EntityColumn, entities};
pub use file::FileLock;
pub use idempotency::Repeated;
pub use jobs::JobState;
pub use numbers::{AsOf, NewNumber, Viewer};
pub use parts::{Held, HeldPart, NewPart, PartialId, PartialKey};
pub use providers::{SealedSecret, SealedSecrets};
pub use purging::Expired;
pub use receipts::{Claim, Nonce, Receipt};
pub use receiving::{Metadata, NewMessage, NewReport, Route, SettledPart};
pub use reports::StoredReport;
pub use sessions::{NewSession, Rotation, StoredSession};
pub use usage::{RollUp, Usage};
pub use users::{Account, Login, NewUser, ProfileChange};
pub use watching::{InboxPage, InboxState};

use crate::domain::{Error, Result, StoreProblem};

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// The receiver's own, and of the few who work for it: readers do not make it wait for a connection, and one
    /// connection that is always busy with the same statements is quick at them.
    receive: DatabaseConnection,
    meter: Meter,
}

/// Counts what is sent to the database, and how long it takes.
#[derive(Clone, Debug, Default)]
struct Meter(Arc<AtomicU64>);

impl Meter {
    fn note(&self, elapsed: Duration, failed: bool) {
        self.0.fetch_add(1, Ordering::Relaxed);
        metrics::histogram!("otpwire_database_seconds").record(elapsed.as_secs_f64());
        if failed {
            metrics::counter!("otpwire_database_failed_total").increment(1);
        }
    }
}

/// A transaction. Dropped before [`Tx::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Tx(DatabaseTransaction);

impl Store {
    /// How many statements were sent to the database since it was opened.
    #[must_use]
    pub fn count_statements(&self) -> u64 {
        self.meter.0.load(Ordering::Relaxed)
    }

    /// Starts a transaction that may write.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_on(&self.write).await
    }

    /// Starts a transaction of the receiver, or of a job that does its work for it: one of each at a time.
    pub async fn begin_receiving(&self) -> Result<Tx> {
        self.begin_on(&self.receive).await
    }

    async fn begin_on(&self, connection: &DatabaseConnection) -> Result<Tx> {
        let options = TransactionOptions {
            // A transaction that starts by reading could find its snapshot outdated when it first
            // writes; taking the write lock at once makes it wait instead.
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = connection.clone();
        Ok(Tx(unbroken(async move { connection.begin_with_options(options).await }).await??))
    }
}

/// Begins a transaction to the end, also when whoever wants it goes away meanwhile.
///
/// The driver knows that there is a transaction when the database has said so. Were it given up before that, the
/// connection would go back to the pool with a transaction open that nobody ends, and what others do there would
/// never be committed.
async fn unbroken<T: Send + 'static>(begin: impl Future<Output = T> + Send + 'static) -> Result<T> {
    tokio::spawn(begin).await.map_err(Error::internal)
}

impl Tx {
    /// Makes everything that was done in the transaction durable.
    ///
    /// # Errors
    /// When it could not be; then nothing of it was done, or it cannot be known whether it was.
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match store_problem(&error) {
            Some(reason) if is_pool_timeout(&error) => Self::unavailable(
                "no connection to the database within 5 seconds: all of database_connections are in use, \
                 or the server takes no more",
            )
            .with_store_problem(reason),
            Some(reason) => Self::unavailable(error).with_store_problem(reason),
            None => Self::internal(error),
        }
    }
}

fn is_pool_timeout(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(inner)) => matches!(**inner, sqlx::Error::PoolTimedOut),
        _ => false,
    }
}

/// What is wrong with the database, where an error means that it is away, out of some resource or damaged, rather
/// than that it refused what it was told. Trying again later is right for these and pointless for the others.
fn store_problem(error: &DbErr) -> Option<StoreProblem> {
    let inner = match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Some(StoreProblem::Busy),
        DbErr::Conn(RuntimeErr::SqlxError(inner)) => {
            return Some(sqlx_problem(inner).unwrap_or(StoreProblem::Unreachable));
        }
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Some(StoreProblem::Unreachable),
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => inner.as_ref(),
        _ => return None,
    };
    sqlx_problem(inner)
}

fn sqlx_problem(error: &sqlx::Error) -> Option<StoreProblem> {
    match error {
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            match code.parse::<u32>() {
                // SQLite: its extended codes keep the plain one in the low byte.
                Ok(number) if code.len() != 5 => match number & 0xff {
                    // Busy, locked, out of memory.
                    5..=7 => Some(StoreProblem::Busy),
                    8 => Some(StoreProblem::ReadOnly),
                    // An I/O error, a file that cannot be opened.
                    10 | 14 => Some(StoreProblem::IoError),
                    13 => Some(StoreProblem::DiskFull),
                    // A damaged page, no database at all.
                    11 | 26 => Some(StoreProblem::Corrupt),
                    _ => None,
                },
                _ => postgres_problem(&code),
            }
        }
        sqlx::Error::PoolTimedOut => Some(StoreProblem::Busy),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(StoreProblem::Unreachable),
        _ => None,
    }
}

fn postgres_problem(code: &str) -> Option<StoreProblem> {
    let is = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
    match code {
        "53100" => Some(StoreProblem::DiskFull),
        "25006" => Some(StoreProblem::ReadOnly),
        "XX001" | "XX002" => Some(StoreProblem::Corrupt),
        // Out of memory or connections; a deadlock or a conflict with others; a lock or a statement that took too long.
        _ if is(&["53", "40001", "40P01", "55P03", "57014"]) => Some(StoreProblem::Busy),
        // A file that cannot be read or written.
        _ if is(&["58"]) => Some(StoreProblem::IoError),
        // The connection was lost, or shut down by an operator.
        _ if is(&["08", "57P"]) => Some(StoreProblem::Unreachable),
        _ => None,
    }
}
