//! The numbers and pools of the platform, as the operator sees them.

use crate::{
    app::App,
    domain::{
        Administrator, Connection, Error, ListCursor, Msisdn, Number, NumberFilter, NumberId, PageRequest, Pool,
        Result, UserId,
    },
    store::Viewer,
};

impl App {
    /// All numbers that pass a filter, by id.
    pub async fn list_inventory(
        &self,
        cx: &dyn Administrator,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, Number>> {
        cx.administrator()?;
        Ok(Connection::of(page, self.store.list_numbers(Viewer::Operator, filter, page, self.as_of()).await?))
    }

    /// The pools of a user, by name.
    pub async fn list_pools_of(&self, cx: &dyn Administrator, user: UserId) -> Result<Vec<Pool>> {
        cx.administrator()?;
        self.store.list_pools(user, self.as_of()).await
    }

    /// A number by its id, whoever rents it.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get_any_number(&self, cx: &dyn Administrator, id: NumberId) -> Result<Number> {
        cx.administrator()?;
        let number = self.store.find_number(Viewer::Operator, id, self.as_of()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }

    /// A number by its digits, whoever rents it.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get_number_by_msisdn(&self, cx: &dyn Administrator, number: &Msisdn) -> Result<Number> {
        cx.administrator()?;
        let number = self.store.find_number_by_msisdn(number, self.as_of()).await?;
        number.ok_or_else(|| Error::not_found("phone number"))
    }
}
