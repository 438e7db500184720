//! Delivery reports: what became of each webhook.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Subcommand;

use super::{
    super::output::Paging,
    context::{CommandContext, one_of},
    providers, records,
};
use crate::{
    domain::{DeliveryReport, Error, Msisdn, NodeId, Operator, ReportFilter, ReportKind, ReportReason, ReportStatus},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ReportCommand {
    /// List delivery reports, the newest first: what became of each webhook that was verified.
    ListReports {
        /// Only about messages to this number.
        #[arg(long)]
        number: Option<String>,
        /// Only of this provider.
        #[arg(long)]
        provider: Option<String>,
        /// Only with this status: received, held, duplicate, unroutable, quarantined, failed, queued, sent, delivered,
        /// undelivered or unknown.
        #[arg(long, value_parser = status_of)]
        status: Option<ReportStatus>,
        /// Only for this reason, such as not_rented.
        #[arg(long, value_parser = reason_of)]
        reason: Option<ReportReason>,
        /// Only about these: message or status.
        #[arg(long)]
        kind: Option<ReportKind>,
        /// Only about the message with this id at its provider, and its parts.
        #[arg(long)]
        provider_message_id: Option<String>,
        /// Only from this time on, such as 2026-03-01T12:00:00Z.
        #[arg(long)]
        since: Option<DateTime<Utc>>,
        /// Only before this time.
        #[arg(long)]
        until: Option<DateTime<Utc>>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a delivery report, with what the provider posted, as far as that is not its renter's alone.
    ShowReport {
        /// Its id, such as rpt_9.
        report: String,
    },
}

pub(super) async fn run(cx: &CommandContext<'_>, command: ReportCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    let names = providers::names(cx).await?;
    let provider_of = |report: &DeliveryReport| report.provider_id.and_then(|id| names.get(&id).cloned());
    match command {
        ReportCommand::ListReports {
            number,
            provider,
            status,
            reason,
            kind,
            provider_message_id,
            since,
            until,
            paging,
        } => {
            let provider = match provider {
                Some(name) => Some(app.get_provider(&name).await.map_err(operator_error)?.id),
                None => None,
            };
            let number = number.map(|number| Msisdn::parse("number", &number)).transpose().map_err(operator_error)?;
            let filter = ReportFilter {
                phone_number: number,
                provider_id: provider,
                provider_message_id,
                message_id: None,
                kind,
                status,
                reason,
                since,
                until,
            };
            let record = |report| {
                let provider = provider_of(&report);
                records::DeliveryReport::listed(report, provider)
            };
            output
                .list(
                    paging,
                    async |page| app.list_reports(&Operator, &filter, page).await,
                    async |reports| Ok(reports.into_iter().map(record).collect()),
                )
                .await
        }
        ReportCommand::ShowReport { report } => {
            let id = NodeId::report("report", &report).map_err(operator_error)?;
            let found = app.find_reports(&Operator, &[id]).await.map_err(operator_error)?.pop();
            let report = found.ok_or_else(|| operator_error(Error::not_found("delivery report")))?;
            let provider = provider_of(&report);
            output.show(&records::DeliveryReport::whole(report, provider))
        }
    }
}

fn status_of(word: &str) -> Result<ReportStatus, String> {
    one_of(word, ReportStatus::ALL, |status| status.as_str())
}

fn reason_of(word: &str) -> Result<ReportReason, String> {
    one_of(word, ReportReason::ALL, |reason| reason.as_str())
}
