//! Acquiring a lease: one attempt, and waiting until one succeeds.
//!
//! ```text
//! attempt ──no──▶ ticket ──▶ attempt ──no──▶ sleep until woken, or a number is due ──▶ attempt …
//!    └─yes─▶ lease               └─yes─▶ lease                 └─ time is up ─▶ 202 with the ticket
//! ```
//!
//! - **Order.** An attempt locks its pool (of a country, its user), and is served only if more numbers are free than
//!   there are tickets before it. So the order is that of the tickets, over all replicas, and nobody overtakes.
//! - **Waking.** Whoever ends a lease, or is served with a ticket, wakes the first two in each queue, over the bus.
//!   Others sleep: the one with `n` before them until the number that frees up as the `n+1`th does, so that a lease
//!   that runs out by itself is followed at once and nobody asks in vain. A heartbeat makes up for what the bus loses.
//! - **Absent clients.** A ticket is kept by the attempts of the request that waits with it, and expires 15 seconds
//!   after the last one, or 5 after its client hung up. Until then, its number is kept for it.
//!
//! A request that waits holds no transaction and no connection to the database.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::{
    lease_places::{
        Attempt, HeldPlace, IfDropped, LeaseRequest, TICKET_LIFETIME, expired_ticket, is_expired_ticket, queued,
    },
    leases::rental_end_for,
    renting::{USED_FOR_ANOTHER, key_reused},
};
use crate::{
    app::{App, ClosingTime},
    bus::NumberTopic,
    domain::{
        Acquired, Actor, Caller, CountryCode, Error, ErrorCode, IdempotencyKey, LeaseId, LeaseSource, LeaseTtl,
        NumberChoice, NumberId, RentalHours, Result, Scope, TicketId, User, UserId,
    },
    store::{AsOf, LeasableNumber, LeaseQueue, NewLease, Tx},
};

/// How often somebody who waits tries without having been woken, which also keeps the ticket.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often an attempt looks for another number after the one that it found was renewed at the same moment.
const LOOKS: usize = 3;

impl App {
    /// Acquires a lease of a number that is free, waiting for one if none is. From a country without a free number that
    /// the caller rents, one more is rented, if the plan allows it, for the shortest time that covers the lease; a
    /// rental that ends before the lease is extended. A repeated request with the same idempotency key returns the same
    /// lease.
    ///
    /// # Errors
    /// `NOT_FOUND` for a pool or a ticket that does not exist, or has expired; `NO_NUMBER_AVAILABLE` when none is free
    /// and the request does not wait; `LIMIT_REACHED` when the plan allows no number of the country, or too many wait;
    /// `RATE_LIMITED` when one would have to be rented, and too many rentals have begun within a day;
    /// `IDEMPOTENCY_KEY_REUSED`; `EMAIL_NOT_VERIFIED` where the operator requires it.
    pub async fn acquire_lease(
        self: &Arc<Self>,
        cx: &Caller,
        wanted: &LeaseRequest,
        closing_time: &mut ClosingTime,
    ) -> Result<Acquired> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        if self.settings.require_verified_email {
            // Also for a number that the user rents already, or was granted.
            let user = self.current_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
            self.must_have_verified_email(actor, &user)?;
        }
        let deadline = self.clock.now() + wanted.wait.period();
        let (ticket, next) = match Box::pin(self.attempt_lease(actor, wanted, wanted.ticket)).await? {
            Attempt::Leased(lease) => return self.acquired(actor.user_id, lease).await,
            Attempt::Queued(ticket, _) if wanted.wait.is_zero() => return Ok(Acquired::Waiting(ticket)),
            Attempt::Queued(ticket, next) => (ticket, next),
        };
        let if_dropped = IfDropped::of(wanted.ticket);
        let mut place = HeldPlace { app: self, user: actor.user_id, ticket: ticket.id, if_dropped };
        let acquired = self.wait_for_turn(cx, wanted, &mut place, next, deadline, closing_time).await;
        // With an answer, the client knows the ticket or needs it no longer; an error does not tell it.
        if acquired.is_ok() || place.if_dropped == IfDropped::CutOff {
            place.if_dropped = IfDropped::Keep;
        }
        acquired
    }

    async fn wait_for_turn(
        self: &Arc<Self>,
        cx: &Caller,
        wanted: &LeaseRequest,
        place: &mut HeldPlace<'_>,
        mut next: Option<DateTime<Utc>>,
        deadline: DateTime<Utc>,
        closing_time: &mut ClosingTime,
    ) -> Result<Acquired> {
        let actor = cx.user()?;
        let mut guard = self.guard_session(cx)?;
        let mut turn = self.bus.subscribe_to_numbers(NumberTopic::Ticket(place.ticket));
        let mut numbers = self.bus.subscribe_to_numbers(NumberTopic::RentedBy(actor.user_id));
        // What happened before these subscriptions did not wake anybody.
        let mut must_try = true;
        loop {
            let now = self.clock.now();
            let wake_at = next.map_or(deadline, |next| next.min(deadline));
            let is_over = match must_try {
                true => false,
                false => tokio::select! {
                    biased;
                    reason = guard.ended() => return Err(reason),
                    () = closing_time.reached() => true,
                    () = turn.changed() => false,
                    () = numbers.changed() => false,
                    () = self.clock.sleep_until(wake_at.min(now + HEARTBEAT)) => self.clock.now() >= deadline,
                },
            };
            must_try = false;
            let attempt = match Box::pin(self.attempt_lease(actor, wanted, Some(place.ticket))).await {
                // This replica was suspended for so long that the ticket has expired: the request goes on at the end.
                Err(error) if is_expired_ticket(&error) => Box::pin(self.attempt_lease(actor, wanted, None)).await?,
                attempt => attempt?,
            };
            match attempt {
                Attempt::Leased(lease) => return self.acquired(actor.user_id, lease).await,
                Attempt::Queued(kept, due) => {
                    if kept.id != place.ticket {
                        (place.ticket, place.if_dropped, must_try) = (kept.id, IfDropped::GiveUp, true);
                        turn = self.bus.subscribe_to_numbers(NumberTopic::Ticket(kept.id));
                    }
                    if is_over {
                        return Ok(Acquired::Waiting(kept));
                    }
                    next = due;
                }
            }
        }
    }

    async fn acquired(&self, user: UserId, lease: LeaseId) -> Result<Acquired> {
        let lease = self.store.find_lease(user, lease).await?;
        lease.map(|lease| Acquired::Leased(Box::new(lease))).ok_or_else(|| Error::internal("a lease is not there"))
    }

    /// Tries once, in one transaction. Keeps the place in the queue, or takes one. Callers box its future, so that a
    /// request that waits does not keep space for it.
    async fn attempt_lease(&self, actor: &Actor, wanted: &LeaseRequest, ticket: Option<TicketId>) -> Result<Attempt> {
        let at = self.as_of();
        let user = actor.user_id;
        let tx = self.store.begin().await?;
        // The lock that keeps the order. Of a country it is the user's, because a number may have to be rented.
        let (queue, renter) = match &wanted.source {
            LeaseSource::Pool(name) => {
                let pool = tx.lock_pool(user, name).await?;
                let (pool, cooldown) = pool.ok_or_else(|| Error::not_found("pool").with("field", "pool"))?;
                (LeaseQueue::Pool(pool, cooldown), None)
            }
            LeaseSource::Country(country) => {
                let renter = tx.lock_user(user).await?.ok_or_else(|| Error::not_found("user"))?;
                (LeaseQueue::Country(country.clone()), Some((renter, country)))
            }
        };
        let request = format!("lease of {} for {} s", wanted.source, wanted.ttl.seconds());
        if let Some(lease) = leased_before(&tx, user, wanted.key.as_ref(), &request, at).await? {
            return Ok(Attempt::Leased(lease));
        }
        let ticket_end = at.now + TICKET_LIFETIME;
        if let Some(ticket) = ticket
            && !tx.keep_ticket(user, &queue, ticket, ticket_end, at.now).await?
        {
            return Err(expired_ticket());
        }
        let place = tx.find_place(user, &queue, ticket, at.now).await?;
        let lease_end = at.now + wanted.ttl.period();
        let mut rental_notice = None;
        let mut refusal = None;
        let mut found = None;
        for _ in 0..LOOKS {
            let Some(number) = tx.lock_free_number(user, &queue, lease_end, place.before, at).await? else { break };
            found = leasable(&tx, number, user, &queue, lease_end, at).await?.map(|leasable| (number, leasable));
            if found.is_some() {
                break;
            }
        }
        if let (None, Some((renter, country)), 0) = (&found, &renter, place.before) {
            let renting = self.rent_for_lease(&tx, actor, renter, country, at);
            match self.within_limit_of_network(actor, &wanted.client, renting).await {
                Ok(number) => {
                    rental_notice = Some(self.number_change_notice(number, Some(user)));
                    found =
                        leasable(&tx, number, user, &queue, lease_end, at).await?.map(|leasable| (number, leasable));
                }
                Err(error) if may_be_over_soon(&error) => refusal = Some(error),
                Err(error) => return Err(error),
            }
        }
        let Some((number, leasable)) = found else {
            return queued(tx, user, &queue, wanted, ticket, place, refusal, at).await;
        };
        if !leasable.is_granted && leasable.rental.expires_at < lease_end {
            rental_notice = rental_notice.or_else(|| Some(self.number_change_notice(number, Some(user))));
            tx.extend_number(number, rental_end_for(&leasable.rental, lease_end)).await?;
        }
        // Whoever is next may be served as well.
        let _notices = (rental_notice, ticket.map(|_| self.lease_change_notice(Some(user), Some(number))));
        let lease = tx.insert_lease(&new_lease(user, number, &queue, &leasable, wanted.ttl, at)).await?;
        if let Some(ticket) = ticket {
            tx.delete_ticket(ticket).await?;
        }
        if let Some(key) = &wanted.key {
            tx.insert_idempotency_key(user, key, request, leasable.rental.id, Some(lease), at.now).await?;
        }
        tx.commit().await?;
        Ok(Attempt::Leased(lease))
    }

    /// Rents a number of a country for a lease: for the shortest time, which covers the longest lease.
    async fn rent_for_lease(
        &self,
        tx: &Tx,
        actor: &Actor,
        renter: &User,
        country: &CountryCode,
        at: AsOf,
    ) -> Result<NumberId> {
        let hours = RentalHours::parse("duration_hours", None)?;
        let rented = self.rent_in(tx, actor, renter, &NumberChoice::AnyIn(country.clone()), hours, at).await?;
        Ok(rented.0)
    }
}

/// Whether a number that could not be rented does not matter once one that is rented becomes free.
fn may_be_over_soon(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::LimitReached | ErrorCode::NoNumberAvailable | ErrorCode::RateLimited)
}

/// The lease that an earlier request with this idempotency key acquired, if there was one.
async fn leased_before(
    tx: &Tx,
    user: UserId,
    key: Option<&IdempotencyKey>,
    request: &str,
    at: AsOf,
) -> Result<Option<LeaseId>> {
    let Some(key) = key else { return Ok(None) };
    let Some(found) = tx.find_prior_request(user, key).await? else { return Ok(None) };
    let Some(lease) = found.lease.filter(|_| found.request == request) else {
        return Err(key_reused(USED_FOR_ANOTHER));
    };
    match tx.find_lease(user, lease).await? {
        Some(lease) if lease.end_at(at.now).is_none() => Ok(Some(lease.id)),
        _ => Err(key_reused("the lease that was acquired with this idempotency key is over; make a new key for each")),
    }
}

/// A locked number, if it is still free for a lease: what chose it may have been changed before it was locked.
async fn leasable(
    tx: &Tx,
    number: NumberId,
    user: UserId,
    queue: &LeaseQueue,
    lease_end: DateTime<Utc>,
    at: AsOf,
) -> Result<Option<LeasableNumber>> {
    tx.settle_lease(number, at.now).await?;
    let found = tx.find_leasable(number).await?;
    Ok(found.filter(|number| {
        let LeasableNumber { rental, is_granted, newest } = number;
        let is_free = newest.is_none_or(|newest| queue.is_free_since(newest.ends_at, at.now));
        let lasts = *is_granted || rental_end_for(rental, lease_end) >= lease_end;
        rental.user_id == user && rental.is_live(at.now) && is_free && lasts
    }))
}

fn new_lease(
    user: UserId,
    number: NumberId,
    queue: &LeaseQueue,
    leasable: &LeasableNumber,
    ttl: LeaseTtl,
    at: AsOf,
) -> NewLease {
    let rental = &leasable.rental;
    let before = leasable.newest.filter(|newest| newest.assignment_id == rental.id && newest.user_id == user);
    NewLease {
        user_id: user,
        pool_id: match queue {
            LeaseQueue::Pool(pool, _) => Some(*pool),
            LeaseQueue::Country(_) => None,
        },
        number_id: number,
        assignment_id: rental.id,
        ttl,
        started_at: at.now,
        expires_at: at.now + ttl.period(),
        unclaimed_since: before.map_or(rental.started_at, |newest| newest.ends_at),
        unclaimed_after: before.map_or(0, |newest| newest.cursor_seq),
    }
}
