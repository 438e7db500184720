//! POST takes any operation as JSON, or a batch. GET takes queries and subscriptions, upgrades to a WebSocket, or shows
//! a browser the explorer. A subscription answers with a stream.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    extract::{Query, Request as HttpRequest, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    accept::{Accepted, ResponseFormat, StreamFormat},
    explorer,
    request_body::{RequestBody, has_document, read_query},
    stream_items::StreamOwner,
    streaming, websocket,
};
use crate::{
    app::{
        must_be_allowed,
        watching::{ConnectionPermit, Transport},
    },
    domain::{Client, Error, ErrorCode, Result},
    graphql::{
        api::GraphqlApi,
        context::StartSignal,
        error::{error_body, finish},
        execution::{RequestContext, ResponseStream},
        refusal::Refusal,
        request::operation::PreparedOperation,
    },
    http::{
        ErrorFormat, ErrorResponse, RateLimitState, RequestIdentity, RequestNotes, accepts_html, client_of,
        close_connection_after, must_admit_page, rate_limit_operations,
    },
};

/// Middleware: limits requests, gives every refusal of this address the shape that GraphQL clients expect
/// (`{"errors": […]}`), and shows the explorer to whoever opens the address in a browser.
pub(crate) async fn around_operations(
    State(limits): State<RateLimitState>,
    request: HttpRequest,
    next: Next,
) -> Response {
    RequestNotes::note_route(&request);
    let format = ResponseFormat::of_refusals(request.headers());
    let mut response = match wants_explorer(&request) {
        true => show_explorer(&limits, &client_of(&request, &limits.proxies)).await,
        false => rate_limit_operations(&limits, request, next).await,
    };
    response.extensions_mut().insert(ErrorFormat { body: error_body, content_type: format.content_type() });
    response
}

/// Responds to a POST.
pub(crate) async fn post(
    State(api): State<Arc<GraphqlApi>>,
    identity: RequestIdentity,
    request: HttpRequest,
) -> Response {
    let (head, body) = request.into_parts();
    let headers = head.headers;
    let is_counted = identity.is_counted;
    let read = async {
        let caller = identity.caller()?;
        let accepted = Accepted::from_headers(&headers).or_refuse()?;
        let body = RequestBody::read(&headers, body).await?;
        Ok((RequestContext { caller, client: identity.client }, accepted, body))
    };
    match read.await {
        Ok((cx, accepted, RequestBody::Single(parameters))) => {
            let prepared = api.prepare(parameters);
            let cost = left_to_count(&prepared, is_counted);
            count(&api, &cx, cost, Box::pin(respond(&api, &cx, accepted, prepared))).await
        }
        Ok((cx, accepted, RequestBody::Batch(batch))) => {
            let batch: Vec<_> = batch.into_iter().map(|parameters| api.prepare(parameters)).collect();
            // One was counted when the request came, unless it is a guest's.
            let cost = batch.iter().map(cost_of).sum::<u32>() - u32::from(is_counted);
            count(&api, &cx, cost, Box::pin(respond_to_batch(&api, &cx, accepted, batch))).await
        }
        Err(error) => ErrorResponse(error).into_response(),
    }
}

/// How many requests an operation counts as, also one that is refused.
fn cost_of(prepared: &Result<PreparedOperation, Refusal>) -> u32 {
    prepared.as_ref().map_or(1, |operation| operation.normalized.cost())
}

/// How many requests an operation has yet to be counted as, where one was when it came or is about to be. What asks for
/// nothing but the schema counts as a page.
fn left_to_count(prepared: &Result<PreparedOperation, Refusal>, is_counted: bool) -> u32 {
    match prepared {
        Ok(operation) if operation.normalized.is_introspection() => 0,
        prepared => cost_of(prepared) - u32::from(is_counted),
    }
}

/// Responds, if so many more operations are within the caller's limit. What is told of the limit is of that decision.
async fn count(api: &GraphqlApi, cx: &RequestContext, cost: u32, response: impl Future<Output = Response>) -> Response {
    if cost == 0 {
        return response.await;
    }
    let decision = api.app.admit(&cx.caller, &cx.client, cost).await;
    let mut response = match must_be_allowed(&decision) {
        Ok(()) => response.await,
        Err(error) => ErrorResponse(error).into_response(),
    };
    response.extensions_mut().insert(decision);
    response
}

fn wants_explorer(request: &HttpRequest) -> bool {
    let is_opened = request.method() == Method::GET && !request.headers().contains_key(header::UPGRADE);
    let has_document = || {
        let query = Query::<HashMap<String, String>>::try_from_uri(request.uri());
        query.is_ok_and(|Query(query)| has_document(&query))
    };
    is_opened && accepts_html(request.headers()) && !has_document()
}

/// The explorer is a page, with the limit of pages.
async fn show_explorer(limits: &RateLimitState, client: &Client) -> Response {
    match must_admit_page(limits, client).await {
        Ok(()) => explorer::page(),
        Err(error) => ErrorResponse(error).into_response(),
    }
}

/// Responds to a GET: with a WebSocket, the result of a query, or a stream.
pub(crate) async fn get(
    State(api): State<Arc<GraphqlApi>>,
    identity: RequestIdentity,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let upgrade_to = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if upgrade_to.eq_ignore_ascii_case("websocket") {
        return match upgrade {
            Ok(upgrade) => websocket::accept(api, identity, &headers, upgrade),
            Err(rejection) => websocket::refuse(&rejection),
        };
    }
    let is_counted = identity.is_counted;
    let read = || {
        let caller = identity.caller()?;
        let accepted = Accepted::from_headers(&headers).or_refuse()?;
        Ok((RequestContext { caller, client: identity.client }, accepted, read_query(query)?))
    };
    match read() {
        Ok((cx, accepted, parameters)) => match api.prepare(parameters) {
            Ok(operation) if operation.kind == OperationType::Mutation => refuse_mutation(),
            prepared => {
                let cost = left_to_count(&prepared, is_counted);
                count(&api, &cx, cost, Box::pin(respond(&api, &cx, accepted, prepared))).await
            }
        },
        Err(error) => ErrorResponse(error).into_response(),
    }
}

/// Refuses every other method, among them those with which graphql-sse opens and uses a single connection.
pub(crate) async fn method_not_allowed(method: Method, headers: HeaderMap) -> ErrorResponse {
    let is_single_connection = method == Method::PUT || headers.contains_key("x-graphql-event-stream-token");
    let message = match is_single_connection {
        true => "the single connection mode of graphql-sse is not available; use distinct connections, or a WebSocket",
        false => "this path does not take this method; see the Allow header",
    };
    ErrorResponse(Error::new(ErrorCode::MethodNotAllowed, message).with("method", method.as_str()))
}

/// Refuses a mutation by GET, which a link on any page could send.
fn refuse_mutation() -> Response {
    let error = Error::new(ErrorCode::MethodNotAllowed, "mutations may not be sent by GET; use POST");
    let mut response = ErrorResponse(error).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

/// The format that was negotiated for the response to an operation.
enum NegotiatedFormat {
    Single(ResponseFormat),
    /// A stream, which counts as a connection of its caller.
    Stream(StreamFormat, ConnectionPermit),
}

/// Chooses a single response where the client accepts one and the operation has one, else a stream.
fn negotiate(
    api: &GraphqlApi,
    cx: &RequestContext,
    accepted: Accepted,
    is_subscription: bool,
) -> Result<NegotiatedFormat> {
    match (accepted.single, accepted.stream) {
        (Some(single), _) if !is_subscription => Ok(NegotiatedFormat::Single(single)),
        (_, Some(stream)) => {
            let permit = api.app.open_connection(&cx.caller, &cx.client, Transport::GraphqlStream)?;
            Ok(NegotiatedFormat::Stream(stream, permit))
        }
        (_, None) => Err(Error::new(
            ErrorCode::NotAcceptable,
            "a subscription answers with a stream; accept text/event-stream or multipart/mixed, or use a WebSocket",
        )),
    }
}

async fn respond(
    api: &GraphqlApi,
    cx: &RequestContext,
    accepted: Accepted,
    prepared: Result<PreparedOperation, Refusal>,
) -> Response {
    let is_subscription = prepared.as_ref().is_ok_and(|operation| operation.kind == OperationType::Subscription);
    let format = match negotiate(api, cx, accepted, is_subscription) {
        Ok(format) => format,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    match (format, prepared) {
        // The status says it, in both formats: parameters that are malformed are no GraphQL request.
        (NegotiatedFormat::Single(_), Err(Refusal::Error(error))) if error.code() == ErrorCode::InvalidRequest => {
            ErrorResponse(error).into_response()
        }
        (NegotiatedFormat::Single(format), prepared) => format.respond(execute(api, cx, prepared).await),
        (NegotiatedFormat::Stream(format, permit), prepared) => {
            let start = StartSignal::default();
            let responses: ResponseStream = match prepared {
                Ok(mut operation) if is_subscription => {
                    operation.request = operation.request.data(start.clone());
                    api.subscribe(operation, cx, Transport::GraphqlStream)
                }
                prepared => Box::pin(tokio_stream::once(execute(api, cx, prepared).await)),
            };
            let owner = StreamOwner { session_guard: api.app.guard_session(&cx.caller).ok(), _permit: permit };
            let mut response = streaming::respond(&api.app, format, responses, start, owner);
            if is_subscription {
                close_connection_after(&mut response);
            }
            response
        }
    }
}

/// The response to one request, prepared or refused.
async fn execute(
    api: &GraphqlApi,
    cx: &RequestContext,
    prepared: Result<PreparedOperation, Refusal>,
) -> GraphqlResponse {
    match prepared {
        Ok(operation) => api.execute(operation, cx).await,
        Err(refusal) => {
            let mut response = refusal.into_response();
            finish(&mut response);
            response
        }
    }
}

/// Runs the requests of a batch one after the other. Each has a response.
async fn respond_to_batch(
    api: &GraphqlApi,
    cx: &RequestContext,
    accepted: Accepted,
    batch: Vec<Result<PreparedOperation, Refusal>>,
) -> Response {
    let Some(format) = accepted.single else {
        let error = Error::new(ErrorCode::NotAcceptable, "a batch answers with one body; accept application/json");
        return ErrorResponse(error).into_response();
    };
    let mut responses = Vec::with_capacity(batch.len());
    for prepared in batch {
        let prepared = prepared.and_then(|operation| match operation.kind {
            OperationType::Subscription => {
                Err(Error::new(ErrorCode::NotAcceptable, "a subscription cannot be part of a batch").into())
            }
            OperationType::Query | OperationType::Mutation => Ok(operation),
        });
        responses.push(execute(api, cx, prepared).await);
    }
    format.respond_to_batch(responses)
}
