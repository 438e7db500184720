//! Reports: what became of each webhook, and the platform in figures.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::{
    app::App,
    domain::{
        Caller, Connection, DeliveryReport, Edge, ListCursor, PageRequest, Redacted, ReportFilter, ReportId,
        ReportKind, ReportStatus, Result, Stats, UserId,
    },
    store::StoredReport,
};

/// Of which time webhooks are counted.
const RECENTLY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// What became of webhooks, newest first.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn list_reports(
        &self,
        cx: &Caller,
        filter: &ReportFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, DeliveryReport>> {
        let actor = cx.admin()?;
        let edges = self.store.list_reports(filter, page).await?;
        let (cursors, stored): (Vec<_>, Vec<_>) = edges.into_iter().map(|edge| (edge.cursor, edge.node)).unzip();
        let reports = self.redact(actor.user_id, stored).await?;
        let edges = cursors.into_iter().zip(reports).map(|(cursor, node)| Edge { cursor, node });
        Ok(Connection::of(page, edges.collect()))
    }

    /// How many reports [`App::list_reports`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn count_reports(&self, cx: &Caller, filter: &ReportFilter) -> Result<u64> {
        cx.admin()?;
        self.store.count_reports(filter).await
    }

    /// Reports by their ids; one that is not there is left out.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn find_reports(&self, cx: &Caller, ids: &[ReportId]) -> Result<Vec<DeliveryReport>> {
        let actor = cx.admin()?;
        let stored = self.store.find_reports(ids).await?;
        self.redact(actor.user_id, stored).await
    }

    /// Reports with as much of what the provider posted as somebody may see. What is in an inbox is its renter's
    /// alone, and so is what the provider posted of it; what is nobody's is for administrators.
    async fn redact(&self, viewer: UserId, stored: Vec<StoredReport>) -> Result<Vec<DeliveryReport>> {
        let quoted = stored.iter().filter(|stored| stored.payload.is_some());
        let ids: Vec<_> = quoted.filter_map(|stored| stored.report.message_id).collect();
        let owners = if ids.is_empty() { HashMap::new() } else { self.store.find_owners(&ids).await? };
        let shown = |StoredReport { report, payload }: StoredReport| {
            let is_whole = match report.status {
                // Whose a message was cannot be told when its renter has deleted it.
                ReportStatus::Received => report.message_id.is_some_and(|id| owners.get(&id) == Some(&viewer)),
                // It is nobody's.
                ReportStatus::Quarantined => true,
                // A webhook that brings many messages quotes them all, and what could not be stored may be on its way
                // to an inbox once more.
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

    /// The platform in figures.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
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
