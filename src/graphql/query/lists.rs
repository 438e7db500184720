//! The lists by id, each with the four arguments of a connection.

use crate::{
    domain::{AuditFilter, ListCursor, NumberFilter, ReportFilter, UserFilter},
    graphql::{
        context::{app, caller},
        pagination::list_fields,
        types::{
            audit::{AuditConnection, AuditFilterInput, AuditView},
            blocked_sender::{BlockedSenderConnection, BlockedSenderView},
            delivery_report::{ReportConnection, ReportFilterInput, ReportView},
            invitation::{InvitationConnection, InvitationView},
            number::{NumberConnection, NumberFilterInput, NumberView},
            otp_pattern::{OtpPatternConnection, OtpPatternView},
            provider::{ProviderConnection, ProviderView},
            user::{UserConnection, UserFilterInput, UserView},
        },
    },
};

#[derive(Default)]
pub(super) struct QueryLists;

list_fields! {
    QueryLists:

    /// The numbers that you can rent and those that you rent now; for administrators, all.
    phone_numbers(filter: NumberFilterInput = "Which numbers.") -> NumberConnection, |ctx, page| {
        let filter = NumberFilter::try_from(filter)?;
        let numbers = app(ctx).list_numbers(caller(ctx), &filter, &page.by_id()?).await?;
        Ok(NumberConnection::new(numbers, filter, ListCursor::encode, NumberView))
    }

    /// The users, by id. For administrators.
    users(filter: UserFilterInput = "Which users.") -> UserConnection, |ctx, page| {
        let filter = UserFilter::from(filter);
        let users = app(ctx).list_users(caller(ctx), &filter, &page.by_id()?).await?;
        Ok(UserConnection::new(users, filter, ListCursor::encode, UserView::from))
    }

    /// The accounts at SMS providers, by id. For administrators.
    providers() -> ProviderConnection, |ctx, page| {
        let providers = app(ctx).list_providers(caller(ctx), &page.by_id()?).await?;
        Ok(ProviderConnection::new(providers, (), ListCursor::encode, ProviderView))
    }

    /// Your own code patterns, by id. For administrators.
    otp_patterns() -> OtpPatternConnection, |ctx, page| {
        let patterns = app(ctx).list_otp_patterns(caller(ctx), &page.by_id()?).await?;
        Ok(OtpPatternConnection::new(patterns, (), ListCursor::encode, OtpPatternView))
    }

    /// Invitations to make an account, newest first, with those that expired within 30 days. For administrators.
    invitations() -> InvitationConnection, |ctx, page| {
        let invitations = app(ctx).list_invitations(caller(ctx), &page.by_id()?).await?;
        Ok(InvitationConnection::new(invitations, (), ListCursor::encode, InvitationView))
    }

    /// The senders whose messages are refused, newest first. For administrators.
    blocked_senders() -> BlockedSenderConnection, |ctx, page| {
        let blocked = app(ctx).list_blocked_senders(caller(ctx), &page.by_id()?).await?;
        Ok(BlockedSenderConnection::new(blocked, (), ListCursor::encode, BlockedSenderView))
    }

    /// What became of webhooks, newest first: "where is my SMS?" For administrators.
    delivery_reports(filter: ReportFilterInput = "Which reports.") -> ReportConnection, |ctx, page| {
        caller(ctx).admin()?;
        let filter = ReportFilter::try_from(filter)?;
        let reports = app(ctx).list_reports(caller(ctx), &filter, &page.by_id()?).await?;
        Ok(ReportConnection::new(reports, filter, ListCursor::encode, ReportView))
    }

    /// Who changed what, newest first. Entries are kept for a year. For administrators.
    audit_log(filter: AuditFilterInput = "Which entries.") -> AuditConnection, |ctx, page| {
        caller(ctx).admin()?;
        let filter = AuditFilter::try_from(filter)?;
        let entries = app(ctx).list_audit(caller(ctx), &filter, &page.by_id()?).await?;
        Ok(AuditConnection::new(entries, filter, ListCursor::encode, AuditView))
    }
}
