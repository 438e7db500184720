//! The query root. Merging objects puts one more future around those of every later part, so there are few.

mod fields;
mod lists;
mod node;

use async_graphql::MergedObject;

/// What can be read.
#[derive(Default, MergedObject)]
pub(super) struct Query(fields::QueryFields, lists::QueryLists);
