//! Numbers and rentals.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, SqlErr, sea_query::LockType,
};

use super::{
    Store, Tx,
    entity::{
        number_assignment,
        phone_number::{self, Column, Entity},
    },
    sql::{execute, on_postgres, query},
};
use crate::domain::{
    Code, Country, CountryCode, Edge, Error, ListCursor, Msisdn, Number, NumberFilter, NumberId, NumberStatus, Offset,
    PageRequest, ProviderId, Result, Side, UserId,
};

/// The instant, and how long a number cools down: what a stored status means depends on both.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now.
    pub now: DateTime<Utc>,
    /// How long a number has no new renter after a rental.
    pub cool_down: Duration,
}

impl Moment {
    /// Rentals that ended then or before have cooled down.
    fn cooled_since(self) -> DateTime<Utc> {
        self.now - self.cool_down
    }

    /// Numbers that have this status now, whatever a job has or has not written: the same rule as
    /// [`NumberStatus::at`], as a condition.
    fn is(self, status: NumberStatus) -> Condition {
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

    fn read(self, row: phone_number::Model) -> Result<Number> {
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
            expires_at: row.expires_at.filter(|_| assigned),
            created_at: row.created_at,
        })
    }
}

/// Who looks at the numbers. Renters see what they can rent and what they have rented.
#[derive(Clone, Copy, Debug)]
pub enum Viewer {
    /// An administrator sees every number.
    Admin(UserId),
    /// Anybody else.
    Renter(UserId),
}

impl Viewer {
    fn sees(self, filter: &NumberFilter, at: Moment) -> Select<Entity> {
        let (Self::Admin(user) | Self::Renter(user)) = self;
        let mine = at.is(NumberStatus::Assigned).add(Column::UserId.eq(user.0));
        let mut visible = Condition::all();
        if filter.mine {
            visible = visible.add(mine);
        } else if let Self::Renter(_) = self {
            visible = visible.add(Condition::any().add(at.is(NumberStatus::Available)).add(mine));
        }
        if let Some(status) = filter.status {
            visible = visible.add(at.is(status));
        }
        if let Some(country) = &filter.country_code {
            visible = visible.add(Column::CountryCode.eq(country.as_str()));
        }
        Entity::find().filter(visible)
    }
}

impl Store {
    /// One page of numbers, by id, and one more where the list goes on. Counted from the end, the
    /// page is in reverse.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list_numbers(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
        at: Moment,
    ) -> Result<Vec<Edge<ListCursor, Number>>> {
        let mut select = viewer.sees(filter, at);
        if let Some(after) = page.after {
            select = select.filter(Column::Id.gt(after.0));
        }
        if let Some(before) = page.before {
            select = select.filter(Column::Id.lt(before.0));
        }
        select = match page.side {
            Side::First => select.order_by_asc(Column::Id),
            Side::Last => select.order_by_desc(Column::Id),
        };
        let rows = select.limit(page.limit + 1).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id.into()), node: at.read(row)? })).collect()
    }

    /// So many numbers by id, after so many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list_numbers_at(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: Offset,
        at: Moment,
    ) -> Result<Vec<Number>> {
        let select = viewer.sees(filter, at).order_by_asc(Column::Id).limit(page.limit).offset(page.offset);
        select.all(&self.read).await?.into_iter().map(|row| at.read(row)).collect()
    }

    /// How many numbers a list has.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_numbers(&self, viewer: Viewer, filter: &NumberFilter, at: Moment) -> Result<u64> {
        Ok(viewer.sees(filter, at).count(&self.read).await?)
    }

    /// A number, if the viewer may see it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_number(&self, viewer: Viewer, id: NumberId, at: Moment) -> Result<Option<Number>> {
        let select = viewer.sees(&NumberFilter::default(), at).filter(Column::Id.eq(id.0));
        select.one(&self.read).await?.map(|row| at.read(row)).transpose()
    }

    /// Whether a user rents a number now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn is_rented_by(&self, user: UserId, id: NumberId, at: Moment) -> Result<bool> {
        let rented = Entity::find_by_id(id.0).filter(at.is(NumberStatus::Assigned)).filter(Column::UserId.eq(user.0));
        Ok(rented.one(&self.read).await?.is_some())
    }

    /// A number, by what it is, for administrators.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_number_by_msisdn(&self, number: &Msisdn, at: Moment) -> Result<Option<Number>> {
        let select = Entity::find().filter(Column::PhoneNumber.eq(number.as_str()));
        select.one(&self.read).await?.map(|row| at.read(row)).transpose()
    }

    /// The countries that we have numbers of, and how many can be rented in each.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list_countries(&self, at: Moment) -> Result<Vec<Country>> {
        #[derive(FromQueryResult)]
        struct Row {
            country_code: String,
            available: i64,
        }
        let sql = "SELECT country_code, sum(CASE
                       WHEN status = 'available' THEN 1
                       WHEN status IN ('assigned', 'expired') AND expires_at <= $1 THEN 1
                       ELSE 0 END) AS available
                   FROM phone_numbers WHERE status <> 'blocked' GROUP BY country_code ORDER BY country_code";
        let rows: Vec<Row> = query(&self.read, sql.to_owned(), [at.cooled_since().into()]).await?;
        Ok(rows
            .into_iter()
            .map(|row| Country { code: CountryCode::stored(row.country_code), available: row.available })
            .collect())
    }

    /// Adds a number.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when the platform has it.
    pub async fn insert_number(
        &self,
        number: &Msisdn,
        country: &CountryCode,
        provider: ProviderId,
    ) -> Result<NumberId> {
        let row = phone_number::ActiveModel {
            phone_number: Set(number.as_str().to_owned()),
            country_code: Set(country.as_str().to_owned()),
            provider_id: Set(Some(provider.0)),
            ..Default::default()
        };
        match Entity::insert(row).exec(&self.write).await {
            Ok(inserted) => Ok(NumberId(inserted.last_insert_id)),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(Error::new(Code::AlreadyExists, "the platform has this number already"))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Tx {
    /// Locks a number, whatever its status.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn lock_number(&self, id: NumberId, at: Moment) -> Result<Option<Number>> {
        let mut select = Entity::find_by_id(id.0);
        if !on_postgres(self.0.get_database_backend(), "lock").is_empty() {
            // Messages refer to their number: those that are being stored need not wait.
            select = select.lock(LockType::NoKeyUpdate);
        }
        select.one(&self.0).await?.map(|row| at.read(row)).transpose()
    }

    /// Finds and locks a number of a country that can be rented, passing over those that somebody
    /// else is renting at this very moment. Numbers that have rested longest come first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn lock_available_number(&self, country: &CountryCode, at: Moment) -> Result<Option<Number>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i32,
        }
        let backend = self.0.get_database_backend();
        let sql = format!(
            "SELECT n.id FROM phone_numbers n
             LEFT JOIN sms_providers p ON p.id = n.provider_id
             WHERE n.country_code = $1 AND (n.status = 'available'
                 OR n.status IN ('assigned', 'expired') AND n.expires_at <= $2)
             ORDER BY p.priority, n.expires_at NULLS FIRST, n.id LIMIT 1 {}",
            on_postgres(backend, "FOR NO KEY UPDATE OF n SKIP LOCKED")
        );
        let rows: Vec<Row> = query(&self.0, sql, [country.as_str().into(), at.cooled_since().into()]).await?;
        match rows.first() {
            Some(row) => self.lock_number(NumberId(row.id), at).await,
            None => Ok(None),
        }
    }

    /// How many numbers a user rents now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_rented(&self, user: UserId, at: Moment) -> Result<u64> {
        let rented = Entity::find().filter(at.is(NumberStatus::Assigned)).filter(Column::UserId.eq(user.0));
        Ok(rented.count(&self.0).await?)
    }

    /// Moves the end of the rental of a locked number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn extend(&self, id: NumberId, expires_at: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE number_assignments SET expires_at = $2 WHERE phone_number_id = $1 AND ended_at IS NULL";
        execute(&self.0, sql.to_owned(), [id.0.into(), expires_at.into()]).await?;
        let number =
            phone_number::ActiveModel { id: Set(id.0), expires_at: Set(Some(expires_at)), ..Default::default() };
        Entity::update(number).exec(&self.0).await?;
        Ok(())
    }

    /// Starts a rental of a locked number that can be rented, closing an earlier one that has run
    /// out and that no job has closed yet.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn assign(
        &self,
        id: NumberId,
        user: UserId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "UPDATE number_assignments SET ended_at = expires_at, end_reason = 'expired'
                   WHERE phone_number_id = $1 AND ended_at IS NULL";
        execute(&self.0, sql.to_owned(), [id.0.into()]).await?;
        let rental = number_assignment::ActiveModel {
            phone_number_id: Set(id.0),
            user_id: Set(user.0),
            started_at: Set(now),
            expires_at: Set(expires_at),
            created_at: Set(now),
            ..Default::default()
        };
        number_assignment::Entity::insert(rental).exec_without_returning(&self.0).await?;
        let number = phone_number::ActiveModel {
            id: Set(id.0),
            status: Set(NumberStatus::Assigned.as_str().to_owned()),
            user_id: Set(Some(user.0)),
            assigned_at: Set(Some(now)),
            expires_at: Set(Some(expires_at)),
            ..Default::default()
        };
        Entity::update(number).exec(&self.0).await?;
        Ok(())
    }

    /// Ends the rental of a locked number before its time; the number begins to cool down.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn release(&self, id: NumberId, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE number_assignments SET ended_at = $2, end_reason = 'released'
                   WHERE phone_number_id = $1 AND ended_at IS NULL";
        execute(&self.0, sql.to_owned(), [id.0.into(), now.into()]).await?;
        let number = phone_number::ActiveModel {
            id: Set(id.0),
            status: Set(NumberStatus::Expired.as_str().to_owned()),
            user_id: Set(None),
            expires_at: Set(Some(now)),
            ..Default::default()
        };
        Entity::update(number).exec(&self.0).await?;
        Ok(())
    }
}
