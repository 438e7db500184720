//! Face 1: GraphQL over HTTP and WebSocket, at `/graphql`.
//!
//! Resolvers decode, call one verb and encode. The transports are our own, because async-graphql's
//! answer with other statuses and close codes than the protocols name; `limits` guards the library
//! from documents that would cost it its stack or its time.
//!
//! - `query`, `mutation`, `subscription`: the roots; `types`: what they answer.
//! - `http`: requests; `socket`, `protocol`: subscriptions; `explorer`: a page for people.
//! - `limits`, `error`: what is refused, and how refusals look.

mod answer;
mod error;
mod explorer;
mod http;
mod limits;
mod mutation;
mod protocol;
mod query;
mod socket;
mod subscription;
mod types;

use std::sync::Arc;

pub use explorer::explorer_routes;

use async_graphql::{Request, SDLExportOptions, Schema};
use axum::{Extension, Router, routing::get};
use tokio_util::task::TaskTracker;

use self::{mutation::Mutation, query::Query, subscription::Subscription, types::Loaders};
use crate::{
    app::App,
    domain::{Caller, Client},
    http::{RequestId, method_not_allowed},
};

type OtpwireSchema = Schema<Query, Mutation, Subscription>;

/// What the transports share.
#[derive(Clone)]
struct Face {
    app: Arc<App>,
    schema: OtpwireSchema,
    /// The open sockets, so that a shutdown can wait for their close frames.
    sockets: TaskTracker,
}

impl Face {
    /// A request with what its resolvers need: who asks, from where, and what they have asked for
    /// already.
    fn prepare(&self, request: Request, caller: Caller, client: Arc<Client>, request_id: RequestId) -> Request {
        let loaders = Loaders::new(Arc::clone(&self.app), caller);
        request.data(caller).data(client).data(request_id).data(loaders)
    }
}

/// `/graphql`.
pub fn graphql_routes(app: &Arc<App>, sockets: TaskTracker) -> Router<Arc<App>> {
    let face = Face { app: Arc::clone(app), schema: schema(Some(Arc::clone(app))), sockets };
    Router::new().route("/graphql", get(http::get).post(http::post).fallback(method_not_allowed)).layer(Extension(face))
}

fn schema(app: Option<Arc<App>>) -> OtpwireSchema {
    let builder = Schema::build(Query, Mutation::default(), Subscription)
        .limit_depth(limits::MAX_DEPTH)
        .limit_complexity(limits::MAX_COMPLEXITY)
        .limit_directives(limits::MAX_DIRECTIVES)
        .validation_mode(async_graphql::ValidationMode::Strict);
    match app {
        Some(app) => builder.data(app).finish(),
        None => builder.finish(),
    }
}

/// The schema in the schema definition language, sorted, so that changes to it read well.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    schema(None).sdl_with_options(options)
}
