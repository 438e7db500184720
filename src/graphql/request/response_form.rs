//! The form of a response: its keys in the order of the document
//! (<https://spec.graphql.org/October2021/#sec-Serialized-Map-Ordering>), and null in place of what failed
//! (<https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>). The library orders keys by when they were
//! resolved, leaves out a field that failed, and takes an object of which every field failed for null.

use apollo_compiler::ast::Type;
use async_graphql::{Name, PathSegment, Response, ServerError, Value, indexmap::IndexMap};

use super::normalized::{Field, NormalizedOperation, Selection, TYPE_KEY};

impl NormalizedOperation {
    /// Gives a response its form. One to a request that was refused has none.
    pub(crate) fn shape(&self, response: &mut Response) {
        let errors = &mut response.errors;
        let mut known = Vec::with_capacity(errors.len());
        errors.retain(|error| {
            // The library reports the errors of some fields twice.
            let key = (error.message.clone(), error.path.clone());
            let is_new = !known.contains(&key);
            known.push(key);
            is_new
        });
        let has_run = response.data != Value::Null || errors.iter().any(|error| !error.path.is_empty());
        if has_run {
            let mut shaper = Shaper { errors, path: Vec::new() };
            let data = std::mem::take(&mut response.data);
            response.data = shaper.object(&self.fields, fields_of(data)).unwrap_or_default();
        }
    }
}

fn fields_of(value: Value) -> IndexMap<Name, Value> {
    if let Value::Object(fields) = value { fields } else { IndexMap::new() }
}

/// A step of the path to a value.
enum Step<'f> {
    Key(&'f Name),
    Index(usize),
}

struct Shaper<'r, 'f> {
    errors: &'r [ServerError],
    path: Vec<Step<'f>>,
}

impl<'f> Shaper<'_, 'f> {
    /// An object in its form. `None` if a field of it that must not be null is: the object is null then.
    fn object(&mut self, fields: &'f [Field], mut resolved: IndexMap<Name, Value>) -> Option<Value> {
        let mut shaped = IndexMap::with_capacity(fields.len());
        for field in fields {
            let value = resolved.swap_remove(&field.key).unwrap_or_default();
            self.path.push(Step::Key(&field.key));
            let value = self.value(field.ty(), &field.selection, value);
            self.path.pop();
            shaped.insert(field.key.clone(), value?);
        }
        Some(Value::Object(shaped))
    }

    /// A value in its form. `None` if it is null and must not be.
    fn value(&mut self, ty: &Type, selection: &'f Selection, value: Value) -> Option<Value> {
        let shaped = match (value, selection) {
            (Value::List(items), _) if ty.is_list() => self.list(ty.item_type(), selection, items),
            (Value::Object(resolved), Selection::Object(fields)) => self.object(fields, resolved),
            (Value::Object(mut resolved), Selection::Abstract(types)) => {
                let type_name = resolved.swap_remove(TYPE_KEY);
                let fields =
                    types.iter().find(|(name, _)| matches!(&type_name, Some(Value::String(is)) if is == name.as_str()));
                fields.and_then(|(_, fields)| self.object(fields, resolved))
            }
            (Value::Null, Selection::Object(fields)) if !ty.is_list() && self.failed_below() => {
                self.object(fields, IndexMap::new())
            }
            (Value::Null, _) => None,
            (value, _) => Some(value),
        };
        if ty.is_non_null() { shaped } else { Some(shaped.unwrap_or_default()) }
    }

    fn list(&mut self, item: &Type, selection: &'f Selection, items: Vec<Value>) -> Option<Value> {
        let items = items.into_iter().enumerate().map(|(index, value)| {
            self.path.push(Step::Index(index));
            let value = self.value(item, selection, value);
            self.path.pop();
            value
        });
        items.collect::<Option<_>>().map(Value::List)
    }

    /// Whether something below this value failed, so that the value itself was there.
    fn failed_below(&self) -> bool {
        self.errors.iter().any(|error| {
            error.path.len() > self.path.len()
                && self.path.iter().zip(&error.path).all(|(step, segment)| match (step, segment) {
                    (Step::Key(key), PathSegment::Field(name)) => key.as_str() == name,
                    (Step::Index(index), PathSegment::Index(number)) => index == number,
                    _ => false,
                })
        })
    }
}
