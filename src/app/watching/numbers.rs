//! Watching numbers: the ones that the caller rents, or a single one.
//!
//! A watcher remembers what it last yielded. Whenever a number may have changed (a notification, the end of a rental,
//! or once a minute to make up for lost notifications), it reads the store and yields the differences. Each change is
//! yielded once, in its latest state, and never missed for good.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, Stream, stream};

use super::{rental_cache::RefreshKey, session_guard::SessionGuard};
use crate::{
    app::App,
    bus::{ChangeListener, NumberTopic},
    domain::{Actor, Caller, Error, ErrorCode, Number, NumberId, NumberStatus, Result, Scope},
    store::Viewer,
};

/// How often the store is read without a notification.
const POLL_INTERVAL: Duration = Duration::from_secs(60);
/// How long a watcher waits before it asks an unavailable store again.
const RETRY: Duration = Duration::from_secs(1);

/// A watcher of numbers.
#[derive(Debug)]
pub struct NumberWatcher {
    app: Arc<App>,
    actor: Actor,
    guard: SessionGuard,
    changes: ChangeListener<NumberTopic>,
    /// The only number that is watched, or `None` for all that the caller rents.
    only: Option<NumberId>,
    known: HashMap<NumberId, Number>,
    changed: VecDeque<Number>,
    last_read_at: DateTime<Utc>,
    ended: bool,
}

impl App {
    /// Watches the numbers that the caller rents, or one of them. Administrators may watch any number.
    ///
    /// # Errors
    /// `NOT_FOUND` when the caller may not see the number.
    pub async fn watch_numbers(self: &Arc<Self>, cx: &Caller, only: Option<NumberId>) -> Result<NumberWatcher> {
        let actor = *cx.with_scope(Scope::RentNumbers)?;
        if let Some(id) = only {
            self.get_number(cx, id).await?;
        }
        let guard = self.guard_session(cx)?;
        let topic = match only {
            Some(id) if actor.is_admin() => NumberTopic::Number(id),
            _ => NumberTopic::RentedBy(actor.user_id),
        };
        let changes = self.bus.subscribe_to_numbers(topic);
        let mut watcher = NumberWatcher {
            app: Arc::clone(self),
            actor,
            guard,
            changes,
            only,
            known: HashMap::new(),
            changed: VecDeque::new(),
            last_read_at: self.clock.now(),
            ended: false,
        };
        watcher.known = watcher.read(None).await?;
        Ok(watcher)
    }
}

impl NumberWatcher {
    /// The next number that has changed, in its current state. After an error the watcher yields nothing more.
    pub async fn next(&mut self) -> Option<Result<Number>> {
        if self.ended {
            return None;
        }
        loop {
            if !self.changed.is_empty() {
                // What was found before the session ended must not be yielded after it.
                let ended = self.guard.ended().now_or_never();
                self.ended = ended.is_some();
                return ended.map(Err).or_else(|| self.changed.pop_front().map(Ok));
            }
            let next_read_at = self.known.values().filter_map(|number| number.expires_at).min();
            let poll_at = self.last_read_at + POLL_INTERVAL;
            let next_read_at = next_read_at.map_or(poll_at, |end| end.min(poll_at));
            let woken = tokio::select! {
                biased;
                reason = self.guard.ended() => Err(reason),
                () = self.changes.changed() => Ok(None),
                () = self.app.clock.sleep_until(next_read_at) => Ok(Some(next_read_at)),
            };
            // Boxed, so that a waiting watcher does not keep space for a query's future.
            if let Err(error) = match woken {
                Ok(at) => Box::pin(self.find_changes(at)).await,
                Err(reason) => Err(reason),
            } {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }

    /// The watcher as a stream, for a transport that guards the session as well: see
    /// [`into_stream`](super::messages::Watcher::into_stream) of a watcher of messages.
    pub fn into_stream(self) -> impl Stream<Item = Result<Number>> + Send {
        stream::unfold(self, async |mut watcher| {
            let next = watcher.next().await;
            if watcher.guard.has_ended() {
                std::future::pending::<()>().await;
            }
            next.map(|number| (number, watcher))
        })
    }

    /// Finds what has changed. Waits while the store is unavailable.
    async fn find_changes(&mut self, at: Option<DateTime<Utc>>) -> Result<()> {
        // All watchers of a user react to the same changes at the same moments: one query serves them all.
        let key = RefreshKey { user: self.actor.user_id, version: self.changes.version(), at };
        loop {
            match self.compare(key).await {
                Err(error) if error.code() == ErrorCode::Unavailable => {
                    error.log("watch numbers");
                    self.app.clock.sleep(RETRY).await;
                }
                compared => return compared,
            }
        }
    }

    async fn compare(&mut self, key: RefreshKey) -> Result<()> {
        self.last_read_at = self.app.clock.now();
        let now = self.read(Some(key)).await?;
        let mut gone = Vec::new();
        for (id, before) in &self.known {
            if !now.contains_key(id) {
                gone.push(self.after_rental(before).await?);
            }
        }
        let changed = now.values().filter(|number| self.known.get(&number.id) != Some(number));
        let mut changed: Vec<Number> = changed.cloned().chain(gone).collect();
        changed.sort_by_key(|number| number.id);
        self.changed.extend(changed);
        self.known = now;
        Ok(())
    }

    /// What is watched, in its current state. With a key, shared with the other watchers that have the same one.
    async fn read(&self, key: Option<RefreshKey>) -> Result<HashMap<NumberId, Number>> {
        let at = self.app.as_of();
        let numbers: Vec<Number> = match self.only {
            Some(id) if self.actor.is_admin() => {
                self.app.store.find_number(Viewer::Admin(self.actor.user_id), id, at).await?.into_iter().collect()
            }
            only => {
                let query = async { self.app.store.list_rented(self.actor.user_id, at).await.map(Arc::new) };
                let rented = match key {
                    Some(key) => {
                        let found = self.app.watching.rentals.try_get_with(key, query).await;
                        found.map_err(|error| Error::clone(&error))?
                    }
                    None => query.await?,
                };
                rented.iter().filter(|number| only.is_none_or(|id| id == number.id)).cloned().collect()
            }
        };
        Ok(numbers.into_iter().map(|number| (number.id, number)).collect())
    }

    /// A number that the caller no longer rents, as far as they may know: not whether somebody else rents it by now.
    async fn after_rental(&self, before: &Number) -> Result<Number> {
        let (store, at) = (&self.app.store, self.app.as_of());
        let now = store.find_number(Viewer::Admin(self.actor.user_id), before.id, at).await?;
        let status = match now.ok_or_else(|| Error::not_found("phone number"))?.status {
            NumberStatus::Assigned => NumberStatus::Expired,
            other => other,
        };
        Ok(Number { status, user_id: None, assigned_at: None, expires_at: None, ..before.clone() })
    }
}
