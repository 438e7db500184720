//! Row security: whether a query sees the messages of one inbox, or all of them.
//!
//! On PostgreSQL a connection sees no messages until its transaction has set a scope (the migration
//! `m22_message_row_security` explains how). Every query names the inbox in its text as well; row security is the
//! second line of defence, for a query that forgets to. SQLite has only the first.

use std::{sync::Arc, time::Instant};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, FromQueryResult, QueryResult, RuntimeErr,
    Statement, Values,
    prelude::async_trait::async_trait,
    sqlx::{self, AssertSqlSafe, Executor, PgPool, Postgres},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::{StatementMetrics, Store, Tx, run_to_completion, sql::query};
use crate::{
    domain::{Result, UserId},
    fault_injection::{self, Guarantee},
};

/// The messages that a transaction may see and change.
#[derive(Clone, Copy, Debug)]
pub(super) enum InboxScope {
    /// The messages of one inbox.
    Inbox(UserId),
    /// All messages, including those in quarantine.
    All,
}

impl InboxScope {
    /// The connection option of the receiver: its connections see all messages.
    pub(super) const OPTION_ALL: (&str, &str) = ("otpwire.scope", "all");
    /// The connection option of all others: they see no messages until a transaction sets a scope.
    pub(super) const OPTION_NAMED: (&str, &str) = ("otpwire.scope", "named");

    fn setting(self) -> String {
        match self {
            Self::Inbox(UserId(owner)) => format!("SET LOCAL otpwire.inbox = '{owner}'"),
            Self::All => "SET LOCAL otpwire.scope = 'all'".to_owned(),
        }
    }
}

/// The condition that a message is in its owner's inbox, from the column and the parameter with the owner. Every query
/// of messages has it.
pub(super) fn is_in_inbox(column: &str, owner: &str) -> String {
    match fault_injection::is_disabled(Guarantee::InboxFilter) {
        true => format!("({column} = {owner} OR {column} IS NOT NULL)"),
        false => format!("{column} = {owner}"),
    }
}

/// A query of messages that sets its scope itself, so that reading an inbox is one statement outside any transaction.
/// `page` selects from `messages` by the condition [`is_in_scope`]; its rows come with the state of the inbox, or with
/// nulls if there are none.
///
/// The scope is set before any message is looked at: the page depends on the row that sets it, so PostgreSQL cannot but
/// evaluate that first. Were it otherwise, the query would find nothing.
pub(super) fn within_inbox(backend: DbBackend, page: &str, owner: &str) -> String {
    let (set, lateral) = match backend {
        DbBackend::Postgres => ("set_config('otpwire.inbox', user_id::text, true)::integer", "LATERAL"),
        _ => ("user_id", ""),
    };
    format!(
        "SELECT scope.last_seq, page.* FROM (SELECT {set} AS inbox, last_seq FROM inboxes WHERE user_id = {owner}) AS scope
         LEFT JOIN {lateral} ({page}) AS page ON true"
    )
}

/// The condition of a query for [`within_inbox`] that a message is in the inbox.
pub(super) fn is_in_scope(backend: DbBackend, column: &str, owner: &str) -> String {
    match backend {
        DbBackend::Postgres if !fault_injection::is_disabled(Guarantee::InboxFilter) => {
            format!("{column} = scope.inbox")
        }
        _ => is_in_inbox(column, owner),
    }
}

/// A connection for reading messages in a scope.
pub(super) enum InboxConnection {
    /// SQLite: only the text of a query limits what it sees.
    Plain(DatabaseConnection),
    /// PostgreSQL: a read-only transaction that has set the scope. It is never committed: when it is dropped, the pool
    /// rolls it back, and no caller waits for that.
    Scoped(Mutex<sqlx::Transaction<'static, Postgres>>, StatementMetrics),
}

impl Store {
    /// A connection for reading messages in a scope. Beginning the transaction and setting the scope are one round
    /// trip.
    pub(super) async fn inbox_connection(&self, scope: InboxScope) -> Result<InboxConnection> {
        if self.is_sqlite() {
            return Ok(InboxConnection::Plain(self.read.clone()));
        }
        let pool: PgPool = self.read.get_postgres_connection_pool().clone();
        let begin = AssertSqlSafe(format!("BEGIN READ ONLY; {}", scope.setting()));
        let begun = run_to_completion(async move { pool.begin_with(begin).await }).await?;
        match begun {
            Ok(begun) => Ok(InboxConnection::Scoped(Mutex::new(begun), self.statements.clone())),
            Err(error) => Err(self.explain(query_error(error)).await),
        }
    }

    /// Why row security is not in force, or nothing if it is.
    pub async fn find_row_security_gap(&self) -> Result<Option<&'static str>> {
        #[derive(FromQueryResult)]
        struct Found {
            is_active: bool,
            has_scope: bool,
        }
        if self.is_sqlite() {
            return Ok(None);
        }
        let sql = "SELECT row_security_active('messages') AS is_active,
                          coalesce(current_setting('otpwire.scope', true) = 'named', false) AS has_scope";
        let found: Vec<Found> = query(&self.read, sql.to_owned(), []).await?;
        Ok(found.first().and_then(|found| match (found.is_active, found.has_scope) {
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
    /// Sets the scope for the rest of the transaction.
    pub(super) async fn set_inbox_scope(&self, scope: InboxScope) -> Result<()> {
        if self.0.get_database_backend() == DbBackend::Postgres {
            self.0.execute_unprepared(&scope.setting()).await?;
        }
        Ok(())
    }
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A statement of sea-orm as one of sqlx.
fn sqlx_query(statement: &Statement) -> sqlx::query::Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

#[async_trait]
impl ConnectionTrait for InboxConnection {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Plain(connection) => connection.get_database_backend(),
            Self::Scoped(..) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Plain(connection) => connection.execute_raw(statement).await,
            Self::Scoped(tx, statements) => {
                let (started, mut tx) = (Instant::now(), tx.lock().await);
                let done = tx.execute(sqlx_query(&statement)).await;
                statements.record(&statement.sql, started.elapsed(), done.is_err());
                done.map(Into::into).map_err(query_error)
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Plain(connection) => connection.execute_unprepared(sql).await,
            Self::Scoped(tx, _) => {
                let done = tx.lock().await.execute(AssertSqlSafe(sql.to_owned())).await;
                done.map(Into::into).map_err(query_error)
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Plain(connection) => connection.query_one_raw(statement).await,
            Self::Scoped(..) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Plain(connection) => connection.query_all_raw(statement).await,
            Self::Scoped(tx, statements) => {
                let (started, mut tx) = (Instant::now(), tx.lock().await);
                let rows = tx.fetch_all(sqlx_query(&statement)).await;
                statements.record(&statement.sql, started.elapsed(), rows.is_err());
                Ok(rows.map_err(query_error)?.into_iter().map(Into::into).collect())
            }
        }
    }
}
