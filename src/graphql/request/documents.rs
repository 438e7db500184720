//! Documents that clients name instead of sending them: those that the operator allows, and those that a
//! client has sent once with their hash (Automatic Persisted Queries,
//! <https://www.apollographql.com/docs/apollo-server/performance/apq>).

use std::{collections::HashMap, sync::Arc};

use data_encoding::HEXLOWER;
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{size_limits, syntax, text_limits};
use crate::domain::{Error, ErrorCode, Result};

/// How many bytes of documents are cached. A client sends a document again once it is no longer cached.
const CACHE_CAPACITY: u64 = 8 * 1024 * 1024;

/// The only documents that are run.
#[derive(Debug)]
pub struct AllowedDocuments {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<String, Arc<str>>,
}

/// A file of documents: ids and documents, as Relay and graphql-codegen write them, or Apollo's manifest.
#[derive(Deserialize)]
#[serde(untagged)]
enum DocumentFile {
    Manifest { format: String, operations: Vec<ManifestOperation> },
    Plain(HashMap<String, String>),
}

#[derive(Deserialize)]
struct ManifestOperation {
    id: String,
    body: String,
}

impl AllowedDocuments {
    /// Reads a file of documents.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "must be a JSON object of ids and documents, or a manifest of the format apollo-persisted-query-manifest"
                .to_owned()
        };
        let documents = match serde_json::from_str(text).map_err(|_| wrong())? {
            DocumentFile::Manifest { format, operations } if format == "apollo-persisted-query-manifest" => {
                operations.into_iter().map(|operation| (operation.id, operation.body)).collect()
            }
            DocumentFile::Manifest { .. } => return Err(wrong()),
            DocumentFile::Plain(documents) => documents,
        };
        let mut allowed = Self { by_id: HashMap::new(), by_hash: HashMap::new() };
        for (id, document) in documents {
            text_limits::check_text(&document).map_err(|error| format!("the document `{id}`: {error}"))?;
            let parsed = syntax::parse(&document);
            let parsed = parsed.map_err(|_| format!("the document `{id}` is not GraphQL"))?;
            size_limits::check_document(&parsed, true).map_err(|error| format!("the document `{id}`: {error}"))?;
            let document: Arc<str> = document.into();
            allowed.by_hash.insert(hash_of(&document), Arc::clone(&document));
            allowed.by_id.insert(id, document);
        }
        Ok(allowed)
    }
}

/// The document of a request, or what names it.
#[derive(Debug, Default)]
pub(super) struct DocumentReference {
    /// `documentId`, as the draft of GraphQL over HTTP has it.
    pub(super) id: Option<String>,
    /// The hash of `extensions.persistedQuery`.
    pub(super) hash: Option<String>,
    /// The document itself.
    pub(super) text: Option<String>,
}

/// The documents that requests may name.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    allowed: Option<Arc<AllowedDocuments>>,
    persisted: Cache<String, Arc<str>>,
}

impl Documents {
    pub(crate) fn new(allowed: Option<Arc<AllowedDocuments>>) -> Self {
        let weigh = |_: &String, document: &Arc<str>| u32::try_from(document.len() + 200).unwrap_or(u32::MAX);
        Self { allowed, persisted: Cache::builder().max_capacity(CACHE_CAPACITY).weigher(weigh).build() }
    }

    /// The document of a request.
    pub(super) fn find(&self, reference: DocumentReference) -> Result<String> {
        match &self.allowed {
            Some(allowed) => find_allowed(allowed, reference),
            None => self.find_any(reference),
        }
    }

    fn find_any(&self, reference: DocumentReference) -> Result<String> {
        match reference {
            DocumentReference { text: Some(text), hash: None, .. } => Ok(text),
            DocumentReference { text: Some(text), hash: Some(hash), .. } => {
                text_limits::check_text(&text)?;
                if !hash.eq_ignore_ascii_case(&hash_of(&text)) {
                    let message = "the document does not have the hash that came with it";
                    return Err(Error::new(ErrorCode::PersistedQueryMismatch, message));
                }
                self.persisted.insert(hash_of(&text), text.as_str().into());
                Ok(text)
            }
            DocumentReference { hash: Some(hash), .. } => {
                let found = self.persisted.get(&hash.to_ascii_lowercase());
                found.map(|document| document.as_ref().to_owned()).ok_or_else(not_found)
            }
            DocumentReference { id: Some(_), .. } => Err(not_found()),
            DocumentReference { .. } => {
                let error = Error::new(ErrorCode::InvalidRequest, "query: is missing");
                Err(error.with("field", "query").with("issue", "is missing"))
            }
        }
    }
}

fn find_allowed(allowed: &AllowedDocuments, reference: DocumentReference) -> Result<String> {
    let DocumentReference { id, hash, text } = reference;
    let by_hash = || allowed.by_hash.get(&hash.as_ref()?.to_ascii_lowercase());
    let found = [&id, &hash].into_iter().flatten().find_map(|name| allowed.by_id.get(name)).or_else(by_hash);
    match (found, text) {
        (Some(document), _) => Ok(document.as_ref().to_owned()),
        (None, Some(text)) if allowed.by_hash.contains_key(&hash_of(&text)) => Ok(text),
        // A client that sends the hash alone would send the document next.
        (None, None) if hash.is_some() => Err(not_found()),
        _ => {
            let message = "this server runs only the documents that its operator has listed";
            Err(Error::new(ErrorCode::DocumentNotAllowed, message))
        }
    }
}

/// The error of a hash that is not known: clients compare the message, and send the document next.
fn not_found() -> Error {
    Error::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
}

/// The SHA-256 of a document, in lower-case hexadecimal.
fn hash_of(document: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(document))
}
