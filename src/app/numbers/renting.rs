//! Listing, renting, extending, releasing and blocking numbers.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::{grants::grant_audit, viewer};
use crate::{
    app::App,
    domain::{
        Actor, Administrator, AssignmentId, AuditAction, Caller, Client, Connection, Country, CountryCode, Error,
        ErrorCode, IdempotencyKey, Label, LeaseEnd, ListCursor, NodeId, Number, NumberChoice, NumberFilter, NumberId,
        NumberStatus, OffsetPage, PageRequest, RentalHours, Result, Scope, User,
    },
    store::{AsOf, NewAudit, Tx, Viewer},
};

/// The answer when no number of a country can be rented, with the time when one can, if nobody keeps it for longer.
fn none_available(country: &CountryCode, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Error {
    let message = "no number of this country can be rented now; see `countries`";
    let error = Error::new(ErrorCode::NoNumberAvailable, message).with("country_code", country.as_str());
    with_next_time(error, next, now)
}

/// Adds to an error when it is worth trying again.
pub(super) fn with_next_time(error: Error, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Error {
    let Some(next) = next else { return error };
    // At least a second: one that is free by its time is being rented to somebody else just now.
    let next = next.max(now + TimeDelta::seconds(1));
    let seconds = (next - now).num_milliseconds().div_euclid(1000) + 1;
    error.with("available_at", next.to_rfc3339_opts(SecondsFormat::Secs, true)).with(Error::RETRY_AFTER, seconds)
}

/// Why a key is refused that came with another request.
pub(super) const USED_FOR_ANOTHER: &str = "the idempotency key was used for another request; make a new one for each";

pub(super) fn key_reused(message: &str) -> Error {
    Error::new(ErrorCode::IdempotencyKeyReused, message).with("field", "idempotency_key")
}

impl App {
    /// The numbers that the caller may see: available ones and their own; for administrators, all.
    pub async fn list_numbers(
        &self,
        cx: &Caller,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, Number>> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let read = self.store.list_numbers(viewer(actor), filter, page, self.as_of()).await?;
        Ok(Connection::of(page, read))
    }

    /// [`App::list_numbers`] by offset.
    pub async fn list_numbers_at(&self, cx: &Caller, filter: &NumberFilter, page: OffsetPage) -> Result<Vec<Number>> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        self.store.list_numbers_at(viewer(actor), filter, page, self.as_of()).await
    }

    /// The total of [`App::list_numbers`].
    pub async fn count_numbers(&self, cx: &Caller, filter: &NumberFilter) -> Result<u64> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        self.store.count_numbers(viewer(actor), filter, self.as_of()).await
    }

    /// A number that the caller may see.
    ///
    /// # Errors
    /// `NOT_FOUND` when it does not exist or somebody else rents it.
    pub async fn get_number(&self, cx: &Caller, id: NumberId) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let number = self.store.find_number(viewer(actor), id, self.as_of()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }

    /// Numbers by id. Those that the caller may not see are left out.
    pub async fn find_numbers(&self, cx: &Caller, ids: &[NumberId]) -> Result<Vec<Number>> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        self.store.find_numbers(viewer(actor), ids, self.as_of()).await
    }

    /// The countries with numbers, and how many of each are available.
    pub async fn list_countries(&self, cx: &Caller) -> Result<Vec<Country>> {
        cx.with_scope(Scope::RentNumbers)?;
        self.store.list_countries(self.as_of()).await
    }

    /// Rents a number to the caller; of two concurrent attempts one succeeds. The plan limits how many numbers a user
    /// may rent at once; administrators have no limit. A repeated request with the same idempotency key returns the
    /// number that the first one rented.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NUMBER_UNAVAILABLE` when the number cannot be rented now; `NO_NUMBER_AVAILABLE` when none of the
    /// country can; `LIMIT_REACHED`; `RATE_LIMITED` when too many rentals of the caller or of the client's network have
    /// begun within a day; `IDEMPOTENCY_KEY_REUSED`; `EMAIL_NOT_VERIFIED` where the operator requires it.
    pub async fn assign_number(
        &self,
        cx: &Caller,
        client: &Client,
        wanted: &NumberChoice,
        hours: RentalHours,
        key: Option<&IdempotencyKey>,
    ) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let at = self.as_of();
        let request = match wanted {
            NumberChoice::Exactly(id) => format!("rent num_{id} for {} h", hours.hours()),
            NumberChoice::AnyIn(country) => format!("rent any of {} for {} h", country.as_str(), hours.hours()),
        };
        let tx = self.store.begin().await?;
        // The lock serialises a user's requests: the plan's limit holds, and a repeated request sees the first one's
        // result.
        let user = tx.lock_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        if let Some(number) = self.repeated(&tx, actor, key, &request, at).await? {
            return Ok(number);
        }
        let renting = self.rent_in(&tx, actor, &user, wanted, hours, at);
        let (number, rental) = self.within_limit_of_network(actor, client, renting).await?;
        let _notice = self.number_change_notice(number, Some(actor.user_id));
        if let Some(key) = key {
            tx.insert_idempotency_key(actor.user_id, key, request, rental, None, at.now).await?;
        }
        tx.commit().await?;
        let rented = self.store.find_number(Viewer::Renter(actor.user_id), number, self.as_of()).await?;
        rented.ok_or_else(|| Error::not_found("phone number"))
    }

    /// Rents a number in a transaction that has locked the user: the part of renting that leases share. The notice of
    /// the change is the caller's.
    pub(super) async fn rent_in(
        &self,
        tx: &Tx,
        actor: &Actor,
        user: &User,
        wanted: &NumberChoice,
        hours: RentalHours,
        at: AsOf,
    ) -> Result<(NumberId, AssignmentId)> {
        self.must_have_verified_email(actor, user)?;
        let limit = user.plan.numbers_at_once();
        if !actor.is_admin() && tx.count_rented(user.id, at).await? >= limit {
            let message = format!("your plan allows {limit} numbers at once; release one, or wait for one to expire");
            return Err(Error::new(ErrorCode::LimitReached, message).with("limit", limit));
        }
        let rented = self.must_be_within_limit_of_user(tx, actor, user.id, at).await?;
        let number = match wanted {
            NumberChoice::Exactly(id) => {
                tx.lock_number(*id, at).await?.ok_or_else(|| Error::not_found("phone number"))?
            }
            NumberChoice::AnyIn(country) => match tx.lock_available_number(country, user.id, at).await? {
                Some(number) => number,
                None => return Err(none_available(country, tx.next_available(country, at).await?, at.now)),
            },
        };
        // A cool-down keeps late messages from the next renter, and here that is the last one.
        let is_free = match number.status {
            NumberStatus::Available => true,
            NumberStatus::Expired => tx.find_last_renter(number.id).await? == Some(user.id),
            NumberStatus::Assigned | NumberStatus::Blocked => false,
        };
        // No messages arrive on a number whose provider is inactive.
        if !is_free || !tx.is_served(&number).await? {
            return Err(Error::new(ErrorCode::NumberUnavailable, "the number cannot be rented now"));
        }
        let rental = tx.assign_number(number.id, user.id, at.now + hours.period(), at.now).await?;
        self.note_rental(user.id, rented);
        Ok((number.id, rental))
    }

    /// Refuses to rent or to lease for a user whose address is not verified, where the operator requires that.
    pub(super) fn must_have_verified_email(&self, actor: &Actor, user: &User) -> Result<()> {
        if !self.settings.require_verified_email || user.email_verified || actor.is_admin() {
            return Ok(());
        }
        let message = "verify your e-mail address first, with the token from the mail; it can be sent again";
        Err(Error::new(ErrorCode::EmailNotVerified, message))
    }

    /// The number that an earlier request with this idempotency key rented, if there was one.
    async fn repeated(
        &self,
        tx: &Tx,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
        request: &str,
        at: AsOf,
    ) -> Result<Option<Number>> {
        let Some(key) = key else { return Ok(None) };
        let Some(found) = tx.find_prior_request(actor.user_id, key).await? else { return Ok(None) };
        if found.request != request {
            return Err(key_reused(USED_FOR_ANOTHER));
        }
        match tx.lock_number(found.number, at).await? {
            Some(number) if !found.ended && number.user_id == Some(actor.user_id) => Ok(Some(number)),
            _ => Err(key_reused(
                "the rental that was made with this idempotency key is over; make a new key for a new rental",
            )),
        }
    }

    /// Extends the caller's rental of a number, up to 24 hours after its start.
    ///
    /// # Errors
    /// `NOT_FOUND` when the number does not exist or the caller may not see it; `FORBIDDEN` when they see it but do not
    /// rent it; `NUMBER_UNAVAILABLE` when an administrator names a number that is not rented, and for a granted number;
    /// `VALIDATION_ERROR` when the rental would become too long; `IDEMPOTENCY_KEY_REUSED`; `EMAIL_NOT_VERIFIED` where
    /// the operator requires it.
    pub async fn extend_number(
        &self,
        cx: &Caller,
        id: NumberId,
        hours: RentalHours,
        key: Option<&IdempotencyKey>,
    ) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let at = self.as_of();
        let request = format!("extend num_{id} by {} h", hours.hours());
        let tx = self.store.begin().await?;
        // The lock makes a repeated request see the first one's result.
        let user = tx.lock_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        if let Some(number) = self.repeated(&tx, actor, key, &request, at).await? {
            return Ok(number);
        }
        self.must_have_verified_email(actor, &user)?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        if number.granted_pool_id.is_some() && number.user_id == Some(actor.user_id) {
            let message = "an administrator has granted you this number: its rental has no end that could be moved";
            return Err(Error::new(ErrorCode::NumberUnavailable, message));
        }
        let (Some(start), Some(end)) = (number.assigned_at, number.expires_at) else {
            return Err(match number.status {
                NumberStatus::Available => Error::new(ErrorCode::Forbidden, "you have not rented this number"),
                _ if actor.is_admin() => Error::new(ErrorCode::NumberUnavailable, "the number is not rented"),
                _ => Error::not_found("phone number"),
            });
        };
        if number.user_id != Some(actor.user_id) {
            return Err(if actor.is_admin() {
                Error::new(ErrorCode::Forbidden, "somebody else has rented this number")
            } else {
                Error::not_found("phone number")
            });
        }
        let (expires_at, latest) = (end + hours.period(), start + RentalHours::LONGEST);
        if expires_at > latest {
            let left = (latest - end).num_hours();
            let issue = match left {
                0 => "the rental cannot be extended: it may last 24 hours in all".to_owned(),
                _ => format!("must be at most {left}: a rental may last 24 hours in all"),
            };
            return Err(Error::invalid("duration_hours", issue));
        }
        let _notice = self.number_change_notice(id, number.user_id);
        let rental = tx.extend_number(id, expires_at).await?;
        if let Some(key) = key {
            tx.insert_idempotency_key(actor.user_id, key, request, rental, None, at.now).await?;
        }
        tx.commit().await?;
        Ok(Number { expires_at: Some(expires_at), ..number })
    }

    /// Ends the caller's rental of a number, which then cools down before it is available again. Administrators may
    /// end any rental.
    ///
    /// # Errors
    /// `NOT_FOUND` when the number does not exist or the caller may not see it; `FORBIDDEN` when they see it but do not
    /// rent it; `NUMBER_UNAVAILABLE` when an administrator names a number that is not rented.
    pub async fn release_number(&self, cx: &Caller, id: NumberId) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let at = self.as_of();
        let tx = self.store.begin().await?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        let mine = number.user_id == Some(actor.user_id);
        match number.status {
            NumberStatus::Assigned if mine || actor.is_admin() => {}
            NumberStatus::Available => {
                return Err(Error::new(ErrorCode::Forbidden, "you have not rented this number"));
            }
            _ if actor.is_admin() => return Err(Error::new(ErrorCode::NumberUnavailable, "the number is not rented")),
            _ => return Err(Error::not_found("phone number")),
        }
        if number.granted_pool_id.is_some() && !actor.is_admin() {
            let message = "an administrator has granted your pool this number, and can end that; or delete the pool";
            return Err(Error::new(ErrorCode::Forbidden, message));
        }
        let _notice = self.number_change_notice(id, number.user_id);
        let _lease_notice = self.lease_change_notice(number.user_id, Some(id));
        if number.granted_pool_id.is_some() {
            tx.insert_audit(grant_audit(Some(actor.user_id), AuditAction::NumberGrantEnded, id), at.now).await?;
        } else if !mine {
            let audit = NewAudit {
                details: json!({ "user": number.user_id.map(|user| NodeId::User(user).to_string()) }),
                ..grant_audit(Some(actor.user_id), AuditAction::NumberReleased, id)
            };
            tx.insert_audit(audit, at.now).await?;
        }
        tx.end_lease(id, LeaseEnd::RentalEnded, at.now).await?;
        tx.release_number(id, at.now).await?;
        tx.commit().await?;
        Ok(Number {
            status: NumberStatus::Expired.at(at.now, Some(at.now), at.cool_down),
            user_id: None,
            assigned_at: None,
            expires_at: None,
            label: None,
            granted_pool_id: None,
            ..number
        })
    }

    /// Sets or removes what the caller calls a number that they rent, for as long as they rent it. Pools find numbers
    /// by it.
    ///
    /// # Errors
    /// `NOT_FOUND` when the caller does not rent the number.
    pub async fn label_number(&self, cx: &Caller, id: NumberId, label: Option<&Label>) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let tx = self.store.begin().await?;
        let number = tx.lock_number(id, self.as_of()).await?.filter(|number| number.user_id == Some(actor.user_id));
        let number = number.ok_or_else(|| Error::not_found("phone number of yours"))?;
        let _notice = self.number_change_notice(id, number.user_id);
        let _lease_notice = self.lease_change_notice(number.user_id, None);
        tx.set_label(id, label).await?;
        tx.commit().await?;
        Ok(Number { label: label.cloned(), ..number })
    }

    /// Blocks a number, which ends its rental, or unblocks it. Idempotent.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn set_number_blocked(&self, cx: &dyn Administrator, id: NumberId, blocked: bool) -> Result<Number> {
        let by = cx.administrator()?;
        let at = self.as_of();
        let tx = self.store.begin().await?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        if (number.status == NumberStatus::Blocked) == blocked {
            return Ok(number);
        }
        let _notice = self.number_change_notice(id, number.user_id);
        let _lease_notice = self.lease_change_notice(number.user_id, Some(id));
        match blocked {
            true => {
                tx.end_lease(id, LeaseEnd::Blocked, at.now).await?;
                tx.block_number(&number, at.now).await?;
            }
            false => tx.unblock_number(id).await?,
        }
        let audit = NewAudit {
            actor_id: by,
            action: AuditAction::NumberStatusSet,
            target: Some(NodeId::Number(id)),
            details: json!({ "status": if blocked { "blocked" } else { "available" } }),
        };
        tx.insert_audit(audit, at.now).await?;
        tx.commit().await?;
        let number = self.store.find_number(Viewer::Operator, id, self.as_of()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }
}
