//! Blocking senders: their messages are refused.

use serde_json::json;

use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, BlockedSender, BlockedSenderId, Caller, Connection, Error, ErrorCode, ListCursor,
        NewBlockedSender, NodeId, PageRequest, Result,
    },
    store::NewAudit,
};

impl App {
    /// Blocked senders, newest first.
    pub async fn list_blocked_senders(
        &self,
        cx: &Caller,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, BlockedSender>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_blocked_senders(page).await?))
    }

    /// The total of [`App::list_blocked_senders`].
    pub async fn count_blocked_senders(&self, cx: &Caller) -> Result<u64> {
        cx.admin()?;
        self.store.count_blocked_senders().await
    }

    /// Every blocked sender, newest first.
    pub async fn list_all_blocked_senders(&self, cx: &dyn Administrator) -> Result<Vec<BlockedSender>> {
        cx.administrator()?;
        self.store.list_all_blocked_senders().await
    }

    /// Blocked senders by id. Ids that do not exist are left out.
    pub async fn find_blocked_senders(&self, cx: &Caller, ids: &[BlockedSenderId]) -> Result<Vec<BlockedSender>> {
        cx.admin()?;
        self.store.find_blocked_senders(ids).await
    }

    /// Refuses the messages of a sender from now on, on every replica within seconds. Those that were received stay.
    ///
    /// # Errors
    /// `ALREADY_EXISTS`; `LIMIT_REACHED` when there are as many as allowed.
    pub async fn block_sender(&self, cx: &dyn Administrator, new: &NewBlockedSender) -> Result<BlockedSender> {
        let by = cx.administrator()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let patterns = tx.lock_blocked_senders().await?;
        if patterns.iter().any(|pattern| pattern.is(&new.pattern)) {
            return Err(Error::new(ErrorCode::AlreadyExists, "this sender is blocked already").with("field", "sender"));
        }
        if patterns.len() >= NewBlockedSender::MAX {
            let full = format!("{} senders are blocked; block many by how they begin", NewBlockedSender::MAX);
            return Err(Error::new(ErrorCode::LimitReached, full).with("limit", NewBlockedSender::MAX));
        }
        let blocked = tx.insert_blocked_sender(by, new, now).await?;
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::SenderBlocked,
            target: Some(NodeId::BlockedSender(blocked.id)),
            details: json!({ "sender": blocked.pattern.as_str() }),
        };
        tx.insert_audit(audit, now).await?;
        tx.commit().await?;
        self.receiving.block_list.invalidate().await;
        Ok(blocked)
    }

    /// Receives the messages of a sender again, on every replica within seconds. Those that were refused stay refused.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn unblock_sender(&self, cx: &dyn Administrator, id: BlockedSenderId) -> Result<()> {
        let by = cx.administrator()?;
        let tx = self.store.begin().await?;
        let Some(blocked) = tx.take_blocked_sender(id).await? else {
            return Err(Error::not_found("blocked sender"));
        };
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::SenderUnblocked,
            target: Some(NodeId::BlockedSender(id)),
            details: json!({ "sender": blocked.pattern.as_str() }),
        };
        tx.insert_audit(audit, self.clock.now()).await?;
        tx.commit().await?;
        self.receiving.block_list.invalidate().await;
        Ok(())
    }
}
