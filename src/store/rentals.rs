//! Renting numbers, and taking them out of use.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::Query,
};

use super::{
    AsOf, Store, Tx,
    entity::{
        number_assignment,
        phone_number::{self, Column, Entity},
        sms_provider,
    },
    number_row::NumberRow,
    sql::{execute, on_postgres, query},
};
use crate::domain::{
    Assignment, AssignmentId, CountryCode, Error, Label, Number, NumberId, NumberStatus, PoolId, Result, UserId,
};

/// The numbers that a user rents now.
fn rented_by(user: UserId, at: AsOf) -> Select<Entity> {
    let is_assigned = Column::Status.eq(NumberStatus::Assigned.as_str());
    Entity::find().filter(is_assigned).filter(Column::ExpiresAt.gt(at.now)).filter(Column::UserId.eq(user.0))
}

/// The rentals of a user that began after a time, besides those that were granted.
fn rentals_since(user: UserId, since: DateTime<Utc>) -> Select<number_assignment::Entity> {
    number_assignment::Entity::find()
        .filter(number_assignment::Column::UserId.eq(user.0))
        .filter(number_assignment::Column::StartedAt.gt(since))
        .filter(number_assignment::Column::ExpiresAt.lt(Assignment::granted_until()))
}

impl Store {
    /// Whether a user rents a number now.
    pub async fn is_rented_by(&self, user: UserId, id: NumberId, at: AsOf) -> Result<bool> {
        Ok(rented_by(user, at).filter(Column::Id.eq(id.0)).one(&self.read).await?.is_some())
    }

    /// The numbers that a user rents now, by id.
    pub async fn list_rented(&self, user: UserId, at: AsOf) -> Result<Vec<Number>> {
        let sql = format!(
            "SELECT {} FROM phone_numbers n
             WHERE n.status = 'assigned' AND n.expires_at > $1 AND n.user_id = $2 ORDER BY n.id",
            NumberRow::COLUMNS
        );
        let rows: Vec<NumberRow> = query(&self.read, sql, [at.now.into(), user.0.into()]).await?;
        rows.into_iter().map(|row| at.number(row)).collect()
    }
}

impl Tx {
    /// Locks a number in any status.
    pub async fn lock_number(&self, id: NumberId, at: AsOf) -> Result<Option<Number>> {
        // Messages refer to their number: those that are being stored need not wait.
        let lock = on_postgres(self.0.get_database_backend(), "FOR NO KEY UPDATE");
        let sql = format!("SELECT {} FROM phone_numbers n WHERE n.id = $1 {lock}", NumberRow::COLUMNS);
        let row = query::<NumberRow>(&self.0, sql, [id.0.into()]).await?.pop();
        row.map(|row| at.number(row)).transpose()
    }

    /// Finds and locks a number of a country that can be rented, skipping those that other transactions have locked.
    /// Those of the provider with the lowest priority come first, and among these the ones that have been free for
    /// longest. Those without a provider come last: nobody brings their messages. For the one who rented it last, a
    /// number does not cool down.
    pub async fn lock_available_number(&self, country: &CountryCode, user: UserId, at: AsOf) -> Result<Option<Number>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i32,
        }
        let backend = self.0.get_database_backend();
        let sql = format!(
            "SELECT n.id FROM phone_numbers n
             LEFT JOIN sms_providers p ON p.id = n.provider_id
             WHERE n.country_code = $1 AND (p.id IS NULL OR p.is_active) AND (n.status = 'available'
                 OR n.status IN ('assigned', 'expired') AND (n.expires_at <= $2
                     OR n.expires_at <= $3 AND $4 = (SELECT a.user_id FROM number_assignments a
                         WHERE a.phone_number_id = n.id ORDER BY a.started_at DESC LIMIT 1)))
             ORDER BY p.priority NULLS LAST, n.expires_at NULLS FIRST, n.id LIMIT 1 {}",
            on_postgres(backend, "FOR NO KEY UPDATE OF n SKIP LOCKED")
        );
        let values = [country.as_str().into(), at.cooled_since().into(), at.now.into(), user.0.into()];
        let rows: Vec<Row> = query(&self.0, sql, values).await?;
        match rows.first() {
            Some(row) => self.lock_number(NumberId(row.id), at).await,
            None => Ok(None),
        }
    }

    /// When the first number of a country that cannot be rented now can be, if no rental is extended.
    pub async fn next_available(&self, country: &CountryCode, at: AsOf) -> Result<Option<DateTime<Utc>>> {
        let active = Query::select()
            .column(sms_provider::Column::Id)
            .from(sms_provider::Entity)
            .and_where(sms_provider::Column::IsActive.eq(true))
            .to_owned();
        let select = Entity::find()
            .filter(Column::CountryCode.eq(country.as_str()))
            .filter(Column::Status.is_in([NumberStatus::Assigned.as_str(), NumberStatus::Expired.as_str()]))
            .filter(Column::ExpiresAt.is_not_null())
            .filter(Column::GrantedPoolId.is_null())
            .filter(Condition::any().add(Column::ProviderId.is_null()).add(Column::ProviderId.in_subquery(active)))
            .order_by_asc(Column::ExpiresAt);
        let first = select.one(&self.0).await?.and_then(|row| row.expires_at);
        Ok(first.map(|end| end + at.cool_down))
    }

    /// Who rented a number last, whether or not the rental is over.
    pub async fn find_last_renter(&self, id: NumberId) -> Result<Option<UserId>> {
        let select = number_assignment::Entity::find()
            .filter(number_assignment::Column::PhoneNumberId.eq(id.0))
            .order_by_desc(number_assignment::Column::Id);
        Ok(select.one(&self.0).await?.map(|rental| UserId(rental.user_id)))
    }

    /// How many numbers a user rents now, besides those that were granted.
    pub async fn count_rented(&self, user: UserId, at: AsOf) -> Result<u64> {
        Ok(rented_by(user, at).filter(Column::GrantedPoolId.is_null()).count(&self.0).await?)
    }

    /// How many rentals of a user began after a time, besides those that were granted.
    pub async fn count_rentals_since(&self, user: UserId, since: DateTime<Utc>) -> Result<u64> {
        Ok(rentals_since(user, since).count(&self.0).await?)
    }

    /// When the `n`th latest of these rentals began.
    pub async fn find_start_of_rental(
        &self,
        user: UserId,
        since: DateTime<Utc>,
        n: u64,
    ) -> Result<Option<DateTime<Utc>>> {
        let select = rentals_since(user, since).order_by_desc(number_assignment::Column::StartedAt);
        let rental = select.offset(n.saturating_sub(1)).limit(1).one(&self.0).await?;
        Ok(rental.map(|rental| rental.started_at))
    }

    /// Whether the provider of a number is active.
    pub async fn is_served(&self, number: &Number) -> Result<bool> {
        let Some(provider) = number.provider_id else { return Ok(true) };
        let provider = sms_provider::Entity::find_by_id(provider.0).one(&self.0).await?;
        Ok(provider.is_some_and(|provider| provider.is_active))
    }

    /// Starts a rental of a locked number that can be rented, after settling an earlier one that has run out.
    pub async fn assign_number(
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
            label: Set(None),
            granted_pool_id: Set(None),
            ..Default::default()
        };
        Entity::update(number).exec(&self.0).await?;
        Ok(AssignmentId(rental))
    }

    /// Changes the end of the rental of a locked number.
    pub async fn extend_number(&self, id: NumberId, expires_at: DateTime<Utc>) -> Result<AssignmentId> {
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

    /// Sets or removes what the renter of a locked number calls it.
    pub async fn set_label(&self, id: NumberId, label: Option<&Label>) -> Result<()> {
        let label = label.map(|label| label.as_str().to_owned());
        let number = phone_number::ActiveModel { id: Set(id.0), label: Set(label), ..Default::default() };
        Entity::update(number).exec(&self.0).await?;
        Ok(())
    }

    /// Marks a locked number that was just assigned as granted to a pool.
    pub async fn set_granted(&self, id: NumberId, pool: PoolId) -> Result<()> {
        let number =
            phone_number::ActiveModel { id: Set(id.0), granted_pool_id: Set(Some(pool.0)), ..Default::default() };
        Entity::update(number).exec(&self.0).await?;
        Ok(())
    }

    /// Ends the rental of a locked number early. The number starts to cool down.
    pub async fn release_number(&self, id: NumberId, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE number_assignments SET ended_at = $2, end_reason = 'released'
                   WHERE phone_number_id = $1 AND ended_at IS NULL";
        execute(&self.0, sql.to_owned(), [id.0.into(), now.into()]).await?;
        let number = phone_number::ActiveModel {
            id: Set(id.0),
            status: Set(NumberStatus::Expired.as_str().to_owned()),
            user_id: Set(None),
            expires_at: Set(Some(now)),
            granted_pool_id: Set(None),
            ..Default::default()
        };
        Entity::update(number).exec(&self.0).await?;
        Ok(())
    }

    /// Blocks a locked number and ends its rental.
    pub async fn block_number(&self, number: &Number, now: DateTime<Utc>) -> Result<()> {
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
            granted_pool_id: Set(None),
            // The cool-down counts from the end of the rental, also after the number is unblocked.
            expires_at: if rented { Set(Some(now)) } else { NotSet },
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Unblocks a locked number. If its last rental ended a short time ago, it cools down.
    pub async fn unblock_number(&self, id: NumberId) -> Result<()> {
        let sql = "UPDATE phone_numbers SET status = CASE WHEN expires_at IS NULL THEN 'available' ELSE 'expired' END
                   WHERE id = $1 AND status = 'blocked'";
        execute(&self.0, sql.to_owned(), [id.0.into()]).await?;
        Ok(())
    }
}
