//! Persistence: users, numbers, inboxes and messages, in SQLite or PostgreSQL.
//!
//! This is the only place that names `sea_orm`. Entities stay inside; what leaves are values of [`crate::domain`].
//! Finders take the owner first: a query without an owner is for administrators or for the path of a message, and says
//! so in its name. Lookups return an `Option`, and lists leave out what they do not find.
//!
//! Every function that talks to the database fails with `UNAVAILABLE` when the database is away, has no connection to
//! spare, or is locked for too long. Their documentation names only the errors beyond that.
//!
//! SQLite has one writer, so everything that writes shares its single writing connection while reads go to a pool
//! beside it. On PostgreSQL the receiver has connections of its own, and everything else shares a pool, whose
//! connections see messages only as far as `row_security` lets them. A [`Tx`] carries everything that happens inside
//! one transaction.
//!
//! In reading order:
//!
//! - The database: `connect`, `reachability`, `probe`, `schema`, `sqlite_file`, `backup`, `row_security`, `errors`,
//!   `statement_metrics`.
//! - Kit: `sql`, `row_set`, `conditions`, `columns`, `paging`. The tables as rows: `entity`.
//! - Receiving: `arrivals`, `receiving`, `receipts`, `multipart`, `reports`, `timelines`, `blocked_senders`.
//! - Watching and reading: `inboxes`, `messages`, `message_changes`.
//! - Numbers: `numbers`, `rentals`, `pools`, `leases`, `lease_queue`, `idempotency`.
//! - Accounts: `users`, `invitations`, `recovery`, `sessions`, `api_keys`, `audit`.
//! - Providers: `providers`, `provider_activity`, `otp_patterns`.
//! - Maintenance: `jobs`, `settlement`, `partitions`, `purging`, `usage`, `stats`.

mod api_keys;
mod array_columns;
mod arrivals;
mod audit;
mod backup;
mod blocked_senders;
mod columns;
mod conditions;
mod connect;
mod entity;
mod errors;
mod idempotency;
mod inboxes;
mod invitations;
mod jobs;
mod lease_queue;
mod leases;
mod login_networks;
mod message_changes;
mod messages;
mod multipart;
mod number_finder;
mod number_row;
mod numbers;
mod otp_patterns;
mod paging;
mod partitions;
mod pools;
mod probe;
mod provider_activity;
mod providers;
mod purging;
mod reachability;
mod receipts;
mod receiving;
mod recovery;
mod rentals;
mod reports;
mod row_security;
mod row_set;
mod schema;
mod sessions;
mod settlement;
mod sql;
mod sqlite_file;
mod statement_metrics;
mod stats;
mod timelines;
mod usage;
mod users;

use sea_orm::{DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

pub use api_keys::FoundApiKey;
pub use arrivals::{Arrival, Settled};
pub use audit::NewAudit;
pub use entity::{EntityColumn, entities};
pub use idempotency::PriorRequest;
pub use inboxes::{InboxPage, InboxState};
pub use jobs::JobState;
pub use lease_queue::{LeaseQueue, Place};
pub use leases::{LeasableNumber, NewLease, NewestLease};
pub use multipart::{HeldPart, HoldOutcome, MultipartKey, NewPart, PartialMessageId};
pub use number_finder::Viewer;
pub use number_row::AsOf;
pub use numbers::NewNumber;
pub use provider_activity::Activity;
pub use providers::{SealedSecret, SealedSecrets};
pub use purging::Expired;
pub use receipts::{Claim, Nonce, Receipt};
pub use receiving::{LeaseInterval, Metadata, NewMessage, Route};
pub use reports::{NewReport, SettledPart, StoredReport};
pub use schema::MigrationStatus;
pub use sessions::{NewSession, PresentedCredential, Rotation, StoredSession};
pub use sqlite_file::{DatabaseFile, FileLock};
pub use stats::PlatformCounts;
pub use usage::{RollUp, Usage};
pub use users::{Holder, Login, NewUser, ProfileChange};

pub(crate) use statement_metrics::StatementMetrics;

use self::{
    number_finder::NumberFinder,
    reachability::{Server, SharedProbe},
};
use crate::{
    coalescer::Coalescer,
    domain::{Error, Result},
};

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// For the receiver and the few jobs that work for it: readers do not make it wait for a connection, and a
    /// connection that always runs the same statements has them prepared.
    receive: DatabaseConnection,
    /// The server, unless the database is embedded.
    server: Option<Server>,
    probe: SharedProbe,
    statements: StatementMetrics,
    number_finder: Coalescer<NumberFinder>,
}

/// A transaction. Dropping it before [`Tx::commit`] rolls it back.
#[derive(Debug)]
pub struct Tx(DatabaseTransaction);

impl Store {
    /// How many statements were sent to the database since it was opened.
    #[must_use]
    pub fn count_statements(&self) -> u64 {
        self.statements.count()
    }

    /// Calls `observer` with every statement that is sent from now on, and whether its connection may write, for tests
    /// of query plans. Only the first observer is called.
    pub fn observe_statements(&self, observer: impl Fn(&str, bool) + Send + Sync + 'static) {
        self.statements.set_observer(Box::new(observer));
    }

    /// Starts a transaction that may write.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_on(&self.write).await
    }

    /// Starts a transaction of the receiver, or of a job that works for it. Each has one at a time.
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
        match run_to_completion(async move { connection.begin_with_options(options).await }).await? {
            Ok(transaction) => Ok(Tx(transaction)),
            Err(error) => Err(self.explain(error).await),
        }
    }
}

/// Runs the start of a transaction to its end, even when the caller is cancelled meanwhile.
///
/// The driver learns that there is a transaction when the database has answered. Cancelled before that, the connection
/// would go back to the pool with a transaction open that nothing ends, and what the next users of that connection
/// write would never be committed.
async fn run_to_completion<T: Send + 'static>(begin: impl Future<Output = T> + Send + 'static) -> Result<T> {
    tokio::spawn(begin).await.map_err(Error::internal)
}

impl Tx {
    /// Makes everything that was done in the transaction durable.
    ///
    /// # Errors
    /// When the commit fails. Then nothing was stored, or, if the connection was lost, it is unknown whether it was.
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}
