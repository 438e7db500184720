//! Everything that has an id.

use async_graphql::{ID, Interface};

use super::{
    api_key::ApiKeyView, audit::AuditView, blocked_sender::BlockedSenderView, delivery_report::ReportView,
    invitation::InvitationView, lease::LeaseView, message::MessageView, number::NumberView,
    otp_pattern::OtpPatternView, pool::PoolView, provider::ProviderView, session::SessionView, user::UserView,
};

/// Anything with an id of its own.
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id, unique over everything: `usr_3`, `num_7`, `msg_42`, `ses_5`, `key_2`, `prv_1`, `rpt_9`, `aud_4`, `pat_6`, `pol_3`, `lse_12`, `inv_5`, `blk_2`."
))]
pub(crate) enum Node {
    User(UserView),
    PhoneNumber(NumberView),
    Message(MessageView),
    Session(SessionView),
    ApiKey(ApiKeyView),
    Provider(ProviderView),
    DeliveryReport(ReportView),
    AuditEntry(AuditView),
    OtpPattern(OtpPatternView),
    Pool(PoolView),
    Lease(LeaseView),
    Invitation(InvitationView),
    BlockedSender(BlockedSenderView),
}
