//! The audit log. Whoever changes something that concerns others writes here, in the same transaction.

use crate::{
    app::App,
    domain::{AuditEntry, AuditFilter, AuditId, Caller, Connection, ListCursor, PageRequest, Result},
};

impl App {
    /// What was done, newest first.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn list_audit(
        &self,
        cx: &Caller,
        filter: &AuditFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, AuditEntry>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_audit(filter, page).await?))
    }

    /// How many entries [`App::list_audit`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn count_audit(&self, cx: &Caller, filter: &AuditFilter) -> Result<u64> {
        cx.admin()?;
        self.store.count_audit(filter).await
    }

    /// Entries by their ids; one that is not there is left out.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn find_audit(&self, cx: &Caller, ids: &[AuditId]) -> Result<Vec<AuditEntry>> {
        cx.admin()?;
        self.store.find_audit(ids).await
    }
}
