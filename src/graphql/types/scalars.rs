//! Scalars.

use async_graphql::{InputValueError, InputValueResult, Number, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, SecondsFormat, Utc};

/// Checks that a value is one of a scalar of ours. Any value is one of another type.
///
/// # Errors
/// What it would have to be.
pub(crate) fn check_scalar(name: &str, value: &Value) -> Result<(), String> {
    let checked = match (name, value) {
        (_, Value::Null) => Ok(()),
        ("Int64", value) => Int64::read(value).map(drop),
        ("DateTime", value) => Time::read(value).map(drop),
        _ => Ok(()),
    };
    checked.map_err(str::to_owned)
}

/// A 64-bit signed integer, as a JSON number. GraphQL's own `Int` has 32 bits.
#[derive(Clone, Copy)]
pub(crate) struct Int64(pub(crate) i64);

impl Int64 {
    fn read(value: &Value) -> Result<Self, &'static str> {
        let number = if let Value::Number(number) = value { number.as_i64() } else { None };
        number.map(Self).ok_or("must be a whole number of 64 bits")
    }
}

impl From<u64> for Int64 {
    fn from(count: u64) -> Self {
        Self(count.try_into().unwrap_or(i64::MAX))
    }
}

impl From<i32> for Int64 {
    fn from(id: i32) -> Self {
        Self(id.into())
    }
}

/// A 64-bit signed integer, as a JSON number. GraphQL's own `Int` has 32 bits.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Int64 {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::from(self.0))
    }
}

/// An instant in UTC, as RFC 3339 writes it: `2026-03-01T12:00:00Z`. Other offsets are understood.
#[derive(Clone, Copy)]
pub(crate) struct Time(pub(crate) DateTime<Utc>);

impl Time {
    fn read(value: &Value) -> Result<Self, &'static str> {
        let text = if let Value::String(text) = value { text.as_str() } else { "" };
        match DateTime::parse_from_rfc3339(text) {
            // Years of more digits are no RFC 3339, and would not sort as text.
            Ok(time) if (0..=9999).contains(&time.to_utc().year()) => Ok(Self(time.to_utc())),
            _ => Err("must be a time such as 2026-03-01T12:00:00Z (RFC 3339)"),
        }
    }
}

impl From<DateTime<Utc>> for Time {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

/// An instant in UTC, as RFC 3339 writes it: `2026-03-01T12:00:00Z`. Other offsets are understood.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for Time {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// Any JSON value.
pub(crate) struct Json(pub(crate) serde_json::Value);

/// Any JSON value.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}
