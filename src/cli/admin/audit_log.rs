//! `otpwire admin export-audit-log`: the audit log as JSON lines.

use anyhow::Result;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use clap::Subcommand;
use serde_json::json;

use super::{super::terminal::try_print, context::CommandContext};
use crate::{
    app::App,
    domain::{AuditEntry, AuditFilter, NodeId, Operator, escape_json_for_terminal},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuditLogCommand {
    /// Print the audit log as JSON lines, the oldest entry first.
    ExportAuditLog {
        /// Only entries from this time on: 2026-03-01 for the beginning of that day in UTC, or 2026-03-01T12:00:00Z.
        #[arg(long, value_parser = parse_time)]
        since: Option<DateTime<Utc>>,
        /// Only entries before this time.
        #[arg(long, value_parser = parse_time)]
        until: Option<DateTime<Utc>>,
    },
}

/// A day in UTC, or a time.
fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let time = day.or_else(|_| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()));
    time.map_err(|_| "must be a day such as 2026-03-01, or a time such as 2026-03-01T12:00:00Z (RFC 3339)".to_owned())
}

pub(super) async fn run(cx: &CommandContext<'_>, command: AuditLogCommand) -> Result<()> {
    let AuditLogCommand::ExportAuditLog { since, until } = command;
    export(cx.app, &AuditFilter { since, until, ..AuditFilter::default() }).await
}

/// Prints the entries, the oldest first, a batch at a time: the log may not fit into memory.
async fn export(app: &App, filter: &AuditFilter) -> Result<()> {
    let mut last = None;
    loop {
        let entries = app.export_audit(&Operator, filter, last).await.map_err(operator_error)?;
        last = entries.last().map(|entry| entry.id);
        let lines: String = entries.iter().map(line).collect();
        // A reader such as `head` may have had enough.
        if !try_print(&lines)? || (entries.len() as u64) < App::AUDIT_BATCH {
            return Ok(());
        }
    }
}

/// An entry with the ids as clients know them.
fn line(entry: &AuditEntry) -> String {
    let entry = json!({
        "id": NodeId::Audit(entry.id).to_string(),
        "created_at": entry.created_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        "actor_id": entry.actor_id.map(|id| NodeId::User(id).to_string()),
        "action": entry.action.as_str(),
        "target": entry.target,
        "details": entry.details,
    });
    format!("{}\n", escape_json_for_terminal(&entry.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_be_a_day() {
        let parsed = |text: &str| parse_time(text).map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).ok();
        assert_eq!(parsed("2026-03-01").as_deref(), Some("2026-03-01T00:00:00Z"));
        assert_eq!(parsed("2026-03-01T12:00:00+02:00").as_deref(), Some("2026-03-01T10:00:00Z"));
        for wrong in ["", "yesterday", "2026-13-01", "2026-03-01 12:00", "2026-03-01T12:00:00"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
