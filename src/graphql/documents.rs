//! Documents that clients name instead of sending: those that the operator allows, and those that a
//! client has sent once with their hash (Automatic Persisted Queries,
//! <https://www.apollographql.com/docs/apollo-server/performance/apq>).

use std::{collections::HashMap, sync::Arc};

use data_encoding::HEXLOWER;
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::limits;
use crate::domain::{Error, ErrorCode, Result};

/// How many bytes of documents are remembered. Clients send again what was forgotten.
const REMEMBERED: u64 = 8 * 1024 * 1024;

/// The only documents that are run.
#[derive(Debug)]
pub struct AllowedDocuments {
    by_id: HashMap<String, Arc<str>>,
    by_digest: HashMap<String, Arc<str>>,
}

/// A file of documents: ids and documents, as Relay and graphql-codegen write them, or a manifest of Apollo.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Manifest { format: String, operations: Vec<Operation> },
    Plain(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl AllowedDocuments {
    /// Reads a file of documents.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "must be a JSON object of ids and documents, or a manifest of the format apollo-persisted-query-manifest"
                .to_owned()
        };
        let documents = match serde_json::from_str(text).map_err(|_| wrong())? {
            File::Manifest { format, operations } if format == "apollo-persisted-query-manifest" => {
                operations.into_iter().map(|operation| (operation.id, operation.body)).collect()
            }
            File::Manifest { .. } => return Err(wrong()),
            File::Plain(documents) => documents,
        };
        let mut allowed = Self { by_id: HashMap::new(), by_digest: HashMap::new() };
        for (id, document) in documents {
            limits::check_text(&document).map_err(|error| format!("the document `{id}`: {error}"))?;
            let parsed = async_graphql::parser::parse_query(&document);
            let parsed = parsed.map_err(|_| format!("the document `{id}` is not GraphQL"))?;
            limits::check_document(&parsed, true).map_err(|error| format!("the document `{id}`: {error}"))?;
            let document: Arc<str> = document.into();
            allowed.by_digest.insert(digest(&document), Arc::clone(&document));
            allowed.by_id.insert(id, document);
        }
        Ok(allowed)
    }
}

/// How a request names its document.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// `documentId`, as the draft of GraphQL over HTTP has it.
    pub(super) id: Option<String>,
    /// The hash of `extensions.persistedQuery`.
    pub(super) hash: Option<String>,
    /// The document itself.
    pub(super) text: Option<String>,
}

/// What documents there are.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    allowed: Option<Arc<AllowedDocuments>>,
    remembered: Cache<String, Arc<str>>,
}

impl Documents {
    pub(super) fn new(allowed: Option<Arc<AllowedDocuments>>) -> Self {
        let weigh = |_: &String, document: &Arc<str>| u32::try_from(document.len() + 200).unwrap_or(u32::MAX);
        Self { allowed, remembered: Cache::builder().max_capacity(REMEMBERED).weigher(weigh).build() }
    }

    /// The document that a request means.
    pub(super) fn find(&self, named: Named) -> Result<String> {
        match &self.allowed {
            Some(allowed) => find_allowed(allowed, named),
            None => self.find_any(named),
        }
    }

    fn find_any(&self, named: Named) -> Result<String> {
        match named {
            Named { text: Some(text), hash: None, .. } => Ok(text),
            Named { text: Some(text), hash: Some(hash), .. } => {
                limits::check_text(&text)?;
                if !hash.eq_ignore_ascii_case(&digest(&text)) {
                    let message = "the document does not have the hash that came with it";
                    return Err(Error::new(ErrorCode::PersistedQueryMismatch, message));
                }
                self.remembered.insert(digest(&text), text.as_str().into());
                Ok(text)
            }
            Named { hash: Some(hash), .. } => {
                let found = self.remembered.get(&hash.to_ascii_lowercase());
                found.map(|document| document.as_ref().to_owned()).ok_or_else(not_found)
            }
            Named { id: Some(_), .. } => Err(not_found()),
            Named { .. } => {
                let error = Error::new(ErrorCode::InvalidRequest, "query: is missing");
                Err(error.with("field", "query").with("issue", "is missing"))
            }
        }
    }
}

fn find_allowed(allowed: &AllowedDocuments, named: Named) -> Result<String> {
    let Named { id, hash, text } = named;
    let by_hash = || allowed.by_digest.get(&hash.as_ref()?.to_ascii_lowercase());
    let by_name = [&id, &hash].into_iter().flatten().find_map(|name| allowed.by_id.get(name)).or_else(by_hash);
    match (by_name, text) {
        (Some(document), _) => Ok(document.as_ref().to_owned()),
        (None, Some(text)) if allowed.by_digest.contains_key(&digest(&text)) => Ok(text),
        // A client that sends the hash alone would send the document next.
        (None, None) if hash.is_some() => Err(not_found()),
        _ => {
            let message = "this server runs only the documents that its operator has listed";
            Err(Error::new(ErrorCode::DocumentNotAllowed, message))
        }
    }
}

/// Clients wait for this very message.
fn not_found() -> Error {
    Error::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
}

/// The SHA-256 of a document, in hexadecimal.
fn digest(document: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(document))
}
