//! The schema: its root types and the limits that the library enforces.

use std::sync::Arc;

use async_graphql::{Executor, SDLExportOptions, Schema, SchemaBuilder, ValidationMode};

use super::{
    batching::BatchRunner,
    loaders::Loaders,
    mutation::Mutation,
    options::Options,
    query::Query,
    request::size_limits::{MAX_COMPLEXITY, MAX_DEPTH},
    subscription::Subscription,
};
use crate::{
    app::App,
    domain::{Caller, Client},
};

pub(super) type OtpwireSchema = Schema<Query, Mutation, Subscription>;

pub(super) fn builder(options: &Options) -> SchemaBuilder<Query, Mutation, Subscription> {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription)
        .limit_depth(MAX_DEPTH)
        .limit_complexity(MAX_COMPLEXITY)
        .validation_mode(ValidationMode::Strict);
    if options.suggestions { builder } else { builder.disable_suggestions() }
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
    builder(&Options::default()).finish().sdl_with_options(sorted)
}

/// The schema without our transports, always acting for one caller: what the tests give to the library's own
/// transports, to compare them with ours. It does not count requests, and sets no deadlines.
#[must_use]
pub fn executor_for(app: &Arc<App>, caller: Caller, client: Client) -> impl Executor + use<> {
    let loaders = Loaders::new(Arc::clone(app), caller, BatchRunner::Spawn);
    let builder = builder(&Options::default());
    builder.data(Arc::clone(app)).data(caller).data(Arc::new(client)).data(loaders).finish()
}
