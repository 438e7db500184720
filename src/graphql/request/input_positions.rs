//! What apollo-compiler does not check of the values in a document: keys that are repeated in an input object
//! (<https://spec.graphql.org/October2021/#sec-Input-Object-Field-Uniqueness>), variables inside objects and lists
//! (<https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed>), and our own scalars.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::{Argument, InputValueDefinition, Type, Value as Literal, VariableDefinition},
    executable::{DirectiveList, Operation, Selection, SelectionSet},
    schema::ExtendedType,
};
use async_graphql::{Pos, ServerError};

use super::{literal, syntax::position};
use crate::graphql::{definitions::DEFINITIONS, types::scalars::check_scalar};

/// The variables of an operation that have a nullable type and a default, and stand where null is not allowed. The
/// specification lets them be given null, and their field fail then; we refuse the request before anything of it runs.
pub(super) type NonNullVariables = HashSet<String>;

/// Checks the values of a document that is otherwise valid. For each operation, the variables that must not be null.
///
/// # Errors
/// What is wrong with the values.
pub(super) fn check(document: &ExecutableDocument) -> Result<Vec<NonNullVariables>, Vec<ServerError>> {
    let (mut errors, mut non_null) = (Vec::new(), Vec::new());
    for operation in document.operations.iter() {
        let mut checker =
            Checker { document, operation, visited: HashSet::new(), non_null: HashSet::new(), errors: &mut errors };
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                checker.value(&variable.ty, default, false);
            }
        }
        checker.directives(&operation.directives);
        checker.selections(&operation.selection_set);
        non_null.push(checker.non_null);
    }
    if errors.is_empty() { Ok(non_null) } else { Err(errors) }
}

/// Checks what one operation uses.
struct Checker<'d, 'e> {
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    /// The fragments that were visited.
    visited: HashSet<&'d Name>,
    non_null: NonNullVariables,
    errors: &'e mut Vec<ServerError>,
}

impl<'d> Checker<'d, '_> {
    fn selections(&mut self, set: &'d SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments, &field.definition.arguments);
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(inline) => self.selections(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.visited.insert(&fragment.name)
                    {
                        self.directives(&fragment.directives);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &DirectiveList) {
        for directive in directives.iter() {
            if let Some(definition) = DEFINITIONS.schema.directive_definitions.get(&directive.name) {
                self.arguments(&directive.arguments, &definition.arguments);
            }
        }
    }

    fn arguments(&mut self, arguments: &[Node<Argument>], definitions: &[Node<InputValueDefinition>]) {
        for argument in arguments {
            if let Some(definition) = definitions.iter().find(|definition| definition.name == argument.name) {
                self.value(&definition.ty, &argument.value, definition.default_value.is_some());
            }
        }
    }

    /// Checks the value of a position, which may have a default value of its own.
    fn value(&mut self, ty: &Type, value: &Node<Literal>, has_default: bool) {
        match (value.as_ref(), ty) {
            (Literal::Variable(name), _) => {
                let variable = self.operation.variables.iter().find(|variable| variable.name == *name);
                if ty.is_non_null() && variable.is_some_and(|variable| !variable.ty.is_non_null()) {
                    self.non_null.insert(name.to_string());
                }
                if variable.is_none() {
                    self.refuse(value, format!("Variable \"${name}\" is not defined"));
                }
                if let Some(variable) = variable.filter(|variable| !may_stand(variable, ty, has_default)) {
                    let (name, given) = (&variable.name, &variable.ty);
                    self.refuse(
                        value,
                        format!("Variable \"${name}\" of type \"{given}\" used in position expecting type \"{ty}\""),
                    );
                }
            }
            (Literal::Null, _) => {}
            (Literal::List(items), Type::List(item) | Type::NonNullList(item)) => {
                items.iter().for_each(|value| self.value(item, value, false));
            }
            // A single value stands for a list of one.
            (_, Type::List(item) | Type::NonNullList(item)) => self.value(item, value, false),
            (_, Type::Named(name) | Type::NonNullNamed(name)) => self.named_value(name, value),
        }
    }

    fn named_value(&mut self, type_name: &Name, value: &Node<Literal>) {
        match (DEFINITIONS.schema.types.get(type_name), value.as_object()) {
            (Some(ExtendedType::InputObject(definition)), Some(fields)) => {
                self.distinct_keys(fields);
                for (key, value) in fields {
                    if let Some(field) = definition.fields.get(key) {
                        self.value(&field.ty, value, field.default_value.is_some());
                    }
                }
            }
            _ => {
                self.untyped_value(value);
                if let Some(bound) = literal::bind(value, &|_| None)
                    && let Err(issue) = check_scalar(type_name, &bound)
                {
                    self.refuse(value, format!("Invalid value of type \"{type_name}\": {issue}"));
                }
            }
        }
    }

    /// Checks a value inside a scalar, as JSON is. Its variables have no type to be checked against.
    fn untyped_value(&mut self, value: &Node<Literal>) {
        match value.as_ref() {
            Literal::Variable(name) if self.operation.variables.iter().all(|variable| variable.name != *name) => {
                self.refuse(value, format!("Variable \"${name}\" is not defined"));
            }
            Literal::List(items) => items.iter().for_each(|item| self.untyped_value(item)),
            Literal::Object(fields) => {
                self.distinct_keys(fields);
                fields.iter().for_each(|(_, value)| self.untyped_value(value));
            }
            _ => {}
        }
    }

    fn distinct_keys(&mut self, fields: &[(Name, Node<Literal>)]) {
        let mut keys = HashSet::new();
        for (key, value) in fields {
            if !keys.insert(key) {
                self.refuse(value, format!("There can be only one input field named \"{key}\""));
            }
        }
    }

    fn refuse(&mut self, value: &Node<Literal>, message: String) {
        let at: Pos = position(value.location(), &self.document.sources);
        self.errors.push(ServerError::new(message, Some(at)));
    }
}

/// Whether a variable may stand in a position of this type
/// (<https://spec.graphql.org/October2021/#IsVariableUsageAllowed()>).
fn may_stand(variable: &VariableDefinition, position: &Type, has_default: bool) -> bool {
    if position.is_non_null() && !variable.ty.is_non_null() {
        let has_own_default = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
        return (has_own_default || has_default) && variable.ty.is_assignable_to(&position.clone().nullable());
    }
    variable.ty.is_assignable_to(position)
}
