//! Places in the queues for leases: taking, keeping and giving up one.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::renting::with_next_time;
use crate::{
    app::App,
    domain::{
        Caller, Client, Error, ErrorCode, IdempotencyKey, LeaseId, LeaseSource, LeaseTtl, Result, Scope, Ticket,
        TicketId, UserId, WaitTime,
    },
    store::{AsOf, LeaseQueue, Place, Tx},
};

/// How long a ticket lives after the last attempt with it.
pub(super) const TICKET_LIFETIME: Duration = Duration::from_secs(15);
/// How long it lives after the connection of the request that waited with it broke: time enough to come back at once.
const CUT_OFF_LIFETIME: Duration = Duration::from_secs(5);
/// How long refusals of a user's requests are gathered before the places of all of them are kept.
const GATHERING: Duration = Duration::from_secs(1);
/// How many tickets a user may have at once.
const MAX_WAITERS: u64 = 200;

/// A wish for a lease.
#[derive(Clone, Debug)]
pub struct LeaseRequest {
    /// Where its number comes from.
    pub source: LeaseSource,
    /// How long it lasts.
    pub ttl: LeaseTtl,
    /// How long to wait for a number.
    pub wait: WaitTime,
    /// The place in the queue from an earlier request.
    pub ticket: Option<TicketId>,
    /// Identifies the request when it is repeated.
    pub key: Option<IdempotencyKey>,
    /// Where the request comes from.
    pub client: Client,
}

/// The outcome of an attempt.
pub(super) enum Attempt {
    Leased(LeaseId),
    /// Not yet, and when it is worth trying again without being woken.
    Queued(Ticket, Option<DateTime<Utc>>),
}

/// The refusal of a ticket that has expired, or is one of another queue.
pub(super) fn expired_ticket() -> Error {
    let message = "ticket not found: it has expired, or is one of another pool; ask again without it";
    Error::new(ErrorCode::NotFound, message).with("field", "ticket")
}

pub(super) fn is_expired_ticket(error: &Error) -> bool {
    error.code() == ErrorCode::NotFound && error.details().get("field").is_some_and(|field| field == "ticket")
}

/// What becomes of an attempt without a number: a place in the queue, or a refusal.
#[expect(clippy::too_many_arguments, reason = "the state of one attempt")]
pub(super) async fn queued(
    tx: Tx,
    user: UserId,
    queue: &LeaseQueue,
    wanted: &LeaseRequest,
    ticket: Option<TicketId>,
    place: Place,
    refusal: Option<Error>,
    at: AsOf,
) -> Result<Attempt> {
    let lease_end = at.now + wanted.ttl.period();
    let waits = ticket.is_some() || !wanted.wait.is_zero();
    let due = tx.find_next_free(user, queue, lease_end, place.before, at).await?;
    if let Some(refusal) = refusal
        && (!waits || matches!(refusal.code(), ErrorCode::LimitReached | ErrorCode::RateLimited))
        && due.is_none()
    {
        return Err(refusal);
    }
    if !waits {
        return Err(none_free(&wanted.source, due, at.now));
    }
    let expires_at = at.now + TICKET_LIFETIME;
    let id = match ticket {
        Some(ticket) => ticket,
        None => {
            if tx.count_tickets(user, at.now).await? >= MAX_WAITERS {
                let message = format!("{MAX_WAITERS} of your workers wait for leases already");
                return Err(Error::new(ErrorCode::LimitReached, message).with("limit", MAX_WAITERS));
            }
            tx.insert_ticket(user, queue, expires_at).await?
        }
    };
    tx.commit().await?;
    // A number that is free already was locked by somebody, who wakes the others. A place before this one may become
    // free by its ticket's expiry.
    let due = due.filter(|due| *due > at.now);
    let next = match (due, place.first_expiry) {
        (Some(due), Some(expiry)) => Some(due.min(expiry)),
        (due, expiry) => due.or(expiry),
    };
    Ok(Attempt::Queued(Ticket { id, position: place.before + 1, expires_at }, next))
}

fn none_free(source: &LeaseSource, due: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Error {
    let error = |message| Error::new(ErrorCode::NoNumberAvailable, message);
    let error = match source {
        LeaseSource::Pool(name) if due.is_some() => {
            error("no number of the pool is free now; wait for one with wait_seconds").with("pool", name.as_str())
        }
        LeaseSource::Pool(name) => error("the pool has no number for you now").with("pool", name.as_str()),
        LeaseSource::Country(code) => error("no number of this country is free now; wait for one with wait_seconds")
            .with("country_code", code.as_str()),
    };
    with_next_time(error, due, now)
}

impl App {
    /// Gives up a place in a queue, so that those behind it need not wait for the ticket to expire.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is not the caller's, or has expired or been served.
    pub async fn give_up_ticket(&self, cx: &Caller, ticket: TicketId) -> Result<()> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        match self.give_up_place(actor.user_id, ticket).await? {
            true => Ok(()),
            false => Err(Error::not_found("ticket")),
        }
    }

    /// Keeps a user's places until requests are allowed again: whoever does as `Retry-After` says comes back with a
    /// ticket later than it lives. However many requests are refused, the store hears of it once a second.
    pub fn keep_places_while_refused(self: &Arc<Self>, cx: &Caller, retry_after: Duration) {
        let Caller::User(actor) = cx else { return };
        let (app, user) = (Arc::clone(self), actor.user_id);
        if !self.rate_limits.note_refused(user) {
            return;
        }
        tokio::spawn(async move {
            app.clock.sleep(GATHERING).await;
            app.rate_limits.take_refused(user);
            let now = app.clock.now();
            let kept = app.store.keep_tickets(user, now + retry_after + TICKET_LIFETIME, now).await;
            kept.unwrap_or_else(|error| error.log("keep places in queues"));
        });
    }

    async fn give_up_place(&self, user: UserId, ticket: TicketId) -> Result<bool> {
        let is_given_up = self.store.give_up_ticket(user, ticket, self.clock.now()).await?;
        drop(is_given_up.then(|| self.lease_change_notice(Some(user), None)));
        Ok(is_given_up)
    }

    /// Keeps a place for a moment only, and tells those behind it when that is over.
    async fn cut_off_place(&self, user: UserId, ticket: TicketId) -> Result<()> {
        self.store.shorten_ticket(user, ticket, self.clock.now() + CUT_OFF_LIFETIME).await?;
        drop(self.lease_change_notice(Some(user), None));
        Ok(())
    }
}

/// A place that a request holds, until it is answered.
pub(super) struct HeldPlace<'a> {
    pub(super) app: &'a Arc<App>,
    pub(super) user: UserId,
    pub(super) ticket: TicketId,
    pub(super) if_dropped: IfDropped,
}

/// What becomes of a place when the request that holds it is dropped, as it is when its client hangs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfDropped {
    /// Its client does not know the ticket, so that nobody can come back with it.
    GiveUp,
    /// Its client may come back, but not for long.
    CutOff,
    /// Its client was answered.
    Keep,
}

impl IfDropped {
    pub(super) fn of(ticket: Option<TicketId>) -> Self {
        if ticket.is_some() { Self::CutOff } else { Self::GiveUp }
    }
}

impl Drop for HeldPlace<'_> {
    fn drop(&mut self) {
        let (app, user, ticket, if_dropped) = (Arc::clone(self.app), self.user, self.ticket, self.if_dropped);
        if if_dropped == IfDropped::Keep {
            return;
        }
        tokio::spawn(async move {
            let done = match if_dropped {
                IfDropped::CutOff => app.cut_off_place(user, ticket).await,
                _ => app.give_up_place(user, ticket).await.map(drop),
            };
            done.unwrap_or_else(|error| error.log("give up a place in a queue"));
        });
    }
}
