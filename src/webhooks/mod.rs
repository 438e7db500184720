//! The front door of providers: verify → parse → receive → acknowledge.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use ipnet::IpNet;
use serde::Deserialize;
use utoipa::{ToSchema, openapi::OpenApi};

use crate::{
    app::{App, providers::Gateway, refuse_webhook},
    domain::{Client, Error, ErrorCode, Result},
    http::{ErrorResponse, client_of, insert_rate_limit_headers, read_body},
    limiter::Decision,
    providers::{Ack, Endpoint, Item, Malformed, Provider, RawWebhook, Verified},
};

/// The largest webhook that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// How long the body of a webhook may take.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// How soon a body is there that came with its head.
const AT_ONCE: Duration = Duration::from_millis(100);

/// How many items of one webhook that cannot be read have a report each, with the whole of it.
const MAX_REPORTS: usize = 20;

/// What the door has to know of the world outside.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Where the platform is reached: providers sign the address.
    pub public_url: Arc<str>,
    /// The proxies whose word about addresses is taken.
    pub proxies: Arc<[IpNet]>,
}

#[derive(Deserialize)]
struct Address {
    provider: Option<String>,
}

/// What Twilio posts. Each provider has a format of its own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the adapters read")]
#[schema(as = TwilioWebhook, rename_all = "PascalCase")]
struct TwilioForm {
    #[schema(example = "+1234567890")]
    from: String,
    #[schema(example = "+1987654321")]
    to: String,
    #[schema(example = "Your verification code is 123456")]
    body: String,
    #[schema(example = "SM1234567890abcdef1234567890abcdef")]
    message_sid: String,
}

/// The description of these paths.
#[must_use]
pub fn openapi() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(paths(receive_sms, receive_sms_by_query, receive_status, receive_status_by_query))]
    struct Described;

    <Described as utoipa::OpenApi>::openapi()
}

/// `/v1/webhooks/sms` and `/v1/webhooks/status`, each with `?provider=NAME`, or with the name as the last part of
/// the path, for gateways whose addresses can have no query of their own. Which methods there are is for the
/// provider's adapter to say.
pub fn webhook_routes(outside: Outside) -> Router<Arc<App>> {
    // A HEAD that was taken for a GET would be a message.
    let sms = || get(receive_sms_by_query).post(receive_sms).head(refuse_method).fallback(refuse_method);
    let status = || get(receive_status_by_query).post(receive_status).head(refuse_method).fallback(refuse_method);
    Router::new()
        .route("/v1/webhooks/sms", sms())
        .route("/v1/webhooks/sms/{provider}", sms())
        .route("/v1/webhooks/status", status())
        .route("/v1/webhooks/status/{provider}", status())
        .layer(Extension(outside))
}

/// SMS webhook endpoint
///
/// Receives messages from providers. The signature of the provider is verified over the body as it is;
/// 200 means that the message is stored. Forms, JSON and queries are read, as the provider sends them.
#[utoipa::path(post, path = "/v1/webhooks/sms", tag = "Webhooks", security(()),
    params(("provider" = String, Query, description = "SMS provider name: what the operator calls it", example = "twilio")),
    request_body(content(
        (TwilioForm = "application/x-www-form-urlencoded"),
        (Object = "application/json"))),
    responses((status = 200, description = "Webhook processed successfully: the message is stored. What the body says is up to the provider",
        content((String = "text/plain", example = json!("OK")), (String = "text/xml"), (Object = "application/json")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INVALID_SIGNATURE", "METHOD_NOT_ALLOWED", "RATE_LIMITED", "UNKNOWN_PROVIDER"]))))]
async fn receive_sms(State(app): State<Arc<App>>, outside: Extension<Outside>, request: Request) -> Response {
    open(&app, &outside, Endpoint::Messages, request).await
}

/// SMS webhook endpoint, for gateways that say everything in the address
///
/// Receives messages from providers whose webhooks are GET requests.
#[utoipa::path(get, path = "/v1/webhooks/sms", tag = "Webhooks", security(()),
    params(("provider" = String, Query, description = "SMS provider name: what the operator calls it", example = "kannel")),
    responses((status = 200, description = "Processed successfully: it is stored. What the body says is up to the provider",
        content((String = "text/plain", example = json!("OK")), (String = "text/xml"), (Object = "application/json")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INVALID_SIGNATURE", "METHOD_NOT_ALLOWED", "RATE_LIMITED", "UNKNOWN_PROVIDER"]))))]
async fn receive_sms_by_query(State(app): State<Arc<App>>, outside: Extension<Outside>, request: Request) -> Response {
    open(&app, &outside, Endpoint::Messages, request).await
}

/// Status callback endpoint
///
/// Receives what providers say of messages that were sent through them: delivery reports, which administrators can
/// read. It is verified like a message.
#[utoipa::path(post, path = "/v1/webhooks/status", tag = "Webhooks", security(()),
    params(("provider" = String, Query, description = "SMS provider name: what the operator calls it", example = "twilio")),
    request_body(content(
        (Object = "application/x-www-form-urlencoded"),
        (Object = "application/json"))),
    responses((status = 200, description = "Callback processed successfully: it is stored. What the body says is up to the provider",
        content((String = "text/plain", example = json!("OK")), (String = "text/xml"), (Object = "application/json")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INVALID_SIGNATURE", "METHOD_NOT_ALLOWED", "RATE_LIMITED", "UNKNOWN_PROVIDER"]))))]
async fn receive_status(State(app): State<Arc<App>>, outside: Extension<Outside>, request: Request) -> Response {
    open(&app, &outside, Endpoint::Statuses, request).await
}

/// Status callback endpoint, for gateways that say everything in the address
///
/// Receives delivery reports from providers whose callbacks are GET requests.
#[utoipa::path(get, path = "/v1/webhooks/status", tag = "Webhooks", security(()),
    params(("provider" = String, Query, description = "SMS provider name: what the operator calls it", example = "kannel")),
    responses((status = 200, description = "Processed successfully: it is stored. What the body says is up to the provider",
        content((String = "text/plain", example = json!("OK")), (String = "text/xml"), (Object = "application/json")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INVALID_SIGNATURE", "METHOD_NOT_ALLOWED", "RATE_LIMITED", "UNKNOWN_PROVIDER"]))))]
async fn receive_status_by_query(
    State(app): State<Arc<App>>,
    outside: Extension<Outside>,
    request: Request,
) -> Response {
    open(&app, &outside, Endpoint::Statuses, request).await
}

/// Opens the door to one webhook.
async fn open(app: &App, outside: &Outside, endpoint: Endpoint, request: Request) -> Response {
    let mut limit = None;
    let received = async {
        let _room = app.reserve_webhook()?;
        let name = name_of(request.uri()).ok_or_else(|| {
            Error::new(ErrorCode::InvalidRequest, "provider: the address must end in `?provider=NAME`")
                .with("field", "provider")
                .with("issue", "is missing")
        })?;
        let gateway = app.get_gateway(&name).await?;
        check_method(&gateway, request.method())?;
        let client = client_of(&request, &outside.proxies);
        let (parts, body) = request.into_parts();
        let body = read_in_time(app, &client, body).await?;
        let mut raw = RawWebhook {
            endpoint,
            url: RawWebhook::public_url(&outside.public_url, gateway.adapter.webhook_url(), &parts.uri),
            method: parts.method,
            headers: parts.headers,
            body,
            source: client.address,
            certificate: None,
        };
        receive(app, &gateway, &mut raw, &mut limit).await
    };
    let mut response = match received.await {
        Ok(ack) => answer(&ack),
        Err(error) => ErrorResponse(error).into_response(),
    };
    if let Some(limit) = limit {
        insert_rate_limit_headers(&limit, response.headers_mut());
    }
    response
}

/// Reads the body. One that is there needs no more than the room of its webhook.
async fn read_in_time(app: &App, client: &Client, body: Body) -> Result<Vec<u8>> {
    let mut read = pin!(read_body(body, MAX_BODY));
    if let Ok(body) = tokio::time::timeout(AT_ONCE, &mut read).await {
        return body;
    }
    let _awaited = app.reserve_body(client)?;
    // It is our limit that is hit, and nothing is wrong with the webhook: it should be sent again.
    let late = |_| Error::unavailable("the body did not come within 10 seconds");
    tokio::time::timeout(BODY_PATIENCE, read).await.map_err(late)?
}

/// The provider that an address names: after the path, or in the query.
fn name_of(uri: &Uri) -> Option<String> {
    let last = uri.path().strip_prefix("/v1/webhooks/").and_then(|path| path.split_once('/')).map(|(_, name)| name);
    match last {
        Some(name) => Some(name.to_owned()),
        None => Query::<Address>::try_from_uri(uri).ok()?.0.provider,
    }
}

/// The answer for a method that no provider uses.
async fn refuse_method() -> ErrorResponse {
    let message = "webhooks come by GET or POST, as their provider sends them";
    ErrorResponse(Error::new(ErrorCode::MethodNotAllowed, message).with("allow", "GET,POST"))
}

fn check_method(gateway: &Gateway, method: &Method) -> Result<()> {
    let methods = gateway.adapter.methods();
    if methods.contains(method) {
        return Ok(());
    }
    let methods: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
    let message = format!("this provider's webhooks come by {}", methods.join(" or "));
    Err(Error::new(ErrorCode::MethodNotAllowed, message).with("allow", methods.join(",")))
}

fn answer(ack: &Ack) -> Response {
    let status = StatusCode::from_u16(ack.status).unwrap_or(StatusCode::OK);
    let mut response = (status, ack.body.clone()).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if let Ok(content_type) = HeaderValue::from_str(&ack.content_type)
        && !content_type.is_empty()
    {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response
}

/// One webhook, from bytes to what it says being committed. `limit` becomes what its provider may still bring.
async fn receive(app: &App, gateway: &Gateway, raw: &mut RawWebhook, limit: &mut Option<Decision>) -> Result<Ack> {
    let Gateway { account, adapter, .. } = gateway;
    if adapter.is_probe(raw) {
        return Ok(adapter.ack());
    }
    // The answer names the address that has to be signed: a wrong one is the usual mistake of an operator, and it
    // is no secret.
    let explain = |error: Error, raw: &RawWebhook| match error.code() {
        ErrorCode::InvalidSignature => error.with("address", raw.redacted_url()),
        _ => error,
    };
    app.fetch_for_webhook(gateway, raw).await.map_err(|error| explain(error, raw))?;
    let raw = &*raw;
    let verified = app.verify_webhook(gateway, raw).await.map_err(|error| explain(error, raw))?;
    let decision = app.admit_webhook(account).await;
    let admitted = refuse_webhook(&decision);
    *limit = Some(decision);
    admitted?;
    let read = adapter.parse(&verified);
    let items = match read {
        Ok(items) => items,
        Err(malformed) => return Err(report(app, gateway, &verified, malformed).await?),
    };
    let (mut messages, mut statuses, mut confirmations, mut wrong) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let said = items.len();
    for item in items {
        match item {
            Ok(Item::Message(sms)) => messages.push(sms),
            Ok(Item::Status(update)) => statuses.push(update),
            Ok(Item::ConfirmSubscription(url)) => confirmations.push(url),
            Ok(Item::Ignored) => {}
            Err(malformed) => wrong.push(malformed),
        }
    }
    app.receive(account, messages).await?;
    app.receive_statuses(account, &statuses).await?;
    for url in &confirmations {
        app.confirm_webhook(gateway, url).await?;
    }
    // What can be read is safe by now. A refusal would bring all of it again, so only a webhook that says nothing
    // that can be read is refused.
    let is_unreadable = said > 0 && wrong.len() == said;
    if let Some(more) = wrong.len().checked_sub(MAX_REPORTS).filter(|more| *more > 0) {
        wrong.truncate(MAX_REPORTS);
        wrong.push(Malformed { field: "body".to_owned(), issue: format!("{more} more items cannot be read") });
    }
    let mut refusal = None;
    for malformed in wrong {
        let reported = report(app, gateway, &verified, malformed).await?;
        refusal.get_or_insert(reported);
    }
    match refusal {
        Some(refusal) if is_unreadable => Err(refusal),
        _ => Ok(adapter.ack()),
    }
}

/// Writes down what could not be read, and answers what its provider is told.
async fn report(app: &App, gateway: &Gateway, webhook: &Verified<'_>, malformed: Malformed) -> Result<Error> {
    let payload = gateway.adapter.payload(webhook);
    app.report_unreadable(&gateway.account, &malformed.to_string(), &payload).await?;
    Ok(Error::new(ErrorCode::InvalidRequest, malformed.to_string())
        .with("field", malformed.field)
        .with("issue", malformed.issue))
}
