//! The payload of mutations that have nothing to show.

use async_graphql::SimpleObject;

use crate::{
    domain::Result,
    graphql::context::{Nullable, nullable},
};

/// It is done.
#[derive(SimpleObject)]
pub(super) struct DonePayload {
    /// A sentence for people.
    message: &'static str,
}

pub(super) fn done(result: Result<()>, message: &'static str) -> Nullable<DonePayload> {
    nullable(result.map(|()| DonePayload { message }))
}
