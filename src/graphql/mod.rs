//! GraphQL over HTTP and WebSocket, at `/graphql`.
//!
//! A resolver decodes its arguments, calls one use case of [`App`] and encodes the result. The transports are our own:
//! async-graphql-axum reads bodies of every content type, also of those that need no preflight, and responds with other
//! statuses and close codes than the protocols specify. Its response is ours where an operation succeeded, and the
//! tests compare the data of its handlers with ours.
//!
//! To be read in this order:
//!
//! 1. `transport`: HTTP requests, streams, WebSockets and the explorer.
//! 2. `request`: from the parameters of a request to an operation that may run.
//! 3. `execution`: running operations; `batching` and `loaders` read for many rows at once.
//! 4. `query`, `mutation`, `subscription`: the root types; `types`: what they return; `pagination`: lists; `in_order`:
//!    objects that wait for nothing.
//! 5. `context`: what resolvers find in their context; `error`: how failures look to a client.
//!
//! `schema` builds the schema, `definitions` looks up its types, `response_budget` bounds what responses cost, `api` is
//! what the transports share, `options` what the operator decides, `refusal` why a request does not run, `time_limit`
//! how long an operation may take, `measures` how long it does.

mod api;
mod batching;
mod context;
mod definitions;
mod error;
mod execution;
mod in_order;
mod loaders;
mod measures;
mod mutation;
mod options;
mod pagination;
mod query;
mod refusal;
mod request;
mod response_budget;
mod schema;
mod subscription;
mod time_limit;
mod transport;
mod types;

use std::sync::Arc;

use axum::{Router, middleware, routing::get};
use tokio_util::task::TaskTracker;

pub use options::Options;
pub use request::documents::AllowedDocuments;
pub use schema::{executor_for, sdl};
pub use transport::explorer::explorer_routes;

use self::{api::GraphqlApi, transport::http};
use crate::{app::App, http::RateLimitState};

/// `/graphql`, with its limits. The tracker counts the open WebSockets, so that a shutdown can wait for their close
/// frames.
pub fn graphql_routes(
    app: &Arc<App>,
    sockets: TaskTracker,
    options: Options,
    limits: RateLimitState,
) -> Router<Arc<App>> {
    let api = GraphqlApi::new(Arc::clone(app), sockets, options);
    Router::new()
        .route("/graphql", get(http::get).post(http::post).fallback(http::method_not_allowed))
        .with_state(Arc::new(api))
        .layer(middleware::from_fn_with_state(limits, http::around_operations))
}
