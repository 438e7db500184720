//! The query root. Each object merged in wraps the futures of all later ones once more, so there are few.

mod fields;
mod lists;
mod node;

use async_graphql::MergedObject;

/// What can be read.
#[derive(Default, MergedObject)]
pub(super) struct Query(fields::QueryFields, lists::QueryLists);
