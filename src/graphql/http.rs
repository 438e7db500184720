//! GraphQL over HTTP, to <https://graphql.github.io/graphql-over-http/draft/>.
//!
//! POST takes any operation as JSON. GET takes queries, upgrades to a socket, or shows a browser
//! the explorer. Bodies of other types are refused, so that a page elsewhere cannot make a browser
//! post here without asking first.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Request, Response as GraphqlResponse, Value as ConstValue, Variables,
    parser::{
        parse_query,
        types::{OperationDefinition, OperationType},
    },
};
use axum::{
    Extension,
    body::Body,
    extract::{Query, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Face,
    error::{finish, is_refusal, refusal},
    explorer, limits, socket,
};
use crate::{
    domain::{Caller, Client, Code, Error, Result},
    http::{Asking, Refusal, RequestId, read_body, without_value},
};

/// The largest request that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;
const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";

/// A request, as a body or as the query of an address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// Nothing is read from these.
    #[serde(default, rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Parameters {
    /// Checks the document against the limits and parses it.
    pub(super) fn into_request(self) -> Result<(Request, OperationType)> {
        let query = self.query.ok_or_else(|| {
            Error::new(Code::InvalidRequest, "query: is missing").with("field", "query").with("issue", "is missing")
        })?;
        limits::check_text(&query)?;
        let mut request = Request::new(query);
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        if let Some(variables) = self.variables {
            request = request.variables(Variables::from_json(serde_json::Value::Object(variables)));
        }
        let document = parse_query(&request.query).map_err(|error| {
            let (message, at) = (error.to_string(), error.positions().next().unwrap_or_default());
            let expected = message.rsplit_once("= ").map_or("not a GraphQL document", |(_, expected)| expected.trim());
            Error::new(Code::QuerySyntax, format!("syntax error at line {}, column {}: {expected}", at.line, at.column))
                .with("line", at.line)
                .with("column", at.column)
        })?;
        limits::check_size(&document)?;
        let mut operations = document.operations.iter();
        let named = |name: Option<&str>| name == request.operation_name.as_deref();
        let operation = match (operations.next(), operations.next()) {
            (Some((_, only)), None) => Some(only),
            _ => document
                .operations
                .iter()
                .find(|(name, _)| named(name.map(|name| name.as_str())))
                .map(|(_, found)| found),
        };
        if let Some(operation) = operation {
            check_variables(&operation.node, &request.variables)?;
        }
        // One that is not there is refused by the library, with the reason.
        let kind = operation.map_or(OperationType::Query, |operation| operation.node.ty);
        request.set_parsed_query(document);
        Ok((request, kind))
    }
}

/// Refuses a request without a variable that its operation must have. The library would find out
/// only when a field asks for it.
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<()> {
    let missing = operation.variable_definitions.iter().map(|definition| &definition.node).find(|definition| {
        let is_required = !definition.var_type.node.nullable && definition.default_value.is_none();
        let given = variables.get(&definition.name.node);
        is_required && matches!(given, None | Some(ConstValue::Null))
    });
    match missing {
        Some(definition) => {
            let name = &definition.name.node;
            let issue = format!("the variable ${name} of type {} is required", definition.var_type.node);
            Err(Error::new(Code::QueryInvalid, issue).with("field", name.as_str()))
        }
        None => Ok(()),
    }
}

/// Which of the two media types a client understands. The older one is for those that do not say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Json,
    GraphqlJson,
}

impl MediaType {
    fn of(headers: &HeaderMap) -> Result<Self> {
        let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut accepted = accept.flat_map(|value| value.split(',')).map(|range| {
            let mut parts = range.split(';');
            let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let refused = parts.any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            if refused { String::new() } else { media }
        });
        if headers.get(header::ACCEPT).is_none() {
            return Ok(Self::Json);
        }
        let known = accepted.find_map(|media| match media.as_str() {
            GRAPHQL_JSON => Some(Self::GraphqlJson),
            JSON | "application/*" | "*/*" => Some(Self::Json),
            _ => None,
        });
        known.ok_or_else(|| {
            Error::new(
                Code::NotAcceptable,
                format!("this address answers {GRAPHQL_JSON} or {JSON}; accept one of them"),
            )
        })
    }

    /// The answer. A request that was refused before anything ran is the client's mistake, which the
    /// newer media type says with a status.
    fn respond(self, mut response: GraphqlResponse, request_id: &RequestId) -> Response {
        finish(&mut response, request_id);
        let refused = is_refusal(&response);
        let status = match self {
            Self::GraphqlJson if refused => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        let body = super::protocol::encode_response(&response);
        let media = match self {
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
            Self::GraphqlJson => HeaderValue::from_static("application/graphql-response+json; charset=utf-8"),
        };
        let mut answer = (status, [(header::CONTENT_TYPE, media)], body).into_response();
        answer.headers_mut().extend(response.http_headers);
        answer
    }
}

/// Answers a POST.
pub(super) async fn post(
    Extension(face): Extension<Face>,
    Extension(request_id): Extension<RequestId>,
    asking: Asking,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = async {
        let media = MediaType::of(&headers)?;
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(JSON) {
            let message = "the content type must be application/json";
            return Err(Error::new(Code::UnsupportedMediaType, message));
        }
        Ok((media, asking.caller()?, read_body(body, MAX_BODY).await?))
    };
    let (media, caller, body) = match request.await {
        Ok(request) => request,
        Err(error) => return Refusal(error).into_response(),
    };
    match serde_json::from_slice::<Parameters>(&body) {
        Ok(parameters) => run(&face, caller, asking.client, request_id, media, parameters, |_| Ok(())).await,
        Err(error) => {
            let issue = without_value(&error.to_string());
            let message = format!("the body must be a JSON object with `query`: {issue}");
            let error = Error::new(Code::InvalidRequest, message);
            Refusal(error).into_response()
        }
    }
}

/// Answers a GET: a socket, the explorer, or a query.
pub(super) async fn get(
    Extension(face): Extension<Face>,
    Extension(request_id): Extension<RequestId>,
    asking: Asking,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    Query(address): Query<HashMap<String, String>>,
) -> Response {
    let upgrade_to = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if upgrade_to.eq_ignore_ascii_case("websocket") {
        return match upgrade {
            Ok(upgrade) => socket::accept(face, request_id, asking, &headers, upgrade),
            Err(rejection) => {
                let error = Error::new(Code::InvalidRequest, rejection.body_text());
                Refusal(error).into_response()
            }
        };
    }
    if !address.contains_key("query") && explorer::is_wanted(&headers) {
        return explorer::page();
    }
    let request = async {
        let media = MediaType::of(&headers)?;
        Ok((media, asking.caller()?, parameters_of(address)?))
    };
    match request.await {
        Ok((media, caller, parameters)) => {
            let must_be_query = |kind| match kind {
                OperationType::Query => Ok(()),
                _ => Err(Error::new(Code::MethodNotAllowed, "only queries may be sent by GET; use POST")),
            };
            run(&face, caller, asking.client, request_id, media, parameters, must_be_query).await
        }
        Err(error) => Refusal(error).into_response(),
    }
}

fn parameters_of(mut address: HashMap<String, String>) -> Result<Parameters> {
    let mut object = |name: &str| match address.remove(name).filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            let issue = without_value(&error.to_string());
            Error::new(Code::InvalidRequest, format!("{name}: must be a JSON object: {issue}")).with("field", name)
        }),
        None => Ok(None),
    };
    Ok(Parameters {
        variables: object("variables")?,
        _extensions: object("extensions")?,
        query: address.remove("query"),
        operation_name: address.remove("operationName").filter(|name| !name.is_empty()),
    })
}

async fn run(
    face: &Face,
    caller: Caller,
    client: Arc<Client>,
    request_id: RequestId,
    media: MediaType,
    parameters: Parameters,
    allowed: impl FnOnce(OperationType) -> Result<()>,
) -> Response {
    let (request, kind) = match parameters.into_request() {
        Ok(parsed) => parsed,
        Err(error) if error.code() == Code::InvalidRequest => {
            return Refusal(error).into_response();
        }
        Err(error) => return media.respond(refusal(error), &request_id),
    };
    if let Err(error) = allowed(kind) {
        let mut response = Refusal(error).into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let request = face.prepare(request, caller, client, request_id.clone());
    media.respond(face.schema.execute(request).await, &request_id)
}
