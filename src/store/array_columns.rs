//! A batch of rows as one array a column, for statements that only PostgreSQL takes.
//!
//! Arrays travel in their binary form and cost PostgreSQL a fraction of what JSON does
//! (docs/adr/0009-batches-as-arrays.md). The arrays that sea-query binds have no nulls, so a value that does not occur
//! stands for null in columns that may be null: zero, the empty text, the epoch.

use chrono::{DateTime, Utc};
use sea_orm::Value;

/// What a column may consist of.
pub(super) trait Element: Sized {
    /// The type as PostgreSQL names it.
    const TYPE: &'static str;
    /// The value that stands for null, in SQL.
    const NULL: &'static str;

    /// The value that stands for null.
    fn null() -> Self;
}

macro_rules! element {
    ($kind:ty, $name:literal, $null:literal, $value:expr) => {
        impl Element for $kind {
            const TYPE: &'static str = $name;
            const NULL: &'static str = $null;

            fn null() -> Self {
                $value
            }
        }
    };
}

element!(i16, "smallint", "0::smallint", 0);
element!(i32, "integer", "0", 0);
element!(i64, "bigint", "0::bigint", 0);
element!(String, "text", "''", String::new());
element!(DateTime<Utc>, "timestamptz", "timestamptz 'epoch'", DateTime::UNIX_EPOCH);

/// The columns of a batch. Their number and order depend on the statement alone.
#[derive(Debug, Default)]
pub(super) struct ArrayColumns {
    columns: Vec<Column>,
    arrays: Vec<Value>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    /// The type of the elements.
    kind: &'static str,
    /// The expression that reads one.
    read: String,
}

impl ArrayColumns {
    /// Adds a column.
    pub(super) fn with<T: Element>(mut self, name: &'static str, values: impl Iterator<Item = T>) -> Self
    where
        Vec<T>: Into<Value>,
    {
        self.push::<T>(name, name.to_owned(), values.collect());
        self
    }

    /// Adds a column with nulls.
    pub(super) fn with_optional<T: Element>(
        mut self,
        name: &'static str,
        values: impl Iterator<Item = Option<T>>,
    ) -> Self
    where
        Vec<T>: Into<Value>,
    {
        let values = values.map(|value| value.unwrap_or_else(T::null)).collect();
        self.push::<T>(name, format!("nullif({name}, {}) AS {name}", T::NULL), values);
        self
    }

    /// Adds a column of JSON, with nulls.
    pub(super) fn with_json(mut self, name: &'static str, values: impl Iterator<Item = Option<String>>) -> Self {
        let values = values.map(Option::unwrap_or_default).collect();
        self.push::<String>(name, format!("nullif({name}, '')::jsonb AS {name}"), values);
        self
    }

    fn push<T: Element>(&mut self, name: &'static str, read: String, values: Vec<T>)
    where
        Vec<T>: Into<Value>,
    {
        self.columns.push(Column { name, kind: T::TYPE, read });
        self.arrays.push(values.into());
    }

    /// The batch as a table `r`, for a `FROM` clause, whose rows are numbered from 0 as `row_index`. Its parameters are
    /// those from `first` on.
    pub(super) fn table(&self, first: usize) -> String {
        let reads: Vec<_> = self.columns.iter().map(|column| column.read.as_str()).collect();
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        let arrays = (first..).zip(&self.columns).map(|(at, column)| format!("${at}::{}[]", column.kind));
        format!(
            "(SELECT {}, (row_number - 1)::integer AS row_index
              FROM unnest({}) WITH ORDINALITY AS r({}, row_number)) AS r",
            reads.join(", "),
            arrays.collect::<Vec<_>>().join(", "),
            names.join(", "),
        )
    }

    /// How many parameters there are.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The parameters.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.arrays
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_a_table() {
        let columns = ArrayColumns::default()
            .with("id", [1, 2].into_iter())
            .with_optional("name", [None, Some("x".to_owned())].into_iter())
            .with_json("details", [Some("{}".to_owned()), None].into_iter());
        assert_eq!(
            columns.table(3).split_whitespace().collect::<Vec<_>>().join(" "),
            "(SELECT id, nullif(name, '') AS name, nullif(details, '')::jsonb AS details, (row_number - 1)::integer AS \
             row_index FROM unnest($3::integer[], $4::text[], $5::text[]) WITH ORDINALITY AS r(id, name, details, \
             row_number)) AS r"
        );
        assert_eq!(columns.len(), 3);
        let values = [Value::from(vec![1, 2]), Value::from(vec![String::new(), "x".to_owned()])];
        assert_eq!(columns.into_values()[..2], values);
    }
}
