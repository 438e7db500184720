//! What resolvers find in their context, and what they return.

use std::sync::Arc;

use async_graphql::Context;
use tokio::sync::Notify;

use super::{error::to_graphql, loaders::Loaders, measures::MeasuredOperation, time_limit::TimeLimit};
use crate::{
    app::{
        App,
        watching::{Transport, messages::Watcher},
    },
    domain::{Caller, Client, Result, WaitTime},
};

/// A field that can fail. It is nullable, so that a failure costs the client this field alone: the
/// library leaves a failed field that is not nullable out of the response.
pub(super) type Nullable<T> = Option<async_graphql::Result<T>>;

/// The result of a use case as that of a field.
pub(super) fn nullable<T>(result: Result<T>) -> Nullable<T> {
    Some(result.map_err(to_graphql))
}

/// The application.
pub(super) fn app<'c>(ctx: &Context<'c>) -> &'c Arc<App> {
    ctx.data_unchecked()
}

/// The user, API key or guest that the request acts for.
pub(super) fn caller<'c>(ctx: &Context<'c>) -> &'c Caller {
    ctx.data_unchecked()
}

/// The program that sent the request, and its address.
pub(super) fn client<'c>(ctx: &Context<'c>) -> &'c Client {
    ctx.data_unchecked::<Arc<Client>>()
}

/// How long a mutation may wait, which extends its time limit.
pub(super) fn extend_time_limit(ctx: &Context<'_>, wait: WaitTime) -> WaitTime {
    match ctx.data_opt::<Arc<TimeLimit>>() {
        Some(limit) => limit.extend_for(wait, app(ctx).clock()),
        // The library's own transports, in tests.
        None => wait,
    }
}

/// The loaders of the request.
pub(super) fn loaders<'c>(ctx: &Context<'c>) -> &'c Loaders {
    ctx.data_unchecked()
}

/// Set once a subscription watches for events: from then on its client misses none.
#[derive(Clone, Debug, Default)]
pub(super) struct StartSignal(Arc<Notify>);

impl StartSignal {
    /// Returns once the subscription has started, also when it started before the call.
    pub(super) async fn wait(&self) {
        self.0.notified().await;
    }
}

/// A watcher, counted and measured as a subscription of the transport that its events go to.
pub(super) fn measured(ctx: &Context<'_>, watcher: Watcher) -> Watcher {
    match ctx.data_opt::<Transport>() {
        Some(transport) => watcher.over(*transport),
        // The library's own transports, in tests.
        None => watcher,
    }
}

/// Notes that a subscription has begun, and sets the start signal, if the transport waits for one.
pub(super) fn signal_start(ctx: &Context<'_>) {
    if let Some(running) = ctx.data_opt::<MeasuredOperation>() {
        running.record(true);
    }
    if let Some(signal) = ctx.data_opt::<StartSignal>() {
        signal.0.notify_one();
    }
}
