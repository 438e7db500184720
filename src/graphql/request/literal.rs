//! Values as documents write them.

use apollo_compiler::ast::Value as Literal;
use async_graphql::{Name, Number, Value};

/// The value of a literal, with its variables replaced. `None` for a variable without a value, which is as if it were
/// not written: inside a list it is null, inside an object its field is left out
/// (<https://spec.graphql.org/October2021/#sec-Input-Objects.Input-Coercion>).
pub(super) fn bind<'v>(literal: &Literal, variable: &impl Fn(&str) -> Option<&'v Value>) -> Option<Value> {
    Some(match literal {
        Literal::Variable(name) => return variable(name).cloned(),
        Literal::Null => Value::Null,
        Literal::Enum(name) => Value::Enum(Name::new(name)),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Int(digits) => read_integer(digits.as_str()),
        Literal::Float(digits) => read_float(digits.as_str()),
        Literal::List(items) => {
            Value::List(items.iter().map(|item| bind(item, variable).unwrap_or_default()).collect())
        }
        Literal::Object(fields) => Value::Object(
            fields
                .iter()
                .filter_map(|(key, field)| bind(field, variable).map(|value| (Name::new(key), value)))
                .collect(),
        ),
    })
}

/// An integer. One of more than 64 bits stays text: only an ID may have it.
fn read_integer(digits: &str) -> Value {
    let number = digits.parse().map(|number: i64| number.into());
    number.unwrap_or_else(|_| Value::String(digits.to_owned()))
}

/// A number with a fraction or an exponent. One that a double cannot hold stays text, which no type accepts.
fn read_float(digits: &str) -> Value {
    let number = digits.parse().ok().and_then(Number::from_f64);
    number.map_or_else(|| Value::String(digits.to_owned()), Value::Number)
}

/// Whether two literals that validation found to be alike are the same: it takes a list for another that it begins
/// with.
pub(super) fn are_same(one: &Literal, other: &Literal) -> bool {
    match (one, other) {
        (Literal::List(one), Literal::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| are_same(one, other))
        }
        (Literal::Object(one), Literal::Object(other)) => one.iter().all(|(key, value)| {
            other.iter().any(|(other_key, other_value)| key == other_key && are_same(value, other_value))
        }),
        _ => true,
    }
}
