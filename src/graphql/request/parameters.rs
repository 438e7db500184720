//! The parameters of a request (<https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters>).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::documents::DocumentReference;
use crate::domain::{Error, ErrorCode, Result};

/// The parameters of a request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestParameters {
    pub(crate) query: Option<String>,
    pub(crate) document_id: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Option<Map<String, Value>>,
    pub(crate) extensions: Option<Map<String, Value>>,
}

/// Reads a JSON object. serde would also read an array, as the fields in their order.
pub(crate) fn read_object<'de, T: Deserialize<'de>>(text: &'de [u8]) -> serde_json::Result<T> {
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => Err(serde::de::Error::custom("expected an object, not an array")),
        _ => serde_json::from_slice(text),
    }
}

/// `extensions.persistedQuery`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: i32,
    sha256_hash: String,
}

impl RequestParameters {
    /// Whether they have a document, or name one.
    pub(crate) fn has_document(&self) -> bool {
        self.query.is_some() || self.document_id.is_some() || self.persisted_query().is_some()
    }

    /// Takes the document out, or what names it.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for an `extensions.persistedQuery` of another form.
    pub(super) fn take_document(&mut self) -> Result<DocumentReference> {
        let hash = self.persisted_query().map(read_hash).transpose()?;
        Ok(DocumentReference { id: self.document_id.take(), hash, text: self.query.take() })
    }

    fn persisted_query(&self) -> Option<&Value> {
        self.extensions.as_ref()?.get("persistedQuery")
    }
}

fn read_hash(persisted_query: &Value) -> Result<String> {
    match PersistedQuery::deserialize(persisted_query) {
        Ok(persisted) if persisted.version == 1 => Ok(persisted.sha256_hash),
        _ => {
            let issue = "must be { version: 1, sha256Hash: … }";
            let error = Error::new(ErrorCode::InvalidRequest, format!("extensions.persistedQuery: {issue}"));
            Err(error.with("field", "extensions.persistedQuery").with("issue", issue))
        }
    }
}
