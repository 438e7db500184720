//! One router with every API.

use std::sync::Arc;

use axum::{Router, http::Method, middleware::from_fn_with_state};
use tokio_util::task::TaskTracker;
use tower::{Layer, util::option_layer};
use tower_http::compression::{
    CompressionLayer,
    predicate::{NotForContentType, Predicate, SizeAbove},
};
use utoipa::openapi::OpenApi;

use super::{connections::ConnectionOptions, cors::cors, options::ServerOptions};
use crate::{
    app::App,
    domain::Error,
    graphql,
    http::{self, AroundEveryRoute, ErrorResponse, RateLimitState, RequestMetrics},
    pages, rest,
    webhooks::{self, WebhookOptions},
};

/// Every API of an application. `sockets` tracks the open WebSockets.
pub fn router(app: &Arc<App>, options: &ServerOptions, sockets: TaskTracker) -> Router {
    let ServerOptions { public_url, trusted_proxies, allowed_origins, allowed_headers, graphql, connections } = options;
    let (proxies, body_timeout) = (trusted_proxies.clone().into(), connections.body_timeout);
    let limits = RateLimitState { app: Arc::clone(app), proxies, body_timeout };
    let checked = |routes: Router<Arc<App>>| check_requests(routes, connections);
    // API requests are limited. Pages, with what belongs to them and what is not there, have a limit of their own, and
    // so have webhooks; health checks have none.
    let webhook_options =
        WebhookOptions { public_url: public_url.as_str().into(), proxies: Arc::clone(&limits.proxies) };
    let graphql = graphql::graphql_routes(app, sockets, graphql.clone(), limits.clone());
    let rest = rest::api_routes().merge(rest::sign_in_routes(public_url));
    let document = openapi(public_url);
    let metrics = RequestMetrics::new(known_routes(&document));
    let pages = Router::new()
        .merge(pages::page_routes())
        .merge(graphql::explorer_routes())
        .merge(rest::docs_routes(document))
        .merge(rest::session_routes(public_url))
        .fallback(http::not_found);
    let router = rest
        .method_not_allowed_fallback(http::method_not_allowed)
        .layer(from_fn_with_state(limits.clone(), http::rate_limit))
        .merge(graphql)
        .merge(pages.layer(from_fn_with_state(limits, http::limit_pages)))
        .merge(checked(http::health_routes()))
        .merge(checked(webhooks::webhook_routes(webhook_options)))
        .with_state(Arc::clone(app));
    let routes = option_layer(cors(allowed_origins, allowed_headers)).layer(router);
    let around = AroundEveryRoute { app: Arc::clone(app), metrics: Some(metrics), routes };
    Router::new().fallback_service(compression().layer(around))
}

/// What the operator sees: health checks, and these routes.
pub(super) fn operator_router(app: &Arc<App>, routes: Router<Arc<App>>) -> Router {
    let busy = async || {
        ErrorResponse(Error::unavailable("too many connections are open, in all or from the client's network"))
    };
    let routes = http::health_routes().merge(routes).fallback(busy);
    let routes = check_requests(routes, &ConnectionOptions::default()).with_state(Arc::clone(app));
    Router::new().fallback_service(AroundEveryRoute { app: Arc::clone(app), metrics: None, routes })
}

/// Applies the rules that hold for every request.
fn check_requests(routes: Router<Arc<App>>, options: &ConnectionOptions) -> Router<Arc<App>> {
    routes.layer(from_fn_with_state(options.body_timeout, http::check_request))
}

/// The routes of the APIs, with their methods, by which requests are counted.
fn known_routes(document: &OpenApi) -> Vec<(String, Method)> {
    let documented = document.paths.paths.iter().flat_map(|(path, item)| {
        let methods = [
            (&item.get, Method::GET),
            (&item.post, Method::POST),
            (&item.patch, Method::PATCH),
            (&item.put, Method::PUT),
            (&item.delete, Method::DELETE),
        ];
        let methods = methods.into_iter().filter(|(operation, _)| operation.is_some());
        // The document has them relative to its server.
        methods.map(move |(_, method)| (format!("/v1{path}"), method))
    });
    let others = [
        ("/graphql", Method::GET),
        ("/graphql", Method::POST),
        ("/v1/webhooks/sms/{provider}", Method::POST),
        ("/v1/webhooks/status/{provider}", Method::POST),
        ("/session", Method::POST),
        ("/session/password", Method::POST),
        ("/session/refresh", Method::POST),
        ("/session/end", Method::POST),
        ("/healthz", Method::GET),
        ("/readyz", Method::GET),
    ];
    documented.chain(others.map(|(route, method)| (route.to_owned(), method))).collect()
}

/// Compresses large responses. Streams are excluded, because compression would delay their messages. Compression leaks
/// no secret (BREACH): no response mixes a secret of the caller with input of another party, since credentials are
/// headers that a foreign page cannot make a browser send.
fn compression() -> CompressionLayer<impl Predicate> {
    let is_worthwhile = SizeAbove::new(1024)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("multipart/mixed"));
    CompressionLayer::new().compress_when(is_worthwhile)
}

/// The OpenAPI document of everything under `/v1`, for a platform at this address.
#[must_use]
pub fn openapi(public_url: &str) -> OpenApi {
    rest::openapi(public_url, webhooks::openapi())
}
