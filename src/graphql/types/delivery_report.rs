//! Delivery reports, as administrators see them.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::{
    provider::ProviderView,
    scalars::{Int64, Json, Time},
};
use crate::{
    domain::{self, DeliveryReport, InboundSms, Msisdn, NodeId, ReportFilter, Result},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        pagination::connection,
    },
};

/// What a delivery report is about.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ReportKind")]
pub(crate) enum DeliveryReportKind {
    /// A message that somebody sent to one of the numbers.
    Message,
    /// A status callback: how far a message that was sent through the provider has come.
    Status,
}

/// What became of a webhook, or how far a message that was sent has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ReportStatus")]
pub(crate) enum DeliveryReportStatus {
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
    /// The message was refused and not stored: its sender is blocked.
    Blocked,
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

/// Why a message did not reach an inbox, or a status callback has the status that it has.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ReportReason")]
pub(crate) enum DeliveryReportReason {
    /// Of `HELD`: other parts of the long message have not arrived yet.
    WaitingForParts,
    /// Of `DUPLICATE`: a message with the same provider id had arrived before.
    SameId,
    /// Of `DUPLICATE`: a message with the same sender, number, text and time had arrived before.
    SameContent,
    /// Of `UNROUTABLE`: the number is not on the platform.
    UnknownNumber,
    /// Of `UNROUTABLE`: the number is another provider's.
    OtherProvider,
    /// Of `QUARANTINED`: nobody had rented the number.
    NotRented,
    /// Of `QUARANTINED`: the last rental of the number had ended.
    RentalEnded,
    /// Of `QUARANTINED`: an administrator has taken the number out of use.
    NumberBlocked,
    /// Of `BLOCKED`: an administrator has blocked the sender.
    SenderBlocked,
    /// Of `QUARANTINED`: it was sent before the rental began, by the provider's clock.
    SentBeforeRental,
    /// Of `FAILED`: the webhook as a whole could not be read.
    UnreadableBody,
    /// Of `FAILED`: a field is missing or wrong; `errorMessage` says which.
    InvalidField,
    /// Of `FAILED`: the database refused the message.
    StoreRefused,
    /// Of a status callback: the provider says so.
    ProviderReport,
    /// Of a status callback: the platform does not know the provider's word, so the status is what it was before.
    UnknownStatus,
    /// Of a status callback: it was late, and the message had come further already.
    OutOfOrder,
    /// A reason that only a newer version of the platform knows.
    Other,
}

/// What became of a webhook that was verified.
#[derive(Clone)]
pub(crate) struct ReportView(pub(crate) DeliveryReport);

/// What became of a webhook that was verified.
#[Object(name = "DeliveryReport")]
impl ReportView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Report(self.0.id).into()
    }

    /// The id in the database.
    async fn database_id(&self) -> Int64 {
        Int64(self.0.id.0)
    }

    /// The id of the message, where one was stored. The message is its renter's alone, and may have expired.
    async fn message_id(&self) -> Option<ID> {
        self.0.message_id.map(|id| NodeId::Message(id).into())
    }

    /// The account that it came from.
    #[graphql(complexity = "1 + child_complexity")]
    async fn provider(&self, ctx: &Context<'_>) -> Nullable<Option<ProviderView>> {
        let found = loaders(ctx).load_optional(self.0.provider_id).await;
        nullable(found.map(|found| found.map(ProviderView)))
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

    /// Why it has this status. There is none for `RECEIVED`, nor for reports that older versions made.
    async fn reason(&self) -> Option<DeliveryReportReason> {
        self.0.reason.map(Into::into)
    }

    /// The details, when it was not delivered.
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
    ReportEdge("DeliveryReportEdge", "A delivery report and its cursor.") of ReportView,
    filtered by ReportFilter,
    counted by async |ctx: &Context<'_>, filter: &ReportFilter| app(ctx).count_reports(caller(ctx), filter).await
}

/// Which delivery reports to list.
#[derive(Default, InputObject)]
#[graphql(name = "DeliveryReportFilter")]
pub(crate) struct ReportFilterInput {
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
    /// Only for this reason.
    reason: Option<DeliveryReportReason>,
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
            reason: input.reason.map(Into::into),
            since: input.since.map(|time| time.0),
            until: input.until.map(|time| time.0),
        })
    }
}
