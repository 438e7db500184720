//! What resolvers answer.

use std::sync::Arc;

use async_graphql::Context;

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

/// Who is asking.
pub(super) fn caller<'c>(ctx: &Context<'c>) -> &'c Caller {
    ctx.data_unchecked()
}
