//! Responses as JSON.

use async_graphql::{Response as GraphqlResponse, Value};
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
    pub(super) fn respond(self, response: &GraphqlResponse) -> Response {
        let status = match self {
            Self::GraphqlResponseJson if is_refusal(response) => refusal_status(response),
            _ => StatusCode::OK,
        };
        let headers = [(header::CONTENT_TYPE, self.content_type())];
        let mut http_response = (status, headers, to_json(&ResponseBody(response))).into_response();
        http_response.headers_mut().extend(response.http_headers.clone());
        http_response
    }

    /// The HTTP response to a batch.
    pub(super) fn respond_to_batch(self, responses: &[GraphqlResponse]) -> Response {
        let bodies: Vec<_> = responses.iter().map(ResponseBody).collect();
        ([(header::CONTENT_TYPE, self.content_type())], to_json(&bodies)).into_response()
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
