//! Pools: named sets of a user's numbers, which the user's workers lease from.

use std::collections::HashSet;

use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, Caller, Error, ErrorCode, LeaseEnd, NewPool, NumberId, Pool, PoolChange, PoolId,
        Result, Scope, UserId,
    },
    store::AsOf,
};

use super::grants::grant_audit;

/// How many pools a user may have.
const MAX_POOLS: u64 = 50;

/// How many ended leases are detached from a pool at once before it is deleted.
const DETACHED_AT_ONCE: u32 = 1000;

impl App {
    /// The caller's pools, by name. Administrators may see those of any user.
    ///
    /// # Errors
    /// `FORBIDDEN` for another user's pools, unless an administrator asks.
    pub async fn list_pools(&self, cx: &Caller, of: Option<UserId>) -> Result<Vec<Pool>> {
        let actor = cx.with_scope(Scope::LeaseNumbers)?;
        let of = of.unwrap_or(actor.user_id);
        if of != actor.user_id {
            cx.admin()?;
        }
        self.store.list_pools(of, self.as_of()).await
    }

    /// Those of the caller's pools that have these ids.
    pub async fn find_pools(&self, cx: &Caller, ids: &[PoolId]) -> Result<Vec<Pool>> {
        let pools = self.list_pools(cx, None).await?;
        Ok(pools.into_iter().filter(|pool| ids.contains(&pool.id)).collect())
    }

    /// Creates a pool.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when the caller has one of this name; `LIMIT_REACHED`; `VALIDATION_ERROR` for too many numbers;
    /// `NOT_FOUND` for a number that the caller does not rent.
    pub async fn create_pool(&self, cx: &Caller, new: &NewPool) -> Result<Pool> {
        self.insert_pool(cx.with_scope(Scope::RentNumbers)?.user_id, new).await
    }

    /// The same for a user.
    ///
    /// # Errors
    /// As [`App::create_pool`].
    pub async fn create_pool_of(&self, cx: &dyn Administrator, user: UserId, new: &NewPool) -> Result<Pool> {
        cx.administrator()?;
        self.insert_pool(user, new).await
    }

    async fn insert_pool(&self, user: UserId, new: &NewPool) -> Result<Pool> {
        let at = self.as_of();
        self.must_rent(user, &new.numbers, at).await?;
        let tx = self.store.begin().await?;
        // The lock serialises a user's requests, so that the limit holds.
        tx.lock_user(user).await?.ok_or_else(|| Error::not_found("user"))?;
        if tx.count_pools(user).await? >= MAX_POOLS {
            let message = "you have as many pools as you may; delete one that you no longer need";
            return Err(Error::new(ErrorCode::LimitReached, message).with("limit", MAX_POOLS));
        }
        let id = tx.insert_pool(user, new, at.now).await?;
        tx.commit().await?;
        self.get_pool(user, id).await
    }

    /// Changes a pool of the caller's. Leases that were acquired from it go on.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, and for a number that the caller does not rent; `ALREADY_EXISTS` when the caller
    /// has another one of this name; `VALIDATION_ERROR` for too many numbers.
    pub async fn update_pool(&self, cx: &Caller, id: PoolId, change: &PoolChange) -> Result<Pool> {
        self.change_pool(cx.with_scope(Scope::RentNumbers)?.user_id, id, change).await
    }

    /// The same of a user's pool.
    ///
    /// # Errors
    /// As [`App::update_pool`].
    pub async fn update_pool_of(
        &self,
        cx: &dyn Administrator,
        user: UserId,
        id: PoolId,
        change: &PoolChange,
    ) -> Result<Pool> {
        cx.administrator()?;
        self.change_pool(user, id, change).await
    }

    async fn change_pool(&self, user: UserId, id: PoolId, change: &PoolChange) -> Result<Pool> {
        self.must_rent(user, change.numbers.as_deref().unwrap_or_default(), self.as_of()).await?;
        let _notice = self.lease_change_notice(Some(user), None);
        let tx = self.store.begin().await?;
        if tx.lock_pool_by_id(id).await? != Some(user) {
            return Err(Error::not_found("pool"));
        }
        tx.update_pool(id, change).await?;
        tx.commit().await?;
        self.get_pool(user, id).await
    }

    /// Deletes a pool of the caller's. Leases that were acquired from it go on, except of numbers that were granted to
    /// it: those are given back.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none.
    pub async fn delete_pool(&self, cx: &Caller, id: PoolId) -> Result<()> {
        let user = cx.with_scope(Scope::RentNumbers)?.user_id;
        self.remove_pool(user, id, Some(user)).await
    }

    /// The same of a user's pool.
    ///
    /// # Errors
    /// As [`App::delete_pool`].
    pub async fn delete_pool_of(&self, cx: &dyn Administrator, user: UserId, id: PoolId) -> Result<()> {
        let actor = cx.administrator()?;
        self.remove_pool(user, id, actor).await
    }

    async fn remove_pool(&self, user: UserId, id: PoolId, actor: Option<UserId>) -> Result<()> {
        while self.store.detach_ended_leases(user, id, DETACHED_AT_ONCE).await? == u64::from(DETACHED_AT_ONCE) {}
        let at = self.as_of();
        let tx = self.store.begin().await?;
        if tx.lock_pool_by_id(id).await? != Some(user) {
            return Err(Error::not_found("pool"));
        }
        let mut notices = Vec::new();
        for number in tx.list_granted(id).await? {
            tx.lock_number(number, at).await?;
            notices.push((
                self.number_change_notice(number, Some(user)),
                self.lease_change_notice(Some(user), Some(number)),
            ));
            tx.end_lease(number, LeaseEnd::RentalEnded, at.now).await?;
            tx.release_number(number, at.now).await?;
            tx.insert_audit(grant_audit(actor, AuditAction::NumberGrantEnded, number), at.now).await?;
        }
        tx.delete_pool(id).await?;
        tx.commit().await
    }

    async fn get_pool(&self, user: UserId, id: PoolId) -> Result<Pool> {
        let pools = self.store.list_pools(user, self.as_of()).await?;
        pools.into_iter().find(|pool| pool.id == id).ok_or_else(|| Error::not_found("pool"))
    }

    /// Refuses to list numbers that a user does not rent.
    async fn must_rent(&self, user: UserId, numbers: &[NumberId], at: AsOf) -> Result<()> {
        if numbers.len() > NewPool::MAX_NUMBERS {
            let message = format!("must be at most {} numbers; for more, use a rule", NewPool::MAX_NUMBERS);
            return Err(Error::invalid("phone_number_ids", message));
        }
        if numbers.is_empty() {
            return Ok(());
        }
        let rented = self.store.list_rented(user, at).await?;
        let rented: HashSet<NumberId> = rented.iter().map(|number| number.id).collect();
        match numbers.iter().find(|number| !rented.contains(number)) {
            Some(number) => {
                Err(Error::not_found(&format!("phone number {number} of yours")).with("field", "phone_number_ids"))
            }
            None => Ok(()),
        }
    }
}
