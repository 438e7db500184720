//! The front door of providers: verify → parse → receive → acknowledge.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use utoipa::{ToSchema, openapi::OpenApi};

use crate::{
    app::{App, Gateway},
    domain::{Code, Error, Result},
    http::{Refusal, method_not_allowed, read_body},
    providers::{Ack, Malformed, RawWebhook, Rejected},
};

/// The largest webhook that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Where the platform is reached from outside: providers sign this address.
#[derive(Clone, Debug)]
pub struct PublicUrl(pub Arc<str>);

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
    #[openapi(paths(receive_sms))]
    struct Described;

    <Described as utoipa::OpenApi>::openapi()
}

/// `/v1/webhooks/sms?provider=NAME`.
pub fn webhook_routes(public_url: PublicUrl) -> Router<Arc<App>> {
    Router::new().route("/v1/webhooks/sms", post(receive_sms).fallback(method_not_allowed)).layer(Extension(public_url))
}

/// SMS webhook endpoint
///
/// Receives messages from providers. The signature of the provider is verified over the body as it is;
/// 200 means that the message is stored. Form and JSON are read, as the provider posts them.
#[utoipa::path(post, path = "/v1/webhooks/sms", tag = "Webhooks", security(()),
    params(("provider" = String, Query, description = "SMS provider name: what the operator calls it", example = "twilio")),
    request_body(content(
        (TwilioForm = "application/x-www-form-urlencoded"),
        (Object = "application/json"))),
    responses((status = 200, description = "Webhook processed successfully: the message is stored. What the body says is up to the provider",
        content((String = "text/plain", example = json!("OK")), (String = "text/xml"), (Object = "application/json")))),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "INVALID_SIGNATURE", "UNKNOWN_PROVIDER"]))))]
async fn receive_sms(
    State(app): State<Arc<App>>,
    Extension(public_url): Extension<PublicUrl>,
    address: Result<Query<Address>, QueryRejection>,
    request: Request,
) -> Response {
    let received = async {
        let name = address.ok().and_then(|Query(address)| address.provider).ok_or_else(|| {
            Error::new(Code::InvalidRequest, "provider: the address must end in `?provider=NAME`")
                .with("field", "provider")
                .with("issue", "is missing")
        })?;
        let gateway = app.get_gateway(&name).await?;
        let (parts, body) = request.into_parts();
        let raw = RawWebhook {
            url: RawWebhook::public_url(&public_url.0, &parts.uri),
            method: parts.method,
            headers: parts.headers,
            body: read_body(body, MAX_BODY).await?,
        };
        receive(&app, &gateway, &raw).await
    };
    match received.await {
        Ok(ack) => ([(header::CONTENT_TYPE, ack.content_type)], ack.body).into_response(),
        Err(error) => Refusal(error).into_response(),
    }
}

/// One webhook, from bytes to a committed message.
async fn receive(app: &App, gateway: &Gateway, raw: &RawWebhook) -> Result<Ack> {
    let Gateway { account, adapter } = gateway;
    let verified = adapter.verify(raw, app.clock().now()).map_err(|rejected| {
        // Anybody can send one of these, so it leaves a count and a log line, never a row.
        metrics::counter!("otpwire_webhooks_rejected_total", "provider" => account.name.clone()).increment(1);
        tracing::warn!(provider = account.name, %rejected, "a webhook was not verified");
        refuse(&rejected, raw)
    })?;
    match adapter.parse(verified) {
        Ok(messages) => {
            app.receive(account, messages).await?;
            Ok(adapter.ack())
        }
        Err(malformed) => {
            app.report_unreadable(account, &malformed.to_string(), &adapter.payload(verified)).await?;
            Err(unreadable(malformed))
        }
    }
}

/// The answer names the address that has to be signed: a wrong one is the usual mistake of an operator,
/// and it is no secret.
fn refuse(rejected: &Rejected, raw: &RawWebhook) -> Error {
    let code = match rejected {
        Rejected::Unsigned(_) | Rejected::WrongSignature | Rejected::Stale => Code::InvalidSignature,
        Rejected::WrongType(_) => Code::UnsupportedMediaType,
    };
    Error::new(code, rejected.to_string()).with("address", raw.url.as_str())
}

fn unreadable(malformed: Malformed) -> Error {
    Error::new(Code::InvalidRequest, malformed.to_string())
        .with("field", malformed.field)
        .with("issue", malformed.issue)
}
