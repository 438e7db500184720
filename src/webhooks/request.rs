//! The HTTP side of a webhook: its provider, its body, and the response.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use ipnet::IpNet;
use url::form_urlencoded;

use super::process::process;
use crate::{
    app::{App, providers::Gateway, receiving::Posted},
    domain::{Client, Error, ErrorCode, Result},
    http::{ErrorResponse, RequestNotes, client_of, insert_rate_limit_headers, read_body, record_provider},
    providers::{Ack, Endpoint, Provider, RawWebhook},
    tracer::TraceContext,
};

/// The largest webhook that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// A body that takes longer than this needs one of the slots for slow bodies.
const SLOW_BODY: Duration = Duration::from_millis(100);

/// What webhooks need of the configuration.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// The public address of the platform. Providers sign it.
    pub public_url: Arc<str>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Arc<[IpNet]>,
}

/// Handles one webhook.
pub(super) async fn handle(app: &App, options: &WebhookOptions, endpoint: Endpoint, request: Request) -> Response {
    let trace = request.extensions().get::<TraceContext>().copied();
    let posted = Posted { at: app.clock().now(), trace };
    let mut limit = None;
    let handled = async {
        let _slot = app.reserve_webhook()?;
        let name = provider_name(request.uri())?;
        let client = client_of(&request, &options.proxies);
        let gateway = app.get_gateway(&name, &client).await?;
        record_provider(&gateway.account.name);
        let notes = request.extensions().get::<RequestNotes>().cloned();
        check_method(&gateway, request.method())?;
        app.must_not_be_guessing(&gateway, client.address)?;
        let (parts, body) = request.into_parts();
        let body = read_body_in_time(app, &client, body).await?;
        let mut raw = RawWebhook {
            endpoint,
            url: RawWebhook::public_url(&options.public_url, gateway.adapter.webhook_url(), &parts.uri),
            method: parts.method,
            headers: parts.headers,
            body,
            source: client.address,
            certificate: None,
        };
        let outcome = process(app, &gateway, &mut raw, &mut limit, posted).await;
        if limit.as_ref().is_some_and(|limit| limit.allowed) {
            notes.inspect(RequestNotes::note_admitted);
        }
        outcome
    };
    let mut response = match handled.await {
        Ok(ack) => ack_response(&ack),
        Err(error) => ErrorResponse(error).into_response(),
    };
    if let Some(limit) = limit {
        insert_rate_limit_headers(&limit, response.headers_mut());
    }
    response
}

/// The provider account that an address names: in the path, or in the query.
fn provider_name(uri: &Uri) -> Result<String> {
    let last = uri.path().strip_prefix("/v1/webhooks/").and_then(|path| path.split_once('/')).map(|(_, name)| name);
    if let Some(name) = last {
        return Ok(name.to_owned());
    }
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut names = query.filter(|(name, _)| name == "provider").map(|(_, value)| value);
    let issue = match (names.next(), names.next()) {
        (Some(name), None) => return Ok(name.into_owned()),
        (None, _) => "is missing",
        (Some(_), Some(_)) => "is given twice",
    };
    let message = format!("provider: {issue}; the address must end in `?provider=NAME`");
    Err(Error::new(ErrorCode::InvalidRequest, message).with("field", "provider").with("issue", issue))
}

/// Reads the body. Only a slow one takes one of the client's slots for slow bodies.
async fn read_body_in_time(app: &App, client: &Client, body: Body) -> Result<Vec<u8>> {
    let read = async {
        read_body(body, MAX_BODY).await.map_err(|error| match error.code() {
            // A 503 and not a 4xx: the webhook is not wrong, and its provider should send it again.
            ErrorCode::RequestTimeout => Error::unavailable("the body of a webhook did not arrive in time"),
            _ => error,
        })
    };
    let mut read = pin!(read);
    if let Ok(body) = tokio::time::timeout(SLOW_BODY, &mut read).await {
        return body;
    }
    let _slot = app.reserve_body(client)?;
    read.await
}

/// The response for a method that no provider uses.
pub(super) async fn refuse_method() -> ErrorResponse {
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

fn ack_response(ack: &Ack) -> Response {
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
