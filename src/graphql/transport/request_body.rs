//! What a client sends over HTTP: a JSON body, or the query of an address.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use serde_json::value::RawValue;

use crate::{
    domain::{Error, ErrorCode, Result},
    graphql::request::parameters::{RequestParameters, read_object},
    http::{read_body, redact_json_error},
};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;
/// How many requests a batch may have.
const MAX_BATCH: usize = 10;

/// A request, or several in an array.
pub(super) enum RequestBody {
    Single(RequestParameters),
    Batch(Vec<RequestParameters>),
}

impl RequestBody {
    /// Reads the body of a POST. Other types than JSON are refused: a page of another origin could make a browser post
    /// them without a preflight.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self> {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let message = "the content type must be application/json";
            return Err(Error::new(ErrorCode::UnsupportedMediaType, message));
        }
        Self::parse(&read_body(body, MAX_BODY).await?)
    }

    fn parse(body: &[u8]) -> Result<Self> {
        let is_batch = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        let parsed = if is_batch { parse_batch(body).map(Self::Batch) } else { read_object(body).map(Self::Single) };
        let body = parsed.map_err(|error| {
            let issue = redact_json_error(&error.to_string());
            Error::new(
                ErrorCode::InvalidRequest,
                format!("the body must be a JSON object with `query`, or several in an array: {issue}"),
            )
        })?;
        match &body {
            Self::Batch(batch) if batch.is_empty() => {
                Err(Error::new(ErrorCode::InvalidRequest, "the batch must have at least one request"))
            }
            Self::Batch(batch) if batch.len() > MAX_BATCH => {
                let message = format!("a batch may have at most {MAX_BATCH} requests");
                Err(Error::new(ErrorCode::BatchTooLarge, message).with("limit", MAX_BATCH))
            }
            _ => Ok(body),
        }
    }
}

fn parse_batch(body: &[u8]) -> serde_json::Result<Vec<RequestParameters>> {
    let requests: Vec<&RawValue> = serde_json::from_slice(body)?;
    requests.into_iter().map(|request| read_object(request.get().as_bytes())).collect()
}

/// Whether the query of an address has a document, or names one.
pub(super) fn has_document(query: &HashMap<String, String>) -> bool {
    ["query", "documentId", "extensions"].iter().any(|name| query.contains_key(*name))
}

/// Reads the query of an address.
pub(super) fn read_query(mut query: HashMap<String, String>) -> Result<RequestParameters> {
    let mut object = |name: &str| match query.remove(name).filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            let issue = redact_json_error(&error.to_string());
            Error::new(ErrorCode::InvalidRequest, format!("{name}: must be a JSON object: {issue}")).with("field", name)
        }),
        None => Ok(None),
    };
    Ok(RequestParameters {
        variables: object("variables")?,
        extensions: object("extensions")?,
        query: query.remove("query"),
        document_id: query.remove("documentId"),
        operation_name: query.remove("operationName").filter(|name| !name.is_empty()),
    })
}
