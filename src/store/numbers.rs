//! Numbers: adding, listing and finding them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect,
};
use serde::Serialize;

use super::{
    Store, Tx,
    columns::Columns,
    conditions::Conditions,
    entity::phone_number::{Column, Entity},
    row_set::RowSet,
    sql::query,
};
use crate::{
    coalescer::Ask,
    domain::{
        Country, CountryCode, Edge, Error, Label, ListCursor, Msisdn, Number, NumberFilter, NumberId, NumberStatus,
        OffsetPage, PageRequest, PoolId, ProviderId, Result, Side, UserId,
    },
};

/// A number as it is stored.
pub(super) struct NumberRow {
    id: i32,
    phone_number: String,
    country_code: String,
    provider_id: Option<i32>,
    user_id: Option<i32>,
    status: String,
    assigned_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    label: Option<String>,
    granted_pool_id: Option<i32>,
}

impl FromQueryResult for NumberRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Self::read(Columns::of(row))
    }
}

impl NumberRow {
    /// The columns that [`NumberRow::read`] reads, in its order, of the number `n`.
    pub(super) const COLUMNS: &str = "n.id, n.phone_number, n.country_code, n.provider_id, n.user_id, n.status, n.assigned_at, \
                           n.expires_at, n.created_at, n.label, n.granted_pool_id";

    fn read(mut columns: Columns<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: columns.read()?,
            phone_number: columns.read()?,
            country_code: columns.read()?,
            provider_id: columns.read()?,
            user_id: columns.read()?,
            status: columns.read()?,
            assigned_at: columns.read()?,
            expires_at: columns.read()?,
            created_at: columns.read()?,
            label: columns.read()?,
            granted_pool_id: columns.read()?,
        })
    }
}

/// The time and the length of a cool-down, which together decide what a stored status means.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// Now.
    pub now: DateTime<Utc>,
    /// How long a number cannot be rented after a rental.
    pub cool_down: Duration,
}

impl AsOf {
    /// Rentals that ended then or before have cooled down.
    pub(super) fn cooled_since(self) -> DateTime<Utc> {
        self.now - self.cool_down
    }

    /// That a number `n` has this status now, whether or not the job has settled it: [`NumberStatus::at`] as a
    /// condition.
    fn is(self, status: NumberStatus, conditions: &mut Conditions) -> String {
        let mut now = || conditions.parameter(self.now);
        match status {
            NumberStatus::Blocked => "n.status = 'blocked'".to_owned(),
            NumberStatus::Assigned => format!("(n.status = 'assigned' AND n.expires_at > {})", now()),
            NumberStatus::Expired => format!(
                "(n.status IN ('assigned', 'expired') AND (n.status = 'expired' OR n.expires_at <= {})
                  AND n.expires_at > {})",
                now(),
                conditions.parameter(self.cooled_since()),
            ),
            NumberStatus::Available => format!(
                "(n.status = 'available' OR n.status IN ('assigned', 'expired') AND n.expires_at <= {})",
                conditions.parameter(self.cooled_since()),
            ),
        }
    }

    pub(super) fn number(self, row: NumberRow) -> Result<Number> {
        let stored = match row.status.as_str() {
            "available" => NumberStatus::Available,
            "assigned" => NumberStatus::Assigned,
            "expired" => NumberStatus::Expired,
            "blocked" => NumberStatus::Blocked,
            other => return Err(Error::internal(format!("a stored number has the unknown status `{other}`"))),
        };
        let status = stored.at(self.now, row.expires_at, self.cool_down);
        let assigned = status == NumberStatus::Assigned;
        Ok(Number {
            id: NumberId(row.id),
            phone_number: Msisdn::stored(row.phone_number),
            country_code: CountryCode::stored(row.country_code),
            provider_id: row.provider_id.map(ProviderId),
            status,
            user_id: row.user_id.filter(|_| assigned).map(UserId),
            assigned_at: row.assigned_at.filter(|_| assigned),
            expires_at: row.expires_at.filter(|_| assigned && row.granted_pool_id.is_none()),
            label: row.label.filter(|_| assigned).map(Label::stored),
            granted_pool_id: row.granted_pool_id.filter(|_| assigned).map(PoolId),
            created_at: row.created_at,
        })
    }
}

/// Who lists the numbers. Renters see the numbers that they rent and those that they can rent.
#[derive(Clone, Copy, Debug)]
pub enum Viewer {
    /// The operator sees every number, and rents none.
    Operator,
    /// An administrator sees every number.
    Admin(UserId),
    /// Any other user.
    Renter(UserId),
}

impl Viewer {
    fn user(self) -> Option<UserId> {
        match self {
            Self::Operator => None,
            Self::Admin(user) | Self::Renter(user) => Some(user),
        }
    }

    /// The user, if it is one who does not see all numbers.
    fn renter(self) -> Option<UserId> {
        if let Self::Renter(user) = self { Some(user) } else { None }
    }

    /// The numbers `n` that the viewer sees, and that pass a filter.
    fn visible(self, filter: &NumberFilter, at: AsOf) -> Conditions {
        let mut visible = Conditions::default();
        if filter.mine || matches!(self, Self::Renter(_)) {
            let user = visible.parameter(self.user().map(|user| user.0));
            let condition = match filter.mine {
                true => is_rented_by(&user, at, &mut visible),
                false => is_visible_to(&user, at, &mut visible),
            };
            visible.and(&condition);
        }
        if let Some(status) = filter.status {
            let is = at.is(status, &mut visible);
            visible.and(&is);
        }
        if let Some(country) = &filter.country_code {
            visible.compare("n.country_code =", country.as_str());
        }
        if let Some(provider) = filter.provider_id {
            visible.compare("n.provider_id =", provider.0);
        }
        visible
    }
}

/// That a number `n` is rented by a user, who is this expression.
fn is_rented_by(user: &str, at: AsOf, conditions: &mut Conditions) -> String {
    format!("({} AND n.user_id = {user})", at.is(NumberStatus::Assigned, conditions))
}

/// That a renter, who is this expression, sees a number `n`.
fn is_visible_to(user: &str, at: AsOf, conditions: &mut Conditions) -> String {
    let free = at.is(NumberStatus::Available, conditions);
    let is_served = "(n.provider_id IS NULL OR n.provider_id IN (SELECT id FROM sms_providers WHERE is_active))";
    format!("({free} AND {is_served} OR {})", is_rented_by(user, at, conditions))
}

/// A number that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct WantedNumber {
    viewer: Viewer,
    id: NumberId,
    at: AsOf,
}

/// Finds numbers that are asked for at the same time, in one statement, on PostgreSQL.
pub(super) struct NumberFinder(pub(super) DatabaseConnection);

impl NumberFinder {
    async fn find(&self, wanted: &[WantedNumber]) -> Result<Vec<Option<Number>>> {
        struct Found {
            index: i32,
            number: NumberRow,
        }
        impl FromQueryResult for Found {
            fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
                let mut columns = Columns::of(row);
                Ok(Self { index: columns.read()?, number: NumberRow::read(columns)? })
            }
        }
        let mut found = vec![None; wanted.len()];
        // Now is when the last of them was asked for.
        let Some(at) = wanted.iter().map(|wanted| wanted.at).max_by_key(|at| at.now) else { return Ok(found) };
        // A few texts, each with as many rows as it has, so that PostgreSQL knows their number: it would plan a statement
        // with an array anew each time, for the length that it has.
        let (mut conditions, mut rows) = (Conditions::default(), Vec::new());
        for index in 0..wanted.len().next_power_of_two() {
            let wanted = wanted.get(index);
            let id = conditions.parameter(wanted.map(|wanted| wanted.id.0));
            let renter = conditions.parameter(wanted.and_then(|wanted| wanted.viewer.renter()).map(|user| user.0));
            rows.push(format!("({index}, {id}::integer, {renter}::integer)"));
        }
        let is_visible = is_visible_to("r.renter_id", at, &mut conditions);
        let sql = format!(
            "SELECT r.row_index, {} FROM (VALUES {}) AS r(row_index, wanted_id, renter_id)
             JOIN phone_numbers n ON n.id = r.wanted_id WHERE r.renter_id IS NULL OR {is_visible}",
            NumberRow::COLUMNS,
            rows.join(", "),
        );
        let rows: Vec<Found> = query(&self.0, sql, conditions.into_values()).await?;
        for Found { index, number } in rows {
            if let Some(answer) = usize::try_from(index).ok().and_then(|index| found.get_mut(index)) {
                *answer = Some(at.number(number)?);
            }
        }
        Ok(found)
    }
}

impl Ask for NumberFinder {
    type Question = WantedNumber;
    type Answer = Result<Option<Number>>;

    async fn ask(&self, wanted: Vec<WantedNumber>) -> Vec<Self::Answer> {
        match self.find(&wanted).await {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error); wanted.len()],
        }
    }
}

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
