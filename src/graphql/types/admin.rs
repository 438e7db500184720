//! What administrators see: delivery reports, the audit log and the platform in figures.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::{Int64, Json, Loaders, ProviderView, Time, UserView, paging::connection};
use crate::{
    domain::{
        self, AuditEntry, AuditFilter, DeliveryReport, InboundSms, Msisdn, NodeId, NumberStats, ReportFilter, Result,
        Stats, UserStats, WebhookStats,
    },
    graphql::answer::{Answer, answer, app, caller},
};

/// What a delivery report is about.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ReportKind")]
pub(in crate::graphql) enum DeliveryReportKind {
    /// A message that somebody sent to one of the numbers.
    Message,
    /// A status callback: how far a message that was sent through the provider has come.
    Status,
}

/// What became of a webhook, or how far a message that was sent has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ReportStatus")]
pub(in crate::graphql) enum DeliveryReportStatus {
    /// The message is in its renter's inbox.
    Received,
    /// A part of a long message, which waits for the others.
    Held,
    /// The message had arrived before.
    Duplicate,
    /// The number is not ours, or not this provider's.
    Unroutable,
    /// The message is stored, and nobody's: the number had no renter.
    Quarantined,
    /// The webhook could not be read, or the message not be stored. Of a message that was sent: it was refused before
    /// any network had it.
    Failed,
    /// The provider has the message that was sent.
    Queued,
    /// A network has the message that was sent.
    Sent,
    /// The phone has the message that was sent.
    Delivered,
    /// The message that was sent could not be delivered.
    Undelivered,
    /// The provider says of the message that was sent what the platform has no word for, or a newer version of the
    /// platform what this one has none for.
    Unknown,
}

/// What became of a webhook that was verified.
#[derive(Clone)]
pub(in crate::graphql) struct ReportView(pub(in crate::graphql) DeliveryReport);

/// What became of a webhook that was verified.
#[Object(name = "DeliveryReport")]
impl ReportView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::Report(self.0.id).to_string().into()
    }

    /// The id in the database.
    async fn database_id(&self) -> Int64 {
        Int64(self.0.id.0)
    }

    /// The id of the message, where one was stored. The message is its renter's alone, and may have expired.
    async fn message_id(&self) -> Option<ID> {
        self.0.message_id.map(|id| NodeId::Message(id).to_string().into())
    }

    /// The account that it came from.
    #[graphql(complexity = "1 + child_complexity")]
    async fn provider(&self, ctx: &Context<'_>) -> Answer<Option<ProviderView>> {
        let Some(id) = self.0.provider_id else { return answer(Ok(None)) };
        answer(ctx.data_unchecked::<Loaders>().load(id).await.map(|found| found.map(ProviderView)))
    }

    /// The provider's id of the message, where it could be read. Of a part of a long message, its number follows:
    /// `id/2`.
    async fn provider_message_id(&self) -> Option<&str> {
        self.0.provider_message_id.as_deref()
    }

    /// The number that the message was sent to, where it could be read.
    async fn phone_number(&self) -> Option<&str> {
        self.0.phone_number.as_ref().map(Msisdn::as_str)
    }

    /// What it is about.
    async fn kind(&self) -> DeliveryReportKind {
        self.0.kind.into()
    }

    /// What became of it. Of a message that was sent, the state that it has come to, which never goes back.
    async fn status(&self) -> DeliveryReportStatus {
        self.0.status.into()
    }

    /// Why, when it was not delivered.
    async fn error_message(&self) -> Option<&str> {
        self.0.error_message.as_deref()
    }

    /// What a status callback said, in the provider's own word.
    async fn provider_status(&self) -> Option<&str> {
        self.0.provider_status.as_deref()
    }

    /// When the message came to this status, where the provider says so.
    async fn delivered_at(&self) -> Option<Time> {
        self.0.delivered_at.map(Into::into)
    }

    /// What the provider posted, without what is its renter's alone: of a message in somebody else's inbox, texts
    /// are replaced by their lengths. It is kept for as long as the message.
    async fn payload(&self) -> Option<Json> {
        self.0.payload.as_ref().map(|payload| Json(payload.value().clone()))
    }

    /// How often the provider had repeated it.
    async fn retry_count(&self) -> i32 {
        self.0.retry_count
    }

    /// When it reached the platform.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

connection! {
    ReportConnection("DeliveryReportConnection", "A page of delivery reports, newest first."),
    ReportEdge("DeliveryReportEdge", "A delivery report and its place in the list.") of ReportView,
    filtered by ReportFilter,
    counted by async |ctx: &Context<'_>, filter: &ReportFilter| app(ctx).count_reports(caller(ctx), filter).await
}

/// Which delivery reports to list.
#[derive(Default, InputObject)]
#[graphql(name = "DeliveryReportFilter")]
pub(in crate::graphql) struct ReportFilterInput {
    /// Only about messages to this number: E.164, or a short code.
    phone_number: Option<String>,
    /// Only of this provider.
    provider_id: Option<ID>,
    /// Only about the message with this id at its provider, and its parts.
    provider_message_id: Option<String>,
    /// Only about this message.
    message_id: Option<ID>,
    /// Only about this.
    kind: Option<DeliveryReportKind>,
    /// Only with this status.
    status: Option<DeliveryReportStatus>,
    /// Only from this time on.
    since: Option<Time>,
    /// Only before this time.
    until: Option<Time>,
}

impl TryFrom<ReportFilterInput> for ReportFilter {
    type Error = domain::Error;

    fn try_from(input: ReportFilterInput) -> Result<Self> {
        Ok(Self {
            phone_number: input.phone_number.map(|number| Msisdn::parse("filter.phoneNumber", &number)).transpose()?,
            provider_id: input.provider_id.map(|id| NodeId::provider("filter.providerId", &id)).transpose()?,
            provider_message_id: input
                .provider_message_id
                .map(|id| InboundSms::check_id("filter.providerMessageId", &id).map(|()| id))
                .transpose()?,
            message_id: input.message_id.map(|id| NodeId::message("filter.messageId", &id)).transpose()?,
            kind: input.kind.map(Into::into),
            status: input.status.map(Into::into),
            since: input.since.map(|time| time.0),
            until: input.until.map(|time| time.0),
        })
    }
}

/// What somebody did.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::AuditAction")]
pub(in crate::graphql) enum AuditAction {
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
    /// A pattern of codes was added.
    OtpPatternCreated,
    /// A pattern of codes was changed.
    OtpPatternUpdated,
    /// A pattern of codes was deleted.
    OtpPatternDeleted,
    /// A newer version of the platform did what this one has no word for.
    Other,
}

/// One thing that somebody did.
#[derive(Clone)]
pub(in crate::graphql) struct AuditView(pub(in crate::graphql) AuditEntry);

/// One thing that somebody did.
#[Object(name = "AuditEntry")]
impl AuditView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::Audit(self.0.id).to_string().into()
    }

    /// The id in the database.
    async fn database_id(&self) -> Int64 {
        Int64(self.0.id.0)
    }

    /// Who did it. Nobody is the operator at the command line, or somebody with a token from a mail.
    #[graphql(complexity = "1 + child_complexity")]
    async fn actor(&self, ctx: &Context<'_>) -> Answer<Option<UserView>> {
        let Some(id) = self.0.actor_id else { return answer(Ok(None)) };
        answer(ctx.data_unchecked::<Loaders>().load(id).await.map(|found| found.map(UserView)))
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
    AuditEdge("AuditEntryEdge", "An entry of the audit log and its place in the list.") of AuditView,
    filtered by AuditFilter,
    counted by async |ctx: &Context<'_>, filter: &AuditFilter| app(ctx).count_audit(caller(ctx), filter).await
}

/// Which entries of the audit log to list.
#[derive(Default, InputObject)]
#[graphql(name = "AuditFilter")]
pub(in crate::graphql) struct AuditFilterInput {
    /// Only what this user did.
    actor_id: Option<ID>,
    /// Only this.
    action: Option<AuditAction>,
    /// Only what was done to the thing with this id.
    target: Option<ID>,
}

impl TryFrom<AuditFilterInput> for AuditFilter {
    type Error = domain::Error;

    fn try_from(input: AuditFilterInput) -> Result<Self> {
        Ok(Self {
            actor_id: input.actor_id.map(|id| NodeId::user("filter.actorId", &id)).transpose()?,
            action: input.action.map(Into::into),
            target: input.target.map(|id| id.parse::<NodeId>().map(|id| id.to_string())).transpose()?,
        })
    }
}

/// The platform in figures.
#[derive(SimpleObject)]
#[graphql(name = "Stats")]
pub(in crate::graphql) struct StatsView {
    /// The accounts.
    users: UserStatsView,
    /// The numbers, by what they can be used for now.
    phone_numbers: NumberStatsView,
    /// The webhooks of the last 24 hours, by what became of them.
    webhooks: WebhookStatsView,
    /// How many messages are kept now.
    message_count: Int64,
    /// How many sockets and streams are open on the replica that answers.
    open_connection_count: i32,
}

/// Accounts in figures.
#[derive(SimpleObject)]
#[graphql(name = "UserStats")]
struct UserStatsView {
    /// All of them.
    total: Int64,
    /// Those who may sign in.
    active: Int64,
    /// Those of the premium plan.
    premium: Int64,
}

/// Numbers in figures.
#[derive(SimpleObject)]
#[graphql(name = "PhoneNumberStats")]
struct NumberStatsView {
    /// Can be rented.
    available: Int64,
    /// Are rented.
    assigned: Int64,
    /// Cool down.
    expired: Int64,
    /// Are out of use.
    blocked: Int64,
}

/// Webhooks in figures.
#[derive(SimpleObject)]
#[graphql(name = "WebhookStats")]
struct WebhookStatsView {
    /// Brought a message to an inbox.
    received: Int64,
    /// Brought a message again.
    duplicate: Int64,
    /// Brought a message to a number that is not ours.
    unroutable: Int64,
    /// Brought a message that is nobody's.
    quarantined: Int64,
    /// Could not be read or stored.
    failed: Int64,
}

impl From<Stats> for StatsView {
    fn from(stats: Stats) -> Self {
        let UserStats { total, active, premium } = stats.users;
        let NumberStats { available, assigned, expired, blocked } = stats.numbers;
        let WebhookStats { received, duplicate, unroutable, quarantined, failed } = stats.webhooks;
        Self {
            users: UserStatsView { total: Int64(total), active: Int64(active), premium: Int64(premium) },
            phone_numbers: NumberStatsView {
                available: Int64(available),
                assigned: Int64(assigned),
                expired: Int64(expired),
                blocked: Int64(blocked),
            },
            webhooks: WebhookStatsView {
                received: Int64(received),
                duplicate: Int64(duplicate),
                unroutable: Int64(unroutable),
                quarantined: Int64(quarantined),
                failed: Int64(failed),
            },
            message_count: Int64(stats.messages),
            open_connection_count: stats.open_connections.try_into().unwrap_or(i32::MAX),
        }
    }
}

/// Wraps a user.
pub(in crate::graphql) fn user_view(user: domain::User) -> UserView {
    UserView(Arc::new(user))
}
