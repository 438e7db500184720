//! Messages: reading one's own inbox.

use super::App;
use crate::domain::{
    Caller, Connection, Error, InboxCursor, Message, MessageFilter, MessageId, NumberId, Offset, PageRequest, Result,
    Scope,
};

/// A page of an inbox.
#[derive(Debug)]
pub struct Inbox {
    /// The page, newest message first.
    pub page: Connection<InboxCursor, Message>,
    /// Where the inbox ended before the page was read: watching after this misses nothing.
    pub latest: InboxCursor,
}

impl App {
    /// The caller's messages, newest first.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not read messages.
    pub async fn list_messages(
        &self,
        cx: &Caller,
        filter: &MessageFilter,
        page: &PageRequest<InboxCursor>,
    ) -> Result<Inbox> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let state = self.store.find_inbox(inbox).await?.ok_or_else(|| Error::not_found("inbox"))?;
        let read = self.store.list_messages(inbox, filter, page, self.expired_before()).await?;
        Ok(Inbox { page: Connection::of(page, read), latest: InboxCursor { inbox, seq: state.last_seq } })
    }

    /// The same by offset.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not read messages.
    pub async fn list_messages_at(&self, cx: &Caller, filter: &MessageFilter, page: Offset) -> Result<Vec<Message>> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.list_messages_at(inbox, filter, page, self.expired_before()).await
    }

    /// How many messages [`App::list_messages`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not read messages.
    pub async fn count_messages(&self, cx: &Caller, filter: &MessageFilter) -> Result<u64> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.count_messages(inbox, filter, self.expired_before()).await
    }

    /// How many unread messages the caller has for each of these numbers. A number without any is
    /// left out.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not read messages.
    pub async fn count_unread(&self, cx: &Caller, numbers: &[NumberId]) -> Result<Vec<(NumberId, i64)>> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.count_unread(inbox, numbers, self.expired_before()).await
    }

    /// One of the caller's messages.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn get_message(&self, cx: &Caller, id: MessageId) -> Result<Message> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let message = self.store.find_message(inbox, id, self.expired_before()).await?;
        message.ok_or_else(|| Error::not_found("message"))
    }

    /// Marks one of the caller's messages as read. Doing so again changes nothing.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn mark_message_read(&self, cx: &Caller, id: MessageId) -> Result<Message> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.mark_read(inbox, id, self.expired_before()).await?;
        self.get_message(cx, id).await
    }
}
