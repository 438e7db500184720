//! The order of an answer: its fields come as the document asks for them
//! (<https://spec.graphql.org/October2021/#sec-Serialized-Map-Ordering>). The library has them in the order
//! in which they were found.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};

/// The keys of an object in an answer, in their order, each with those of what is below it.
#[derive(Debug, Default)]
pub(super) struct Order(IndexMap<Name, Order>);

impl Order {
    /// The order that an operation asks for. The document was checked: written out, it is not too large.
    pub(super) fn of(operation: &OperationDefinition, document: &ExecutableDocument) -> Self {
        let mut order = Self::default();
        order.take(&operation.selection_set.node, &document.fragments, &mut Vec::new());
        order
    }

    fn take<'d>(
        &mut self,
        set: &'d SelectionSet,
        fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
        inside: &mut Vec<&'d Name>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let below = self.0.entry(field.node.response_key().node.clone()).or_default();
                    below.take(&field.node.selection_set.node, fragments, inside);
                }
                Selection::InlineFragment(inline) => {
                    self.take(&inline.node.selection_set.node, fragments, inside);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    // A fragment within itself is refused by the library.
                    if let Some(fragment) = fragments.get(name).filter(|_| !inside.contains(&name)) {
                        inside.push(name);
                        self.take(&fragment.node.selection_set.node, fragments, inside);
                        inside.pop();
                    }
                }
            }
        }
    }

    /// How many keys the answer itself has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts an answer into its order.
    pub(super) fn apply(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let mut found = std::mem::take(fields);
                for (key, below) in &self.0 {
                    if let Some((key, mut field)) = found.swap_remove_entry(key) {
                        below.apply(&mut field);
                        fields.insert(key, field);
                    }
                }
                fields.extend(found);
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            _ => {}
        }
    }
}
