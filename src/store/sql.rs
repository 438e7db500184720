//! Statements written as SQL, once for both dialects.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use serde::Serializer;

/// Text that only PostgreSQL understands and needs, such as row locks: SQLite has one writer.
pub(super) fn on_postgres(backend: DbBackend, text: &'static str) -> &'static str {
    if backend == DbBackend::Postgres { text } else { "" }
}

/// A text parameter as an IP address.
pub(super) fn inet(backend: DbBackend, parameter: &str) -> String {
    if backend == DbBackend::Postgres { format!("CAST({parameter} AS inet)") } else { parameter.to_owned() }
}

/// Runs a statement and reads its rows.
pub(super) async fn query<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>, DbErr> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    T::find_by_statement(statement).all(connection).await
}

/// Runs a statement and counts the rows that it changed.
pub(super) async fn execute(
    connection: &impl ConnectionTrait,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}

/// Serializes a time in a JSON parameter. SQLite compares times as text, so it is formatted exactly as the driver does:
/// with `+00:00`, never `Z`.
pub(super) fn time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

/// The same for an optional time.
pub(super) fn optional_time<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => time(at, serializer),
        None => serializer.serialize_none(),
    }
}
