//! Watching: the messages of an inbox after a place, as they come. One loop behind every live face.
//!
//! 1. Take a seat at the inbox, so that nothing committed from now on goes unheard.
//! 2. Read the store after the cursor, page by page, until nothing is new.
//! 3. Take signals. A message at or before the cursor is dropped, the next one is yielded, and
//!    anything else means that something was missed: back to 2.
//!
//! So delivery is in order, without gaps and without repeats for as long as messages are retained,
//! whatever the bus loses, repeats or reorders. New watchers, slow watchers, a restart of Redis and
//! a lost event are one case: *behind*. A watcher whose cursor lies before what was purged is told
//! so; it is never left to guess.

use std::{sync::Arc, time::Duration, vec};

use chrono::{DateTime, Utc};
use futures_util::{Stream, stream};

use super::App;
use crate::{
    bus::{Seat, Signal},
    domain::{Caller, Code, Error, InboxCursor, Message, MessageFilter, Result},
    store::InboxState,
};

/// How many messages are read at a time when catching up.
const PAGE: u64 = 100;
/// How long a watcher that is behind waits for a store that is away.
const RETRY: Duration = Duration::from_secs(1);

/// A message, and where the watcher is after it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Watching after this goes on with the next message.
    pub cursor: InboxCursor,
    /// The message.
    pub message: Arc<Message>,
}

/// Somebody who watches an inbox.
#[derive(Debug)]
pub struct Watcher {
    app: Arc<App>,
    seat: Seat,
    /// After the last message that was looked at.
    cursor: InboxCursor,
    /// What was read of the store and not yielded yet.
    page: vec::IntoIter<Message>,
    /// Whether the store may hold something after the cursor and the page.
    behind: bool,
    filter: MessageFilter,
    expires_at: DateTime<Utc>,
    ended: bool,
}

impl App {
    /// Watches the caller's inbox after a cursor, or from now on.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a cursor of another inbox, or one that lies after the end of this one;
    /// `CURSOR_EXPIRED` when messages after it have been purged; `NOT_FOUND` when the filter names a
    /// number that the caller cannot see.
    pub async fn watch_messages(
        self: &Arc<Self>,
        cx: &Caller,
        filter: MessageFilter,
        after: Option<&str>,
    ) -> Result<Watcher> {
        let actor = cx.user()?;
        let inbox = actor.user_id;
        let after = after.map(|text| InboxCursor::decode("after", text, inbox)).transpose()?;
        if let Some(number) = filter.phone_number_id {
            self.get_number(cx, number).await?;
        }
        let seat = self.bus.join(inbox).await;
        let state = self.store.find_inbox(inbox).await?.ok_or_else(|| Error::not_found("inbox"))?;
        if !state.is_active {
            self.users.invalidate(&inbox).await;
            return Err(deactivated());
        }
        let cursor = after.unwrap_or(InboxCursor { inbox, seq: state.last_seq });
        if cursor.seq > state.last_seq {
            return Err(Error::invalid("after", "lies after the end of your inbox"));
        }
        let mut watcher = Watcher {
            app: Arc::clone(self),
            seat,
            cursor,
            page: Vec::new().into_iter(),
            behind: after.is_some(),
            filter,
            expires_at: actor.expires_at,
            ended: false,
        };
        // Read the first page here, so that a cursor that cannot be used refuses the subscription
        // instead of ending it.
        if watcher.behind {
            watcher.read_page().await?;
        }
        Ok(watcher)
    }

    /// The heartbeat of watching: tells the watchers of this replica where their inboxes end, in one
    /// query, so that whatever the bus lost is made up for; and ends those whose account was
    /// deactivated.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn heal_watchers(&self) -> Result<()> {
        let watched: Vec<_> = self.bus.watched().into_iter().map(|(inbox, _)| inbox).collect();
        if watched.is_empty() {
            return Ok(());
        }
        for (inbox, state) in self.store.find_inboxes(&watched).await? {
            if !state.is_active {
                self.users.invalidate(&inbox).await;
                self.bus.evict(inbox);
            }
            self.bus.note_end(inbox, state.last_seq);
        }
        Ok(())
    }
}

impl Watcher {
    /// The next message that passes the filter. After an error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Delivery>> {
        if self.ended {
            return None;
        }
        let app = Arc::clone(&self.app);
        let delivery = tokio::select! {
            biased;
            () = app.clock.sleep_until(self.expires_at) => {
                Err(Error::new(Code::TokenExpired, "the access token has expired; watch again with a new one"))
            }
            delivery = self.find_next() => delivery,
        };
        self.ended = delivery.is_err();
        Some(delivery)
    }

    /// The same, as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Delivery>> + Send {
        stream::unfold(self, async |mut watcher| watcher.next().await.map(|delivery| (delivery, watcher)))
    }

    async fn find_next(&mut self) -> Result<Delivery> {
        loop {
            let message = if let Some(read) = self.page.next() {
                Arc::new(read)
            } else if self.behind {
                // Boxed, so that a watcher that waits does not keep room for a query.
                Box::pin(self.catch_up()).await?;
                continue;
            } else {
                match self.seat.next().await {
                    Signal::Message(live) if live.inbox_seq <= self.cursor.seq => continue,
                    Signal::Message(live) if live.inbox_seq == self.cursor.seq + 1 => live,
                    Signal::End(last_seq) if last_seq <= self.cursor.seq => continue,
                    Signal::Message(_) | Signal::End(_) | Signal::Look => {
                        self.behind = true;
                        continue;
                    }
                    Signal::Evicted => return Err(deactivated()),
                }
            };
            self.cursor.seq = message.inbox_seq;
            if self.filter.admits(&message) {
                return Ok(Delivery { cursor: self.cursor, message });
            }
        }
    }

    /// Reads the next page. A store that is away is waited for: the client would only come back and
    /// wait itself.
    async fn catch_up(&mut self) -> Result<()> {
        while let Err(error) = self.read_page().await {
            if error.code() != Code::Unavailable {
                return Err(error);
            }
            error.log("watch");
            self.app.clock.sleep(RETRY).await;
        }
        Ok(())
    }

    async fn read_page(&mut self) -> Result<()> {
        let app = &self.app;
        let page = app.store.read_inbox_after(self.cursor.inbox, self.cursor.seq, PAGE).await?;
        // Retention ends at its instant, whether or not a job has deleted anything.
        let expired_before = app.expired_before();
        let expired = page.messages.iter().any(|message| message.received_at <= expired_before);
        if expired || self.cursor.seq < page.state.purged_seq {
            return Err(self.cursor_expired(page.state, expired_before).await?);
        }
        // What was committed after this page is heard at the seat.
        self.behind = page.messages.len() as u64 == PAGE;
        self.page = page.messages.into_iter();
        Ok(())
    }

    async fn cursor_expired(&self, state: InboxState, expired_before: DateTime<Utc>) -> Result<Error> {
        let expired = self.app.store.last_expired_seq(self.cursor.inbox, expired_before).await?;
        let oldest = InboxCursor { inbox: self.cursor.inbox, seq: expired.max(state.purged_seq) };
        Ok(Error::new(
            Code::CursorExpired,
            "messages after this cursor have expired; go on after `oldestCursor`, knowing that some are gone",
        )
        .with("oldestCursor", oldest.encode()))
    }
}

fn deactivated() -> Error {
    Error::new(Code::AccountDeactivated, "the account was deactivated")
}
