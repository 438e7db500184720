//! The messages of an inbox after a cursor: those that are stored, then those that the bus tells of.

use std::{sync::Arc, time::Duration, vec};

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    bus::{InboxSignal, InboxSubscription, Provenance},
    domain::{Error, ErrorCode, InboxCursor, Message, MessageFilter, Result, UserId},
    fault_injection::{self, Guarantee},
    store::InboxState,
};

/// How many messages are read at first while catching up: most watchers are behind by a few.
pub(super) const FIRST_PAGE: u64 = 10;
/// How many messages are read at a time after that, at most.
const PAGE: u64 = 100;
/// How many bytes of texts are kept of those, or a single text. A client that does not read leaves them waiting.
const PAGE_BYTES: usize = 128 << 10;
/// How long a watcher that is behind waits before it asks an unavailable store again.
const RETRY: Duration = Duration::from_secs(1);

/// A message, with the cursor after it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Watching from here continues with the next message.
    pub cursor: InboxCursor,
    /// The message.
    pub message: Arc<Message>,
    /// How it came, if the bus told of it.
    pub(super) provenance: Provenance,
}

impl Delivery {
    /// A message of an inbox that was read from the store.
    pub(super) fn stored(inbox: UserId, message: Message) -> Self {
        let cursor = InboxCursor { inbox, seq: message.inbox_seq };
        Self { cursor, message: Arc::new(message), provenance: Provenance::default() }
    }
}

/// The messages of an inbox after a cursor, live.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) app: Arc<App>,
    pub(super) subscription: InboxSubscription,
    /// The position after the last message considered, whether or not it passed the filter.
    pub(super) cursor: InboxCursor,
    /// Messages read from the store and not yielded yet.
    pub(super) page: vec::IntoIter<Message>,
    /// How many to read next: more each time, and fewer after long ones.
    pub(super) page_length: u64,
    /// Whether the store may hold messages after the cursor and the page.
    pub(super) behind: bool,
    pub(super) filter: MessageFilter,
}

impl Feed {
    pub(super) async fn find_next(&mut self) -> Result<Delivery> {
        loop {
            if let Some(stored) = self.find_stored().await? {
                return Ok(stored);
            }
            match self.subscription.next().await {
                InboxSignal::Message(live, provenance) if fault_injection::is_disabled(Guarantee::Healing) => {
                    if let Some(delivery) = self.pass(live, provenance) {
                        return Ok(delivery);
                    }
                }
                _ if fault_injection::is_disabled(Guarantee::Healing) => {}
                InboxSignal::Message(live, provenance) if live.inbox_seq == self.cursor.seq + 1 => {
                    if let Some(delivery) = self.pass(live, provenance) {
                        return Ok(delivery);
                    }
                }
                InboxSignal::Message(live, _) if live.inbox_seq <= self.cursor.seq => {}
                InboxSignal::End(last_seq) if last_seq <= self.cursor.seq => {}
                InboxSignal::Message(..) | InboxSignal::End(_) | InboxSignal::Resync => self.behind = true,
            }
        }
    }

    /// The next message that is already stored and passes the filter.
    pub(super) async fn find_stored(&mut self) -> Result<Option<Delivery>> {
        loop {
            while let Some(read) = self.page.next() {
                if let Some(delivery) = self.pass(Arc::new(read), Provenance::default()) {
                    return Ok(Some(delivery));
                }
            }
            if !self.behind {
                return Ok(None);
            }
            // Boxed, so that a waiting watcher does not keep space for a query's future.
            Box::pin(self.catch_up()).await?;
        }
    }

    /// Advances the cursor past a message, and delivers it if it passes the filter.
    fn pass(&mut self, message: Arc<Message>, provenance: Provenance) -> Option<Delivery> {
        self.cursor.seq = message.inbox_seq;
        self.filter.matches(&message).then_some(Delivery { cursor: self.cursor, message, provenance })
    }

    /// Reads the next page. Waits while the store is unavailable: the client would only reconnect and wait itself.
    async fn catch_up(&mut self) -> Result<()> {
        while let Err(error) = self.read_page().await {
            if error.code() != ErrorCode::Unavailable {
                return Err(error);
            }
            error.log("watch");
            self.app.clock.sleep(RETRY).await;
        }
        Ok(())
    }

    pub(super) async fn read_page(&mut self) -> Result<()> {
        let app = &self.app;
        let mut page = app.store.read_inbox_after(self.cursor.inbox, self.cursor.seq, self.page_length).await?;
        // Messages expire at their instant, whether or not a job has deleted them yet.
        let expired_before = app.expired_before();
        let expired = page.messages.iter().any(|message| message.received_at <= expired_before);
        if expired || self.cursor.seq < page.state.purged_seq {
            return Err(self.cursor_expired(page.state, expired_before).await?);
        }
        // Whatever is committed after this page arrives through the subscription.
        self.behind = page.messages.len() as u64 == self.page_length;
        let kept = count_within(PAGE_BYTES, &page.messages);
        self.behind |= kept < page.messages.len();
        self.page_length = if kept < page.messages.len() { kept as u64 } else { PAGE.min(2 * self.page_length) };
        page.messages.truncate(kept);
        page.messages.shrink_to_fit();
        self.page = page.messages.into_iter();
        Ok(())
    }

    async fn cursor_expired(&self, state: InboxState, expired_before: DateTime<Utc>) -> Result<Error> {
        let expired = self.app.store.last_expired_seq(self.cursor.inbox, expired_before).await?;
        let oldest = InboxCursor { inbox: self.cursor.inbox, seq: expired.max(state.purged_seq) };
        Ok(Error::new(
            ErrorCode::CursorExpired,
            "messages after this cursor have expired; continue from the oldest valid cursor; the messages before it are gone",
        )
        .with("oldest_cursor", oldest.encode()))
    }
}

/// How many messages have texts of so many bytes together, and one at least.
fn count_within(bytes: usize, messages: &[Message]) -> usize {
    let mut left = bytes;
    let fits = |message: &&Message| left.checked_sub(message.message_content.len()).map(|rest| left = rest).is_some();
    messages.iter().take_while(fits).count().max(1).min(messages.len())
}
