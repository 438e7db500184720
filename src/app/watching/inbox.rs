//! The inbox: listing, marking and deleting one's own messages.

use std::collections::HashMap;

use crate::{
    app::App,
    domain::{
        Caller, Connection, Error, InboxCursor, Message, MessageFilter, MessageId, NumberId, OffsetPage, PageRequest,
        Result, Scope,
    },
};

/// A page of an inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// The page, newest message first.
    pub page: Connection<InboxCursor, Message>,
    /// The end of the inbox before the page was read: watching from here misses nothing.
    pub latest: InboxCursor,
}

impl App {
    /// The caller's messages, newest first.
    pub async fn list_messages(
        &self,
        cx: &Caller,
        filter: &MessageFilter,
        page: &PageRequest<InboxCursor>,
    ) -> Result<Inbox> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let (seq, read) = self.store.list_messages(inbox, filter, page, self.expired_before()).await?;
        Ok(Inbox { page: Connection::of(page, read), latest: InboxCursor { inbox, seq } })
    }

    /// [`App::list_messages`] by offset.
    pub async fn list_messages_at(
        &self,
        cx: &Caller,
        filter: &MessageFilter,
        page: OffsetPage,
    ) -> Result<Vec<Message>> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.list_messages_at(inbox, filter, page, self.expired_before()).await
    }

    /// The total of [`App::list_messages`].
    pub async fn count_messages(&self, cx: &Caller, filter: &MessageFilter) -> Result<u64> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.count_messages(inbox, filter, self.expired_before()).await
    }

    /// [`App::list_messages`] for each of several numbers, in two queries.
    pub async fn list_messages_by_number(
        &self,
        cx: &Caller,
        numbers: &[NumberId],
        page: &PageRequest<InboxCursor>,
    ) -> Result<HashMap<NumberId, Inbox>> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let state = self.store.find_inbox(inbox).await?.ok_or_else(|| Error::not_found("inbox"))?;
        let latest = InboxCursor { inbox, seq: state.last_seq };
        let read = self.store.list_messages_by_number(inbox, numbers, page, self.expired_before()).await?;
        let inboxes = read.into_iter().map(|(id, read)| (id, Inbox { page: Connection::of(page, read), latest }));
        Ok(inboxes.collect())
    }

    /// How many messages the caller has for each of these numbers; with `unread`, how many unread ones. Numbers
    /// without any are left out.
    pub async fn count_messages_by_number(
        &self,
        cx: &Caller,
        numbers: &[NumberId],
        unread: bool,
    ) -> Result<HashMap<NumberId, i64>> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.count_messages_by_number(inbox, numbers, unread, self.expired_before()).await
    }

    /// One of the caller's messages.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn get_message(&self, cx: &Caller, id: MessageId) -> Result<Message> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let message = self.store.find_messages(inbox, &[id], self.expired_before()).await?.pop();
        message.ok_or_else(|| Error::not_found("message"))
    }

    /// The caller's messages by id. Others are left out.
    pub async fn find_messages(&self, cx: &Caller, ids: &[MessageId]) -> Result<Vec<Message>> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        self.store.find_messages(inbox, ids, self.expired_before()).await
    }

    /// Marks one of the caller's messages as read. Idempotent.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn mark_message_read(&self, cx: &Caller, id: MessageId) -> Result<Message> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        if self.store.mark_read(inbox, id, self.expired_before()).await? {
            self.timelines.record_read(id, self.clock.now());
        }
        self.get_message(cx, id).await
    }

    /// Marks the caller's messages as read: all, or those to one number. With a cursor, only those up to it, so that
    /// what arrived after the client read its list stays unread. Returns how many were marked.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a cursor that is not one of the caller's inbox.
    pub async fn mark_all_messages_read(
        &self,
        cx: &Caller,
        number: Option<NumberId>,
        up_to: Option<&str>,
    ) -> Result<u64> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let up_to = up_to.map(|text| InboxCursor::decode("up_to", text, inbox)).transpose()?;
        let up_to = up_to.map_or(i64::MAX, |cursor| cursor.seq);
        let marked = self.store.mark_all_read(inbox, number, up_to, self.expired_before()).await?;
        let now = self.clock.now();
        marked.iter().for_each(|&id| self.timelines.record_read(id, now));
        Ok(marked.len() as u64)
    }

    /// Deletes one of the caller's messages for good, together with what delivery reports quote of it.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's.
    pub async fn delete_message(&self, cx: &Caller, id: MessageId) -> Result<()> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        let tx = self.store.begin().await?;
        if !tx.delete_message(inbox, id, self.expired_before()).await? {
            return Err(Error::not_found("message"));
        }
        tx.commit().await
    }
}
