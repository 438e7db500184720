//! The order of the fields of a response: that of the document
//! (<https://spec.graphql.org/October2021/#sec-Serialized-Map-Ordering>). The library orders them by when they were
//! resolved.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};

/// The keys of an object of a response, in their order, each with the order of the objects below it.
#[derive(Debug, Default)]
pub(crate) struct FieldOrder(IndexMap<Name, FieldOrder>);

impl FieldOrder {
    /// The order of an operation. The document has passed the size limits: with fragments expanded, it is bounded.
    pub(crate) fn of(operation: &OperationDefinition, document: &ExecutableDocument) -> Self {
        let mut order = Self::default();
        order.add(&operation.selection_set.node, &document.fragments, &mut Vec::new());
        order
    }

    fn add<'d>(
        &mut self,
        set: &'d SelectionSet,
        fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
        open_fragments: &mut Vec<&'d Name>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let below = self.0.entry(field.node.response_key().node.clone()).or_default();
                    below.add(&field.node.selection_set.node, fragments, open_fragments);
                }
                Selection::InlineFragment(inline) => {
                    self.add(&inline.node.selection_set.node, fragments, open_fragments);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    // The library refuses a fragment that spreads itself.
                    if let Some(fragment) = fragments.get(name).filter(|_| !open_fragments.contains(&name)) {
                        open_fragments.push(name);
                        self.add(&fragment.node.selection_set.node, fragments, open_fragments);
                        open_fragments.pop();
                    }
                }
            }
        }
    }

    /// How many keys the root has.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Sorts a response.
    pub(crate) fn apply(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let mut resolved = std::mem::take(fields);
                for (key, below) in &self.0 {
                    if let Some((key, mut field)) = resolved.swap_remove_entry(key) {
                        below.apply(&mut field);
                        fields.insert(key, field);
                    }
                }
                fields.extend(resolved);
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            _ => {}
        }
    }
}
