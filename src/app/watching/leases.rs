//! Reading through a lease: what arrived in it, and what arrives. Both name the fence, and are refused once the lease
//! is lost.
//!
//! A message is in a lease because it was stored so, and the next holder's messages are in another one. So whatever is
//! read here belongs to the lease that was named, and a lost lease is refused besides, after the reading: no holder
//! acts on a message after the number has passed to somebody else and been told nothing.

use std::sync::Arc;

use super::{
    lease_guard::LeaseGuard,
    messages::{Delivery, StartPosition, Watcher},
};
use crate::{
    app::{App, numbers::leases::must_be_held},
    domain::{Caller, Error, Fence, InboxCursor, LeaseId, Message, MessageFilter, OffsetPage, Result, Scope},
    fault_injection::{self, Guarantee},
};

/// What arrived in a lease.
#[derive(Clone, Debug)]
pub struct LeaseMessages {
    /// The messages, oldest first.
    pub messages: Vec<Delivery>,
    /// Reading from here continues.
    pub cursor: InboxCursor,
}

impl App {
    /// What arrived in a lease of the caller's, oldest first; after a cursor, or from its beginning.
    ///
    /// # Errors
    /// `NOT_FOUND`; `LEASE_LOST`; `VALIDATION_ERROR` for a cursor that is not one of the caller's inbox.
    pub async fn list_lease_messages(
        &self,
        cx: &Caller,
        id: LeaseId,
        fence: Fence,
        after: Option<&str>,
        limit: i64,
    ) -> Result<LeaseMessages> {
        let inbox = cx.with_scope(Scope::LeaseNumbers)?.user_id;
        let limit = OffsetPage::new(limit, 0)?.limit;
        let after = after.map(|after| InboxCursor::decode("after", after, inbox)).transpose()?;
        let seq = after.map_or(0, |after| after.seq);
        let read = self.store.read_lease(inbox, id, seq, limit, self.expired_before()).await?;
        let (lease, messages) = read.ok_or_else(|| Error::not_found("lease"))?;
        must_be_held(&lease, fence, self.clock.now())?;
        let deliver = |message: Message| Delivery::stored(inbox, message);
        let messages: Vec<_> = messages.into_iter().map(deliver).collect();
        let end = messages.last().map(|last| last.cursor).or(after);
        Ok(LeaseMessages { cursor: end.unwrap_or(lease.cursor), messages })
    }

    /// Watches what arrives in a lease of the caller's, after a cursor or from its beginning. The watcher ends when the
    /// lease does.
    ///
    /// # Errors
    /// `NOT_FOUND`; `LEASE_LOST`; and as for [`App::watch_messages`].
    pub async fn watch_lease(
        self: &Arc<Self>,
        cx: &Caller,
        id: LeaseId,
        fence: Fence,
        filter: MessageFilter,
        after: Option<String>,
    ) -> Result<Watcher> {
        cx.with_scope(Scope::LeaseNumbers)?;
        let lease = self.get_lease(cx, id, fence).await?;
        let start = match after {
            Some(after) => StartPosition::After(after),
            None if lease.started_at > self.expired_before() => StartPosition::After(lease.cursor.encode()),
            // It is renewed for so long that its first messages are gone.
            None => StartPosition::Since(lease.started_at),
        };
        let only = match fault_injection::is_disabled(Guarantee::Fencing) {
            true => MessageFilter { phone_number_id: Some(lease.number_id), ..filter },
            false => MessageFilter { lease_id: Some(id), ..filter },
        };
        let guard = LeaseGuard::new(self, lease, fence);
        let watcher = self.watch_inbox(cx, only, start).await?;
        // It may have been lost before the guard listened.
        guard.confirm().await?;
        Ok(watcher.within(guard))
    }
}
