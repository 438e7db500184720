//! Senders whose messages are refused.

use async_graphql::{Context, ID, Object};

use super::{
    scalars::{Int64, Time},
    user::UserView,
};
use crate::{
    domain::{BlockedSender, NodeId},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        pagination::connection,
    },
};

/// A sender whose messages are refused, or how several begin.
#[derive(Clone)]
pub(crate) struct BlockedSenderView(pub(crate) BlockedSender);

/// A sender whose messages are refused, or how several begin.
#[Object(name = "BlockedSender")]
impl BlockedSenderView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::BlockedSender(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
    }

    /// The sender, whatever the case of its letters. With an asterisk at its end, every sender that begins so.
    async fn sender(&self) -> &str {
        self.0.pattern.as_str()
    }

    /// Why, for other administrators.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who blocked it. Nobody is the operator at the command line.
    #[graphql(complexity = "1 + child_complexity")]
    async fn created_by(&self, ctx: &Context<'_>) -> Nullable<Option<UserView>> {
        let found = loaders(ctx).load_optional(self.0.created_by).await;
        nullable(found.map(|found| found.map(UserView)))
    }

    /// When it was blocked.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

connection! {
    BlockedSenderConnection("BlockedSenderConnection", "A page of blocked senders, newest first."),
    BlockedSenderEdge("BlockedSenderEdge", "A blocked sender and its cursor.") of BlockedSenderView,
    filtered by (),
    counted by async |ctx: &Context<'_>, (): &()| app(ctx).count_blocked_senders(caller(ctx)).await
}
