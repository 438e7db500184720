//! Reports: what became of each webhook, and the platform in figures.

use chrono::TimeDelta;

use super::App;
use crate::domain::{
    Caller, Connection, DeliveryReport, ListCursor, PageRequest, ReportFilter, ReportId, Result, Stats,
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
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_reports(filter, page).await?))
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
        cx.admin()?;
        self.store.find_reports(ids).await
    }

    /// The platform in figures.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn get_stats(&self, cx: &Caller) -> Result<Stats> {
        cx.admin()?;
        let at = self.moment();
        let (users, numbers, webhooks, messages) = tokio::try_join!(
            self.store.count_users_by_kind(),
            self.store.count_numbers_by_status(at),
            self.store.count_webhooks(at.now - RECENTLY),
            self.store.count_retained_messages(self.expired_before()),
        )?;
        Ok(Stats { users, numbers, webhooks, messages, open_connections: self.connections.count() })
    }
}
