//! Operators' own code patterns, as administrators see them.

use async_graphql::{Context, ID, Object};

use super::{
    provider::ProviderView,
    scalars::{Int64, Time},
};
use crate::{
    domain::{NodeId, OtpPattern, Sender, Service},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        pagination::connection,
    },
};

/// How codes are found in the messages of a sender, of an account at a provider, or of a sender that come through an
/// account. It comes before the built-in reader; patterns for both come before those for a sender, and these before
/// those for a provider; of these, the oldest is tried first.
#[derive(Clone)]
pub(crate) struct OtpPatternView(pub(crate) OtpPattern);

/// How codes are found in the messages of a sender, of an account at a provider, or of a sender that come through an
/// account. It comes before the built-in reader; patterns for both come before those for a sender, and these before
/// those for a provider; of these, the oldest is tried first.
#[Object(name = "OtpPattern")]
impl OtpPatternView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::OtpPattern(self.0.id).into()
    }

    /// The id in the database.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
    }

    /// Only messages that this account brings.
    #[graphql(complexity = "1 + child_complexity")]
    async fn provider(&self, ctx: &Context<'_>) -> Nullable<Option<ProviderView>> {
        let found = loaders(ctx).load_optional(self.0.provider_id).await;
        nullable(found.map(|found| found.map(ProviderView)))
    }

    /// Only messages of this sender, whatever the case of its letters.
    async fn sender(&self) -> Option<&str> {
        self.0.sender.as_ref().map(Sender::as_str)
    }

    /// The regular expression.
    async fn pattern(&self) -> &str {
        &self.0.pattern
    }

    /// Whose codes it finds, where it does not capture that.
    async fn service(&self) -> Option<&str> {
        self.0.service.as_ref().map(Service::as_str)
    }

    /// Whether it is used.
    async fn is_active(&self) -> bool {
        self.0.is_active
    }

    /// When it was added.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> Time {
        self.0.updated_at.into()
    }
}

connection! {
    OtpPatternConnection("OtpPatternConnection", "A page of code patterns, by id."),
    OtpPatternEdge("OtpPatternEdge", "A code pattern and its cursor.") of OtpPatternView,
    filtered by (),
    counted by async |ctx: &Context<'_>, (): &()| app(ctx).count_otp_patterns(caller(ctx)).await
}
