//! What the roots answer: GraphQL types that wrap values of the domain.

mod admin;
mod kind;
mod loaders;
mod message;
mod number;
mod paging;
mod pattern;
mod provider;
mod scalars;
mod session;
mod user;

use async_graphql::{ID, Interface};

pub(super) use admin::{
    AuditConnection, AuditFilterInput, AuditView, ReportConnection, ReportFilterInput, ReportView, StatsView, user_view,
};
pub(super) use kind::{KindView, ProviderKind};
use loaders::HealthOf;
pub(super) use loaders::{Loaders, Loads};
pub(super) use message::{
    MessageConnection, MessageFilterInput, MessageType, MessageView, OtpView, connect_messages, inbox_page,
};
pub(super) use number::{CountryView, NumberConnection, NumberFilterInput, NumberView};
pub(super) use paging::{PageInfo, page_request, page_size};
pub(super) use pattern::{OtpPatternConnection, OtpPatternView};
pub(super) use provider::{ProviderConnection, ProviderView};
pub(super) use scalars::{Int64, Json, Time};
pub(super) use session::{ApiKeyScope, ApiKeyView, SessionView};
pub(super) use user::{UserConnection, UserFilterInput, UserPlan, UserRole, UserView};

/// Anything with an id of its own.
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id, unique over everything: `usr_3`, `num_7`, `msg_42`, `ses_5`, `key_2`, `prv_1`, `rpt_9`, `aud_4`, `pat_6`."
))]
pub(super) enum Node {
    User(UserView),
    PhoneNumber(NumberView),
    Message(MessageView),
    Session(SessionView),
    ApiKey(ApiKeyView),
    Provider(ProviderView),
    DeliveryReport(ReportView),
    AuditEntry(AuditView),
    OtpPattern(OtpPatternView),
}
