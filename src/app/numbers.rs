//! Numbers: seeing them, renting them, giving them back.

use super::App;
use crate::{
    domain::{
        Caller, Code, Connection, Country, CountryCode, Error, ListCursor, Msisdn, Number, NumberFilter, NumberId,
        NumberStatus, PageRequest, ProviderId, RentalHours, Result, Wanted,
    },
    store::Viewer,
};

impl App {
    /// The numbers that the caller may see: those that can be rented and their own; for an
    /// administrator, all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest.
    pub async fn list_numbers(
        &self,
        cx: &Caller,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, Number>> {
        let actor = cx.user()?;
        let read = self.store.list_numbers(Self::viewer(actor), filter, page, self.moment()).await?;
        Ok(Connection::of(page, read))
    }

    /// How many numbers [`App::list_numbers`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest.
    pub async fn count_numbers(&self, cx: &Caller, filter: &NumberFilter) -> Result<u64> {
        let actor = cx.user()?;
        self.store.count_numbers(Self::viewer(actor), filter, self.moment()).await
    }

    /// One number that the caller may see.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, or it is somebody else's now.
    pub async fn get_number(&self, cx: &Caller, id: NumberId) -> Result<Number> {
        let actor = cx.user()?;
        let number = self.store.find_number(Self::viewer(actor), id, self.moment()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }

    /// The countries that there are numbers of, and how many can be rented.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a guest.
    pub async fn list_countries(&self, cx: &Caller) -> Result<Vec<Country>> {
        cx.user()?;
        self.store.list_countries(self.moment()).await
    }

    /// Rents a number to the caller. Of two who race for a number, one gets it.
    ///
    /// # Errors
    /// `NOT_FOUND`; `NUMBER_UNAVAILABLE` when the number cannot be rented now; `NO_NUMBER_AVAILABLE`
    /// when none of the country can.
    pub async fn assign_number(&self, cx: &Caller, wanted: &Wanted, hours: RentalHours) -> Result<Number> {
        let actor = cx.user()?;
        let at = self.moment();
        let tx = self.store.begin().await?;
        let number = match wanted {
            Wanted::Number(id) => tx.lock_number(*id, at).await?.ok_or_else(|| Error::not_found("phone number"))?,
            Wanted::AnyOf(country) => tx.lock_available_number(country, at).await?.ok_or_else(|| {
                Error::new(Code::NoNumberAvailable, "no number of this country can be rented now; see `countries`")
                    .with("countryCode", country.as_str())
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

    /// Ends the caller's rental of a number. It cools down before it can be rented again. An
    /// administrator may end anybody's.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such number, or the caller may not see it; `FORBIDDEN` when the
    /// caller can see it and has not rented it.
    pub async fn release_number(&self, cx: &Caller, id: NumberId) -> Result<Number> {
        let actor = cx.user()?;
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
