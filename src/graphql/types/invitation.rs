//! Who may make an account, and invitations.

use async_graphql::{Context, Enum, ID, Object};

use super::{
    scalars::{Int64, Time},
    user::{UserPlan, UserView},
};
use crate::{
    app::App,
    domain::{self, EmailDomain, Invitation, NodeId},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        pagination::connection,
    },
};

/// Who may make an account.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::RegistrationPolicy")]
pub(crate) enum RegistrationPolicy {
    /// Everybody.
    Open,
    /// Whoever an administrator has invited.
    Invite,
    /// Nobody: the operator makes the accounts.
    Closed,
}

/// Who may make an account.
pub(crate) struct RegistrationView {
    policy: domain::RegistrationPolicy,
    domains: Vec<String>,
}

impl RegistrationView {
    /// The operator's rule.
    pub(crate) fn of(app: &App) -> Self {
        let domains = app.allowed_email_domains().iter().map(EmailDomain::as_str).map(str::to_owned);
        Self { policy: app.registration_policy(), domains: domains.collect() }
    }
}

/// Who may make an account.
#[Object(name = "Registration")]
impl RegistrationView {
    /// The rule.
    async fn policy(&self) -> RegistrationPolicy {
        self.policy.into()
    }

    /// The only domains that addresses of new accounts may have, each exact; none means any. An invitation that is
    /// bound to an address is good for it whatever its domain.
    async fn allowed_email_domains(&self) -> &[String] {
        &self.domains
    }
}

/// Whether an invitation can be used.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::InvitationStatus")]
pub(crate) enum InvitationStatus {
    /// It can be used.
    Pending,
    /// An account was made with it.
    Used,
    /// It was not used in time.
    Expired,
}

/// An invitation to make an account. It is good once.
#[derive(Clone)]
pub(crate) struct InvitationView(pub(crate) Invitation);

/// An invitation to make an account. It is good once.
#[Object(name = "Invitation")]
impl InvitationView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Invitation(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
    }

    /// Whether it can be used.
    async fn status(&self, ctx: &Context<'_>) -> InvitationStatus {
        self.0.status(app(ctx).clock().now()).into()
    }

    /// The only address that it is good for, if it is bound to one.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The plan of the account.
    async fn plan(&self) -> UserPlan {
        self.0.plan.into()
    }

    /// Whether its token was sent to its address, and shown to nobody.
    async fn is_mailed(&self) -> bool {
        self.0.is_mailed
    }

    /// Who made it. Nobody is the operator at the command line.
    #[graphql(complexity = "1 + child_complexity")]
    async fn created_by(&self, ctx: &Context<'_>) -> Nullable<Option<UserView>> {
        let found = loaders(ctx).load_optional(self.0.created_by).await;
        nullable(found.map(|found| found.map(UserView)))
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Until when it can be used.
    async fn expires_at(&self) -> Time {
        self.0.expires_at.into()
    }

    /// Whose account was made with it.
    #[graphql(complexity = "1 + child_complexity")]
    async fn used_by(&self, ctx: &Context<'_>) -> Nullable<Option<UserView>> {
        let found = loaders(ctx).load_optional(self.0.used_by).await;
        nullable(found.map(|found| found.map(UserView)))
    }

    /// When it was used.
    async fn used_at(&self) -> Option<Time> {
        self.0.used_at.map(Into::into)
    }
}

connection! {
    InvitationConnection("InvitationConnection", "A page of invitations, newest first."),
    InvitationEdge("InvitationEdge", "An invitation and its cursor.") of InvitationView,
    filtered by (),
    counted by async |ctx: &Context<'_>, (): &()| app(ctx).count_invitations(caller(ctx)).await
}
