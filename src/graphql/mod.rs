//! Face 1: GraphQL over HTTP and WebSocket, at `/graphql`.
//!
//! Resolvers decode, call one verb and encode. The transports are our own, because async-graphql's
//! answer with other statuses and close codes than the protocols name; `limits` guards the library
//! from documents that would cost it its stack or its time.
//!
//! - `query`, `mutation`, `subscription`: the roots; `types`: what they answer.
//! - `http`: requests; `socket`, `protocol`: sockets; `stream`: events and parts; `explorer`: a page for people.
//! - `request`, `documents`: what is asked for; `run`: running it; `order`: how the answer is sorted.
//! - `limits`, `error`: what is refused, and how refusals look.

mod answer;
mod documents;
mod error;
mod explorer;
mod http;
mod limits;
mod mutation;
mod order;
mod protocol;
mod query;
mod request;
mod run;
mod socket;
mod stream;
mod subscription;
mod types;

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema};
use axum::{Extension, Router, middleware, routing::get};
use tokio_util::task::TaskTracker;

pub use documents::AllowedDocuments;
pub use explorer::explorer_routes;

use self::{documents::Documents, mutation::Mutation, query::Query, subscription::Subscription};
use crate::{app::App, http::method_not_allowed};

type OtpwireSchema = Schema<Query, Mutation, Subscription>;

/// What the operator lets GraphQL clients do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether they may ask about the schema.
    pub introspection: bool,
    /// Whether errors suggest names that are close to a wrong one.
    pub suggestions: bool,
    /// The only documents that are run.
    pub documents: Option<Arc<AllowedDocuments>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { introspection: true, suggestions: true, documents: None }
    }
}

/// What the transports share.
#[derive(Clone)]
struct Face {
    app: Arc<App>,
    schema: OtpwireSchema,
    options: Options,
    documents: Documents,
    /// The open sockets, so that a shutdown can wait for their close frames.
    sockets: TaskTracker,
}

/// `/graphql`.
pub fn graphql_routes(app: &Arc<App>, sockets: TaskTracker, options: Options) -> Router<Arc<App>> {
    let face = Face {
        app: Arc::clone(app),
        schema: schema(Some(Arc::clone(app)), &options),
        documents: Documents::new(options.documents.clone()),
        options,
        sockets,
    };
    Router::new().route("/graphql", get(http::get).post(http::post).fallback(method_not_allowed)).layer(Extension(face))
}

/// Gives the refusals of [`graphql_routes`] the shape that GraphQL clients expect. It goes around whatever
/// else may refuse.
pub fn shape_refusals(routes: Router<Arc<App>>) -> Router<Arc<App>> {
    routes.layer(middleware::from_fn(http::shape_refusals))
}

fn schema(app: Option<Arc<App>>, options: &Options) -> OtpwireSchema {
    let mut builder = Schema::build(Query, Mutation::default(), Subscription)
        .limit_depth(limits::MAX_DEPTH)
        .limit_complexity(limits::MAX_COMPLEXITY)
        .validation_mode(async_graphql::ValidationMode::Strict);
    if !options.suggestions {
        builder = builder.disable_suggestions();
    }
    match app {
        Some(app) => builder.data(app).finish(),
        None => builder.finish(),
    }
}

/// The schema in the schema definition language, sorted, so that changes to it read well.
#[must_use]
pub fn sdl() -> String {
    let sorted = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    schema(None, &Options::default()).sdl_with_options(sorted)
}
