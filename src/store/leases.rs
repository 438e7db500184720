//! Leases: giving, renewing and ending them, and reading what arrived in one.
//!
//! Whoever gives, renews or releases a lease holds the lock of its number, so that what they have read of the number's
//! newest lease stays so until they are done.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{
    Store, Tx,
    messages::MessageRow,
    row_security::{InboxScope, is_in_inbox},
    sql::{execute, query},
};
use crate::{
    domain::{
        Assignment, AssignmentId, CountryCode, Error, Fence, InboxCursor, Lease, LeaseEnd, LeaseId, LeaseTtl, Message,
        Msisdn, NumberId, PoolId, PoolName, Result, UserId,
    },
    fault_injection::{self, Guarantee},
};

#[derive(FromQueryResult)]
struct LeaseRow {
    id: i64,
    user_id: i32,
    fence: i64,
    phone_number_id: i32,
    phone_number: String,
    country_code: String,
    assignment_id: i32,
    pool: Option<String>,
    cursor_seq: i64,
    started_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ttl_seconds: i32,
    ended_at: Option<DateTime<Utc>>,
    end_reason: Option<String>,
    newest_fence: i64,
    unclaimed: i64,
}

impl From<LeaseRow> for Lease {
    fn from(row: LeaseRow) -> Self {
        Self {
            id: LeaseId(row.id),
            user_id: UserId(row.user_id),
            fence: Fence(row.fence),
            number_id: NumberId(row.phone_number_id),
            phone_number: Msisdn::stored(row.phone_number),
            country_code: CountryCode::stored(row.country_code),
            assignment_id: AssignmentId(row.assignment_id),
            pool: row.pool.map(PoolName::stored),
            cursor: InboxCursor { inbox: UserId(row.user_id), seq: row.cursor_seq },
            started_at: row.started_at,
            expires_at: row.expires_at,
            ttl: LeaseTtl::stored(row.ttl_seconds),
            ended: row.ended_at.zip(row.end_reason.as_deref().map(LeaseEnd::stored)),
            newest_fence: Fence(row.newest_fence),
            unclaimed_messages: row.unclaimed.unsigned_abs(),
        }
    }
}

/// A query of leases. `unclaimed` is the column with the number of messages that belong to no lease.
fn select_leases(unclaimed: &str, condition: &str) -> String {
    format!(
        "SELECT l.id, l.user_id, l.fence, l.phone_number_id, n.phone_number, n.country_code, l.assignment_id,
                p.name AS pool, l.cursor_seq, l.started_at, l.expires_at, l.ttl_seconds, l.ended_at, l.end_reason,
                f.fence AS newest_fence, {unclaimed} AS unclaimed
         FROM leases l
         JOIN phone_numbers n ON n.id = l.phone_number_id
         JOIN lease_fences f ON f.phone_number_id = l.phone_number_id
         LEFT JOIN pools p ON p.id = l.pool_id
         WHERE {condition}"
    )
}

/// How many messages have reached the number of a lease since the one before it ended, and belong to none.
fn unclaimed() -> String {
    format!(
        "(SELECT count(*) FROM messages m
          WHERE {} AND m.phone_number_id = l.phone_number_id AND m.inbox_seq > l.unclaimed_after
              AND m.lease_id IS NULL AND m.received_at >= l.unclaimed_since
              AND (l.ended_at IS NULL OR m.received_at < l.ended_at))",
        is_in_inbox("m.user_id", "l.user_id")
    )
}

impl Store {
    /// A lease of a user, also one that has ended.
    pub async fn find_lease(&self, owner: UserId, id: LeaseId) -> Result<Option<Lease>> {
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        find_lease(&connection, owner, id).await
    }

    /// The leases that a user holds at a time, oldest first.
    pub async fn list_leases(&self, owner: UserId, now: DateTime<Utc>) -> Result<Vec<Lease>> {
        let condition = "l.user_id = $1 AND l.ended_at IS NULL AND l.expires_at > $2 ORDER BY l.id";
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        let sql = select_leases(&unclaimed(), condition);
        let rows: Vec<LeaseRow> = query(&connection, sql, [owner.0.into(), now.into()]).await?;
        Ok(rows.into_iter().map(Lease::from).collect())
    }

    /// What arrived in a lease after a sequence, oldest first, and the lease as it was when all of that was read: the
    /// messages are read before the lease, in one transaction, so a lease that was lost meanwhile shows.
    pub async fn read_lease(
        &self,
        owner: UserId,
        id: LeaseId,
        after: i64,
        limit: u64,
        expired_before: DateTime<Utc>,
    ) -> Result<Option<(Lease, Vec<Message>)>> {
        let number = "m.phone_number_id = (SELECT l.phone_number_id FROM leases l WHERE l.id = $2)";
        let in_lease = match fault_injection::is_disabled(Guarantee::Fencing) {
            true => "$2 = $2",
            false => "m.lease_id = $2",
        };
        let sql = format!(
            "SELECT {} FROM messages m JOIN phone_numbers n ON n.id = m.phone_number_id
             WHERE {} AND {number} AND {in_lease} AND m.inbox_seq > $3 AND m.received_at > $4
             ORDER BY m.inbox_seq LIMIT $5",
            MessageRow::columns("n.phone_number"),
            is_in_inbox("m.user_id", "$1"),
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [owner.0.into(), id.0.into(), after.into(), expired_before.into(), limit.into()];
        let connection = self.inbox_connection(InboxScope::Inbox(owner)).await?;
        let rows: Vec<MessageRow> = query(&connection, sql, values).await?;
        let Some(lease) = find_lease(&connection, owner, id).await? else { return Ok(None) };
        Ok(Some((lease, rows.into_iter().map(MessageRow::into_message).collect())))
    }
}

async fn find_lease(connection: &impl ConnectionTrait, owner: UserId, id: LeaseId) -> Result<Option<Lease>> {
    let sql = select_leases(&unclaimed(), "l.id = $1 AND l.user_id = $2");
    let rows: Vec<LeaseRow> = query(connection, sql, [id.0.into(), owner.0.into()]).await?;
    Ok(rows.into_iter().next().map(Lease::from))
}

/// A rented number, with its newest lease.
#[derive(Clone, Debug)]
pub struct LeasableNumber {
    /// The rental.
    pub rental: Assignment,
    /// Whether the number is granted, so that the rental has no end of its own.
    pub is_granted: bool,
    /// The newest lease.
    pub newest: Option<NewestLease>,
}

/// The newest lease of a number, as far as the next one has to know it.
#[derive(Clone, Copy, Debug)]
pub struct NewestLease {
    /// Its user.
    pub user_id: UserId,
    /// The rental that it was part of.
    pub assignment_id: AssignmentId,
    /// The end of the inbox when it began.
    pub cursor_seq: i64,
    /// When it ended or will.
    pub ends_at: DateTime<Utc>,
}

/// A lease to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewLease {
    /// The holder's user.
    pub user_id: UserId,
    /// The pool that it is acquired from.
    pub pool_id: Option<PoolId>,
    /// The number, which is locked.
    pub number_id: NumberId,
    /// The rental that it is part of.
    pub assignment_id: AssignmentId,
    /// For how long.
    pub ttl: LeaseTtl,
    /// When it begins.
    pub started_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// From when on messages count as unclaimed.
    pub unclaimed_since: DateTime<Utc>,
    /// Those after this sequence.
    pub unclaimed_after: i64,
}

impl Tx {
    /// Stores the end of a locked number's lease that has run out.
    pub async fn settle_lease(&self, number: NumberId, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE leases SET ended_at = expires_at, end_reason = 'expired'
                   WHERE phone_number_id = $1 AND ended_at IS NULL AND expires_at <= $2";
        execute(&self.0, sql.to_owned(), [number.0.into(), now.into()]).await?;
        Ok(())
    }

    /// The open rental of a locked number, with the number's newest lease.
    pub async fn find_leasable(&self, number: NumberId) -> Result<Option<LeasableNumber>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: i32,
            user_id: i32,
            started_at: DateTime<Utc>,
            expires_at: DateTime<Utc>,
            is_granted: bool,
            lease_user_id: Option<i32>,
            lease_assignment_id: Option<i32>,
            cursor_seq: Option<i64>,
            ends_at: Option<DateTime<Utc>>,
        }
        let sql = "SELECT a.id, a.user_id, a.started_at, a.expires_at, n.granted_pool_id IS NOT NULL AS is_granted,
                          l.user_id AS lease_user_id, l.assignment_id AS lease_assignment_id, l.cursor_seq,
                          coalesce(l.ended_at, l.expires_at) AS ends_at
                   FROM number_assignments a JOIN phone_numbers n ON n.id = a.phone_number_id
                   LEFT JOIN leases l ON l.id = (
                       SELECT newest.id FROM leases newest WHERE newest.phone_number_id = n.id
                       ORDER BY newest.fence DESC LIMIT 1)
                   WHERE a.phone_number_id = $1 AND a.ended_at IS NULL AND n.status = 'assigned'";
        let rows: Vec<Row> = query(&self.0, sql.to_owned(), [number.0.into()]).await?;
        Ok(rows.into_iter().next().map(|row| LeasableNumber {
            rental: Assignment {
                id: AssignmentId(row.id),
                user_id: UserId(row.user_id),
                started_at: row.started_at,
                expires_at: row.expires_at,
            },
            is_granted: row.is_granted,
            newest: match (row.lease_user_id, row.lease_assignment_id, row.cursor_seq, row.ends_at) {
                (Some(user), Some(rental), Some(cursor_seq), Some(ends_at)) => Some(NewestLease {
                    user_id: UserId(user),
                    assignment_id: AssignmentId(rental),
                    cursor_seq,
                    ends_at,
                }),
                _ => None,
            },
        }))
    }

    /// Gives a lease of a locked number that is not leased, with the next fence of the number. Its cursor is the end of
    /// the inbox: no message is in a lease before that is committed.
    pub async fn insert_lease(&self, new: &NewLease) -> Result<LeaseId> {
        #[derive(FromQueryResult)]
        struct FenceRow {
            fence: i64,
        }
        #[derive(FromQueryResult)]
        struct IdRow {
            id: i64,
        }
        let sql = "INSERT INTO lease_fences (phone_number_id, fence) VALUES ($1, 1)
                   ON CONFLICT (phone_number_id) DO UPDATE SET fence = lease_fences.fence + 1 RETURNING fence";
        let fence: Vec<FenceRow> = query(&self.0, sql.to_owned(), [new.number_id.0.into()]).await?;
        let fence = fence.first().map(|row| row.fence).ok_or_else(|| Error::internal("no fence was given"))?;
        let sql =
            "INSERT INTO leases (user_id, pool_id, phone_number_id, assignment_id, fence, ttl_seconds, cursor_seq,
                                       started_at, expires_at, unclaimed_since, unclaimed_after)
                   SELECT i.user_id, $2, $3, $4, $5, $6, i.last_seq, $7, $8, $9, $10
                   FROM inboxes i WHERE i.user_id = $1
                   RETURNING id";
        let values: [Value; 10] = [
            new.user_id.0.into(),
            new.pool_id.map(|pool| pool.0).into(),
            new.number_id.0.into(),
            new.assignment_id.0.into(),
            fence.into(),
            i32::from(new.ttl.seconds()).into(),
            new.started_at.into(),
            new.expires_at.into(),
            new.unclaimed_since.into(),
            new.unclaimed_after.into(),
        ];
        let given: Vec<IdRow> = query(&self.0, sql.to_owned(), values).await?;
        given.first().map(|row| LeaseId(row.id)).ok_or_else(|| Error::internal("a lease was not stored"))
    }

    /// A lease of a user, without the number of unclaimed messages.
    pub async fn find_lease(&self, owner: UserId, id: LeaseId) -> Result<Option<Lease>> {
        let sql = select_leases("CAST(0 AS bigint)", "l.id = $1 AND l.user_id = $2");
        let rows: Vec<LeaseRow> = query(&self.0, sql, [id.0.into(), owner.0.into()]).await?;
        Ok(rows.into_iter().next().map(Lease::from))
    }

    /// Moves the end of a lease whose number is locked.
    pub async fn renew_lease(&self, id: LeaseId, ttl: LeaseTtl, expires_at: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE leases SET expires_at = $2, ttl_seconds = $3 WHERE id = $1 AND ended_at IS NULL";
        let values = [id.0.into(), expires_at.into(), i32::from(ttl.seconds()).into()];
        execute(&self.0, sql.to_owned(), values).await?;
        Ok(())
    }

    /// Ends the open lease of a locked number, if there is one.
    pub async fn end_lease(&self, number: NumberId, end: LeaseEnd, now: DateTime<Utc>) -> Result<()> {
        self.end_leases("phone_number_id", number.0, end, now).await
    }

    /// Ends every open lease of a user.
    pub async fn end_leases_of(&self, user: UserId, end: LeaseEnd, now: DateTime<Utc>) -> Result<()> {
        self.end_leases("user_id", user.0, end, now).await
    }

    async fn end_leases(&self, whose: &str, id: i32, end: LeaseEnd, now: DateTime<Utc>) -> Result<()> {
        let sql = format!(
            "UPDATE leases SET
                 ended_at = CASE WHEN expires_at <= $2 THEN expires_at ELSE $2 END,
                 end_reason = CASE WHEN expires_at <= $2 THEN 'expired' ELSE $3 END
             WHERE {whose} = $1 AND ended_at IS NULL"
        );
        execute(&self.0, sql, [id.into(), now.into(), end.as_str().into()]).await?;
        Ok(())
    }
}
