//! Watching an inbox: one loop behind every live API (WebSocket, server-sent events, long poll).
//!
//! 1. Subscribe to the inbox, so that everything committed from now on produces a signal.
//! 2. Read the store after the cursor, page by page, until nothing is new.
//! 3. Take signals. A message at or before the cursor is dropped, the next one in sequence is yielded, and anything
//!    else means that something was missed: back to 2.
//!
//! Delivery is therefore in order, without gaps and without repeats for as long as messages are retained, whatever the
//! bus loses, repeats or reorders. A new watcher, a slow watcher, a restart of Redis and a lost event are all the same
//! case: the watcher is *behind*. A watcher whose cursor lies before what was purged gets an error that says so; it
//! never has to guess.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, stream};

pub use super::feed::Delivery;
use super::{
    feed::{FIRST_PAGE, Feed},
    lease_guard::LeaseGuard,
    leased_reading::{LeasedReading, find_next, find_stored},
    live_measures::{OpenCount, Transport},
    session_guard::SessionGuard,
};
use crate::{
    app::App,
    bus::{Provenance, TracedArrival},
    domain::{Caller, Error, InboxCursor, MessageFilter, NumberId, Result, Scope, UserId},
    tracer::SpanKind,
};

/// A watcher of the caller's inbox.
#[derive(Debug)]
pub struct Watcher {
    guard: SessionGuard,
    feed: Feed,
    /// What it reads through, where that is a lease.
    lease: Option<Box<LeasedReading>>,
    /// What it yields to, and that it counts as open.
    live: Option<(Transport, OpenCount)>,
    ended: bool,
}

/// Where watching starts.
#[derive(Clone, Debug)]
pub enum StartPosition {
    /// With the next message.
    Now,
    /// After a cursor, in the encoding that clients have.
    After(String),
    /// With the first message received at this time or later.
    Since(DateTime<Utc>),
}

impl StartPosition {
    /// After a cursor, or now if there is none.
    #[must_use]
    pub fn after(cursor: Option<String>) -> Self {
        cursor.map_or(Self::Now, Self::After)
    }

    /// The sequence of the cursor, if there is one.
    fn seq_in(&self, inbox: UserId) -> Result<Option<i64>> {
        match self {
            Self::After(text) => Ok(Some(InboxCursor::decode("after", text, inbox)?.seq)),
            Self::Now | Self::Since(_) => Ok(None),
        }
    }
}

impl App {
    /// Watches the caller's inbox.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a cursor of another inbox, or one that lies after the end of this one;
    /// `CURSOR_EXPIRED` when messages after it have been purged; `NOT_FOUND` when the filter names a
    /// number that the caller does not rent and has no messages of.
    pub async fn watch_messages(
        self: &Arc<Self>,
        cx: &Caller,
        filter: MessageFilter,
        start: StartPosition,
    ) -> Result<Watcher> {
        let inbox = cx.with_scope(Scope::ReadMessages)?.user_id;
        start.seq_in(inbox)?;
        if let Some(number) = filter.phone_number_id {
            self.must_concern(cx, number).await?;
        }
        self.watch_inbox(cx, filter, start).await
    }

    /// Watches the caller's inbox, once it is decided that they may: with the scope for all of it, or through a lease.
    pub(super) async fn watch_inbox(
        self: &Arc<Self>,
        cx: &Caller,
        filter: MessageFilter,
        start: StartPosition,
    ) -> Result<Watcher> {
        let inbox = cx.user()?.user_id;
        let after = start.seq_in(inbox)?;
        let guard = self.guard_session(cx)?;
        let subscription = self.bus.subscribe(inbox).await;
        let state = self.store.find_inbox(inbox).await?.ok_or_else(|| Error::not_found("inbox"))?;
        let seq = match (after, start) {
            (Some(after), _) if after > state.last_seq => {
                return Err(Error::invalid("after", "lies after the end of your inbox"));
            }
            (Some(after), _) => after,
            // A time, unlike a cursor, promises nothing about what is retained: it means the oldest that still is.
            (None, StartPosition::Since(since)) => {
                let oldest = self.expired_before() + TimeDelta::microseconds(1);
                self.store.find_seq_before(inbox, since.max(oldest)).await?.max(state.purged_seq)
            }
            (None, _) => state.last_seq,
        };
        let mut feed = Feed {
            app: Arc::clone(self),
            subscription,
            cursor: InboxCursor { inbox, seq },
            page: Vec::new().into_iter(),
            page_length: FIRST_PAGE,
            behind: after.is_some() || seq < state.last_seq,
            filter,
        };
        // Read the first page here, so that an unusable cursor refuses the subscription instead of ending it.
        if feed.behind {
            feed.read_page().await?;
        }
        Ok(Watcher { guard, feed, lease: None, live: None, ended: false })
    }

    /// Refuses a number that can have no messages for the caller: they do not rent it, and their inbox has none from
    /// it.
    async fn must_concern(&self, cx: &Caller, number: NumberId) -> Result<()> {
        let inbox = cx.user()?.user_id;
        let filter = MessageFilter { phone_number_id: Some(number), ..MessageFilter::default() };
        let is_rented = self.store.is_rented_by(inbox, number, self.as_of()).await?;
        if is_rented || self.store.count_messages(inbox, &filter, self.expired_before()).await? > 0 {
            return Ok(());
        }
        Err(Error::not_found("phone number of yours"))
    }

    /// The number of inboxes watched on this replica.
    #[must_use]
    pub fn count_watched(&self) -> usize {
        self.bus.watched().len()
    }

    /// Makes up for lost events: tells this replica's watchers where their inboxes end, in one query, and finds the
    /// credentials that have lapsed in another, of those with something open and of those that are cached.
    pub async fn heal_watchers(&self) -> Result<()> {
        let watched: Vec<_> = self.bus.watched().into_iter().map(|(inbox, _)| inbox).collect();
        if !watched.is_empty() {
            for (inbox, state) in self.store.find_inboxes(&watched).await? {
                self.bus.notify_end(inbox, state.last_seq);
            }
        }
        let now = self.clock.now();
        let cached = self.accounts.list_unchecked(now);
        let mut shown = self.watching.sessions.list();
        shown.extend(cached.iter().flat_map(|account| account.presented()));
        if !shown.is_empty() {
            for user in self.store.find_lapsed_users(&shown, now).await? {
                self.invalidate_user(user);
            }
            cached.iter().for_each(|account| account.confirm(now));
        }
        Ok(())
    }
}

impl Watcher {
    /// The next message that passes the filter. After an error the watcher yields nothing more.
    pub async fn next(&mut self) -> Option<Result<Delivery>> {
        if self.ended {
            return None;
        }
        let Self { guard, feed, lease, .. } = self;
        let delivery = tokio::select! {
            biased;
            reason = guard.ended() => Err(reason),
            delivery = find_next(feed, lease) => delivery,
        };
        self.ended = delivery.is_err();
        if let Ok(delivery) = &delivery {
            self.note_frame(delivery);
        }
        Some(delivery)
    }

    /// The next message that is already stored and passes the filter, if there is one. Does not wait.
    ///
    /// # Errors
    /// As [`Watcher::next`].
    pub async fn next_stored(&mut self) -> Result<Option<Delivery>> {
        let Self { guard, feed, lease, .. } = self;
        let stored = tokio::select! {
            biased;
            reason = guard.ended() => Err(reason),
            stored = find_stored(feed, lease) => stored,
        };
        self.ended |= stored.is_err();
        if let Ok(Some(delivery)) = &stored {
            self.note_frame(delivery);
        }
        stored
    }

    /// The same watcher, counted and measured as the subscription of a transport, which gets what it yields.
    #[must_use]
    pub fn over(self, transport: Transport) -> Self {
        let open = self.feed.app.watching.measures.open_subscription(transport);
        Self { live: Some((transport, open)), ..self }
    }

    /// Notes that a message is handed to a connection.
    fn note_frame(&self, delivery: &Delivery) {
        let Some((transport, _)) = &self.live else { return };
        let app = &self.feed.app;
        let now = app.clock.now();
        let Provenance { committed_at, trace } = &delivery.provenance;
        let took = committed_at.map(|committed_at| now - committed_at);
        if let Some(took) = took {
            app.watching.measures.record_frame(*transport, took);
        }
        if let Some(arrival) = trace {
            self.trace_frame(*transport, delivery, arrival, took);
        }
        app.timelines.record_frame(delivery.message.id, now);
    }

    /// Records the frame of a traced message: from its arrival at this replica until now.
    fn trace_frame(&self, transport: Transport, delivery: &Delivery, arrival: &TracedArrival, took: Option<TimeDelta>) {
        let tracer = &self.feed.app.tracer;
        let span = tracer.begin("frame", SpanKind::Consumer, Some(arrival.context), arrival.at);
        let Some(mut span) = span else { return };
        span.note("otpwire.transport", transport.name());
        span.note("otpwire.message.id", delivery.message.id.0);
        if let Some(took) = took {
            let (labels, took) = ([("transport", transport.name())], took.to_std().unwrap_or_default().as_secs_f64());
            tracer.note_exemplar("otpwire_frame_seconds", &labels, took, Some(arrival.context));
        }
    }

    /// The watcher's position: watching from here continues with the next message.
    #[must_use]
    pub fn cursor(&self) -> InboxCursor {
        self.lease.as_ref().and_then(|lease| lease.cursor()).unwrap_or(self.feed.cursor)
    }

    /// The same watcher, reading through a lease.
    pub(super) fn within(self, guard: LeaseGuard) -> Self {
        Self { lease: Some(Box::new(LeasedReading::new(guard))), ..self }
    }

    /// The watcher as a stream, for a transport that guards the session as well. At the end of the session the stream
    /// yields nothing more, and does not end: the transport closes the connection and says why. An end of the stream
    /// would tell the client that the subscription is complete, so that it would not come back.
    pub fn into_stream(self) -> impl Stream<Item = Result<Delivery>> + Send {
        stream::unfold(self, async |mut watcher| {
            let next = watcher.next().await;
            if watcher.guard.has_ended() {
                std::future::pending::<()>().await;
            }
            next.map(|delivery| (delivery, watcher))
        })
    }
}
