//! How far a query of messages reaches: into one inbox, or into all of them.
//!
//! On PostgreSQL a connection sees no messages until its transaction says whose (`m22_message_row_security`, which
//! tells why). Queries name the inbox in their text all the same: this is the second wall, and holds when one of them
//! forgets. On SQLite there is the first alone.

use std::{sync::Arc, time::Instant};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, FromQueryResult, QueryResult,
    RuntimeErr, Statement, Values,
    prelude::async_trait::async_trait,
    sea_query::Expr,
    sqlx::{self, AssertSqlSafe, Executor, PgPool, Postgres},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::{Meter, Store, Tx, entity::message::Column, sql::query, unbroken};
use crate::{
    domain::{Result, UserId},
    fault_injection::{self, Guarantee},
};

/// Whose messages are seen and changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum InboxScope {
    /// The messages of one inbox.
    Inbox(UserId),
    /// Everybody's, and those in quarantine.
    All,
}

impl InboxScope {
    /// The connection option of a connection that only receives.
    pub(super) const OPTION_ALL: (&str, &str) = ("otpwire.scope", "all");
    /// The connection option of every other: it sees no messages until it is told whose.
    pub(super) const OPTION_NAMED: (&str, &str) = ("otpwire.scope", "named");

    fn setting(self) -> String {
        match self {
            Self::Inbox(UserId(owner)) => format!("SET LOCAL otpwire.inbox = '{owner}'"),
            Self::All => "SET LOCAL otpwire.scope = 'all'".to_owned(),
        }
    }
}

/// The first wall: that a message is in the inbox of an owner. Every query of messages has this in its text, with the
/// column and the parameter that holds the owner.
pub(super) fn is_in_inbox(column: &str, owner: &str) -> String {
    match fault_injection::is_disabled(Guarantee::InboxFilter) {
        true => format!("({column} = {owner} OR {column} IS NOT NULL)"),
        false => format!("{column} = {owner}"),
    }
}

/// The same for a query that is built.
pub(super) fn is_of(owner: UserId) -> Expr {
    match fault_injection::is_disabled(Guarantee::InboxFilter) {
        true => Column::UserId.is_not_null(),
        false => Column::UserId.eq(owner.0),
    }
}

/// A connection that reads messages, and knows whose.
pub(super) enum InboxConnection {
    /// Nothing but the text of the query says whose.
    Unbound(DatabaseConnection),
    /// A transaction that reads, which has told PostgreSQL. It is never committed: dropped, it ends on its way back to
    /// the pool, and nobody waits for that.
    Bound(Mutex<sqlx::Transaction<'static, Postgres>>, Meter),
}

impl Store {
    /// Opens messages for reading. Beginning and telling whose are one round trip.
    pub(super) async fn see(&self, reach: InboxScope) -> Result<InboxConnection> {
        if self.is_sqlite() {
            return Ok(InboxConnection::Unbound(self.read.clone()));
        }
        let pool: PgPool = self.read.get_postgres_connection_pool().clone();
        let begin = AssertSqlSafe(format!("BEGIN READ ONLY; {}", reach.setting()));
        let begun = unbroken(async move { pool.begin_with(begin).await }).await?;
        Ok(InboxConnection::Bound(Mutex::new(begun.map_err(query_error)?), self.meter.clone()))
    }

    /// Why PostgreSQL would not keep inboxes apart if a query forgot to, or nothing where it would.
    pub async fn find_row_security_gap(&self) -> Result<Option<&'static str>> {
        #[derive(FromQueryResult)]
        struct Found {
            is_bound: bool,
            is_declared: bool,
        }
        if self.is_sqlite() {
            return Ok(None);
        }
        let sql = "SELECT row_security_active('messages') AS is_bound,
                          coalesce(current_setting('otpwire.scope', true) = 'named', false) AS is_declared";
        let found: Vec<Found> = query(&self.read, sql.to_owned(), []).await?;
        Ok(found.first().and_then(|found| match (found.is_bound, found.is_declared) {
            (false, _) => Some(
                "row-level security does not bind the role of database_url, which is a superuser or has BYPASSRLS: \
                 use an ordinary role that owns its database",
            ),
            (true, false) => Some(
                "something between otpwire and PostgreSQL drops the options of connections (statement_timeout, \
                 otpwire.scope), so row-level security does not know this program: let a pooler pass them on",
            ),
            (true, true) => None,
        }))
    }
}

impl Tx {
    /// Opens messages for the rest of the transaction.
    pub(super) async fn reach(&self, reach: InboxScope) -> Result<()> {
        if self.0.get_database_backend() == DbBackend::Postgres {
            self.0.execute_unprepared(&reach.setting()).await?;
        }
        Ok(())
    }
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A statement as the driver takes it.
fn bound(statement: &Statement) -> sqlx::query::Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

#[async_trait]
impl ConnectionTrait for InboxConnection {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Unbound(connection) => connection.get_database_backend(),
            Self::Bound(..) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Unbound(connection) => connection.execute_raw(statement).await,
            Self::Bound(tx, meter) => {
                let (started, mut tx) = (Instant::now(), tx.lock().await);
                let done = tx.execute(bound(&statement)).await;
                meter.note(started.elapsed(), done.is_err());
                done.map(Into::into).map_err(query_error)
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Unbound(connection) => connection.execute_unprepared(sql).await,
            Self::Bound(tx, _) => {
                let done = tx.lock().await.execute(AssertSqlSafe(sql.to_owned())).await;
                done.map(Into::into).map_err(query_error)
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Unbound(connection) => connection.query_one_raw(statement).await,
            Self::Bound(..) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Unbound(connection) => connection.query_all_raw(statement).await,
            Self::Bound(tx, meter) => {
                let (started, mut tx) = (Instant::now(), tx.lock().await);
                let rows = tx.fetch_all(bound(&statement)).await;
                meter.note(started.elapsed(), rows.is_err());
                Ok(rows.map_err(query_error)?.into_iter().map(Into::into).collect())
            }
        }
    }
}
