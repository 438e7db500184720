//! The audit log. Use cases that change what concerns others write to it in the same transaction.

use crate::{
    app::App,
    domain::{Administrator, AuditEntry, AuditFilter, AuditId, Caller, Connection, ListCursor, PageRequest, Result},
};

impl App {
    /// The audit log, newest entry first.
    pub async fn list_audit(
        &self,
        cx: &Caller,
        filter: &AuditFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, AuditEntry>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_audit(filter, page).await?))
    }

    /// How many entries [`App::export_audit`] reads at once.
    pub const AUDIT_BATCH: u64 = 1_000;

    /// The next entries after one, oldest first. The last batch has fewer than [`App::AUDIT_BATCH`].
    pub async fn export_audit(
        &self,
        cx: &dyn Administrator,
        filter: &AuditFilter,
        after: Option<AuditId>,
    ) -> Result<Vec<AuditEntry>> {
        cx.administrator()?;
        self.store.list_audit_after(filter, after.unwrap_or(AuditId(0)), Self::AUDIT_BATCH).await
    }

    /// The total of [`App::list_audit`].
    pub async fn count_audit(&self, cx: &Caller, filter: &AuditFilter) -> Result<u64> {
        cx.admin()?;
        self.store.count_audit(filter).await
    }

    /// Entries by id. Ids that do not exist are left out.
    pub async fn find_audit(&self, cx: &Caller, ids: &[AuditId]) -> Result<Vec<AuditEntry>> {
        cx.admin()?;
        self.store.find_audit(ids).await
    }
}
