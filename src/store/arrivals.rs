//! Storing received messages: receipts, sequences of inboxes, messages and delivery reports, for a whole batch at once.
//!
//! PostgreSQL does all of it in one statement, so that a batch is one round trip, and the inboxes are locked for no
//! longer than the statement and its commit take. SQLite knows no `INSERT` inside a query, and has no round trips:
//! there each step is a statement of its own, in one transaction.

use std::{collections::BTreeMap, sync::OnceLock};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::{
    Claim, NewMessage, NewReport, Receipt, Store, Tx, array_columns::ArrayColumns, receipts::CLAIM_AGAIN,
    receiving::NumberedMessage, reports::REPEATED, sql::query,
};
use crate::{
    domain::{Error, MessageId, ReportReason, Result, Service, UserId},
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
            claims.entry(link.receipt.clone()).or_insert(claim);
        }
        let before = if claims.is_empty() { BTreeMap::new() } else { self.claim_receipts(&claims).await? };
        let mut settled = vec![Settled { seen: 0, id: None, inbox_seq: None }; arrivals.len()];
        let mut reasons = vec![ReportReason::SameContent; arrivals.len()];
        if !fault_injection::is_disabled(Guarantee::Deduplication) {
            for link in &links {
                let at = usize::try_from(link.arrival).map_err(Error::internal)?;
                let copies = before.get(link.receipt).copied().unwrap_or_default() + link.earlier;
                settled[at].seen = settled[at].seen.max(copies);
                if copies > 0 && !link.receipt.provider_message_id.starts_with(Receipt::CONTENT) {
                    reasons[at] = ReportReason::SameId;
                }
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
#[derive(Clone, Debug)]
struct Link<'a> {
    /// The index of the arrival.
    arrival: i32,
    receipt: &'a Receipt,
    received_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    /// How many arrivals of the batch have this receipt.
    copies: i32,
    /// How many of them come before this one.
    earlier: i32,
}

fn links<'a>(arrivals: &'a [Arrival<'_>]) -> Vec<Link<'a>> {
    let mut copies: BTreeMap<&Receipt, i32> = BTreeMap::new();
    let mut links = Vec::with_capacity(arrivals.len());
    for (at, arrival) in (0..).zip(arrivals) {
        for (receipt, expires_at) in arrival.receipts {
            let earlier = copies.entry(receipt).or_default();
            links.push(Link {
                arrival: at,
                receipt,
                received_at: arrival.received_at,
                expires_at: *expires_at,
                copies: 0,
                earlier: *earlier,
            });
            *earlier += 1;
        }
    }
    for link in &mut links {
        link.copies = copies[link.receipt];
    }
    links
}

/// The columns of a batch, and those of its receipts.
fn columns(arrivals: &[Arrival<'_>]) -> Result<[ArrayColumns; 2]> {
    let messages = || arrivals.iter().map(|arrival| arrival.message.as_ref());
    let reports = || arrivals.iter().map(|arrival| arrival.report.as_ref());
    let otps = || messages().map(|message| message.and_then(|message| message.otp));
    let metadata: Vec<_> = messages()
        .map(|message| message.map(|message| serde_json::to_string(&message.metadata)).transpose())
        .collect::<Result<_, _>>()
        .map_err(Error::internal)?;
    let rows = ArrayColumns::default()
        .with_optional("phone_number_id", messages().map(|message| Some(message?.phone_number_id.0)))
        .with_optional("user_id", messages().map(|message| Some(message?.user_id?.0)))
        .with_optional("assignment_id", messages().map(|message| Some(message?.assignment_id?.0)))
        .with_optional("lease_id", messages().map(|message| Some(message?.lease_id?.0)))
        .with("sender_number", messages().map(|message| text(message.map(|message| message.sender_number))))
        .with("channel", messages().map(|message| text(message.map(|message| message.channel.as_str()))))
        .with("message_content", messages().map(|message| text(message.map(|message| message.message_content))))
        .with("message_type", messages().map(|message| text(message.map(|message| message.message_type.as_str()))))
        .with_optional("otp_code", otps().map(|otp| Some(otp?.code.clone())))
        .with_optional("otp_service", otps().map(|otp| otp?.service.clone()))
        .with_optional("otp_service_key", otps().map(|otp| Some(Service::key_of(otp?.service.as_deref()?))))
        .with_optional("otp_score", otps().map(|otp| Some(i16::from(otp?.score.as_percent()))))
        .with("received_at", arrivals.iter().map(|arrival| arrival.received_at))
        .with_optional("provider_id", messages().map(|message| Some(message?.provider_id.0)))
        .with("provider_message_id", messages().map(|message| text(message.map(|message| message.provider_message_id))))
        .with_json("metadata", metadata.into_iter())
        .with_optional("reporter_id", reports().map(|report| Some(report?.provider_id.0)))
        .with_optional("reported_id", reports().map(|report| Some(report?.provider_message_id?.to_owned())))
        .with_optional("phone_number", reports().map(|report| Some(report?.phone_number?.to_owned())))
        .with_optional("status", reports().map(|report| Some(report?.status.to_owned())))
        .with_optional("status_reason", reports().map(|report| Some(report?.status_reason?.to_owned())))
        .with_optional("error_message", reports().map(|report| Some(report?.error_message?.to_owned())))
        .with_json("webhook_payload", reports().map(|report| Some(report?.webhook_payload.get().to_owned())))
        .with("retry_count", reports().map(|report| report.map_or(0, |report| report.retry_count)))
        .with_optional("created_at", reports().map(|report| Some(report?.created_at)));
    let links = links(arrivals);
    let receipts = ArrayColumns::default()
        .with("arrival", links.iter().map(|link| link.arrival))
        .with("provider_id", links.iter().map(|link| link.receipt.provider_id.0))
        .with("provider_message_id", links.iter().map(|link| link.receipt.provider_message_id.clone()))
        .with("received_at", links.iter().map(|link| link.received_at))
        .with_optional("expires_at", links.iter().map(|link| link.expires_at))
        .with("copies", links.iter().map(|link| link.copies))
        .with("earlier", links.iter().map(|link| link.earlier));
    Ok([rows, receipts])
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

async fn in_one_statement(connection: &impl ConnectionTrait, arrivals: &[Arrival<'_>]) -> Result<Vec<Settled>> {
    #[derive(FromQueryResult)]
    struct Found {
        row_index: i32,
        seen: i32,
        id: Option<i64>,
        inbox_seq: Option<i64>,
    }
    static STATEMENT: OnceLock<String> = OnceLock::new();
    let [rows, receipts] = columns(arrivals)?;
    let sql = STATEMENT.get_or_init(|| statement(&rows, &receipts)).clone();
    let values = rows.into_values().into_iter().chain(receipts.into_values());
    let found: Vec<Found> = query(connection, sql, values).await?;
    let mut settled = vec![None; arrivals.len()];
    for row in found {
        let at = usize::try_from(row.row_index).map_err(Error::internal)?;
        let id = row.id.map(MessageId);
        *settled.get_mut(at).ok_or_else(|| Error::internal("a row of another batch"))? =
            Some(Settled { seen: row.seen, id, inbox_seq: row.inbox_seq });
    }
    settled.into_iter().map(|settled| settled.ok_or_else(|| Error::internal("an arrival was lost"))).collect()
}

/// The columns of a message, but for its id and its sequence.
const MESSAGE: &str = "phone_number_id, user_id, assignment_id, lease_id, sender_number, channel, message_content, message_type, otp_code, \
                       otp_service, otp_service_key, otp_score, received_at, provider_id, provider_message_id, metadata";

/// The statement for PostgreSQL. Its parameters are the arrivals and their receipts.
///
/// Receipts are claimed and inboxes locked in one order by every replica, so that batches cannot deadlock. A claim
/// waits for that of another replica and sees what it committed, and so does the update of an inbox that was locked.
fn statement(rows: &ArrayColumns, receipts: &ArrayColumns) -> String {
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
         batch AS (
             SELECT r.*, {seen} AS seen, seen.by_id, phone_number_id IS NOT NULL AND {seen} = 0 AS is_new
             FROM {row} LEFT JOIN seen ON seen.arrival = r.row_index),
         numbered AS MATERIALIZED (
             SELECT batch.*, CASE WHEN is_new THEN nextval('messages_id_seq') END AS id,
                    CASE WHEN is_new THEN row_number() OVER (PARTITION BY is_new, user_id ORDER BY row_index) END AS nth
             FROM batch),
         advanced AS (
             UPDATE inboxes SET last_seq = locked.last_seq + locked.n
             FROM (SELECT i.user_id, i.last_seq, wanted.n
                   FROM (SELECT user_id, max(nth) AS n FROM numbered WHERE is_new GROUP BY user_id) AS wanted
                   JOIN inboxes i ON i.user_id = wanted.user_id ORDER BY i.user_id {lock}) AS locked
             WHERE inboxes.user_id = locked.user_id
             RETURNING inboxes.user_id, locked.last_seq),
         settled AS MATERIALIZED (
             SELECT numbered.*, advanced.last_seq + nth AS inbox_seq FROM numbered LEFT JOIN advanced USING (user_id)),
         stored AS (
             INSERT INTO messages (id, inbox_seq, {MESSAGE}) SELECT id, inbox_seq, {MESSAGE} FROM settled WHERE is_new),
         reported AS (
             INSERT INTO delivery_reports (message_id, provider_id, provider_message_id, phone_number, status,
                                           status_reason, error_message, webhook_payload, retry_count, created_at)
             SELECT id, reporter_id, reported_id, phone_number,
                    CASE WHEN seen > 0 THEN '{REPEATED}' ELSE status END,
                    CASE WHEN seen = 0 THEN status_reason WHEN by_id THEN '{same_id}' ELSE '{same_content}' END,
                    CASE WHEN seen > 0 THEN NULL ELSE error_message END,
                    webhook_payload, retry_count + seen, created_at
             FROM settled WHERE status IS NOT NULL)
         SELECT row_index, seen, id, inbox_seq FROM settled",
        content = Receipt::CONTENT,
        same_id = ReportReason::SameId.as_str(),
        same_content = ReportReason::SameContent.as_str(),
        row = rows.table(1),
        link = receipts.table(1 + rows.len()),
    )
}
