//! Numbers: adding, listing and finding them.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use serde::Serialize;

use super::{
    AsOf, Store, Tx, Viewer,
    conditions::Conditions,
    entity::phone_number::{Column, Entity},
    number_finder::WantedNumber,
    number_row::NumberRow,
    row_set::RowSet,
    sql::query,
};
use crate::domain::{
    Country, CountryCode, Edge, Error, ListCursor, Msisdn, Number, NumberFilter, NumberId, OffsetPage, PageRequest,
    ProviderId, Result, Side,
};

impl Store {
    /// One page of numbers, by id, and one more if the list continues. A page from the end is in reverse order.
    pub async fn list_numbers(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
        at: AsOf,
    ) -> Result<Vec<Edge<ListCursor, Number>>> {
        let mut visible = viewer.visible(filter, at);
        if let Some(after) = page.after {
            visible.compare("n.id >", after.0);
        }
        if let Some(before) = page.before {
            visible.compare("n.id <", before.0);
        }
        let order = if page.side == Side::First { "ASC" } else { "DESC" };
        let rows = visible.rows(page.limit + 1, 0);
        let numbers = self.select_numbers(visible, &format!("ORDER BY n.id {order} {rows}"), at).await?;
        Ok(numbers.into_iter().map(|node| Edge { cursor: ListCursor(node.id.0.into()), node }).collect())
    }

    /// A page of numbers by offset, by id.
    pub async fn list_numbers_at(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: OffsetPage,
        at: AsOf,
    ) -> Result<Vec<Number>> {
        let mut visible = viewer.visible(filter, at);
        let rows = visible.rows(page.limit, page.offset);
        self.select_numbers(visible, &format!("ORDER BY n.id {rows}"), at).await
    }

    /// How many numbers a list has.
    pub async fn count_numbers(&self, viewer: Viewer, filter: &NumberFilter, at: AsOf) -> Result<u64> {
        #[derive(FromQueryResult)]
        struct Row {
            n: i64,
        }
        let visible = viewer.visible(filter, at);
        let sql = format!("SELECT count(*) AS n FROM phone_numbers n WHERE {}", visible.text());
        let counted: Vec<Row> = query(&self.read, sql, visible.into_values()).await?;
        Ok(counted.first().map_or(0, |row| row.n.unsigned_abs()))
    }

    /// A number that the viewer may see.
    pub async fn find_number(&self, viewer: Viewer, id: NumberId, at: AsOf) -> Result<Option<Number>> {
        if self.is_sqlite() {
            // Nothing would be saved: there is no way to a server and back.
            let mut visible = viewer.visible(&NumberFilter::default(), at);
            visible.compare("n.id =", id.0);
            return Ok(self.select_numbers(visible, "", at).await?.pop());
        }
        let found = self.number_finder.ask(WantedNumber { viewer, id, at }).await;
        found.unwrap_or_else(|| Err(Error::internal("looking numbers up has panicked")))
    }

    /// The numbers among these that the viewer may see.
    pub async fn find_numbers(&self, viewer: Viewer, ids: &[NumberId], at: AsOf) -> Result<Vec<Number>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut visible = viewer.visible(&NumberFilter::default(), at);
        visible.is_one_of("n.id", ids.iter().map(|id| id.0));
        self.select_numbers(visible, "", at).await
    }

    /// The numbers `n` for which these conditions hold, in an order and as many as `rest` says.
    async fn select_numbers(&self, conditions: Conditions, rest: &str, at: AsOf) -> Result<Vec<Number>> {
        let columns = NumberRow::COLUMNS;
        let sql = format!("SELECT {columns} FROM phone_numbers n WHERE {} {rest}", conditions.text());
        let rows: Vec<NumberRow> = query(&self.read, sql, conditions.into_values()).await?;
        rows.into_iter().map(|row| at.number(row)).collect()
    }

    /// A number by its digits, for administrators.
    pub async fn find_number_by_msisdn(&self, number: &Msisdn, at: AsOf) -> Result<Option<Number>> {
        let is_it = Conditions::new("n.phone_number = $1".to_owned(), [number.as_str().into()]);
        Ok(self.select_numbers(is_it, "", at).await?.pop())
    }

    /// Those of these numbers that are on the platform.
    pub async fn find_known_numbers(&self, numbers: &[Msisdn]) -> Result<Vec<Msisdn>> {
        let select = Entity::find().select_only().column(Column::PhoneNumber);
        let select = select.filter(Column::PhoneNumber.is_in(numbers.iter().map(Msisdn::as_str)));
        let known: Vec<String> = select.into_tuple().all(&self.read).await?;
        Ok(known.into_iter().map(Msisdn::stored).collect())
    }

    /// The countries of our numbers, and how many can be rented in each.
    pub async fn list_countries(&self, at: AsOf) -> Result<Vec<Country>> {
        #[derive(FromQueryResult)]
        struct Row {
            country_code: String,
            available: i64,
        }
        let sql = "SELECT country_code, sum(CASE
                       WHEN status = 'available' THEN 1
                       WHEN status IN ('assigned', 'expired') AND expires_at <= $1 THEN 1
                       ELSE 0 END) AS available
                   FROM phone_numbers WHERE status <> 'blocked' AND (provider_id IS NULL OR provider_id IN
                       (SELECT id FROM sms_providers WHERE is_active)) GROUP BY country_code ORDER BY country_code";
        let rows: Vec<Row> = query(&self.read, sql.to_owned(), [at.cooled_since().into()]).await?;
        Ok(rows
            .into_iter()
            .map(|row| Country { code: CountryCode::stored(row.country_code), available: row.available })
            .collect())
    }
}

/// A number to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct NewNumber {
    /// E.164, or a short code.
    pub phone_number: Msisdn,
    /// Its country.
    pub country_code: CountryCode,
}

impl Tx {
    /// Adds numbers of a provider, in one statement. Numbers that exist already stay as they are. Returns which were
    /// added.
    pub async fn insert_numbers(&self, numbers: &[NewNumber], provider: ProviderId) -> Result<Vec<(Msisdn, NumberId)>> {
        #[derive(FromQueryResult)]
        struct InsertedRow {
            id: i32,
            phone_number: String,
        }
        let sql = format!(
            "INSERT INTO phone_numbers (phone_number, country_code, provider_id)
             SELECT phone_number, country_code, $2 FROM {} WHERE true ORDER BY phone_number
             ON CONFLICT (phone_number) DO NOTHING RETURNING id, phone_number",
            RowSet::of([Column::PhoneNumber, Column::CountryCode]).table(self.0.get_database_backend())
        );
        let added: Vec<InsertedRow> = query(&self.0, sql, [RowSet::parameter(numbers)?, provider.0.into()]).await?;
        Ok(added.into_iter().map(|row| (Msisdn::stored(row.phone_number), NumberId(row.id))).collect())
    }
}
