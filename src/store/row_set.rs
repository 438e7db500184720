//! A batch of rows as one parameter of a statement.

use sea_orm::{ColumnTrait, ColumnType, DbBackend, Value};
use serde::Serialize;

use crate::domain::{Error, Result};

/// The columns of a batch that a statement reads from its first parameter, a JSON array of objects.
///
/// A batch of any size is one parameter, so the text of the statement never changes: it is parsed and planned once per
/// connection, and the number of round trips does not grow with the batch. The types are those of the entities'
/// columns, which a test compares with the tables.
#[derive(Clone, Debug)]
pub(super) struct RowSet(Vec<(&'static str, &'static str)>);

impl RowSet {
    /// Columns of an entity, by their own names.
    pub(super) fn of<C: ColumnTrait>(columns: impl IntoIterator<Item = C>) -> Self {
        Self(columns.into_iter().map(|column| (column.as_str(), sql_type(column))).collect())
    }

    /// Adds a column that has the type of an entity's column and a name of its own.
    pub(super) fn with(mut self, name: &'static str, like: impl ColumnTrait) -> Self {
        self.0.push((name, sql_type(like)));
        self
    }

    /// The names of the columns, as a list in a statement.
    pub(super) fn names(&self) -> String {
        self.0.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The batch as a table `r`, for a `FROM` clause.
    pub(super) fn table(&self, backend: DbBackend) -> String {
        if backend == DbBackend::Postgres {
            let columns: Vec<_> = self.0.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
            format!("json_to_recordset($1::text::json) AS r({})", columns.join(", "))
        } else {
            let columns = self.0.iter().map(|(name, kind)| {
                let arrow = if *kind == "jsonb" { "->" } else { "->>" };
                format!("value {arrow} '{name}' AS {name}")
            });
            format!("(SELECT {} FROM json_each($1)) AS r", columns.collect::<Vec<_>>().join(", "))
        }
    }

    /// The parameter for rows whose fields have the names of the columns.
    pub(super) fn parameter<T: Serialize>(rows: &[T]) -> Result<Value> {
        Ok(Value::from(serde_json::to_string(rows).map_err(Error::internal)?))
    }
}

/// The type of a column as PostgreSQL names it, without a length.
pub(super) fn sql_type(column: impl ColumnTrait) -> &'static str {
    match column.def().get_column_type() {
        ColumnType::SmallInteger => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInteger => "bigint",
        ColumnType::String(_) | ColumnType::Text => "text",
        ColumnType::Boolean => "boolean",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        ColumnType::JsonBinary => "jsonb",
        ColumnType::Inet => "inet",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::entity::message::Column;

    #[test]
    fn a_batch_is_a_table_on_both_databases() {
        let rows = RowSet::of([Column::Id, Column::Metadata, Column::ReceivedAt]).with("owner", Column::UserId);
        assert_eq!(rows.names(), "id, metadata, received_at, owner");
        assert_eq!(
            rows.table(DbBackend::Postgres),
            "json_to_recordset($1::text::json) AS r(id bigint, metadata jsonb, received_at timestamptz, owner integer)"
        );
        assert_eq!(
            rows.table(DbBackend::Sqlite),
            "(SELECT value ->> 'id' AS id, value -> 'metadata' AS metadata, value ->> 'received_at' AS received_at, \
             value ->> 'owner' AS owner FROM json_each($1)) AS r"
        );
    }
}
