//! Watching numbers: what the caller rents, whenever it changes.
//!
//! A watcher knows what it has told. Whenever a number may have changed (somebody said so, a rental has
//! run out, or a minute has passed, which makes up for whatever was not heard) it looks at the store and
//! tells what is different. So a change is told once, in its latest state, and never missed for good.

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

/// How long what was not heard of stays unknown.
const LOOK: Duration = Duration::from_secs(60);
/// How long a watcher waits for a store that is away.
const RETRY: Duration = Duration::from_secs(1);

/// Somebody who watches numbers.
#[derive(Debug)]
pub struct NumberWatcher {
    app: Arc<App>,
    actor: Actor,
    guard: SessionGuard,
    changes: ChangeListener<NumberTopic>,
    /// The one number that is watched, or all that the caller rents.
    only: Option<NumberId>,
    known: HashMap<NumberId, Number>,
    changed: VecDeque<Number>,
    looked_at: DateTime<Utc>,
    ended: bool,
}

impl App {
    /// Watches the numbers that the caller rents, or one of them; an administrator may watch any one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not rent numbers;
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
            looked_at: self.clock.now(),
            ended: false,
        };
        watcher.known = watcher.read(None).await?;
        Ok(watcher)
    }
}

impl NumberWatcher {
    /// The next number that has changed, as it is now. After an error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Number>> {
        if self.ended {
            return None;
        }
        loop {
            if !self.changed.is_empty() {
                // What was found before the guard ended is not told after it.
                let ended = self.guard.ended().now_or_never();
                self.ended = ended.is_some();
                return ended.map(Err).or_else(|| self.changed.pop_front().map(Ok));
            }
            let look_at = self.known.values().filter_map(|number| number.expires_at).min();
            let at_last = self.looked_at + LOOK;
            let look_at = look_at.map_or(at_last, |end| end.min(at_last));
            let looked = tokio::select! {
                biased;
                reason = self.guard.ended() => Err(reason),
                () = self.changes.changed() => Ok(None),
                () = self.app.clock.sleep_until(look_at) => Ok(Some(look_at)),
            };
            // Boxed, so that a watcher that waits does not keep room for a query.
            if let Err(error) = match looked {
                Ok(at) => Box::pin(self.look(at)).await,
                Err(reason) => Err(reason),
            } {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }

    /// The same, as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Number>> + Send {
        stream::unfold(self, async |mut watcher| watcher.next().await.map(|number| (number, watcher)))
    }

    /// Finds what is different. A store that is away is waited for.
    async fn look(&mut self, at: Option<DateTime<Utc>>) -> Result<()> {
        // Every watcher of a user looks for the same reasons, at the same moments: one of them looks for all.
        let reason = RefreshKey { user: self.actor.user_id, version: self.changes.version(), at };
        loop {
            match self.compare(reason).await {
                Err(error) if error.code() == ErrorCode::Unavailable => {
                    error.log("watch numbers");
                    self.app.clock.sleep(RETRY).await;
                }
                compared => return compared,
            }
        }
    }

    async fn compare(&mut self, reason: RefreshKey) -> Result<()> {
        self.looked_at = self.app.clock.now();
        let now = self.read(Some(reason)).await?;
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

    /// What is watched, as it is now; for a reason, as somebody has found it who looked for the same one.
    async fn read(&self, reason: Option<RefreshKey>) -> Result<HashMap<NumberId, Number>> {
        let at = self.app.as_of();
        let numbers: Vec<Number> = match self.only {
            Some(id) if self.actor.is_admin() => {
                self.app.store.find_number(Viewer::Admin(self.actor.user_id), id, at).await?.into_iter().collect()
            }
            only => {
                let look = async { self.app.store.list_rented(self.actor.user_id, at).await.map(Arc::new) };
                let rented = match reason {
                    Some(reason) => {
                        let found = self.app.watching.rentals.try_get_with(reason, look).await;
                        found.map_err(|error| Error::from_shared(&error))?
                    }
                    None => look.await?,
                };
                rented.iter().filter(|number| only.is_none_or(|id| id == number.id)).cloned().collect()
            }
        };
        Ok(numbers.into_iter().map(|number| (number.id, number)).collect())
    }

    /// A number that the caller no longer rents, as they may see it: whether somebody else rents it by
    /// now is not theirs to know.
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
