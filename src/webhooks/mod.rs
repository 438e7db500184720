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

use crate::{
    app::{App, Gateway},
    domain::{Code, Error, Result},
    http::{Failure, RequestId, method_not_allowed, read_body},
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

/// `/v1/webhooks/sms?provider=NAME`.
pub fn webhook_routes(public_url: PublicUrl) -> Router<Arc<App>> {
    Router::new().route("/v1/webhooks/sms", post(receive_sms).fallback(method_not_allowed)).layer(Extension(public_url))
}

async fn receive_sms(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
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
        Err(error) => Failure { error, request_id: &request_id, clock: app.clock() }.into_response(),
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
