//! Responses as JSON.

use async_graphql::{BatchResponse, Response as GraphqlResponse, Value};
use async_graphql_axum::GraphQLResponse;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::accept::ResponseFormat;
use crate::graphql::error::{is_refusal, refusal_status};

impl ResponseFormat {
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponseJson => "application/graphql-response+json; charset=utf-8",
        })
    }

    /// The HTTP response to a single request.
    pub(super) fn respond(self, response: GraphqlResponse) -> Response {
        if response.is_ok() {
            return self.respond_with(GraphQLResponse::from(response));
        }
        let status = match self {
            Self::GraphqlResponseJson if is_refusal(&response) => refusal_status(&response),
            _ => StatusCode::OK,
        };
        let body = to_json(&ResponseBody(&response));
        self.respond_with((status, response.http_headers, body))
    }

    /// The HTTP response to a batch.
    pub(super) fn respond_to_batch(self, responses: Vec<GraphqlResponse>) -> Response {
        if responses.iter().all(GraphqlResponse::is_ok) {
            return self.respond_with(GraphQLResponse::from(BatchResponse::Batch(responses)));
        }
        let bodies: Vec<_> = responses.iter().map(ResponseBody).collect();
        self.respond_with(to_json(&bodies))
    }

    /// The library's response, or ours where something failed: the library writes `data` before the errors, and also
    /// where nothing ran.
    fn respond_with(self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, self.content_type());
        response
    }
}

/// A response as the specification wants it: without `data` when nothing ran.
pub(super) struct ResponseBody<'a>(pub(super) &'a GraphqlResponse);

impl Serialize for ResponseBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let GraphqlResponse { data, errors, extensions, .. } = self.0;
        let mut map = serializer.serialize_map(None)?;
        if !errors.is_empty() {
            map.serialize_entry("errors", errors)?;
        }
        if *data != Value::Null || !is_refusal(self.0) {
            map.serialize_entry("data", data)?;
        }
        if !extensions.is_empty() {
            map.serialize_entry("extensions", extensions)?;
        }
        map.end()
    }
}

/// JSON text. Only a map whose keys are not strings could not be written, and there is none.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    /// Clients do not see which of the two a response was made by.
    #[tokio::test]
    async fn a_success_is_written_as_by_us() {
        let response = || {
            let mut response = GraphqlResponse::new(value!({ "n": 1, "nodes": [{ "text": "\u{e9}\"" }, null] }));
            response.extensions.insert("omittedErrors".to_owned(), Value::from(1));
            response
        };
        let ours = to_json(&ResponseBody(&response()));
        for format in [ResponseFormat::Json, ResponseFormat::GraphqlResponseJson] {
            for (made, expected) in [
                (format.respond(response()), ours.clone()),
                (format.respond_to_batch(vec![response(), response()]), format!("[{ours},{ours}]")),
            ] {
                assert_eq!(made.headers()[header::CONTENT_TYPE], format.content_type());
                let body = axum::body::to_bytes(made.into_body(), usize::MAX).await.unwrap();
                assert_eq!(String::from_utf8(body.into()).unwrap(), expected);
            }
        }
    }
}
