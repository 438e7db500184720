//! Storing received messages: receipts, sequences of inboxes, messages and delivery reports, for a whole batch at once.
//!
//! PostgreSQL does all of it in one statement, so that a batch is one round trip, and the inboxes are locked for no
//! longer than the statement and its commit take. SQLite knows no `INSERT` inside a query, and has no round trips: there
//! each step is a statement of its own, in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde::Serialize;

use super::{
    Claim, NewMessage, NewReport, Receipt, Store, Tx,
    entity::{delivery_report, message, message_receipt},
    receipts::CLAIM_AGAIN,
    receiving::NumberedMessage,
    reports::REPEATED,
    row_set::RowSet,
    sql::{optional_time, query, time},
};
use crate::{
    domain::{Error, MessageId, ProviderId, ReportReason, Result, UserId},
    fault_injection::{self, Guarantee},
};

/// A message as it arrived, to be stored unless it was received before.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The receipts that identify it, with their ends. Without any it is taken for new.
    pub receipts: &'a [(Receipt, Option<DateTime<Utc>>)],
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// What is stored, without its sequence; nothing if it goes nowhere.
    pub message: Option<NewMessage<'a>>,
    /// Its delivery report, if there is none yet. A repetition is reported as such.
    pub report: Option<NewReport<'a>>,
}

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// How often it was received before. Then nothing was stored but its report.
    pub seen: i32,
    /// The message that was stored.
    pub id: Option<MessageId>,
    /// Its sequence in its inbox.
    pub inbox_seq: Option<i64>,
}

impl Store {
    /// Stores a batch durably, all or nothing, and returns what became of each arrival, in order.
    ///
    /// Of two copies that arrive at once, on any replica, exactly one is new. The order of sequences is the order of
    /// commits.
    ///
    /// # Errors
    /// When the database refuses one of them.
    pub async fn store_arrivals(&self, arrivals: &[Arrival<'_>]) -> Result<Vec<Settled>> {
        if self.is_sqlite() {
            let tx = self.begin_receiving().await?;
            let settled = tx.store_arrivals(arrivals).await?;
            tx.commit().await?;
            return Ok(settled);
        }
        in_one_statement(&self.receive, arrivals).await
    }
}

impl Tx {
    /// The same within a transaction.
    ///
    /// # Errors
    /// When the database refuses one of them.
    pub async fn store_arrivals(&self, arrivals: &[Arrival<'_>]) -> Result<Vec<Settled>> {
        match self.0.get_database_backend() {
            DbBackend::Postgres => in_one_statement(&self.0, arrivals).await,
            _ => self.step_by_step(arrivals).await,
        }
    }

    async fn step_by_step(&self, arrivals: &[Arrival<'_>]) -> Result<Vec<Settled>> {
        let links = links(arrivals);
        let mut claims = BTreeMap::new();
        for link in &links {
            let claim = Claim { received_at: link.received_at, expires_at: link.expires_at, copies: link.copies };
            claims.entry(link.receipt()).or_insert(claim);
        }
        let before = if claims.is_empty() { BTreeMap::new() } else { self.claim_receipts(&claims).await? };
        let mut settled = vec![Settled { seen: 0, id: None, inbox_seq: None }; arrivals.len()];
        let mut reasons = vec![ReportReason::SameContent; arrivals.len()];
        for link in links.iter().filter(|_| !fault_injection::is_disabled(Guarantee::Deduplication)) {
            let copies = before.get(&link.receipt()).copied().unwrap_or_default() + link.earlier;
            let seen = &mut settled[link.arrival].seen;
            *seen = (*seen).max(copies);
            if copies > 0 && !link.provider_message_id.starts_with(Receipt::CONTENT) {
                reasons[link.arrival] = ReportReason::SameId;
            }
        }

        let is_new = |(arrival, settled): &(&Arrival<'_>, &mut Settled)| arrival.message.is_some() && settled.seen == 0;
        let mut wanted: BTreeMap<UserId, i64> = BTreeMap::new();
        for (arrival, _) in arrivals.iter().zip(&mut settled).filter(is_new) {
            if let Some(owner) = arrival.message.as_ref().and_then(|message| message.user_id) {
                *wanted.entry(owner).or_default() += 1;
            }
        }
        let mut next = if wanted.is_empty() { BTreeMap::new() } else { self.advance_inboxes(&wanted).await? };
        for (owner, last) in &mut next {
            *last -= wanted[owner] - 1;
        }
        let mut rows = Vec::with_capacity(arrivals.len());
        for (arrival, settled) in arrivals.iter().zip(&mut settled).filter(is_new) {
            let Some(message) = &arrival.message else { continue };
            if let Some(next) = message.user_id.and_then(|owner| next.get_mut(&owner)) {
                settled.inbox_seq = Some(*next);
                *next += 1;
            }
            rows.push(NumberedMessage { inbox_seq: settled.inbox_seq, message });
        }
        let ids = if rows.is_empty() { BTreeMap::new() } else { self.insert_messages(&rows).await? };
        for (arrival, settled) in arrivals.iter().zip(&mut settled).filter(is_new) {
            settled.id = arrival.message.as_ref().and_then(|message| ids.get(&message.receipt())).copied();
        }
        let reports = arrivals.iter().zip(&settled).zip(reasons).filter_map(|((arrival, settled), reason)| {
            let report = NewReport { message_id: settled.id, ..arrival.report.clone()? };
            Some(if settled.seen > 0 { report.of_repetition(settled.seen, reason) } else { report })
        });
        let reports: Vec<_> = reports.collect();
        if !reports.is_empty() {
            self.insert_reports(&reports).await?;
        }
        Ok(settled)
    }
}

/// A receipt of an arrival.
#[derive(Clone, Debug, Serialize)]
struct Link<'a> {
    /// The index of the arrival.
    arrival: usize,
    provider_id: ProviderId,
    provider_message_id: &'a str,
    #[serde(serialize_with = "time")]
    received_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_time")]
    expires_at: Option<DateTime<Utc>>,
    /// How many arrivals of the batch have this receipt.
    copies: i32,
    /// How many of them come before this one.
    earlier: i32,
}

impl Link<'_> {
    fn receipt(&self) -> Receipt {
        Receipt { provider_id: self.provider_id, provider_message_id: self.provider_message_id.to_owned() }
    }
}

fn links<'a>(arrivals: &'a [Arrival<'_>]) -> Vec<Link<'a>> {
    let mut copies: BTreeMap<&Receipt, i32> = BTreeMap::new();
    let mut links = Vec::with_capacity(arrivals.len());
    for (at, arrival) in arrivals.iter().enumerate() {
        for (receipt, expires_at) in arrival.receipts {
            let earlier = copies.entry(receipt).or_default();
            links.push((
                receipt,
                Link {
                    arrival: at,
                    provider_id: receipt.provider_id,
                    provider_message_id: &receipt.provider_message_id,
                    received_at: arrival.received_at,
                    expires_at: *expires_at,
                    copies: 0,
                    earlier: *earlier,
                },
            ));
            *earlier += 1;
        }
    }
    links.into_iter().map(|(receipt, link)| Link { copies: copies[receipt], ..link }).collect()
}

/// An arrival as a row. What the message and the report have in common is in the one that is there.
#[derive(Serialize)]
struct Row<'a> {
    arrival: usize,
    is_stored: bool,
    #[serde(flatten)]
    message: Option<&'a NewMessage<'a>>,
    #[serde(flatten)]
    report: Option<ReportColumns<'a>>,
}

#[derive(Serialize)]
struct ReportColumns<'a> {
    reporter_id: ProviderId,
    reported_id: Option<&'a str>,
    phone_number: Option<&'a str>,
    status: &'static str,
    status_reason: Option<&'static str>,
    error_message: Option<&'a str>,
    webhook_payload: &'a serde_json::value::RawValue,
    retry_count: i32,
    #[serde(serialize_with = "time")]
    created_at: DateTime<Utc>,
}

async fn in_one_statement(connection: &impl ConnectionTrait, arrivals: &[Arrival<'_>]) -> Result<Vec<Settled>> {
    #[derive(FromQueryResult)]
    struct Found {
        arrival: i32,
        seen: i32,
        id: Option<i64>,
        inbox_seq: Option<i64>,
    }
    let row = |(at, arrival): (usize, &'_ Arrival<'_>)| {
        let report = arrival.report.as_ref();
        serde_json::value::to_raw_value(&Row {
            arrival: at,
            is_stored: arrival.message.is_some(),
            message: arrival.message.as_ref(),
            report: report.map(|report| ReportColumns {
                reporter_id: report.provider_id,
                reported_id: report.provider_message_id,
                phone_number: report.phone_number,
                status: report.status,
                status_reason: report.status_reason,
                error_message: report.error_message,
                webhook_payload: report.webhook_payload,
                retry_count: report.retry_count,
                created_at: report.created_at,
            }),
        })
    };
    let rows: Vec<_> = arrivals.iter().enumerate().map(row).collect::<Result<_, _>>().map_err(Error::internal)?;
    let values = [RowSet::parameter(&rows)?, RowSet::parameter(&links(arrivals))?];
    let found: Vec<Found> = query(connection, statement(), values).await?;
    let mut settled = vec![None; arrivals.len()];
    for row in found {
        let at = usize::try_from(row.arrival).map_err(Error::internal)?;
        let id = row.id.map(MessageId);
        *settled.get_mut(at).ok_or_else(|| Error::internal("a row of another batch"))? =
            Some(Settled { seen: row.seen, id, inbox_seq: row.inbox_seq });
    }
    settled.into_iter().map(|settled| settled.ok_or_else(|| Error::internal("an arrival was lost"))).collect()
}

/// The statement for PostgreSQL. Its parameters are the arrivals and their receipts.
///
/// Receipts are claimed and inboxes locked in one order by every replica, so that batches cannot deadlock. A claim waits
/// for that of another replica and sees what it committed, and so does the update of an inbox that was locked.
fn statement() -> String {
    use message::Column as M;
    use message_receipt::Column as R;

    let link = RowSet::of([R::ProviderId, R::ProviderMessageId, R::ReceivedAt, R::ExpiresAt])
        .with("arrival", R::RetryCount)
        .with("copies", R::RetryCount)
        .with("earlier", R::RetryCount);
    let message = RowSet::of([
        M::PhoneNumberId,
        M::UserId,
        M::AssignmentId,
        M::SenderNumber,
        M::Channel,
        M::MessageContent,
        M::MessageType,
        M::OtpCode,
        M::OtpService,
        M::OtpServiceKey,
        M::OtpScore,
        M::ReceivedAt,
        M::ProviderId,
        M::ProviderMessageId,
        M::Metadata,
    ]);
    let columns = message.names();
    let row = message
        .with("arrival", R::RetryCount)
        .with("is_stored", M::IsRead)
        .with("reporter_id", delivery_report::Column::ProviderId)
        .with("reported_id", delivery_report::Column::ProviderMessageId)
        .with("phone_number", delivery_report::Column::PhoneNumber)
        .with("status", delivery_report::Column::Status)
        .with("status_reason", delivery_report::Column::StatusReason)
        .with("error_message", delivery_report::Column::ErrorMessage)
        .with("webhook_payload", delivery_report::Column::WebhookPayload)
        .with("retry_count", delivery_report::Column::RetryCount)
        .with("created_at", delivery_report::Column::CreatedAt);
    let seen = match fault_injection::is_disabled(Guarantee::Deduplication) {
        true => "0",
        false => "coalesce(seen.n, 0)",
    };
    let lock = match fault_injection::is_disabled(Guarantee::InboxLock) {
        true => "",
        false => "FOR UPDATE OF i",
    };
    format!(
        "WITH link AS MATERIALIZED (SELECT * FROM {link}),
         claimed AS (
             INSERT INTO message_receipts (provider_id, provider_message_id, received_at, expires_at, retry_count)
             SELECT DISTINCT ON (provider_id, provider_message_id)
                    provider_id, provider_message_id, received_at, expires_at, copies - 1
             FROM link ORDER BY provider_id, provider_message_id, arrival
             {CLAIM_AGAIN}
             RETURNING provider_id, provider_message_id, retry_count),
         seen AS (
             SELECT arrival, max(copies) AS n, bool_or(copies > 0 AND NOT provider_message_id LIKE '{content}%') AS by_id
             FROM (SELECT link.arrival, provider_message_id,
                          claimed.retry_count + 1 - link.copies + link.earlier AS copies
                   FROM link JOIN claimed USING (provider_id, provider_message_id)) AS repeated
             GROUP BY arrival),
         batch AS MATERIALIZED (
             SELECT r.*, {seen} AS seen, seen.by_id, is_stored AND {seen} = 0 AS is_new
             FROM {row} LEFT JOIN seen ON seen.arrival = r.arrival),
         advanced AS (
             UPDATE inboxes SET last_seq = locked.last_seq + locked.n
             FROM (SELECT i.user_id, i.last_seq, wanted.n
                   FROM (SELECT user_id, count(*) AS n FROM batch WHERE is_new GROUP BY user_id) AS wanted
                   JOIN inboxes i ON i.user_id = wanted.user_id ORDER BY i.user_id {lock}) AS locked
             WHERE inboxes.user_id = locked.user_id
             RETURNING inboxes.user_id, locked.last_seq),
         new AS MATERIALIZED (
             SELECT batch.*, nextval('messages_id_seq') AS id,
                    advanced.last_seq + row_number() OVER (PARTITION BY user_id ORDER BY arrival) AS inbox_seq
             FROM batch LEFT JOIN advanced USING (user_id) WHERE is_new),
         stored AS (INSERT INTO messages (id, inbox_seq, {columns}) SELECT id, inbox_seq, {columns} FROM new),
         reported AS (
             INSERT INTO delivery_reports (message_id, provider_id, provider_message_id, phone_number, status,
                                           status_reason, error_message, webhook_payload, retry_count, created_at)
             SELECT new.id, batch.reporter_id, batch.reported_id, batch.phone_number,
                    CASE WHEN batch.seen > 0 THEN '{REPEATED}' ELSE batch.status END,
                    CASE WHEN batch.seen = 0 THEN batch.status_reason
                         WHEN batch.by_id THEN '{same_id}' ELSE '{same_content}' END,
                    CASE WHEN batch.seen > 0 THEN NULL ELSE batch.error_message END,
                    batch.webhook_payload, batch.retry_count + batch.seen, batch.created_at
             FROM batch LEFT JOIN new USING (arrival) WHERE batch.status IS NOT NULL)
         SELECT batch.arrival, batch.seen, new.id, new.inbox_seq FROM batch LEFT JOIN new USING (arrival)",
        content = Receipt::CONTENT,
        same_id = ReportReason::SameId.as_str(),
        same_content = ReportReason::SameContent.as_str(),
        link = link.postgres_table(2),
        row = row.postgres_table(1),
    )
}
