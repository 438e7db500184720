//! The audit log, as administrators see it.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::{
    scalars::{Int64, Json, Time},
    user::UserView,
};
use crate::{
    domain::{self, AuditEntry, AuditFilter, NodeId, Result},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        pagination::connection,
    },
};

/// What somebody did.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::AuditAction")]
pub(crate) enum AuditAction {
    /// A user's role, plan or right to sign in was changed.
    UserUpdated,
    /// An account at a provider was added.
    ProviderCreated,
    /// An account at a provider was changed.
    ProviderUpdated,
    /// Numbers were added.
    NumbersImported,
    /// A number was taken out of use, or put back.
    NumberStatusSet,
    /// A message was made up.
    SmsSimulated,
    /// A password was changed, by whoever knew it or by mail.
    PasswordChanged,
    /// A key for a program was made.
    ApiKeyCreated,
    /// A key for a program was revoked.
    ApiKeyRevoked,
    /// A code pattern was added.
    OtpPatternCreated,
    /// A code pattern was changed.
    OtpPatternUpdated,
    /// A code pattern was deleted.
    OtpPatternDeleted,
    /// A number was granted to a user's pool.
    NumberGranted,
    /// The grant of a number was ended.
    NumberGrantEnded,
    /// An account was made on the command line.
    UserCreated,
    /// An administrator ended somebody's rental of a number.
    NumberReleased,
    /// The secrets of a provider were sealed again with the key that is in use.
    SecretsResealed,
    /// An invitation was made.
    InvitationCreated,
    /// An invitation was taken back.
    InvitationRevoked,
    /// An account was made with an invitation.
    InvitationUsed,
    /// A sender was blocked.
    SenderBlocked,
    /// A sender was unblocked.
    SenderUnblocked,
    /// A newer version of the platform did what this one has no word for.
    Other,
}

/// One thing that somebody did.
#[derive(Clone)]
pub(crate) struct AuditView(pub(crate) AuditEntry);

/// One thing that somebody did.
#[Object(name = "AuditEntry")]
impl AuditView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Audit(self.0.id).into()
    }

    /// The id in the database.
    async fn database_id(&self) -> Int64 {
        Int64(self.0.id.0)
    }

    /// Who did it. Nobody is the operator at the command line, or somebody with a token from a mail.
    #[graphql(complexity = "1 + child_complexity")]
    async fn actor(&self, ctx: &Context<'_>) -> Nullable<Option<UserView>> {
        let found = loaders(ctx).load_optional(self.0.actor_id).await;
        nullable(found.map(|found| found.map(UserView)))
    }

    /// What was done.
    async fn action(&self) -> AuditAction {
        self.0.action.into()
    }

    /// The id of what it was done to.
    async fn target(&self) -> Option<ID> {
        self.0.target.clone().map(Into::into)
    }

    /// What changed. Secrets and texts of messages are never in here.
    async fn details(&self) -> Json {
        Json(self.0.details.clone())
    }

    /// When.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

connection! {
    AuditConnection("AuditEntryConnection", "A page of the audit log, newest first."),
    AuditEdge("AuditEntryEdge", "An entry of the audit log and its cursor.") of AuditView,
    filtered by AuditFilter,
    counted by async |ctx: &Context<'_>, filter: &AuditFilter| app(ctx).count_audit(caller(ctx), filter).await
}

/// Which entries of the audit log to list.
#[derive(Default, InputObject)]
#[graphql(name = "AuditFilter")]
pub(crate) struct AuditFilterInput {
    /// Only what this user did.
    actor_id: Option<ID>,
    /// Only this.
    action: Option<AuditAction>,
    /// Only what was done to the thing with this id.
    target: Option<ID>,
    /// Only from this time on.
    since: Option<Time>,
    /// Only before this time.
    until: Option<Time>,
}

impl TryFrom<AuditFilterInput> for AuditFilter {
    type Error = domain::Error;

    fn try_from(input: AuditFilterInput) -> Result<Self> {
        Ok(Self {
            actor_id: input.actor_id.map(|id| NodeId::user("filter.actorId", &id)).transpose()?,
            action: input.action.map(Into::into),
            target: input.target.map(|id| id.parse::<NodeId>().map(|id| id.to_string())).transpose()?,
            since: input.since.map(|time| time.0),
            until: input.until.map(|time| time.0),
        })
    }
}
