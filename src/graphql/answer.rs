//! What resolvers answer.

use std::sync::Arc;

use async_graphql::Context;
use tokio::sync::Notify;

use super::error::to_graphql;
use crate::{
    app::App,
    domain::{Caller, Client, Result},
};

/// A field that can fail. It is nullable, so that a failure costs the client this field alone: the
/// library leaves a failed field that is not nullable out of the answer.
pub(super) type Answer<T> = Option<async_graphql::Result<T>>;

/// The answer of a verb.
pub(super) fn answer<T>(result: Result<T>) -> Answer<T> {
    Some(result.map_err(to_graphql))
}

/// The application.
pub(super) fn app<'c>(ctx: &Context<'c>) -> &'c Arc<App> {
    ctx.data_unchecked()
}

/// Where the request comes from.
pub(super) fn client<'c>(ctx: &Context<'c>) -> &'c Client {
    ctx.data_unchecked::<Arc<Client>>()
}

/// Rung when a subscription has begun: whatever happens from then on, its client is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Begun(Arc<Notify>);

impl Begun {
    /// Returns when it has begun, also if that was before.
    pub(super) async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Says that the subscription has begun, to whoever wants to know.
pub(super) fn begin(ctx: &Context<'_>) {
    if let Some(begun) = ctx.data_opt::<Begun>() {
        begun.0.notify_one();
    }
}

/// Who is asking.
pub(super) fn caller<'c>(ctx: &Context<'c>) -> &'c Caller {
    ctx.data_unchecked()
}
