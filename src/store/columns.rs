//! Rows read by position, for those that are read by the hundred: looking up the name of each column in each row would
//! take longer than everything else about reading a page.

use sea_orm::{
    DbErr, QueryResult, RuntimeErr,
    sqlx::{self, Decode, Postgres, Row, Sqlite, postgres::PgRow, sqlite::SqliteRow},
};

/// The columns of a row, from the left.
///
/// Their types are not compared with what the database says of each value: the statement and the row that reads it
/// stand side by side, and tests read every one of them on both databases.
pub(super) struct Columns<'r> {
    row: &'r QueryResult,
    next: usize,
}

/// What a column can be read as, on either database.
pub(super) trait Column<'r>: Decode<'r, Postgres> + Decode<'r, Sqlite> {}

impl<'r, T: Decode<'r, Postgres> + Decode<'r, Sqlite>> Column<'r> for T {}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(super) fn read<T: Column<'r>>(&mut self) -> Result<T, DbErr> {
        let at = self.next;
        self.next += 1;
        let value = match (self.row.try_as_pg_row(), self.row.try_as_sqlite_row()) {
            (Some(row), _) => PgRow::try_get_unchecked(row, at),
            (None, Some(row)) => SqliteRow::try_get_unchecked(row, at),
            (None, None) => Err(sqlx::Error::RowNotFound),
        };
        value.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    /// The next column, which stays the next.
    pub(super) fn peek<T: Column<'r>>(&self) -> Result<T, DbErr> {
        Self { ..*self }.read()
    }
}
