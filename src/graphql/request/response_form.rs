//! The form of a response: its keys in the order of the document
//! (<https://spec.graphql.org/October2021/#sec-Serialized-Map-Ordering>), and null in place of what failed
//! (<https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>). The library orders keys by when they were
//! resolved, leaves out a field that failed, and takes an object of which every field failed for null.

use std::collections::HashSet;

use apollo_compiler::ast::Type;
use async_graphql::{Name, PathSegment, Response, Value, indexmap::IndexMap};

use super::normalized::{Field, NormalizedOperation, Selection, TYPE_KEY};

impl NormalizedOperation {
    /// Gives a response its form. One to a request that was refused has none.
    pub(crate) fn shape(&self, response: &mut Response) {
        let mut known = HashSet::new();
        // The library reports the errors of some fields twice.
        response.errors.retain(|error| known.insert((error.message.clone(), written(&error.path))));
        let has_run = response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        if has_run && !(response.errors.is_empty() && has_form_of_object(&self.fields, &response.data)) {
            let parents =
                response.errors.iter().flat_map(|error| (0..error.path.len()).map(|end| written(&error.path[..end])));
            let mut shaper = Shaper { parents_of_errors: parents.collect(), path: Vec::new() };
            let data = std::mem::take(&mut response.data);
            response.data = shaper.object(&self.fields, fields_of(data)).unwrap_or_default();
        }
    }
}

/// A step of the path to a value.
#[derive(Clone, Copy)]
enum Step<'f> {
    Key(&'f str),
    Index(usize),
}

impl<'f> From<&'f PathSegment> for Step<'f> {
    fn from(segment: &'f PathSegment) -> Self {
        match segment {
            PathSegment::Field(name) => Self::Key(name),
            PathSegment::Index(index) => Self::Index(*index),
        }
    }
}

/// A path in one text, to be compared.
fn written<'f>(path: impl IntoIterator<Item = impl Into<Step<'f>>>) -> String {
    path.into_iter().fold(String::new(), |mut text, step| {
        match step.into() {
            Step::Key(name) => text.extend(["/", name]),
            Step::Index(index) => text.extend(["/", &index.to_string()]),
        }
        text
    })
}

fn fields_of(value: Value) -> IndexMap<Name, Value> {
    if let Value::Object(fields) = value { fields } else { IndexMap::new() }
}

/// Whether an object of a response has its form already, as it has when its fields were resolved in order.
fn has_form_of_object(fields: &[Field], value: &Value) -> bool {
    let Value::Object(resolved) = value else { return false };
    fields.len() == resolved.len()
        && fields
            .iter()
            .zip(resolved)
            .all(|(field, (key, value))| field.key == *key && has_form(field.ty(), &field.selection, value))
}

fn has_form(ty: &Type, selection: &Selection, value: &Value) -> bool {
    match (value, selection) {
        (Value::Null, _) => !ty.is_non_null(),
        (Value::List(items), _) if ty.is_list() => items.iter().all(|item| has_form(ty.item_type(), selection, item)),
        (_, Selection::Object(fields)) => has_form_of_object(fields, value),
        // Which fields it has depends on its type, which has to be taken out of it.
        (_, Selection::Abstract(_)) => false,
        _ => true,
    }
}

struct Shaper<'f> {
    /// The paths of the values that have an error somewhere below them.
    parents_of_errors: HashSet<String>,
    path: Vec<Step<'f>>,
}

impl<'f> Shaper<'f> {
    /// An object in its form. `None` if a field of it that must not be null is: the object is null then.
    fn object(&mut self, fields: &'f [Field], mut resolved: IndexMap<Name, Value>) -> Option<Value> {
        if fields.iter().map(|field| &field.key).eq(resolved.keys()) {
            // Nothing is missing, and the keys are in order already: the object stays, and its values are looked at.
            for (field, value) in fields.iter().zip(resolved.values_mut()) {
                self.path.push(Step::Key(&field.key));
                let shaped = self.value(field.ty(), &field.selection, std::mem::take(value));
                self.path.pop();
                *value = shaped?;
            }
            return Some(Value::Object(resolved));
        }
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
        !self.parents_of_errors.is_empty() && self.parents_of_errors.contains(&written(self.path.iter().copied()))
    }
}
