//! What the operator decides about GraphQL.

use std::sync::Arc;

use super::request::documents::AllowedDocuments;

/// What the operator lets GraphQL clients do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether they may ask about the schema.
    pub introspection: bool,
    /// Whether errors suggest names that are close to a wrong one.
    pub suggestions: bool,
    /// The only documents that are run.
    pub documents: Option<Arc<AllowedDocuments>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { introspection: true, suggestions: true, documents: None }
    }
}
