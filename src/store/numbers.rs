//! Numbers: adding, listing and finding them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Query,
};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::{
        phone_number::{self, Column, Entity},
        sms_provider,
    },
    paging::{self, Order},
    row_set::RowSet,
    sql::query,
};
use crate::domain::{
    Country, CountryCode, Edge, Error, Label, ListCursor, Msisdn, Number, NumberFilter, NumberId, NumberStatus,
    OffsetPage, PageRequest, PoolId, ProviderId, Result, UserId,
};

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

    /// Numbers that have this status now, whether or not the job has settled them: [`NumberStatus::at`] as a condition.
    pub(super) fn is(self, status: NumberStatus) -> Condition {
        let rented = || Column::Status.is_in([NumberStatus::Assigned.as_str(), NumberStatus::Expired.as_str()]);
        match status {
            NumberStatus::Blocked => Condition::all().add(Column::Status.eq(status.as_str())),
            NumberStatus::Assigned => {
                Condition::all().add(Column::Status.eq(status.as_str())).add(Column::ExpiresAt.gt(self.now))
            }
            NumberStatus::Expired => Condition::all()
                .add(rented())
                .add(Column::ExpiresAt.gt(self.cooled_since()))
                .add(Condition::any().add(Column::Status.eq(status.as_str())).add(Column::ExpiresAt.lte(self.now))),
            NumberStatus::Available => Condition::any()
                .add(Column::Status.eq(status.as_str()))
                .add(Condition::all().add(rented()).add(Column::ExpiresAt.lte(self.cooled_since()))),
        }
    }

    pub(super) fn number(self, row: phone_number::Model) -> Result<Number> {
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
    fn visible(self, filter: &NumberFilter, at: AsOf) -> Select<Entity> {
        let user = match self {
            Self::Operator => None,
            Self::Admin(user) | Self::Renter(user) => Some(user.0),
        };
        let mine = at.is(NumberStatus::Assigned).add(Column::UserId.eq(user));
        let mut visible = Condition::all();
        if filter.mine {
            visible = visible.add(mine);
        } else if let Self::Renter(_) = self {
            let active = Query::select()
                .column(sms_provider::Column::Id)
                .from(sms_provider::Entity)
                .and_where(sms_provider::Column::IsActive.eq(true))
                .to_owned();
            let served = Condition::any().add(Column::ProviderId.is_null()).add(Column::ProviderId.in_subquery(active));
            let free = at.is(NumberStatus::Available);
            visible = visible.add(Condition::any().add(Condition::all().add(free).add(served)).add(mine));
        }
        if let Some(status) = filter.status {
            visible = visible.add(at.is(status));
        }
        if let Some(country) = &filter.country_code {
            visible = visible.add(Column::CountryCode.eq(country.as_str()));
        }
        if let Some(provider) = filter.provider_id {
            visible = visible.add(Column::ProviderId.eq(provider.0));
        }
        Entity::find().filter(visible)
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
        let select = paging::page(viewer.visible(filter, at), Column::Id, Order::OldestFirst, page);
        let rows = select.all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id.into()), node: at.number(row)? })).collect()
    }

    /// A page of numbers by offset, by id.
    pub async fn list_numbers_at(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: OffsetPage,
        at: AsOf,
    ) -> Result<Vec<Number>> {
        let select = viewer.visible(filter, at).order_by_asc(Column::Id).limit(page.limit).offset(page.offset);
        select.all(&self.read).await?.into_iter().map(|row| at.number(row)).collect()
    }

    /// How many numbers a list has.
    pub async fn count_numbers(&self, viewer: Viewer, filter: &NumberFilter, at: AsOf) -> Result<u64> {
        Ok(viewer.visible(filter, at).count(&self.read).await?)
    }

    /// A number that the viewer may see.
    pub async fn find_number(&self, viewer: Viewer, id: NumberId, at: AsOf) -> Result<Option<Number>> {
        let select = viewer.visible(&NumberFilter::default(), at).filter(Column::Id.eq(id.0));
        select.one(&self.read).await?.map(|row| at.number(row)).transpose()
    }

    /// The numbers among these that the viewer may see.
    pub async fn find_numbers(&self, viewer: Viewer, ids: &[NumberId], at: AsOf) -> Result<Vec<Number>> {
        let select = viewer.visible(&NumberFilter::default(), at).filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(|row| at.number(row)).collect()
    }

    /// A number by its digits, for administrators.
    pub async fn find_number_by_msisdn(&self, number: &Msisdn, at: AsOf) -> Result<Option<Number>> {
        let select = Entity::find().filter(Column::PhoneNumber.eq(number.as_str()));
        select.one(&self.read).await?.map(|row| at.number(row)).transpose()
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
