//! Failures as GraphQL errors: one place maps the codes to `extensions.code`.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};

use crate::{
    domain::{Code, Error},
    http::RequestId,
};

/// A verb's failure as a field's error. The failure goes along inside, to be logged at the boundary.
pub(super) fn to_graphql(error: Error) -> async_graphql::Error {
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
    async_graphql::Error { message, extensions: Some(extensions), source: Some(Arc::new(error)) }
}

/// A field's name as this face writes it.
fn camel_case(name: &str) -> String {
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

/// The last step of every answer: logs failures, once, and gives the library's own errors a code.
pub(super) fn finish(response: &mut Response, request_id: &RequestId) {
    for error in &mut response.errors {
        if let Some(failure) = error.source::<Error>() {
            failure.log(&request_id.0);
        }
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            let code = classify(&error.message, error.path.is_empty());
            extensions.set("code", code.name());
            if code == Code::QuerySyntax {
                // The parser draws the document; clients have it, and logs should not.
                error.message = syntax_error(&error.message);
            }
        }
    }
}

fn classify(message: &str, is_refusal: bool) -> Code {
    match message {
        "Query is nested too deep." => Code::QueryTooDeep,
        "Query is too complex." => Code::QueryTooComplex,
        _ if message.starts_with("The recursion depth of the query") => Code::QueryTooDeep,
        _ if message.starts_with(" --> ") => Code::QuerySyntax,
        _ if is_refusal => Code::QueryInvalid,
        _ => Code::InvalidRequest,
    }
}

/// Takes what was expected out of the parser's drawing.
fn syntax_error(drawing: &str) -> String {
    match drawing.rsplit_once("= ") {
        Some((_, expected)) => format!("syntax error: {}", expected.trim()),
        None => "syntax error".to_owned(),
    }
}
