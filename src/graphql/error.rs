//! Failures as GraphQL errors: one place maps the codes to `extensions.code`.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::http::StatusCode;

use crate::{
    domain::{Error, ErrorCode},
    http::RequestId,
};

/// A verb's failure as a field's error. The failure goes along inside, to be logged at the boundary.
pub(super) fn to_graphql(error: Error) -> async_graphql::Error {
    let (message, extensions) = to_graphql_parts(&error);
    async_graphql::Error { message, extensions: Some(extensions), source: Some(Arc::new(error)) }
}

/// The message and the extensions of a failure, with names as this face writes them.
fn to_graphql_parts(error: &Error) -> (String, ErrorExtensionValues) {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", error.code().name());
    let mut message = error.message().to_owned();
    for (key, value) in error.details() {
        let mut value = value.clone();
        if let ("field", Some(field)) = (key.as_str(), value.as_str()) {
            let name = camel_case(field);
            message = message.replacen(field, &name, 1);
            value = name.into();
        }
        extensions.set(camel_case(key), Value::from_json(value).unwrap_or_default());
    }
    (message, extensions)
}

/// A field's name as this face writes it.
fn camel_case(name: &str) -> String {
    // The keys of a configuration are the adapters' own.
    if name.starts_with("configuration.") {
        return name.to_owned();
    }
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// A failure as the whole answer to a request.
pub(super) fn refusal(error: Error) -> Response {
    Response::from_errors(vec![to_graphql(error).into_server_error(async_graphql::Pos::default()).without_place()])
}

trait WithoutPlace {
    fn without_place(self) -> Self;
}

impl WithoutPlace for ServerError {
    fn without_place(mut self) -> Self {
        self.locations.clear();
        self
    }
}

/// Whether a request was refused before anything of it ran. Errors of fields have paths.
pub(super) fn is_refusal(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// How many errors an answer has. A document with thousands of mistakes does not get thousands of errors.
const MAX_ERRORS: usize = 20;

/// The last step of every answer: logs failures, once, and gives the library's own errors a code.
pub(super) fn finish(response: &mut Response, request_id: &RequestId) {
    for error in &mut response.errors {
        if let Some(failure) = error.source::<Error>() {
            failure.log(&request_id.0);
        }
    }
    if response.errors.len() > MAX_ERRORS {
        let more = response.errors.len() - MAX_ERRORS;
        response.errors.truncate(MAX_ERRORS);
        response.extensions.insert("omittedErrors".to_owned(), Value::from(more));
    }
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            let code = classify(&error.message, error.path.is_empty());
            extensions.set("code", code.name());
            if code == ErrorCode::QuerySyntax {
                // The parser draws the document; clients have it, and logs should not.
                error.message = format!("syntax error: {}", syntax_issue(&error.message));
            }
        }
    }
}

fn classify(message: &str, is_refusal: bool) -> ErrorCode {
    match message {
        "Query is nested too deep." => ErrorCode::QueryTooDeep,
        "Query is too complex." => ErrorCode::QueryTooComplex,
        _ if message.starts_with("The recursion depth of the query") => ErrorCode::QueryTooDeep,
        _ if message.starts_with(" --> ") => ErrorCode::QuerySyntax,
        _ if is_refusal => ErrorCode::QueryInvalid,
        _ => ErrorCode::InvalidRequest,
    }
}

/// The status of an answer to what was refused.
pub(super) fn status_of(refused: &Response) -> StatusCode {
    let extensions = refused.errors.first().and_then(|error| error.extensions.as_ref());
    let code = extensions.and_then(|extensions| match extensions.get("code") {
        Some(Value::String(name)) => ErrorCode::ALL.iter().find(|code| code.name() == name),
        _ => None,
    });
    let status = code.and_then(|code| StatusCode::from_u16(code.status()).ok());
    status.unwrap_or(StatusCode::BAD_REQUEST)
}

/// A failure of the whole request, as GraphQL clients expect it.
pub(super) fn error_body(error: &Error) -> serde_json::Value {
    let error = to_graphql_parts(error);
    serde_json::json!({ "errors": [{ "message": error.0, "extensions": error.1 }] })
}

/// Takes what was expected out of the parser's drawing, which repeats the document.
pub(super) fn syntax_issue(drawing: &str) -> &str {
    drawing.rsplit_once("= ").map_or("not a GraphQL document", |(_, expected)| expected.trim())
}
