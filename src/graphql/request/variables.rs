//! The values of variables, coerced to their types before anything runs
//! (<https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values>).

use std::collections::HashMap;

use apollo_compiler::{
    Name as TypeName,
    ast::Type,
    executable::Operation,
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Value, indexmap::IndexMap};
use serde_json::{Map, Value as Json};

use super::{input_positions::NonNullVariables, literal};
use crate::{
    domain::{Error, ErrorCode, Result},
    graphql::{definitions::DEFINITIONS, types::scalars::check_scalar},
};

/// The coerced values of the variables of an operation. One that was left out and has no default has none.
#[derive(Debug, Default)]
pub(crate) struct CoercedVariables(HashMap<String, Value>);

impl CoercedVariables {
    /// Coerces the values that came with a request. Those that the operation does not define are ignored.
    ///
    /// # Errors
    /// `QUERY_INVALID` with the path of the first value that is wrong.
    pub(super) fn coerce(
        operation: &Operation,
        non_null: &NonNullVariables,
        mut given: Map<String, Json>,
        suggestions: bool,
    ) -> Result<Self> {
        let mut coerced = HashMap::with_capacity(operation.variables.len());
        let mut coercion = Coercion { path: Vec::new(), suggestions };
        for variable in &operation.variables {
            let (name, ty) = (variable.name.as_str(), &*variable.ty);
            let value = match given.remove(name) {
                Some(Json::Null) if ty.is_non_null() => return Err(required(name, ty)),
                Some(Json::Null) if non_null.contains(name) => {
                    coercion.path = vec![format!("${name}")];
                    return Err(coercion.wrong("must not be null where it is used"));
                }
                Some(value) => {
                    coercion.path = vec![format!("${name}")];
                    Some(coercion.value(ty, value)?)
                }
                None => match &variable.default_value {
                    Some(default) => literal::bind(default, &|_| None),
                    None if ty.is_non_null() => return Err(required(name, ty)),
                    None => None,
                },
            };
            coerced.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(Self(coerced))
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

fn required(name: &str, ty: &Type) -> Error {
    let issue = format!("the variable ${name} of type {ty} is required");
    Error::new(ErrorCode::QueryInvalid, issue).with("field", name)
}

/// Where a coercion is: the name of a variable, then keys and indexes.
struct Coercion {
    path: Vec<String>,
    suggestions: bool,
}

impl Coercion {
    fn value(&mut self, ty: &Type, value: Json) -> Result<Value> {
        match (ty, value) {
            (Type::NonNullNamed(_) | Type::NonNullList(_), Json::Null) => Err(self.wrong("must not be null")),
            (_, Json::Null) => Ok(Value::Null),
            (Type::List(item) | Type::NonNullList(item), Json::Array(items)) => {
                let items = items.into_iter().enumerate().map(|(index, value)| {
                    self.path.push(format!("[{index}]"));
                    let coerced = self.value(item, value);
                    self.path.pop();
                    coerced
                });
                Ok(Value::List(items.collect::<Result<_>>()?))
            }
            // A single value stands for a list of one.
            (Type::List(item) | Type::NonNullList(item), value) => Ok(Value::List(vec![self.value(item, value)?])),
            (Type::Named(name) | Type::NonNullNamed(name), value) => self.named(name, value),
        }
    }

    fn named(&mut self, name: &TypeName, value: Json) -> Result<Value> {
        match (DEFINITIONS.schema.types.get(name), value) {
            (Some(ExtendedType::Enum(definition)), Json::String(text))
                if definition.values.contains_key(text.as_str()) =>
            {
                Ok(Value::Enum(Name::new(text)))
            }
            (Some(ExtendedType::Enum(definition)), _) => {
                let values: Vec<&str> = definition.values.keys().map(TypeName::as_str).collect();
                Err(self.wrong(&format!("must be one of {}", values.join(", "))))
            }
            (Some(ExtendedType::InputObject(definition)), Json::Object(fields)) => {
                self.object(definition, fields).map(Value::Object)
            }
            (Some(ExtendedType::InputObject(_)), _) => Err(self.wrong("must be an object")),
            (_, value) => coerce_scalar(name, value).map_err(|issue| self.wrong(&issue)),
        }
    }

    fn object(&mut self, definition: &InputObjectType, mut given: Map<String, Json>) -> Result<IndexMap<Name, Value>> {
        if let Some(unknown) = given.keys().find(|key| !definition.fields.contains_key(key.as_str())) {
            return Err(self.unknown_field(definition, unknown));
        }
        let mut coerced = IndexMap::with_capacity(given.len());
        for (name, field) in &definition.fields {
            self.path.push(format!(".{name}"));
            let value = match given.remove(name.as_str()) {
                Some(value) => Some(self.value(&field.ty, value)?),
                None => match &field.default_value {
                    Some(default) => literal::bind(default, &|_| None),
                    None if field.ty.is_non_null() => return Err(self.wrong("is missing")),
                    None => None,
                },
            };
            self.path.pop();
            coerced.extend(value.map(|value| (Name::new(name), value)));
        }
        Ok(coerced)
    }

    fn unknown_field(&mut self, definition: &InputObjectType, name: &str) -> Error {
        // The name is the client's own, and may be long.
        let shown: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
        let known = definition.fields.keys().map(TypeName::as_str);
        let near = if self.suggestions { nearest(&shown, known) } else { None };
        let hint = near.map(|name| format!("; did you mean {name}?"));
        self.path.push(format!(".{shown}"));
        self.wrong(&format!("is not defined by {}{}", definition.name, hint.unwrap_or_default()))
    }

    /// The error of a value. It does not repeat the value, which may be a secret.
    fn wrong(&self, issue: &str) -> Error {
        let path = self.path.concat();
        let error = Error::new(ErrorCode::QueryInvalid, format!("{path}: {issue}"));
        error.with("field", path.trim_start_matches('$')).with("issue", issue)
    }
}

/// Coerces to a scalar, ours or one that GraphQL has.
fn coerce_scalar(name: &str, value: Json) -> Result<Value, String> {
    let whole = |value: &Json| value.as_i64().or_else(|| value.as_f64().and_then(exact_integer));
    match name {
        "Int" => match whole(&value).and_then(|number| i32::try_from(number).ok()) {
            Some(number) => Ok(number.into()),
            None => Err("must be a whole number of 32 bits".to_owned()),
        },
        "Float" if value.is_number() => Ok(from_json(value)),
        "Float" => Err("must be a number".to_owned()),
        "String" if value.is_string() => Ok(from_json(value)),
        "String" => Err("must be a string".to_owned()),
        "Boolean" if value.is_boolean() => Ok(from_json(value)),
        "Boolean" => Err("must be true or false".to_owned()),
        "ID" => match whole(&value) {
            Some(number) => Ok(number.into()),
            None if value.is_u64() => Ok(Value::String(value.to_string())),
            None if value.is_string() => Ok(from_json(value)),
            None => Err("must be a string or a whole number".to_owned()),
        },
        name => {
            let value = from_json(value);
            check_scalar(name, &value)?;
            Ok(value)
        }
    }
}

fn from_json(value: Json) -> Value {
    Value::from_json(value).unwrap_or_default()
}

/// A number without a fraction that a double holds exactly, such as `5.0`.
#[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
fn exact_integer(number: f64) -> Option<i64> {
    const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
    (number.fract() == 0.0 && number.abs() <= MAX_SAFE).then_some(number as i64)
}

/// The name that was probably meant.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let scored = known.map(|known| (strsim::normalized_damerau_levenshtein(name, known), known));
    scored.filter(|(score, _)| *score > 0.6).max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}
