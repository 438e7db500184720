//! An operation as it is executed: fragments expanded, conditions decided, and every response key once in a selection
//! (<https://spec.graphql.org/October2021/#CollectFields()>). async-graphql would run a repeated key twice and not
//! follow fragments at the root of a subscription.
//!
//! The same tree gives responses their form: `response_form`.

use std::collections::HashSet;

use apollo_compiler::{
    Name as ApolloName, Node,
    ast::Type,
    executable::{self, DirectiveList, ExecutableDocument, Operation, OperationType as ApolloOperationType},
};
use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{
        DocumentOperations, ExecutableDocument as LibraryDocument, Field as LibraryField, InlineFragment,
        OperationDefinition, OperationType, Selection as LibrarySelection, SelectionSet, TypeCondition,
    },
};

use super::{literal, syntax::position, variables::CoercedVariables};
use crate::{
    domain::{Error, ErrorCode, Result},
    graphql::definitions::DEFINITIONS,
};

/// The response key under which an object tells its type where the client has not asked for it. No client's key is
/// empty.
pub(super) const TYPE_KEY: &str = "";

/// An operation as it is executed.
#[derive(Debug)]
pub(crate) struct NormalizedOperation {
    pub(super) kind: OperationType,
    pub(super) fields: Vec<Field>,
}

impl NormalizedOperation {
    /// How many requests it counts as: a mutation as many as it has fields, which run one after the other as if each
    /// had been sent by itself.
    pub(crate) fn cost(&self) -> u32 {
        match self.kind {
            // One that skips all of its fields is a request all the same.
            OperationType::Mutation => u32::try_from(self.fields.len()).unwrap_or(u32::MAX).max(1),
            OperationType::Query | OperationType::Subscription => 1,
        }
    }

    /// Whether it asks for nothing but the schema.
    pub(crate) fn is_introspection(&self) -> bool {
        self.kind == OperationType::Query && self.fields.iter().all(|field| field.name.starts_with("__"))
    }
}

/// A field that is selected.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: Name,
    name: Name,
    node: Node<executable::Field>,
    pos: Pos,
    pub(super) selection: Selection,
}

impl Field {
    pub(super) fn ty(&self) -> &Type {
        &self.node.definition.ty
    }
}

/// What is selected of the value of a field.
#[derive(Debug)]
pub(super) enum Selection {
    /// The value of a scalar or an enum.
    Leaf,
    Object(Vec<Field>),
    /// Of an interface or a union: for each type that the object may have.
    Abstract(Vec<(Name, Vec<Field>)>),
}

/// The kind of an operation, as the library calls it.
pub(super) fn kind_of(operation: &Operation) -> OperationType {
    match operation.operation_type {
        ApolloOperationType::Query => OperationType::Query,
        ApolloOperationType::Mutation => OperationType::Mutation,
        ApolloOperationType::Subscription => OperationType::Subscription,
    }
}

impl NormalizedOperation {
    /// Normalises an operation of a valid document, which has passed the limits on documents. `condition` is the value
    /// of a variable that decides whether something is skipped or included.
    ///
    /// # Errors
    /// `QUERY_INVALID` for arguments of one response key that differ.
    pub(super) fn new(
        document: &ExecutableDocument,
        operation: &Operation,
        condition: &dyn Fn(&str) -> Option<bool>,
    ) -> Result<Self> {
        let collector = Collector { document, condition };
        let set = &operation.selection_set;
        Ok(Self { kind: kind_of(operation), fields: collector.fields(&set.ty, &[set])? })
    }

    /// The document for the library to execute: this operation, with the values of its variables in it.
    pub(super) fn bind(&self, variables: &CoercedVariables) -> LibraryDocument {
        let operation = OperationDefinition {
            ty: self.kind,
            variable_definitions: Vec::new(),
            directives: Vec::new(),
            selection_set: bind_fields(&self.fields, Pos::default(), variables),
        };
        LibraryDocument {
            operations: DocumentOperations::Single(Positioned::new(operation, Pos::default())),
            fragments: Default::default(),
        }
    }
}

fn bind_fields(fields: &[Field], pos: Pos, variables: &CoercedVariables) -> Positioned<SelectionSet> {
    let mut items: Vec<_> = fields.iter().map(|field| bind_field(field, variables)).collect();
    if items.is_empty() {
        // The library would take an object of which nothing is selected for null.
        items.push(type_field(pos));
    }
    Positioned::new(SelectionSet { items }, pos)
}

fn bind_field(field: &Field, variables: &CoercedVariables) -> Positioned<LibrarySelection> {
    let pos = field.pos;
    let at = |name: &Name| Positioned::new(name.clone(), pos);
    let arguments = field.node.arguments.iter().filter_map(|argument| {
        let value = literal::bind(&argument.value, &|name| variables.get(name))?;
        Some((Positioned::new(Name::new(&argument.name), pos), Positioned::new(value.into_value(), pos)))
    });
    let selection_set = match &field.selection {
        Selection::Leaf => Positioned::new(SelectionSet::default(), pos),
        Selection::Object(fields) => bind_fields(fields, pos, variables),
        Selection::Abstract(types) => {
            let fragments = types.iter().filter(|(_, fields)| !fields.is_empty()).map(|(name, fields)| {
                let fragment = InlineFragment {
                    type_condition: Some(Positioned::new(TypeCondition { on: at(name) }, pos)),
                    directives: Vec::new(),
                    selection_set: bind_fields(fields, pos, variables),
                };
                Positioned::new(LibrarySelection::InlineFragment(Positioned::new(fragment, pos)), pos)
            });
            let items = std::iter::once(type_field(pos)).chain(fragments).collect();
            Positioned::new(SelectionSet { items }, pos)
        }
    };
    let bound = LibraryField {
        alias: (field.key != field.name).then(|| at(&field.key)),
        name: at(&field.name),
        arguments: arguments.collect(),
        directives: Vec::new(),
        selection_set,
    };
    Positioned::new(LibrarySelection::Field(Positioned::new(bound, pos)), pos)
}

/// Asks an object for its type.
fn type_field(pos: Pos) -> Positioned<LibrarySelection> {
    let field = LibraryField {
        alias: Some(Positioned::new(Name::new(TYPE_KEY), pos)),
        name: Positioned::new(Name::new("__typename"), pos),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::default(),
    };
    Positioned::new(LibrarySelection::Field(Positioned::new(field, pos)), pos)
}

/// The fields of one selection by their response keys, each as often as it is written.
type Collected<'d> = IndexMap<&'d ApolloName, Vec<&'d Node<executable::Field>>>;

struct Collector<'d> {
    document: &'d ExecutableDocument,
    condition: &'d dyn Fn(&str) -> Option<bool>,
}

impl<'d> Collector<'d> {
    /// The fields that are selected of an object of a type.
    fn fields(&self, object: &str, sets: &[&'d executable::SelectionSet]) -> Result<Vec<Field>> {
        let (mut collected, mut visited) = (Collected::default(), HashSet::new());
        for set in sets {
            self.collect(object, set, &mut collected, &mut visited);
        }
        collected.into_iter().map(|(key, nodes)| self.merge(key, &nodes)).collect()
    }

    fn collect(
        &self,
        object: &str,
        set: &'d executable::SelectionSet,
        collected: &mut Collected<'d>,
        visited: &mut HashSet<&'d ApolloName>,
    ) {
        for selection in &set.selections {
            if !self.is_included(selection.directives()) {
                continue;
            }
            match selection {
                executable::Selection::Field(field) => {
                    collected.entry(field.response_key()).or_default().push(field);
                }
                executable::Selection::InlineFragment(inline) => {
                    if inline.type_condition.as_ref().is_none_or(|condition| DEFINITIONS.applies(condition, object)) {
                        self.collect(object, &inline.selection_set, collected, visited);
                    }
                }
                executable::Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment.filter(|fragment| visited.insert(&fragment.name))
                        && DEFINITIONS.applies(fragment.type_condition(), object)
                    {
                        self.collect(object, &fragment.selection_set, collected, visited);
                    }
                }
            }
        }
    }

    /// One field of all those that have the same response key.
    fn merge(&self, key: &ApolloName, nodes: &[&'d Node<executable::Field>]) -> Result<Field> {
        let Some((&first, others)) = nodes.split_first() else {
            return Err(Error::internal("a response key without a field"));
        };
        if others.iter().any(|other| !have_same_arguments(first, other)) {
            let issue = format!("Fields \"{key}\" conflict because they have differing arguments");
            return Err(Error::new(ErrorCode::QueryInvalid, issue));
        }
        let sets: Vec<&executable::SelectionSet> = nodes.iter().map(|node| &node.selection_set).collect();
        let type_name = first.definition.ty.inner_named_type();
        let selection = if first.selection_set.selections.is_empty() {
            Selection::Leaf
        } else if let Some(types) = DEFINITIONS.possible_types(type_name) {
            let types = types.iter().map(|object| Ok((Name::new(object), self.fields(object, &sets)?)));
            Selection::Abstract(types.collect::<Result<_>>()?)
        } else {
            Selection::Object(self.fields(type_name, &sets)?)
        };
        Ok(Field {
            key: Name::new(key),
            name: Name::new(&first.name),
            pos: position(first.location(), &self.document.sources),
            node: first.clone(),
            selection,
        })
    }

    fn is_included(&self, directives: &DirectiveList) -> bool {
        for (name, includes_if) in [("skip", false), ("include", true)] {
            let condition = directives.get(name).and_then(|directive| directive.specified_argument_by_name("if"));
            let Some(condition) = condition else { continue };
            let value = match condition.as_variable() {
                Some(variable) => (self.condition)(variable),
                None => condition.to_bool(),
            };
            // Null was refused with the variables.
            if value != Some(includes_if) {
                return false;
            }
        }
        true
    }
}

/// Whether two fields that validation let be merged have the same arguments.
fn have_same_arguments(one: &executable::Field, other: &executable::Field) -> bool {
    one.arguments.iter().all(|argument| {
        let same = other.specified_argument_by_name(&argument.name);
        same.is_some_and(|value| literal::are_same(&argument.value, value))
    })
}
