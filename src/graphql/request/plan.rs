//! What is known of a document before its variables are: whether it may run, and its operations. It is worked out once
//! and cached by the text of the document, a refusal too.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use apollo_compiler::{
    ExecutableDocument, Node,
    executable::{Operation, Selection, SelectionSet},
    validation::Valid,
};
use async_graphql::{Value, indexmap::IndexSet};
use moka::sync::Cache;
use serde_json::{Map, Value as Json};

use super::{
    input_positions::NonNullVariables, normalized::NormalizedOperation, size_limits, syntax, text_limits,
    validation::validate, variables::CoercedVariables,
};
use crate::{
    domain::{Error, ErrorCode, Result},
    graphql::{options::Options, refusal::Refusal},
};

/// How many bytes of plans are cached, by an estimate. The cache prefers what is asked for often, so documents that
/// are sent once, as a hostile client can make any number of, do not displace those in use.
const CACHE_CAPACITY: u64 = 16 * 1024 * 1024;
/// How many bytes the syntax tree of a document has for each byte of its text.
const BYTES_PER_BYTE: usize = 60;
/// How many bytes a field has in a normalised form.
const BYTES_PER_FIELD: usize = 250;
/// How many bytes a mistake of a refused document has.
const BYTES_PER_ERROR: usize = 500;
/// How many bytes an entry has besides.
const BYTES_PER_ENTRY: usize = 2 * 1024;
/// How many normalised forms an operation has in the cache at most: there is one for each combination of its
/// conditions.
const MAX_FORMS: usize = 4;

/// The plans of the documents that were asked for lately.
#[derive(Clone)]
pub(crate) struct Plans {
    cache: Cache<Arc<str>, Result<Arc<Plan>, Refusal>>,
    introspection: bool,
    suggestions: bool,
}

impl Plans {
    pub(crate) fn new(options: &Options) -> Self {
        let weigh = |text: &Arc<str>, plan: &Result<Arc<Plan>, Refusal>| {
            let bytes = match plan {
                Ok(plan) => text.len() * BYTES_PER_BYTE + plan.expanded_fields * MAX_FORMS * BYTES_PER_FIELD,
                Err(Refusal::Invalid(errors, _)) => text.len() + errors.len() * BYTES_PER_ERROR,
                Err(Refusal::Error(_)) => text.len() + BYTES_PER_ERROR,
            };
            u32::try_from(bytes + BYTES_PER_ENTRY).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(CACHE_CAPACITY).weigher(weigh).build();
        Self { cache, introspection: options.introspection, suggestions: options.suggestions }
    }

    /// The plan of a document.
    pub(super) fn find(&self, text: &str) -> Result<Arc<Plan>, Refusal> {
        if let Some(known) = self.cache.get(text) {
            return known;
        }
        // Texts beyond the limits are not cached: they would fill it with refusals.
        text_limits::check_text(text)?;
        // Several requests for a new document wait for one of them to plan it.
        self.cache.get_with(text.into(), || self.make(text).map(Arc::new))
    }

    fn make(&self, text: &str) -> Result<Plan, Refusal> {
        let document = syntax::parse(text)?;
        let fields = size_limits::check_document(&document, self.introspection)?;
        let (document, non_null) = validate(&document, text, self.suggestions).map_err(Refusal::of_document)?;
        let operations = document.operations.iter().zip(non_null);
        let operations = operations.map(|(operation, non_null)| PlannedOperation::new(&document, operation, non_null));
        let operations = operations.collect();
        Ok(Plan {
            document,
            expanded_fields: usize::try_from(fields).unwrap_or(usize::MAX),
            operations,
            suggestions: self.suggestions,
        })
    }
}

/// A document that may run.
pub(super) struct Plan {
    document: Valid<ExecutableDocument>,
    /// How many fields the document has, with every use of a fragment expanded.
    expanded_fields: usize,
    operations: Vec<PlannedOperation>,
    suggestions: bool,
}

impl Plan {
    /// The only operation of the document, or the one of this name.
    ///
    /// # Errors
    /// `QUERY_INVALID` if there is none, or several and no name.
    pub(super) fn operation(&self, name: Option<&str>) -> Result<&PlannedOperation> {
        let issue = match (name, self.operations.as_slice()) {
            (None, [only]) => return Ok(only),
            (None, []) => "the document has no operation".to_owned(),
            (None, _) => "Operation name required in request.".to_owned(),
            (Some(name), operations) => {
                let has_name = |planned: &&PlannedOperation| planned.definition.name.as_deref() == Some(name);
                match operations.iter().find(has_name) {
                    Some(found) => return Ok(found),
                    None => format!("Unknown operation named \"{name}\""),
                }
            }
        };
        Err(Error::new(ErrorCode::QueryInvalid, issue))
    }

    /// The values of the variables of an operation.
    ///
    /// # Errors
    /// `QUERY_INVALID` with the path of the first value that is wrong.
    pub(super) fn coerce(&self, operation: &PlannedOperation, given: Map<String, Json>) -> Result<CoercedVariables> {
        CoercedVariables::coerce(&operation.definition, &operation.non_null, given, self.suggestions)
    }

    /// An operation as it is executed with these variables.
    pub(super) fn normalize(
        &self,
        operation: &PlannedOperation,
        variables: &CoercedVariables,
    ) -> Result<Arc<NormalizedOperation>> {
        let value_of = |name: &str| match variables.get(name) {
            Some(Value::Boolean(value)) => Some(*value),
            _ => None,
        };
        let conditions: Vec<_> = operation.conditions.iter().map(|name| value_of(name)).collect();
        let known = operation.forms().iter().find(|(of, _)| *of == conditions).map(|(_, form)| Arc::clone(form));
        if let Some(form) = known {
            return Ok(form);
        }
        let form = Arc::new(NormalizedOperation::new(&self.document, &operation.definition, &value_of)?);
        let mut forms = operation.forms();
        if forms.len() == MAX_FORMS {
            forms.remove(0);
        }
        forms.push((conditions, Arc::clone(&form)));
        Ok(form)
    }
}

/// An operation of a plan.
pub(super) struct PlannedOperation {
    definition: Node<Operation>,
    /// The variables that must not be null.
    non_null: NonNullVariables,
    /// The variables that decide whether something is skipped or included.
    conditions: IndexSet<String>,
    /// The normalised forms for the values that these had lately.
    forms: Mutex<Vec<Form>>,
}

/// A normalised form, with the values of its conditions.
type Form = (Vec<Option<bool>>, Arc<NormalizedOperation>);

impl PlannedOperation {
    fn new(document: &ExecutableDocument, definition: &Node<Operation>, non_null: NonNullVariables) -> Self {
        let mut conditions = IndexSet::new();
        add_conditions(document, &definition.selection_set, &mut HashSet::new(), &mut conditions);
        Self { definition: definition.clone(), non_null, conditions, forms: Mutex::default() }
    }

    fn forms(&self) -> MutexGuard<'_, Vec<Form>> {
        self.forms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add_conditions<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    visited: &mut HashSet<&'d str>,
    conditions: &mut IndexSet<String>,
) {
    for selection in &set.selections {
        let arguments = selection.directives().iter().flat_map(|directive| &directive.arguments);
        conditions.extend(arguments.filter_map(|argument| argument.value.as_variable()).map(ToString::to_string));
        match selection {
            Selection::Field(field) => add_conditions(document, &field.selection_set, visited, conditions),
            Selection::InlineFragment(inline) => add_conditions(document, &inline.selection_set, visited, conditions),
            Selection::FragmentSpread(spread) => {
                if visited.insert(&spread.fragment_name)
                    && let Some(fragment) = document.fragments.get(&spread.fragment_name)
                {
                    add_conditions(document, &fragment.selection_set, visited, conditions);
                }
            }
        }
    }
}
