//! Queues for leases: places in them, and the free numbers that they are for.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{
    AsOf, Store, Tx,
    pools::IS_MEMBER,
    sql::{execute, on_postgres, query},
};
use crate::domain::{Cooldown, CountryCode, Error, NumberId, PoolId, RentalHours, Result, TicketId, UserId};

/// What somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseQueue {
    /// A number of a pool.
    Pool(PoolId, Cooldown),
    /// A number of a country.
    Country(CountryCode),
}

impl LeaseQueue {
    /// The condition that a ticket is in the queue, with the queue as a parameter.
    fn has_ticket(&self, parameter: &str) -> String {
        match self {
            Self::Pool(..) => format!("pool_id = {parameter}"),
            Self::Country(_) => format!("country_code = {parameter}"),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Pool(pool, _) => pool.0.into(),
            Self::Country(country) => country.as_str().into(),
        }
    }

    /// Whether a number whose newest lease ended at a time is free now.
    #[must_use]
    pub fn is_free_since(&self, ended_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        ended_at + self.cooldown() <= now
    }

    fn cooldown(&self) -> TimeDelta {
        match self {
            Self::Pool(_, cooldown) => TimeDelta::seconds(cooldown.seconds().into()),
            Self::Country(_) => TimeDelta::zero(),
        }
    }

    /// The numbers of the queue `$3` that its user `$1` rents at `$2`, and whose rental can last until a lease ends: it
    /// began after `$4`, or has no end. `l` is their newest lease.
    fn numbers(&self) -> String {
        let (pool, is_member) = match self {
            Self::Pool(..) => ("JOIN pools p ON p.id = $3", IS_MEMBER),
            Self::Country(_) => ("", "n.country_code = $3 AND n.granted_pool_id IS NULL"),
        };
        format!(
            "FROM phone_numbers n {pool}
             LEFT JOIN sms_providers provider ON provider.id = n.provider_id
             LEFT JOIN leases l ON l.id = (
                 SELECT newest.id FROM leases newest WHERE newest.phone_number_id = n.id
                 ORDER BY newest.fence DESC LIMIT 1)
             WHERE n.user_id = $1 AND n.status = 'assigned' AND n.expires_at > $2
                 AND (provider.id IS NULL OR provider.is_active) AND ({is_member})
                 AND (n.granted_pool_id IS NOT NULL OR n.assigned_at >= $4)"
        )
    }
}

/// How many are served before somebody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// How many.
    pub before: u64,
    /// When the first of their tickets expires.
    pub first_expiry: Option<DateTime<Utc>>,
}

impl Tx {
    /// The place of a ticket in its queue, or of somebody without one: at the end.
    pub async fn find_place(
        &self,
        user: UserId,
        queue: &LeaseQueue,
        ticket: Option<TicketId>,
        now: DateTime<Utc>,
    ) -> Result<Place> {
        #[derive(FromQueryResult)]
        struct Row {
            n: i64,
            first: Option<DateTime<Utc>>,
        }
        let sql = format!(
            "SELECT count(*) AS n, min(expires_at) AS first FROM lease_tickets
             WHERE user_id = $1 AND {} AND id < $3 AND expires_at > $4",
            queue.has_ticket("$2")
        );
        let before = ticket.map_or(i64::MAX, |ticket| ticket.0);
        let rows: Vec<Row> = query(&self.0, sql, [user.0.into(), queue.value(), before.into(), now.into()]).await?;
        let place = rows.first().map(|row| Place { before: row.n.unsigned_abs(), first_expiry: row.first });
        Ok(place.unwrap_or_default())
    }

    /// Finds and locks the free number of a queue for somebody with so many before them: the one that has been free for
    /// longest is for the first in the queue. Those that other transactions have locked are skipped.
    pub async fn lock_free_number(
        &self,
        user: UserId,
        queue: &LeaseQueue,
        lease_end: DateTime<Utc>,
        before: u64,
        at: AsOf,
    ) -> Result<Option<NumberId>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i32,
        }
        let sql = format!(
            "SELECT n.id {} AND (l.id IS NULL OR coalesce(l.ended_at, l.expires_at) <= $5)
             ORDER BY coalesce(l.ended_at, l.expires_at) NULLS FIRST, n.id LIMIT 1 OFFSET $6 {}",
            queue.numbers(),
            on_postgres(self.0.get_database_backend(), "FOR NO KEY UPDATE OF n SKIP LOCKED")
        );
        let free_since = at.now - queue.cooldown();
        let values: [Value; 6] = [
            user.0.into(),
            at.now.into(),
            queue.value(),
            (lease_end - RentalHours::LONGEST).into(),
            free_since.into(),
            i64::try_from(before).unwrap_or(i64::MAX).into(),
        ];
        let rows: Vec<Row> = query(&self.0, sql, values).await?;
        Ok(rows.first().map(|row| NumberId(row.id)))
    }

    /// When there is a number for somebody with so many before them, if nobody renews or releases a lease; nothing if
    /// the queue has not that many numbers.
    pub async fn find_next_free(
        &self,
        user: UserId,
        queue: &LeaseQueue,
        lease_end: DateTime<Utc>,
        before: u64,
        at: AsOf,
    ) -> Result<Option<DateTime<Utc>>> {
        #[derive(FromQueryResult)]
        struct Row {
            ends_at: Option<DateTime<Utc>>,
        }
        let sql = format!(
            "SELECT coalesce(l.ended_at, l.expires_at) AS ends_at {} ORDER BY 1 NULLS FIRST LIMIT 1 OFFSET $5",
            queue.numbers()
        );
        let values: [Value; 5] = [
            user.0.into(),
            at.now.into(),
            queue.value(),
            (lease_end - RentalHours::LONGEST).into(),
            i64::try_from(before).unwrap_or(i64::MAX).into(),
        ];
        let rows: Vec<Row> = query(&self.0, sql, values).await?;
        Ok(rows.first().map(|row| row.ends_at.map_or(at.now, |end| end + queue.cooldown())))
    }

    /// How many tickets a user has in all queues.
    pub async fn count_tickets(&self, user: UserId, now: DateTime<Utc>) -> Result<u64> {
        #[derive(FromQueryResult)]
        struct Row {
            n: i64,
        }
        let sql = "SELECT count(*) AS n FROM lease_tickets WHERE user_id = $1 AND expires_at > $2";
        let rows: Vec<Row> = query(&self.0, sql.to_owned(), [user.0.into(), now.into()]).await?;
        Ok(rows.first().map(|row| row.n.unsigned_abs()).unwrap_or_default())
    }

    /// Gives the last place in a queue.
    pub async fn insert_ticket(&self, user: UserId, queue: &LeaseQueue, expires_at: DateTime<Utc>) -> Result<TicketId> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
        }
        let (pool, country): (Option<i32>, Option<String>) = match queue {
            LeaseQueue::Pool(pool, _) => (Some(pool.0), None),
            LeaseQueue::Country(country) => (None, Some(country.as_str().to_owned())),
        };
        let sql = "INSERT INTO lease_tickets (user_id, pool_id, country_code, expires_at) VALUES ($1, $2, $3, $4)
                   RETURNING id";
        let values = [user.0.into(), pool.into(), country.into(), expires_at.into()];
        let rows: Vec<Row> = query(&self.0, sql.to_owned(), values).await?;
        rows.first().map(|row| TicketId(row.id)).ok_or_else(|| Error::internal("a ticket was not stored"))
    }

    /// Keeps a place for longer. Returns whether the ticket is one of this queue and has not expired.
    pub async fn keep_ticket(
        &self,
        user: UserId,
        queue: &LeaseQueue,
        ticket: TicketId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let sql = format!(
            "UPDATE lease_tickets SET expires_at = $4 WHERE id = $1 AND user_id = $2 AND {} AND expires_at > $5",
            queue.has_ticket("$3")
        );
        let values = [ticket.0.into(), user.0.into(), queue.value(), expires_at.into(), now.into()];
        Ok(execute(&self.0, sql, values).await? > 0)
    }

    /// Gives up a place.
    pub async fn delete_ticket(&self, ticket: TicketId) -> Result<()> {
        let sql = "DELETE FROM lease_tickets WHERE id = $1";
        execute(&self.0, sql.to_owned(), [ticket.0.into()]).await?;
        Ok(())
    }
}

impl Store {
    /// Gives up a user's place in a queue. Returns whether there was one.
    pub async fn give_up_ticket(&self, user: UserId, ticket: TicketId, now: DateTime<Utc>) -> Result<bool> {
        let sql = "DELETE FROM lease_tickets WHERE id = $1 AND user_id = $2 AND expires_at > $3";
        Ok(execute(&self.write, sql.to_owned(), [ticket.0.into(), user.0.into(), now.into()]).await? > 0)
    }

    /// Lets a ticket expire at a time, unless it does so before.
    pub async fn shorten_ticket(&self, user: UserId, ticket: TicketId, expires_at: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE lease_tickets SET expires_at = $3 WHERE id = $1 AND user_id = $2 AND expires_at > $3";
        execute(&self.write, sql.to_owned(), [ticket.0.into(), user.0.into(), expires_at.into()]).await?;
        Ok(())
    }

    /// Keeps all places of a user, for longer than they are kept already.
    pub async fn keep_tickets(&self, user: UserId, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE lease_tickets SET expires_at = $2
                   WHERE user_id = $1 AND expires_at > $3 AND expires_at < $2";
        execute(&self.write, sql.to_owned(), [user.0.into(), expires_at.into(), now.into()]).await?;
        Ok(())
    }

    /// The first two tickets of each queue of a user: the second as well, because the client of the first may be
    /// between two requests.
    pub async fn list_next_tickets(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<TicketId>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
        }
        let sql = "SELECT id FROM (
                       SELECT t.id, row_number() OVER (PARTITION BY t.pool_id, t.country_code ORDER BY t.id) AS place
                       FROM lease_tickets t WHERE t.user_id = $1 AND t.expires_at > $2) AS placed
                   WHERE place <= 2 ORDER BY id";
        let rows: Vec<Row> = query(&self.read, sql.to_owned(), [user.0.into(), now.into()]).await?;
        Ok(rows.into_iter().map(|row| TicketId(row.id)).collect())
    }
}
