//! Failures as GraphQL errors: here alone codes become `extensions.code`.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, Response, Value};
use axum::http::StatusCode;

use crate::domain::{Error, ErrorCode};

/// The failure of a use case as the error of a field. It keeps the failure as its source, to be logged by [`finish`].
pub(super) fn to_graphql(error: Error) -> async_graphql::Error {
    let (message, extensions) = to_graphql_parts(&error);
    async_graphql::Error { message, extensions: Some(extensions), source: Some(Arc::new(error)) }
}

/// The message and the extensions of a failure, with the names of fields in camel case.
fn to_graphql_parts(error: &Error) -> (String, ErrorExtensionValues) {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", error.code().name());
    let mut message = error.message().to_owned();
    for (key, value) in error.details() {
        let mut value = value.clone();
        // What a document or its variables have is named as the client wrote it.
        let is_ours = error.code() != ErrorCode::QueryInvalid;
        if let ("field", Some(field), true) = (key.as_str(), value.as_str(), is_ours) {
            let name = camel_case(field);
            message = message.replacen(field, &name, 1);
            value = name.into();
        }
        extensions.set(camel_case(key), Value::from_json(value).unwrap_or_default());
    }
    (message, extensions)
}

fn camel_case(name: &str) -> String {
    // Each adapter names the keys of its configuration itself.
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

/// The response to a request that is refused as a whole.
pub(super) fn refusal(error: Error) -> Response {
    let mut error = to_graphql(error).into_server_error(Pos::default());
    error.locations.clear();
    Response::from_errors(vec![error])
}

/// Whether a request was refused before anything of it ran. Errors of fields have paths.
pub(super) fn is_refusal(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// How many errors a response has at most, however many mistakes the document has.
pub(super) const MAX_ERRORS: usize = 20;

/// Says how many errors a response does not have.
pub(super) fn tell_omitted(response: &mut Response, omitted: usize) {
    if omitted > 0 {
        response.extensions.insert("omittedErrors".to_owned(), Value::from(omitted));
    }
}

/// The last step of every response: logs its failures and gives the library's own errors a code.
pub(super) fn finish(response: &mut Response) {
    for error in &mut response.errors {
        if let Some(failure) = error.source::<Error>() {
            failure.log_request();
        }
    }
    let omitted = response.errors.len().saturating_sub(MAX_ERRORS);
    response.errors.truncate(MAX_ERRORS);
    tell_omitted(response, omitted);
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            let code = code_of_library_error(&error.message, error.path.is_empty());
            extensions.set("code", code.name());
            if code == ErrorCode::QuerySyntax {
                // The parser quotes the document, which may hold secrets and does not belong in logs.
                error.message = format!("syntax error: {}", syntax_issue(&error.message));
            }
        }
    }
}

fn code_of_library_error(message: &str, is_refusal: bool) -> ErrorCode {
    match message {
        "Query is nested too deep." => ErrorCode::QueryTooDeep,
        "Query is too complex." => ErrorCode::QueryTooComplex,
        _ if message.starts_with("The recursion depth of the query") => ErrorCode::QueryTooDeep,
        _ if message.starts_with(" --> ") => ErrorCode::QuerySyntax,
        _ if is_refusal => ErrorCode::QueryInvalid,
        _ => ErrorCode::InvalidRequest,
    }
}

/// The HTTP status of a refusal.
pub(super) fn refusal_status(refused: &Response) -> StatusCode {
    let extensions = refused.errors.first().and_then(|error| error.extensions.as_ref());
    let code = extensions.and_then(|extensions| match extensions.get("code") {
        Some(Value::String(name)) => ErrorCode::ALL.iter().find(|code| code.name() == name),
        _ => None,
    });
    let status = code.and_then(|code| StatusCode::from_u16(code.status()).ok());
    status.unwrap_or(StatusCode::BAD_REQUEST)
}

/// The body of an HTTP response to a request that is refused as a whole.
pub(super) fn error_body(error: &Error) -> serde_json::Value {
    let (message, extensions) = to_graphql_parts(error);
    serde_json::json!({ "errors": [{ "message": message, "extensions": extensions }] })
}

/// What the parser expected, taken from its message, which quotes the document.
pub(super) fn syntax_issue(message: &str) -> &str {
    message.rsplit_once("= ").map_or("not a GraphQL document", |(_, expected)| expected.trim())
}
