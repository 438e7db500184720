//! Numbers and rentals.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{LockType, Query},
};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::{
        number_assignment,
        phone_number::{self, Column, Entity},
        sms_provider,
    },
    paging::{self, Order},
    row_set::RowSet,
    sql::{execute, on_postgres, query},
};
use crate::domain::{
    AssignmentId, Country, CountryCode, Edge, Error, ListCursor, Msisdn, Number, NumberFilter, NumberId, NumberStatus,
    OffsetPage, PageRequest, ProviderId, Result, UserId,
};

/// The instant, and how long a number cools down: what a stored status means depends on both.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// Now.
    pub now: DateTime<Utc>,
    /// How long a number has no new renter after a rental.
    pub cool_down: Duration,
}

impl AsOf {
    /// Rentals that ended then or before have cooled down.
    pub(super) fn cooled_since(self) -> DateTime<Utc> {
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
    fn sees(self, filter: &NumberFilter, at: AsOf) -> Select<Entity> {
        let (Self::Admin(user) | Self::Renter(user)) = self;
        let mine = at.is(NumberStatus::Assigned).add(Column::UserId.eq(user.0));
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
        Entity::find().filter(visible)
    }
}

impl Store {
    /// One page of numbers, by id, and one more where the list goes on. Counted from the end, the
    /// page is in reverse.
    pub async fn list_numbers(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: &PageRequest<ListCursor>,
        at: AsOf,
    ) -> Result<Vec<Edge<ListCursor, Number>>> {
        let select = paging::page(viewer.sees(filter, at), Column::Id, Order::OldestFirst, page);
        let rows = select.all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id.into()), node: at.read(row)? })).collect()
    }

    /// So many numbers by id, after so many.
    pub async fn list_numbers_at(
        &self,
        viewer: Viewer,
        filter: &NumberFilter,
        page: OffsetPage,
        at: AsOf,
    ) -> Result<Vec<Number>> {
        let select = viewer.sees(filter, at).order_by_asc(Column::Id).limit(page.limit).offset(page.offset);
        select.all(&self.read).await?.into_iter().map(|row| at.read(row)).collect()
    }

    /// How many numbers a list has.
    pub async fn count_numbers(&self, viewer: Viewer, filter: &NumberFilter, at: AsOf) -> Result<u64> {
        Ok(viewer.sees(filter, at).count(&self.read).await?)
    }

    /// A number, if the viewer may see it.
    pub async fn find_number(&self, viewer: Viewer, id: NumberId, at: AsOf) -> Result<Option<Number>> {
        let select = viewer.sees(&NumberFilter::default(), at).filter(Column::Id.eq(id.0));
        select.one(&self.read).await?.map(|row| at.read(row)).transpose()
    }

    /// The numbers among these that the viewer may see.
    pub async fn find_numbers(&self, viewer: Viewer, ids: &[NumberId], at: AsOf) -> Result<Vec<Number>> {
        let select = viewer.sees(&NumberFilter::default(), at).filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(|row| at.read(row)).collect()
    }

    /// Whether a user rents a number now.
    pub async fn is_rented_by(&self, user: UserId, id: NumberId, at: AsOf) -> Result<bool> {
        let rented = Entity::find_by_id(id.0).filter(at.is(NumberStatus::Assigned)).filter(Column::UserId.eq(user.0));
        Ok(rented.one(&self.read).await?.is_some())
    }

    /// A number, by what it is, for administrators.
    pub async fn find_number_by_msisdn(&self, number: &Msisdn, at: AsOf) -> Result<Option<Number>> {
        let select = Entity::find().filter(Column::PhoneNumber.eq(number.as_str()));
        select.one(&self.read).await?.map(|row| at.read(row)).transpose()
    }

    /// The countries that we have numbers of, and how many can be rented in each.
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

    /// The numbers that a user rents now, by id.
    pub async fn list_rented(&self, user: UserId, at: AsOf) -> Result<Vec<Number>> {
        let rented = Entity::find().filter(at.is(NumberStatus::Assigned)).filter(Column::UserId.eq(user.0));
        let rows = rented.order_by_asc(Column::Id).all(&self.read).await?;
        rows.into_iter().map(|row| at.read(row)).collect()
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
    /// Adds numbers of a provider, in one statement. Those that the platform has already stay as they
    /// are. Answers which were added.
    pub async fn insert_numbers(&self, numbers: &[NewNumber], provider: ProviderId) -> Result<Vec<(Msisdn, NumberId)>> {
        #[derive(FromQueryResult)]
        struct Added {
            id: i32,
            phone_number: String,
        }
        let sql = format!(
            "INSERT INTO phone_numbers (phone_number, country_code, provider_id)
             SELECT phone_number, country_code, $2 FROM {} WHERE true ORDER BY phone_number
             ON CONFLICT (phone_number) DO NOTHING RETURNING id, phone_number",
            RowSet::of([Column::PhoneNumber, Column::CountryCode]).table(self.0.get_database_backend())
        );
        let added: Vec<Added> = query(&self.0, sql, [RowSet::parameter(numbers)?, provider.0.into()]).await?;
        Ok(added.into_iter().map(|row| (Msisdn::stored(row.phone_number), NumberId(row.id))).collect())
    }

    /// Takes a locked number out of use; a rental of it ends.
    pub async fn block(&self, number: &Number, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE number_assignments SET
                       ended_at = CASE WHEN expires_at <= $2 THEN expires_at ELSE $2 END,
                       end_reason = CASE WHEN expires_at <= $2 THEN 'expired' ELSE 'blocked' END
                   WHERE phone_number_id = $1 AND ended_at IS NULL";
        execute(&self.0, sql.to_owned(), [number.id.0.into(), now.into()]).await?;
        let rented = number.status == NumberStatus::Assigned;
        let row = phone_number::ActiveModel {
            id: Set(number.id.0),
            status: Set(NumberStatus::Blocked.as_str().to_owned()),
            user_id: Set(None),
            assigned_at: Set(None),
            // The cool-down counts from when the rental really ended, also once the number is back.
            expires_at: if rented { Set(Some(now)) } else { NotSet },
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Puts a locked number back that was out of use. If its last renter has just lost it, it cools down.
    pub async fn unblock(&self, id: NumberId) -> Result<()> {
        let sql = "UPDATE phone_numbers SET status = CASE WHEN expires_at IS NULL THEN 'available' ELSE 'expired' END
                   WHERE id = $1 AND status = 'blocked'";
        execute(&self.0, sql.to_owned(), [id.0.into()]).await?;
        Ok(())
    }

    /// Whether the provider of a number takes webhooks.
    pub async fn is_served(&self, number: &Number) -> Result<bool> {
        let Some(provider) = number.provider_id else { return Ok(true) };
        let provider = sms_provider::Entity::find_by_id(provider.0).one(&self.0).await?;
        Ok(provider.is_some_and(|provider| provider.is_active))
    }

    /// Locks a number, whatever its status.
    pub async fn lock_number(&self, id: NumberId, at: AsOf) -> Result<Option<Number>> {
        // Messages refer to their number: those that are being stored need not wait.
        let select = Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate);
        select.one(&self.0).await?.map(|row| at.read(row)).transpose()
    }

    /// Finds and locks a number of a country that can be rented, passing over those that somebody
    /// else is renting at this very moment. Numbers that have rested longest come first.
    pub async fn lock_available_number(&self, country: &CountryCode, at: AsOf) -> Result<Option<Number>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i32,
        }
        let backend = self.0.get_database_backend();
        let sql = format!(
            "SELECT n.id FROM phone_numbers n
             LEFT JOIN sms_providers p ON p.id = n.provider_id
             WHERE n.country_code = $1 AND (p.id IS NULL OR p.is_active) AND (n.status = 'available'
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
    pub async fn count_rented(&self, user: UserId, at: AsOf) -> Result<u64> {
        let rented = Entity::find().filter(at.is(NumberStatus::Assigned)).filter(Column::UserId.eq(user.0));
        Ok(rented.count(&self.0).await?)
    }

    /// Moves the end of the rental of a locked number.
    pub async fn extend(&self, id: NumberId, expires_at: DateTime<Utc>) -> Result<AssignmentId> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i32,
        }
        let sql = "UPDATE number_assignments SET expires_at = $2 WHERE phone_number_id = $1 AND ended_at IS NULL
                   RETURNING id";
        let extended: Vec<Row> = query(&self.0, sql.to_owned(), [id.0.into(), expires_at.into()]).await?;
        let extended = extended.first().ok_or_else(|| Error::internal("a rented number has no rental"))?;
        let number =
            phone_number::ActiveModel { id: Set(id.0), expires_at: Set(Some(expires_at)), ..Default::default() };
        Entity::update(number).exec(&self.0).await?;
        Ok(AssignmentId(extended.id))
    }

    /// Starts a rental of a locked number that can be rented, closing an earlier one that has run
    /// out and that no job has closed yet.
    pub async fn assign(
        &self,
        id: NumberId,
        user: UserId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<AssignmentId> {
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
        let rental = number_assignment::Entity::insert(rental).exec(&self.0).await?.last_insert_id;
        let number = phone_number::ActiveModel {
            id: Set(id.0),
            status: Set(NumberStatus::Assigned.as_str().to_owned()),
            user_id: Set(Some(user.0)),
            assigned_at: Set(Some(now)),
            expires_at: Set(Some(expires_at)),
            ..Default::default()
        };
        Entity::update(number).exec(&self.0).await?;
        Ok(AssignmentId(rental))
    }

    /// Ends the rental of a locked number before its time; the number begins to cool down.
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
