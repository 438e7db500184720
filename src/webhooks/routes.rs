//! The routes and their OpenAPI descriptions.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use utoipa::{ToSchema, openapi::OpenApi};

use super::request::{WebhookOptions, handle, refuse_method};
use crate::{app::App, providers::Endpoint};

/// `/v1/webhooks/sms` and `/v1/webhooks/status`, each with `?provider=NAME`, or with the name as the last segment of
/// the path, for gateways that cannot call an address with a query. The provider's adapter decides which methods are
/// allowed.
pub fn webhook_routes(options: WebhookOptions) -> Router<Arc<App>> {
    // axum would answer HEAD with the handler of GET, which would receive a message.
    let sms = || get(receive_sms_by_query).post(receive_sms).head(refuse_method).fallback(refuse_method);
    let status = || get(receive_status_by_query).post(receive_status).head(refuse_method).fallback(refuse_method);
    Router::new()
        .route("/v1/webhooks/sms", sms())
        .route("/v1/webhooks/sms/{provider}", sms())
        .route("/v1/webhooks/status", status())
        .route("/v1/webhooks/status/{provider}", status())
        .layer(Extension(options))
}

/// The OpenAPI description of these routes.
#[must_use]
pub fn openapi() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(paths(receive_sms, receive_sms_by_query, receive_status, receive_status_by_query))]
    struct WebhookApi;

    <WebhookApi as utoipa::OpenApi>::openapi()
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
async fn receive_sms(State(app): State<Arc<App>>, options: Extension<WebhookOptions>, request: Request) -> Response {
    handle(&app, &options, Endpoint::Messages, request).await
}

/// SMS webhook endpoint, for gateways that say everything in the address
///
/// Receives messages from providers whose webhooks are GET requests.
#[utoipa::path(get, path = "/v1/webhooks/sms", tag = "Webhooks", security(()),
    params(("provider" = String, Query, description = "SMS provider name: what the operator calls it", example = "kannel")),
    responses((status = 200, description = "Processed successfully: it is stored. What the body says is up to the provider",
        content((String = "text/plain", example = json!("OK")), (String = "text/xml"), (Object = "application/json")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INVALID_SIGNATURE", "METHOD_NOT_ALLOWED", "RATE_LIMITED", "UNKNOWN_PROVIDER"]))))]
async fn receive_sms_by_query(
    State(app): State<Arc<App>>,
    options: Extension<WebhookOptions>,
    request: Request,
) -> Response {
    handle(&app, &options, Endpoint::Messages, request).await
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
async fn receive_status(State(app): State<Arc<App>>, options: Extension<WebhookOptions>, request: Request) -> Response {
    handle(&app, &options, Endpoint::Statuses, request).await
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
    options: Extension<WebhookOptions>,
    request: Request,
) -> Response {
    handle(&app, &options, Endpoint::Statuses, request).await
}
