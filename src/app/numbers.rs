//! Numbers: seeing them, renting them, giving them back.

use super::App;
use crate::{
    domain::{
        Caller, Code, Connection, Country, CountryCode, Error, ListCursor, Msisdn, Number, NumberFilter, NumberId,
        NumberStatus, Offset, PageRequest, ProviderId, RentalHours, Result, Scope, Wanted,
    },
    store::Viewer,
};

impl App {
    /// The numbers that the caller may see: those that can be rented and their own; for an
    /// administrator, all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not rent numbers.
    pub async fn list_numbers(
        &self,
        cx: &Caller,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, Number>> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let read = self.store.list_numbers(Self::viewer(actor), filter, page, self.moment()).await?;
        Ok(Connection::of(page, read))
    }

    /// The same by offset.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not rent numbers.
    pub async fn list_numbers_at(&self, cx: &Caller, filter: &NumberFilter, page: Offset) -> Result<Vec<Number>> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        self.store.list_numbers_at(Self::viewer(actor), filter, page, self.moment()).await
    }

    /// How many numbers [`App::list_numbers`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not rent numbers.
    pub async fn count_numbers(&self, cx: &Caller, filter: &NumberFilter) -> Result<u64> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        self.store.count_numbers(Self::viewer(actor), filter, self.moment()).await
    }

    /// One number that the caller may see.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's now.
    pub async fn get_number(&self, cx: &Caller, id: NumberId) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let number = self.store.find_number(Self::viewer(actor), id, self.moment()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }

    /// The countries that there are numbers of, and how many can be rented.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest, `INSUFFICIENT_SCOPE` for an API key that may not rent numbers.
    pub async fn list_countries(&self, cx: &Caller) -> Result<Vec<Country>> {
        cx.with_scope(Scope::RentNumbers)?;
        self.store.list_countries(self.moment()).await
    }

    /// Rents a number to the caller. Of two who race for a number, one gets it. A plan allows so many
    /// numbers at once; administrators may have any number.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NUMBER_UNAVAILABLE` when the number cannot be rented now; `NO_NUMBER_AVAILABLE`
    /// when none of the country can; `LIMIT_REACHED` for one number too many.
    pub async fn assign_number(&self, cx: &Caller, wanted: &Wanted, hours: RentalHours) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let at = self.moment();
        let tx = self.store.begin().await?;
        if !actor.is_admin() {
            // Locked, so that of two who rent their last number at once one is refused.
            let user = tx.lock_user(actor.user_id).await?.ok_or_else(|| Error::not_found("user"))?;
            let limit = user.plan.numbers_at_once();
            if tx.count_rented(user.id, at).await? >= limit {
                let message =
                    format!("your plan allows {limit} numbers at once; release one, or wait for one to expire");
                return Err(Error::new(Code::LimitReached, message).with("limit", limit));
            }
        }
        let number = match wanted {
            Wanted::Number(id) => tx.lock_number(*id, at).await?.ok_or_else(|| Error::not_found("phone number"))?,
            Wanted::AnyOf(country) => tx.lock_available_number(country, at).await?.ok_or_else(|| {
                Error::new(Code::NoNumberAvailable, "no number of this country can be rented now; see `countries`")
                    .with("country_code", country.as_str())
            })?,
        };
        if number.status != NumberStatus::Available {
            return Err(Error::new(Code::NumberUnavailable, "the number cannot be rented now"));
        }
        tx.assign(number.id, actor.user_id, at.now + hours.period(), at.now).await?;
        tx.commit().await?;
        let rented = self.store.find_number(Viewer::Renter(actor.user_id), number.id, self.moment()).await?;
        rented.ok_or_else(|| Error::not_found("phone number"))
    }

    /// Moves the end of the caller's rental of a number, up to 24 hours after its start.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such number, or the caller may not see it; `FORBIDDEN` when the
    /// caller can see it and has not rented it; `VALIDATION_ERROR` when the rental would become too long.
    pub async fn extend_number(&self, cx: &Caller, id: NumberId, hours: RentalHours) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let at = self.moment();
        let tx = self.store.begin().await?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        let (Some(start), Some(end)) = (number.assigned_at, number.expires_at) else {
            return Err(match number.status {
                NumberStatus::Available => Error::new(Code::Forbidden, "you have not rented this number"),
                _ if actor.is_admin() => Error::new(Code::NumberUnavailable, "the number is not rented"),
                _ => Error::not_found("phone number"),
            });
        };
        if number.user_id != Some(actor.user_id) {
            return Err(if actor.is_admin() {
                Error::new(Code::Forbidden, "somebody else has rented this number")
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
        tx.extend(id, expires_at).await?;
        tx.commit().await?;
        Ok(Number { expires_at: Some(expires_at), ..number })
    }

    /// Ends the caller's rental of a number. It cools down before it can be rented again. An
    /// administrator may end anybody's.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such number, or the caller may not see it; `FORBIDDEN` when the
    /// caller can see it and has not rented it.
    pub async fn release_number(&self, cx: &Caller, id: NumberId) -> Result<Number> {
        let actor = cx.with_scope(Scope::RentNumbers)?;
        let at = self.moment();
        let tx = self.store.begin().await?;
        let number = tx.lock_number(id, at).await?.ok_or_else(|| Error::not_found("phone number"))?;
        let mine = number.user_id == Some(actor.user_id);
        match number.status {
            NumberStatus::Assigned if mine || actor.is_admin() => {}
            NumberStatus::Available => {
                return Err(Error::new(Code::Forbidden, "you have not rented this number"));
            }
            _ if actor.is_admin() => return Err(Error::new(Code::NumberUnavailable, "the number is not rented")),
            _ => return Err(Error::not_found("phone number")),
        }
        tx.release(id, at.now).await?;
        tx.commit().await?;
        Ok(Number {
            status: NumberStatus::Expired.at(at.now, Some(at.now), at.cool_down),
            user_id: None,
            assigned_at: None,
            expires_at: None,
            ..number
        })
    }

    /// Adds a number, for the operator at the command line. The country is taken from the numbering
    /// plan when it is not given.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the country cannot be told; `ALREADY_EXISTS`.
    pub async fn import_number(
        &self,
        number: &Msisdn,
        country: Option<CountryCode>,
        provider: ProviderId,
    ) -> Result<NumberId> {
        let country = country.or_else(|| CountryCode::of(number)).ok_or_else(|| {
            Error::invalid("country_code", "cannot be told from this number; give it, for example US")
        })?;
        self.store.insert_number(number, &country, provider).await
    }
}
