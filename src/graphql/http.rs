//! GraphQL over HTTP, to <https://graphql.github.io/graphql-over-http/draft/>.
//!
//! POST takes any operation as JSON, or several in an array. GET takes queries, upgrades to a socket, or
//! shows a browser the explorer. Subscriptions answer with a stream. Bodies of other types are refused, so
//! that a page elsewhere cannot make a browser post here without asking first.

use std::collections::HashMap;

use async_graphql::{Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    Extension,
    body::Body,
    extract::{Query, Request as HttpRequest, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::value::RawValue;

use super::{
    Face,
    answer::Begun,
    error::{error_body, finish, is_refusal, refusal, status_of},
    explorer, protocol,
    request::{Operation, Parameters, read_object},
    run::{Answers, Asker},
    socket,
    stream::{self, Framing},
};
use crate::{
    app::watching::ConnectionPermit,
    domain::{Error, ErrorCode, Result},
    http::{ErrorFormat, ErrorResponse, RequestId, RequestIdentity, read_body, redact_json_error},
};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;
/// How many requests a batch may have.
const MAX_BATCH: usize = 10;
const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";

/// The two media types of one answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Json,
    GraphqlJson,
}

impl MediaType {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlJson => "application/graphql-response+json; charset=utf-8",
        })
    }

    /// The answer to one request. What was refused before anything ran is the client's mistake, which the
    /// newer media type says with a status.
    fn respond(self, response: &GraphqlResponse) -> Response {
        let status = match self {
            Self::GraphqlJson if is_refusal(response) => status_of(response),
            _ => StatusCode::OK,
        };
        let body = protocol::encode(&protocol::Body(response));
        let mut answer = (status, [(header::CONTENT_TYPE, self.content_type())], body).into_response();
        answer.headers_mut().extend(response.http_headers.clone());
        answer
    }

    /// The answer to a batch.
    fn respond_all(self, responses: &[GraphqlResponse]) -> Response {
        let bodies: Vec<_> = responses.iter().map(protocol::Body).collect();
        ([(header::CONTENT_TYPE, self.content_type())], protocol::encode(&bodies)).into_response()
    }
}

/// What a client understands.
#[derive(Clone, Copy)]
struct Accepted {
    /// One answer, in that of the two types that the client wants more.
    one: Option<MediaType>,
    /// A stream. Events come before parts: every client that takes both handles events better.
    stream: Option<Framing>,
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        // Those that do not say understand the older type.
        if headers.get(header::ACCEPT).is_none() {
            return Self { one: Some(MediaType::Json), stream: None };
        }
        let mut accepted = Self { one: None, stream: None };
        let mut best = 0.0;
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for range in values.flat_map(|value| value.split(',')) {
            let range = range.trim().to_ascii_lowercase();
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default();
            let quality = parts.clone().find_map(|part| part.strip_prefix("q=")).map_or(1.0, |quality| {
                // What is no number is no wish.
                quality.parse::<f32>().unwrap_or(0.0)
            });
            if quality <= 0.0 {
                continue;
            }
            let mut one = |media| {
                // Of those that are wanted equally the first counts.
                if quality > best {
                    best = quality;
                    accepted.one = Some(media);
                }
            };
            match media {
                GRAPHQL_JSON => one(MediaType::GraphqlJson),
                JSON | "application/*" | "*/*" => one(MediaType::Json),
                "text/event-stream" => accepted.stream = Some(Framing::Events),
                "multipart/mixed" => {
                    // Clients of Apollo's protocol know heartbeats; others would take them for answers.
                    let heartbeats = parts.any(|part| part.starts_with("subscriptionspec="));
                    accepted.stream.get_or_insert(Framing::Parts { heartbeats });
                }
                _ => {}
            }
        }
        accepted
    }

    /// Refuses a client that understands nothing that is spoken here.
    fn check(self) -> Result<Self> {
        if self.one.is_some() || self.stream.is_some() {
            return Ok(self);
        }
        let message = format!(
            "this address answers {GRAPHQL_JSON} or {JSON}, and streams text/event-stream or multipart/mixed; accept \
             one of them"
        );
        Err(Error::new(ErrorCode::NotAcceptable, message))
    }
}

/// Gives every refusal of this address the shape that GraphQL clients expect: `{"errors": […]}`.
pub(super) async fn shape_refusals(request: HttpRequest, next: Next) -> Response {
    let media = Accepted::of(request.headers()).one.unwrap_or(MediaType::Json);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(ErrorFormat { body: error_body, content_type: media.content_type() });
    response
}

/// What a body holds.
enum Content {
    One(Parameters),
    Batch(Vec<Parameters>),
}

impl Content {
    fn read(body: &[u8]) -> Result<Self> {
        let is_batch = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        let read = match is_batch {
            true => serde_json::from_slice::<Vec<&RawValue>>(body).and_then(|batch| {
                let read = batch.into_iter().map(|request| read_object(request.get().as_bytes()));
                read.collect::<Result<_, _>>().map(Self::Batch)
            }),
            false => read_object(body).map(Self::One),
        };
        let content = read.map_err(|error| {
            let issue = redact_json_error(&error.to_string());
            Error::new(
                ErrorCode::InvalidRequest,
                format!("the body must be a JSON object with `query`, or several in an array: {issue}"),
            )
        })?;
        match &content {
            Self::Batch(batch) if batch.is_empty() => {
                Err(Error::new(ErrorCode::InvalidRequest, "the batch must have at least one request"))
            }
            Self::Batch(batch) if batch.len() > MAX_BATCH => {
                let message = format!("a batch may have at most {MAX_BATCH} requests");
                Err(Error::new(ErrorCode::BatchTooLarge, message).with("limit", MAX_BATCH))
            }
            _ => Ok(content),
        }
    }
}

/// Answers a POST.
pub(super) async fn post(
    Extension(face): Extension<Face>,
    Extension(request_id): Extension<RequestId>,
    identity: RequestIdentity,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let read = async {
        let caller = identity.caller()?;
        let accepted = Accepted::of(&headers).check()?;
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(JSON) {
            let message = "the content type must be application/json";
            return Err(Error::new(ErrorCode::UnsupportedMediaType, message));
        }
        let content = Content::read(&read_body(body, MAX_BODY).await?)?;
        Ok((Asker { caller, client: identity.client, request_id }, accepted, content))
    };
    match read.await {
        Ok((asker, accepted, Content::One(parameters))) => respond(&face, &asker, accepted, parameters, any).await,
        Ok((asker, accepted, Content::Batch(batch))) => respond_all(&face, &asker, accepted, batch).await,
        Err(error) => ErrorResponse(error).into_response(),
    }
}

/// Answers a GET: a socket, the explorer, a query, or a stream.
pub(super) async fn get(
    Extension(face): Extension<Face>,
    Extension(request_id): Extension<RequestId>,
    identity: RequestIdentity,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    Query(address): Query<HashMap<String, String>>,
) -> Response {
    let upgrade_to = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if upgrade_to.eq_ignore_ascii_case("websocket") {
        return match upgrade {
            Ok(upgrade) => socket::accept(face, request_id, identity, &headers, upgrade),
            Err(rejection) => {
                let error = Error::new(ErrorCode::InvalidRequest, rejection.body_text());
                ErrorResponse(error).into_response()
            }
        };
    }
    let names_document = ["query", "documentId", "extensions"].iter().any(|name| address.contains_key(*name));
    if !names_document && explorer::is_wanted(&headers) {
        return explorer::page();
    }
    let read = || {
        let caller = identity.caller()?;
        let accepted = Accepted::of(&headers).check()?;
        Ok((Asker { caller, client: identity.client, request_id }, accepted, parameters_of(address)?))
    };
    match read() {
        Ok((asker, accepted, parameters)) => respond(&face, &asker, accepted, parameters, reads).await,
        Err(error) => ErrorResponse(error).into_response(),
    }
}

fn parameters_of(mut address: HashMap<String, String>) -> Result<Parameters> {
    let mut object = |name: &str| match address.remove(name).filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            let issue = redact_json_error(&error.to_string());
            Error::new(ErrorCode::InvalidRequest, format!("{name}: must be a JSON object: {issue}")).with("field", name)
        }),
        None => Ok(None),
    };
    Ok(Parameters {
        variables: object("variables")?,
        extensions: object("extensions")?,
        query: address.remove("query"),
        document_id: address.remove("documentId"),
        operation_name: address.remove("operationName").filter(|name| !name.is_empty()),
    })
}

/// Which operations a POST may bring.
fn any(_: OperationType) -> Result<()> {
    Ok(())
}

/// Which operations a GET may bring: those that change nothing.
fn reads(kind: OperationType) -> Result<()> {
    match kind {
        OperationType::Mutation => {
            Err(Error::new(ErrorCode::MethodNotAllowed, "mutations may not be sent by GET; use POST"))
        }
        OperationType::Query | OperationType::Subscription => Ok(()),
    }
}

/// How an operation is answered.
enum Way {
    Once(MediaType),
    Stream(Framing, ConnectionPermit),
}

/// One answer where the client takes one and the operation has one; a stream otherwise.
fn choose(face: &Face, asker: &Asker, accepted: Accepted, kind: Option<OperationType>) -> Result<Way> {
    match (accepted, kind) {
        (Accepted { one: None, stream: Some(framing) }, _)
        | (Accepted { stream: Some(framing), .. }, Some(OperationType::Subscription)) => {
            Ok(Way::Stream(framing, face.app.open_connection(&asker.caller, &asker.client)?))
        }
        (Accepted { one: Some(_), stream: None }, Some(OperationType::Subscription)) => Err(Error::new(
            ErrorCode::NotAcceptable,
            "a subscription answers with a stream; accept text/event-stream or multipart/mixed, or use a WebSocket",
        )),
        (Accepted { one, .. }, _) => Ok(Way::Once(one.unwrap_or(MediaType::Json))),
    }
}

async fn respond(
    face: &Face,
    asker: &Asker,
    accepted: Accepted,
    parameters: Parameters,
    allowed: fn(OperationType) -> Result<()>,
) -> Response {
    let read = face.read(parameters);
    let kind = read.as_ref().ok().map(|operation| operation.kind);
    if let Some(Err(error)) = kind.map(allowed) {
        let mut response = ErrorResponse(error).into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let way = match choose(face, asker, accepted, kind) {
        Ok(way) => way,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    match (way, read) {
        // What is no request at all has no answer of its own.
        (Way::Once(_), Err(error)) if error.code() == ErrorCode::InvalidRequest => ErrorResponse(error).into_response(),
        (Way::Once(media), read) => media.respond(&answer(face, asker, read).await),
        (Way::Stream(framing, opened), read) => {
            let request_id = asker.request_id.clone();
            let begun = Begun::default();
            let answers = match read {
                Ok(mut operation) if operation.kind == OperationType::Subscription => {
                    operation.request = operation.request.data(begun.clone());
                    face.subscribe(operation, asker)
                }
                read => Answers::of(answer(face, asker, read).await, request_id.clone()),
            };
            stream::respond(&face.app, framing, answers, begun, opened)
        }
    }
}

/// The answer to one request that was read, or not.
async fn answer(face: &Face, asker: &Asker, read: Result<Operation>) -> GraphqlResponse {
    match read {
        Ok(operation) => face.execute(operation, asker).await,
        Err(error) => {
            let mut response = refusal(error);
            finish(&mut response, &asker.request_id);
            response
        }
    }
}

/// Answers a batch: its requests one after the other, each counted, each with an answer in its place.
async fn respond_all(face: &Face, asker: &Asker, accepted: Accepted, batch: Vec<Parameters>) -> Response {
    let Some(media) = accepted.one else {
        let error = Error::new(ErrorCode::NotAcceptable, "a batch answers with one body; accept application/json");
        return ErrorResponse(error).into_response();
    };
    // The first was counted when the request came.
    let more = u32::try_from(batch.len() - 1).unwrap_or(u32::MAX);
    if more > 0
        && let Err(error) = face.app.must_admit(&asker.caller, &asker.client, more).await
    {
        return ErrorResponse(error).into_response();
    }
    let mut responses = Vec::with_capacity(batch.len());
    for parameters in batch {
        let read = face.read(parameters).and_then(|operation| match operation.kind {
            OperationType::Subscription => {
                Err(Error::new(ErrorCode::NotAcceptable, "a subscription cannot be part of a batch"))
            }
            _ => Ok(operation),
        });
        responses.push(answer(face, asker, read).await);
    }
    media.respond_all(&responses)
}
