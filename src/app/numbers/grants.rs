//! Granting numbers to pools: an administrator holds a number for a user's pool, for as long as it is granted.
//!
//! A granted number is one that its pool's user rents without an end, so everything that is true of a rented number is
//! true of it: its messages go to the inbox of that user, and nobody else can rent it. It does not count against the
//! user's plan.

use serde_json::json;

use crate::{
    app::App,
    domain::{
        Administrator, Assignment, AuditAction, Error, ErrorCode, LeaseEnd, NodeId, Number, NumberId, NumberStatus,
        PoolId, Result, UserId,
    },
    store::{NewAudit, Viewer},
};

/// The entry of the audit log about a grant.
pub(super) fn grant_audit(actor: Option<UserId>, action: AuditAction, number: NumberId) -> NewAudit {
    NewAudit { actor_id: actor, action, target: Some(NodeId::Number(number)), details: json!({}) }
}

/// Who sees a number that was granted: an administrator, or the operator.
fn viewer(actor: Option<UserId>) -> Viewer {
    actor.map_or(Viewer::Operator, Viewer::Admin)
}

impl App {
    /// Grants a number to a pool. It has to be free, or rented by the user of the pool already. Idempotent.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NUMBER_UNAVAILABLE` when the number is not free, or its provider is inactive.
    pub async fn grant_number(&self, cx: &dyn Administrator, pool: PoolId, id: NumberId) -> Result<Number> {
        let actor = cx.administrator()?;
        let at = self.as_of();
        let tx = self.store.begin().await?;
        let owner = tx.lock_pool_by_id(pool).await?.ok_or_else(|| Error::not_found("pool"))?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        if number.granted_pool_id == Some(pool) {
            return Ok(number);
        }
        let is_free = match number.status {
            NumberStatus::Available => true,
            NumberStatus::Expired => tx.find_last_renter(id).await? == Some(owner),
            NumberStatus::Assigned => number.user_id == Some(owner) && number.granted_pool_id.is_none(),
            NumberStatus::Blocked => false,
        };
        if !is_free || !tx.is_served(&number).await? {
            return Err(Error::new(ErrorCode::NumberUnavailable, "the number cannot be granted now: it is not free"));
        }
        let _notice = self.number_change_notice(id, Some(owner));
        let _lease_notice = self.lease_change_notice(Some(owner), None);
        match number.status {
            NumberStatus::Assigned => tx.extend_number(id, Assignment::granted_until()).await?,
            _ => tx.assign_number(id, owner, Assignment::granted_until(), at.now).await?,
        };
        tx.set_granted(id, pool).await?;
        let audit = NewAudit {
            details: json!({ "pool": NodeId::Pool(pool).to_string(), "user": NodeId::User(owner).to_string() }),
            ..grant_audit(actor, AuditAction::NumberGranted, id)
        };
        tx.insert_audit(audit, at.now).await?;
        tx.commit().await?;
        let number = self.store.find_number(viewer(actor), id, self.as_of()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }

    /// Ends the grant of a number, and with it its lease. The number cools down before somebody else can rent it.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NUMBER_UNAVAILABLE` when the number is not granted.
    pub async fn end_grant(&self, cx: &dyn Administrator, id: NumberId) -> Result<Number> {
        let actor = cx.administrator()?;
        let at = self.as_of();
        let tx = self.store.begin().await?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        if number.granted_pool_id.is_none() {
            return Err(Error::new(ErrorCode::NumberUnavailable, "the number is not granted"));
        }
        let _notice = self.number_change_notice(id, number.user_id);
        let _lease_notice = self.lease_change_notice(number.user_id, Some(id));
        tx.end_lease(id, LeaseEnd::RentalEnded, at.now).await?;
        tx.release_number(id, at.now).await?;
        tx.insert_audit(grant_audit(actor, AuditAction::NumberGrantEnded, id), at.now).await?;
        tx.commit().await?;
        let number = self.store.find_number(viewer(actor), id, self.as_of()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }
}
