//! Leases once they are acquired: looking them up, renewing and releasing them; and the rule of who holds one.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    app::App,
    domain::{
        Actor, Assignment, Caller, Error, ErrorCode, Fence, Lease, LeaseEnd, LeaseId, LeaseTtl, RentalHours, Result,
        Scope,
    },
    fault_injection::{self, Guarantee},
    store::{LeasableNumber, Tx},
};

/// Refuses whoever does not hold a lease: it has ended, or the fence is not that of the lease.
///
/// # Errors
/// `LEASE_LOST`, with the reason and the time.
pub(in crate::app) fn must_be_held(lease: &Lease, fence: Fence, now: DateTime<Utc>) -> Result<()> {
    let ended = lease.end_at(now);
    if (fence == lease.fence && ended.is_none()) || fault_injection::is_disabled(Guarantee::Fencing) {
        return Ok(());
    }
    let is_superseded = match ended {
        // Somebody else has the number by now.
        Some((_, LeaseEnd::Expired)) => lease.newest_fence > lease.fence,
        _ => false,
    };
    let (reason, message) = match ended.map(|(_, end)| end) {
        // Fences are given from 1 on, without gaps.
        _ if fence < Fence(1) || fence > lease.newest_fence => {
            ("unknown_fence", "this fence was never given: send the one that came with the lease, unchanged")
        }
        _ if fence != lease.fence || is_superseded => {
            ("superseded", "another worker may hold the number by now: this fence is not the newest")
        }
        None | Some(LeaseEnd::Expired) => {
            ("expired", "the lease has expired: renew it earlier, or acquire another one")
        }
        Some(LeaseEnd::Released) => ("released", "the lease was released"),
        Some(end @ LeaseEnd::RentalEnded) => {
            (end.as_str(), "the rental of the number was ended, and the lease with it")
        }
        Some(end @ LeaseEnd::Blocked) => (end.as_str(), "an administrator has taken the number out of use"),
        Some(end @ LeaseEnd::Deactivated) => (end.as_str(), "the account was deactivated meanwhile"),
    };
    let error = Error::new(ErrorCode::LeaseLost, message).with("reason", reason);
    Err(match ended {
        Some((at, _)) => error.with("ended_at", at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => error,
    })
}

/// The end that a rental must have for a lease: its own, if that is late enough, or later by whole hours.
pub(super) fn rental_end_for(rental: &Assignment, lease_end: DateTime<Utc>) -> DateTime<Utc> {
    let mut end = rental.expires_at;
    while end < lease_end {
        end += chrono::TimeDelta::hours(1);
    }
    end.min(rental.expires_at.max(rental.started_at + RentalHours::LONGEST))
}

impl App {
    /// The leases that the caller's workers hold now, oldest first.
    pub async fn list_leases(&self, cx: &Caller) -> Result<Vec<Lease>> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        self.store.list_leases(actor.user_id, self.clock.now()).await
    }

    /// Those that have these ids.
    pub async fn find_leases(&self, cx: &Caller, ids: &[LeaseId]) -> Result<Vec<Lease>> {
        let leases = self.list_leases(cx).await?;
        Ok(leases.into_iter().filter(|lease| ids.contains(&lease.id)).collect())
    }

    /// A lease that the caller's worker holds.
    ///
    /// # Errors
    /// `NOT_FOUND`; `LEASE_LOST`.
    pub async fn get_lease(&self, cx: &Caller, id: LeaseId, fence: Fence) -> Result<Lease> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        let lease = self.store.find_lease(actor.user_id, id).await?.ok_or_else(|| Error::not_found("lease"))?;
        must_be_held(&lease, fence, self.clock.now())?;
        Ok(lease)
    }

    /// Moves the end of a lease, to `ttl` from now or for as long as it was acquired for. The rental of its number is
    /// extended where it has to be; 24 hours after its start, both end.
    ///
    /// # Errors
    /// `NOT_FOUND`; `LEASE_LOST`.
    pub async fn renew_lease(&self, cx: &Caller, id: LeaseId, fence: Fence, ttl: Option<LeaseTtl>) -> Result<Lease> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        let tx = self.store.begin().await?;
        let seen = find_in(&tx, actor, id).await?;
        must_be_held(&seen, fence, self.clock.now())?;
        let (lease, number) = self.lock_lease(&tx, actor, &seen).await?;
        let now = self.clock.now();
        must_be_held(&lease, fence, now)?;
        let ttl = ttl.unwrap_or(lease.ttl);
        let number = number.ok_or_else(|| Error::internal("a leased number has no rental"))?;
        let mut expires_at = now + ttl.period();
        let mut rental_notice = None;
        if !number.is_granted && number.rental.expires_at < expires_at {
            let end = rental_end_for(&number.rental, expires_at);
            if end > number.rental.expires_at {
                rental_notice = Some(self.number_change_notice(lease.number_id, Some(actor.user_id)));
                tx.extend_number(lease.number_id, end).await?;
            }
            expires_at = expires_at.min(end);
        }
        let _notices = (rental_notice, self.lease_change_notice(None, Some(lease.number_id)));
        tx.renew_lease(id, ttl, expires_at).await?;
        tx.commit().await?;
        let lease = self.store.find_lease(actor.user_id, id).await?;
        lease.ok_or_else(|| Error::not_found("lease"))
    }

    /// Ends a lease. Its number is free for the next worker, after the pause of its pool. Idempotent for its holder.
    ///
    /// # Errors
    /// `NOT_FOUND`; `LEASE_LOST`.
    pub async fn release_lease(&self, cx: &Caller, id: LeaseId, fence: Fence) -> Result<()> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        let tx = self.store.begin().await?;
        let is_released = |lease: &Lease| fence == lease.fence && matches!(lease.ended, Some((_, LeaseEnd::Released)));
        let seen = find_in(&tx, actor, id).await?;
        if is_released(&seen) {
            return Ok(());
        }
        must_be_held(&seen, fence, self.clock.now())?;
        let (lease, _) = self.lock_lease(&tx, actor, &seen).await?;
        let now = self.clock.now();
        if is_released(&lease) {
            return Ok(());
        }
        must_be_held(&lease, fence, now)?;
        let _notice = self.lease_change_notice(Some(actor.user_id), Some(lease.number_id));
        tx.end_lease(lease.number_id, LeaseEnd::Released, now).await?;
        tx.commit().await
    }

    /// Locks the number of a lease, and reads both as they are then. Whoever does not hold the lease is refused before:
    /// a number that is locked is passed over by those who look for a free one.
    async fn lock_lease(&self, tx: &Tx, actor: &Actor, seen: &Lease) -> Result<(Lease, Option<LeasableNumber>)> {
        tx.lock_number(seen.number_id, self.as_of()).await?.ok_or_else(|| Error::not_found("lease"))?;
        Ok((find_in(tx, actor, seen.id).await?, tx.find_leasable(seen.number_id).await?))
    }
}

async fn find_in(tx: &Tx, actor: &Actor, id: LeaseId) -> Result<Lease> {
    tx.find_lease(actor.user_id, id).await?.ok_or_else(|| Error::not_found("lease"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AssignmentId, UserId};

    #[test]
    fn a_rental_is_extended_by_whole_hours_and_for_a_day_at_most() {
        let noon: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |minutes| noon + chrono::TimeDelta::minutes(minutes);
        let rental =
            |end| Assignment { id: AssignmentId(1), user_id: UserId(1), started_at: noon, expires_at: at(end) };
        for (end, lease_end, expected) in
            [(60, 30, 60), (60, 60, 60), (60, 61, 120), (60, 181, 240), (1430, 1445, 1440), (1440, 1450, 1440)]
        {
            assert_eq!(rental_end_for(&rental(end), at(lease_end)), at(expected), "{end} {lease_end}");
        }
    }
}
