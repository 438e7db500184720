//! Delivery reports, and statistics of the platform.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::{
    app::App,
    domain::{
        Administrator, Caller, Connection, DeliveryReport, Edge, ListCursor, PageRequest, Redacted, ReportFilter,
        ReportId, ReportKind, ReportStatus, Result, Stats, UserId,
    },
    store::StoredReport,
};

/// The period in which webhooks are counted.
const RECENTLY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// Delivery reports, newest first.
    pub async fn list_reports(
        &self,
        cx: &dyn Administrator,
        filter: &ReportFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, DeliveryReport>> {
        let viewer = cx.administrator()?;
        let edges = self.store.list_reports(filter, page).await?;
        let (cursors, stored): (Vec<_>, Vec<_>) = edges.into_iter().map(|edge| (edge.cursor, edge.node)).unzip();
        let reports = self.redact(viewer, stored).await?;
        let edges = cursors.into_iter().zip(reports).map(|(cursor, node)| Edge { cursor, node });
        Ok(Connection::of(page, edges.collect()))
    }

    /// The total of [`App::list_reports`].
    pub async fn count_reports(&self, cx: &Caller, filter: &ReportFilter) -> Result<u64> {
        cx.admin()?;
        self.store.count_reports(filter).await
    }

    /// Reports by id. Ids that do not exist are left out.
    pub async fn find_reports(&self, cx: &dyn Administrator, ids: &[ReportId]) -> Result<Vec<DeliveryReport>> {
        let viewer = cx.administrator()?;
        let stored = self.store.find_reports(ids).await?;
        self.redact(viewer, stored).await
    }

    /// Redacts the payload of reports as far as the viewer may not see it. A message in an inbox is its renter's
    /// alone, and so is the payload that brought it; what is nobody's is for administrators. The operator rents
    /// nothing.
    async fn redact(&self, viewer: Option<UserId>, stored: Vec<StoredReport>) -> Result<Vec<DeliveryReport>> {
        let quoted = stored.iter().filter(|stored| stored.payload.is_some());
        let ids: Vec<_> = quoted.filter_map(|stored| stored.report.message_id).collect();
        let owners = if ids.is_empty() { HashMap::new() } else { self.store.find_owners(&ids).await? };
        let shown = |StoredReport { report, payload }: StoredReport| {
            let is_whole = match report.status {
                // The owner of a deleted message is not known any more.
                ReportStatus::Received => {
                    let owner = report.message_id.and_then(|id| owners.get(&id));
                    owner.is_some_and(|&owner| viewer == Some(owner))
                }
                // It is nobody's.
                ReportStatus::Quarantined => true,
                // A webhook with several messages contains all of them, and one that could not be stored may reach an
                // inbox with the retry.
                _ => report.kind == ReportKind::Status,
            };
            let payload = payload.map(|payload| match is_whole {
                true => Redacted::whole(payload),
                false => Redacted::of(&payload),
            });
            DeliveryReport { payload, ..report }
        };
        Ok(stored.into_iter().map(shown).collect())
    }

    /// Statistics of the platform.
    pub async fn get_stats(&self, cx: &Caller) -> Result<Stats> {
        cx.admin()?;
        let at = self.as_of();
        let (users, numbers, webhooks, messages) = tokio::try_join!(
            self.store.count_users_by_kind(),
            self.store.count_numbers_by_status(at),
            self.store.count_webhooks(at.now - RECENTLY),
            self.store.count_retained_messages(self.expired_before()),
        )?;
        Ok(Stats { users, numbers, webhooks, messages, open_connections: self.watching.count_connections() })
    }
}
