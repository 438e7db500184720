//! The conditions of a query as text, with their parameters. Making that takes a fraction of what a tree of expressions
//! would, and what it is for runs with each request.

use sea_orm::Value;

/// Conditions that all have to hold.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Begins with a condition that has these parameters, as `$1` and so on.
    pub(super) fn new(condition: String, values: impl Into<Vec<Value>>) -> Self {
        Self { text: condition, values: values.into() }
    }

    /// Adds a parameter, and returns what stands for it.
    pub(super) fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Adds a condition.
    pub(super) fn and(&mut self, condition: &str) {
        let and = if self.text.is_empty() { "" } else { " AND " };
        self.text.extend([and, condition]);
    }

    /// Adds a comparison, from an expression with an operator, and the value after it. Returns what stands for that.
    pub(super) fn compare(&mut self, comparison: &str, value: impl Into<Value>) -> String {
        let parameter = self.parameter(value);
        self.and(&format!("{comparison} {parameter}"));
        parameter
    }

    /// Adds that an expression has one of these values, unless there are none.
    pub(super) fn is_one_of<V: Into<Value>>(&mut self, expression: &str, values: impl Iterator<Item = V>) {
        let parameters: Vec<_> = values.map(|value| self.parameter(value)).collect();
        if !parameters.is_empty() {
            self.and(&format!("{expression} IN ({})", parameters.join(", ")));
        }
    }

    /// Adds `LIMIT` and, unless it is the beginning, `OFFSET` as the end of the query, and returns them.
    pub(super) fn rows(&mut self, limit: u64, offset: u64) -> String {
        let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let limit = self.parameter(number(limit));
        match offset {
            0 => format!("LIMIT {limit}"),
            _ => format!("LIMIT {limit} OFFSET {}", self.parameter(number(offset))),
        }
    }

    /// The conditions as they stand after `WHERE`.
    pub(super) fn text(&self) -> &str {
        if self.text.is_empty() { "true" } else { &self.text }
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }
}
