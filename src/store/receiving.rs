//! Storing received messages. Each statement takes a whole batch, inside the batch's transaction.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize, Serializer};

use super::{
    Receipt, Store, Tx,
    entity::{inbox, message, phone_number},
    row_set::RowSet,
    sql::{execute, on_postgres, query, time},
};
use crate::{
    domain::{
        Assignment, AssignmentId, Channel, Error, LeaseId, Media, MessageId, MessageType, Msisdn, NumberId,
        NumberStatus, Otp, ProviderId, Result, Service, UserId,
    },
    fault_injection::{self, Guarantee},
};

/// Where messages to one of our numbers go.
#[derive(Clone, Debug)]
pub struct Route {
    /// The number.
    pub number_id: NumberId,
    /// The provider that delivers its messages, if that is set.
    pub provider_id: Option<ProviderId>,
    /// Whether an administrator has blocked it.
    pub blocked: bool,
    /// Its latest rental, with the time when it really ended: a message may have arrived before that and waited for its
    /// batch.
    pub assignment: Option<Assignment>,
    /// Its latest lease, in the same way.
    pub lease: Option<LeaseInterval>,
}

/// A lease as far as it decides which messages are its own.
#[derive(Clone, Copy, Debug)]
pub struct LeaseInterval {
    /// The id.
    pub id: LeaseId,
    /// The rental that it is part of.
    pub assignment_id: AssignmentId,
    /// The first instant.
    pub started_at: DateTime<Utc>,
    /// The end, exclusive.
    pub ends_at: DateTime<Utc>,
}

/// A message to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct NewMessage<'a> {
    /// The number that it was sent to.
    pub phone_number_id: NumberId,
    /// The user whose inbox it goes to; without one it is in quarantine.
    pub user_id: Option<UserId>,
    /// The rental during which it arrived.
    pub assignment_id: Option<AssignmentId>,
    /// The lease in which it arrived.
    pub lease_id: Option<LeaseId>,
    /// Who sent it.
    pub sender_number: &'a str,
    /// The channel that it came through.
    pub channel: Channel,
    /// The text.
    pub message_content: &'a str,
    /// What it is for.
    pub message_type: MessageType,
    /// The code, if it carries one.
    #[serde(flatten, serialize_with = "otp_columns")]
    pub otp: Option<&'a Otp>,
    /// When it arrived.
    #[serde(serialize_with = "time")]
    pub received_at: DateTime<Utc>,
    /// The account that delivered it.
    pub provider_id: ProviderId,
    /// The provider's id.
    pub provider_message_id: &'a str,
    /// Media and segments.
    pub metadata: Metadata<'a>,
}

impl NewMessage<'_> {
    pub(super) fn receipt(&self) -> Receipt {
        Receipt { provider_id: self.provider_id, provider_message_id: self.provider_message_id.to_owned() }
    }
}

/// A message with its sequence, if it goes to an inbox.
#[derive(Debug, Serialize)]
pub(super) struct NumberedMessage<'a> {
    pub(super) inbox_seq: Option<i64>,
    #[serde(flatten)]
    pub(super) message: &'a NewMessage<'a>,
}

/// A code as the columns of the table.
fn otp_columns<S: Serializer>(otp: &Option<&Otp>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Columns<'a> {
        otp_code: &'a str,
        otp_service: Option<&'a str>,
        otp_service_key: Option<String>,
        otp_score: u8,
    }
    let columns = otp.map(|otp| Columns {
        otp_code: &otp.code,
        otp_service: otp.service.as_deref(),
        otp_service_key: otp.service.as_deref().map(Service::key_of),
        otp_score: otp.score.as_percent(),
    });
    columns.serialize(serializer)
}

/// The files that came with a message, and the number of segments that carried it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata<'a> {
    /// The files.
    #[serde(default, skip_serializing_if = "<[Media]>::is_empty")]
    pub media: Cow<'a, [Media]>,
    /// The number of segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<u16>,
}

impl Store {
    /// Finds where messages to these numbers go. A number that is not in the answer is not ours.
    pub async fn find_routes(&self, numbers: &BTreeSet<&Msisdn>) -> Result<BTreeMap<Msisdn, Route>> {
        // Not on the only connection that writes.
        let connection = if self.is_sqlite() { &self.read } else { &self.receive };
        find_routes(connection, numbers).await
    }
}

impl Tx {
    /// The same within a transaction.
    pub async fn find_routes(&self, numbers: &BTreeSet<&Msisdn>) -> Result<BTreeMap<Msisdn, Route>> {
        find_routes(&self.0, numbers).await
    }

    /// Locks inboxes in order, takes the next `n` sequences of each, and returns the last one taken. Until the
    /// transaction ends no other can take one, so the order of sequences is the order of commits.
    ///
    /// # Errors
    /// When an inbox does not exist.
    pub(super) async fn advance_inboxes(&self, by: &BTreeMap<UserId, i64>) -> Result<BTreeMap<UserId, i64>> {
        #[derive(Serialize)]
        struct Row {
            user_id: UserId,
            n: i64,
        }
        #[derive(FromQueryResult)]
        struct Advanced {
            user_id: i32,
            last_seq: i64,
        }
        let backend = self.0.get_database_backend();
        let rows = RowSet::of([inbox::Column::UserId]).with("n", inbox::Column::LastSeq).table(backend);
        let wanted: Vec<_> = by.iter().map(|(&user_id, &n)| Row { user_id, n }).collect();
        if fault_injection::is_disabled(Guarantee::InboxLock) {
            let ends = format!(
                "SELECT i.user_id, i.last_seq + r.n AS last_seq FROM {rows} JOIN inboxes i ON i.user_id = r.user_id"
            );
            let ends: Vec<Advanced> = query(&self.0, ends, [RowSet::parameter(&wanted)?]).await?;
            for end in &ends {
                let sql = "UPDATE inboxes SET last_seq = $2 WHERE user_id = $1".to_owned();
                execute(&self.0, sql, [end.user_id.into(), end.last_seq.into()]).await?;
            }
            return Ok(ends.into_iter().map(|row| (UserId(row.user_id), row.last_seq)).collect());
        }
        let sql = format!(
            "UPDATE inboxes SET last_seq = inboxes.last_seq + locked.n
             FROM (SELECT i.user_id, r.n FROM {rows} JOIN inboxes i ON i.user_id = r.user_id
                   ORDER BY i.user_id {}) AS locked
             WHERE inboxes.user_id = locked.user_id
             RETURNING inboxes.user_id, inboxes.last_seq",
            on_postgres(backend, "FOR UPDATE OF i"),
        );
        let advanced: Vec<Advanced> = query(&self.0, sql, [RowSet::parameter(&wanted)?]).await?;
        if advanced.len() != by.len() {
            return Err(Error::internal("a renter has no inbox"));
        }
        Ok(advanced.into_iter().map(|row| (UserId(row.user_id), row.last_seq)).collect())
    }

    /// Inserts messages and returns their ids, by receipt.
    pub(super) async fn insert_messages(
        &self,
        messages: &[NumberedMessage<'_>],
    ) -> Result<BTreeMap<Receipt, MessageId>> {
        #[derive(FromQueryResult)]
        struct Inserted {
            id: i64,
            provider_id: i32,
            provider_message_id: String,
        }
        let rows = RowSet::of([
            message::Column::PhoneNumberId,
            message::Column::UserId,
            message::Column::AssignmentId,
            message::Column::LeaseId,
            message::Column::InboxSeq,
            message::Column::SenderNumber,
            message::Column::Channel,
            message::Column::MessageContent,
            message::Column::MessageType,
            message::Column::OtpCode,
            message::Column::OtpService,
            message::Column::OtpServiceKey,
            message::Column::OtpScore,
            message::Column::ReceivedAt,
            message::Column::ProviderId,
            message::Column::ProviderMessageId,
            message::Column::Metadata,
        ]);
        let names = rows.names();
        let sql = format!(
            "INSERT INTO messages ({names}) SELECT {names} FROM {}
             RETURNING id, provider_id, provider_message_id",
            rows.table(self.0.get_database_backend())
        );
        let inserted: Vec<Inserted> = query(&self.0, sql, [RowSet::parameter(messages)?]).await?;
        let ids = inserted.into_iter().map(|row| {
            let receipt =
                Receipt { provider_id: ProviderId(row.provider_id), provider_message_id: row.provider_message_id };
            (receipt, MessageId(row.id))
        });
        Ok(ids.collect())
    }
}

async fn find_routes(
    connection: &impl ConnectionTrait,
    numbers: &BTreeSet<&Msisdn>,
) -> Result<BTreeMap<Msisdn, Route>> {
    #[derive(Serialize)]
    struct Row<'a> {
        phone_number: &'a str,
    }
    #[derive(FromQueryResult)]
    struct Found {
        id: i32,
        phone_number: String,
        provider_id: Option<i32>,
        status: String,
        assignment_id: Option<i32>,
        user_id: Option<i32>,
        started_at: Option<DateTime<Utc>>,
        expires_at: Option<DateTime<Utc>>,
        lease_id: Option<i64>,
        leased_assignment_id: Option<i32>,
        leased_at: Option<DateTime<Utc>>,
        lease_ends_at: Option<DateTime<Utc>>,
    }
    let sql = format!(
        "SELECT n.id, n.phone_number, n.provider_id, n.status,
                a.id AS assignment_id, a.user_id, a.started_at,
                coalesce(a.ended_at, a.expires_at) AS expires_at,
                l.id AS lease_id, l.assignment_id AS leased_assignment_id, l.started_at AS leased_at,
                coalesce(l.ended_at, l.expires_at) AS lease_ends_at
         FROM {} JOIN phone_numbers n ON n.phone_number = r.phone_number
         LEFT JOIN number_assignments a ON a.id = (
             SELECT latest.id FROM number_assignments latest WHERE latest.phone_number_id = n.id
             ORDER BY latest.started_at DESC LIMIT 1)
         LEFT JOIN leases l ON l.id = (
             SELECT newest.id FROM leases newest WHERE newest.phone_number_id = n.id
             ORDER BY newest.fence DESC LIMIT 1)",
        RowSet::of([phone_number::Column::PhoneNumber]).table(connection.get_database_backend())
    );
    let wanted: Vec<_> = numbers.iter().map(|number| Row { phone_number: number.as_str() }).collect();
    let found: Vec<Found> = query(connection, sql, [RowSet::parameter(&wanted)?]).await?;
    let routes = found.into_iter().map(|row| {
        let assignment = match (row.assignment_id, row.user_id, row.started_at, row.expires_at) {
            (Some(id), Some(user_id), Some(started_at), Some(expires_at)) => {
                Some(Assignment { id: AssignmentId(id), user_id: UserId(user_id), started_at, expires_at })
            }
            _ => None,
        };
        let lease = match (row.lease_id, row.leased_assignment_id, row.leased_at, row.lease_ends_at) {
            (Some(id), Some(rental), Some(started_at), Some(ends_at)) => {
                Some(LeaseInterval { id: LeaseId(id), assignment_id: AssignmentId(rental), started_at, ends_at })
            }
            _ => None,
        };
        let route = Route {
            number_id: NumberId(row.id),
            provider_id: row.provider_id.map(ProviderId),
            blocked: row.status == NumberStatus::Blocked.as_str(),
            assignment,
            lease,
        };
        (Msisdn::stored(row.phone_number), route)
    });
    Ok(routes.collect())
}
