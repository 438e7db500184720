//! What workers did and saw, and what of it breaks a promise of leases.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use crate::platform::Platform;

/// Triggers that record, with each lease that is given, who waits and how many numbers are free besides, and which
/// ticket is served in the same transaction.
pub(super) const TRIGGERS: &str = "
    CREATE TABLE lease_audit (transaction TEXT, lease_id BIGINT, waiting BIGINT[], free BIGINT);
    CREATE TABLE ticket_audit (transaction TEXT, ticket_id BIGINT);
    CREATE FUNCTION audit_lease() RETURNS trigger AS $$
    BEGIN
        INSERT INTO lease_audit SELECT pg_current_xact_id()::text, NEW.id,
            ARRAY(SELECT t.id FROM lease_tickets t WHERE t.pool_id = NEW.pool_id AND t.expires_at > clock_timestamp()),
            (SELECT count(*) FROM phone_numbers n WHERE n.user_id = NEW.user_id AND n.status = 'assigned' AND NOT EXISTS
                (SELECT FROM leases l WHERE l.phone_number_id = n.id AND l.ended_at IS NULL
                    AND l.expires_at > clock_timestamp()));
        RETURN NULL;
    END $$ LANGUAGE plpgsql;
    CREATE FUNCTION audit_ticket() RETURNS trigger AS $$
    BEGIN
        INSERT INTO ticket_audit VALUES (pg_current_xact_id()::text, OLD.id);
        RETURN NULL;
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER audit_lease AFTER INSERT ON leases FOR EACH ROW EXECUTE FUNCTION audit_lease();
    CREATE TRIGGER audit_ticket AFTER DELETE ON lease_tickets FOR EACH ROW EXECUTE FUNCTION audit_ticket();";

/// A broken promise of leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Violation {
    /// A worker was given a code that was sent to the number before its lease.
    Stale,
    /// A worker was given a code of another lease.
    OutsideLease,
    /// A lease that was over was answered.
    OutdatedAnswered,
    /// A code that arrived in time was not in its lease.
    Missed,
    /// A repeated webhook was a second code.
    Repeated,
    /// A number had two leases at once.
    Overlap,
    /// Somebody was served before others who waited for longer.
    Overtaken,
    /// An answer that a worker must never get.
    Unexpected,
}

/// What a worker reports to the checker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Event {
    /// A message is on its way. `sent_at` is what the provider says about it.
    Sending { id: String, from: DateTime<Utc>, sent_at: Option<DateTime<Utc>> },
    /// Its webhook was answered with 200.
    Acknowledged { id: String, at: DateTime<Utc> },
    /// A lease was acquired; `waited` tells whether another request had to be made with a ticket.
    Leased { id: i64, waited: bool },
    /// A request through a lease was answered, with these messages. `is_over` tells whether the lease was over before
    /// the request was made.
    Read { lease: i64, ids: Vec<String>, is_over: bool },
    /// A request through a lease was answered with `LEASE_LOST`.
    Refused { is_over: bool },
    /// The lease was read well after its code was acknowledged, and before its end, and the code was not there.
    Missed { lease: i64 },
    /// Something else was answered.
    Unexpected { what: String },
}

/// When a message was on its way: it arrived in between. Without an acknowledgement it may arrive later.
#[derive(Clone, Copy, Debug)]
struct Sending {
    from: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    acknowledged: Option<DateTime<Utc>>,
}

/// What the workers did and saw.
#[derive(Debug, Default)]
pub(super) struct History {
    sent: HashMap<String, Vec<Sending>>,
    read: Vec<(i64, Vec<String>)>,
    pub(super) leases: usize,
    pub(super) waited: usize,
    pub(super) seen: usize,
    pub(super) refused: usize,
    pub(super) workers_killed: usize,
    pub(super) replicas_killed: usize,
    /// For each lease that ran out while others waited, after how many milliseconds its number was leased again.
    followed_after: Vec<i64>,
    violations: BTreeMap<Violation, (usize, String)>,
}

#[derive(FromQueryResult)]
struct LeaseRow {
    id: i64,
    phone_number_id: i32,
    started_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    ran_out: bool,
}

#[derive(FromQueryResult)]
struct Example {
    example: String,
}

impl History {
    fn add(&mut self, violation: Violation, example: String) {
        self.violations.entry(violation).or_insert((0, example)).0 += 1;
    }

    pub(super) fn count(&self, violation: Violation) -> usize {
        self.violations.get(&violation).map_or(0, |(count, _)| *count)
    }

    pub(super) fn is_correct(&self) -> bool {
        self.violations.is_empty()
    }

    pub(super) fn record(&mut self, event: Event) {
        match event {
            Event::Sending { id, from, sent_at } => {
                self.sent.entry(id).or_default().push(Sending { from, sent_at, acknowledged: None });
            }
            Event::Acknowledged { id, at } => {
                // Only its worker sends a message, one attempt after the other.
                let sending = self.sent.get_mut(&id).and_then(|sent| sent.last_mut());
                sending.expect("what is acknowledged was sent").acknowledged = Some(at);
            }
            Event::Leased { waited, .. } => {
                self.leases += 1;
                self.waited += usize::from(waited);
            }
            Event::Read { lease, ids, is_over } => {
                if is_over {
                    self.add(Violation::OutdatedAnswered, format!("lease {lease}"));
                }
                self.seen += ids.len();
                self.read.push((lease, ids));
            }
            Event::Refused { is_over } => self.refused += usize::from(is_over),
            Event::Missed { lease } => self.add(Violation::Missed, own_id(lease)),
            Event::Unexpected { what } => self.add(Violation::Unexpected, what),
        }
    }

    /// Compares what was seen with what can have been, once everybody has stopped.
    pub(super) async fn check(&mut self, platform: &Platform) {
        let leases = "SELECT id, phone_number_id, started_at, coalesce(ended_at, expires_at) AS ends_at,
                          coalesce(end_reason, 'expired') = 'expired' AS ran_out
                      FROM leases ORDER BY phone_number_id, fence";
        let rows: Vec<LeaseRow> = platform.query(leases).await;
        for pair in rows.windows(2).filter(|pair| pair[0].phone_number_id == pair[1].phone_number_id) {
            if pair[0].ends_at > pair[1].started_at {
                self.add(Violation::Overlap, format!("leases {} and {}", pair[0].id, pair[1].id));
            }
            if pair[0].ran_out {
                self.followed_after.push((pair[1].started_at - pair[0].ends_at).num_milliseconds());
            }
        }
        let by_id: HashMap<_, _> = rows.iter().map(|row| (row.id, row)).collect();
        for (lease, ids) in std::mem::take(&mut self.read) {
            for id in ids {
                if self.can_have_arrived(&id, by_id[&lease]) {
                    continue;
                }
                let violation = if id.starts_with("old-") { Violation::Stale } else { Violation::OutsideLease };
                self.add(violation, format!("{id} in lease {lease}"));
            }
        }
        let repeated = "SELECT id AS example FROM message_audit GROUP BY id HAVING count(*) > 1";
        // Served although fewer numbers were free than had been waited for.
        let overtaken = "SELECT 'lease ' || a.lease_id AS example
                         FROM lease_audit a LEFT JOIN ticket_audit t ON t.transaction = a.transaction
                         WHERE (SELECT count(*) FROM unnest(a.waiting) w WHERE t.ticket_id IS NULL OR w < t.ticket_id) > a.free";
        for (violation, sql) in [(Violation::Repeated, repeated), (Violation::Overtaken, overtaken)] {
            let examples: Vec<Example> = platform.query(sql).await;
            examples.into_iter().for_each(|found| self.add(violation, found.example));
        }
    }

    /// Whether a message can have arrived in a lease, and was not sent before it: one of another worker can have, if it
    /// came late.
    fn can_have_arrived(&self, id: &str, lease: &LeaseRow) -> bool {
        self.sent.get(id).is_some_and(|sent| {
            sent.iter().any(|sending| {
                sending.from < lease.ends_at
                    && sending.acknowledged.is_none_or(|at| at >= lease.started_at)
                    && sending.sent_at.is_none_or(|sent_at| sent_at >= lease.started_at.trunc_subsecs(0))
            })
        })
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} leases, {} of them after another request with a ticket", self.leases, self.waited)?;
        writeln!(f, "{} workers and {} replicas killed", self.workers_killed, self.replicas_killed)?;
        let repeated = self.sent.values().filter(|sent| sent.len() > 1).count();
        let old = self.sent.keys().filter(|id| id.starts_with("old-")).count();
        writeln!(f, "{} messages sent, {repeated} of them more than once, {old} of them old ones", self.sent.len())?;
        writeln!(f, "{} messages seen; {} requests after the end of a lease, all refused", self.seen, self.refused)?;
        let mut after = self.followed_after.clone();
        after.sort_unstable();
        if !after.is_empty() {
            let at = |share: usize| after[(after.len() * share / 100).min(after.len() - 1)];
            let counts = (after.len(), at(50), at(99), after.iter().filter(|after| **after > 1000).count());
            let (count, median, p99, late) = counts;
            writeln!(
                f,
                "{count} leases ran out; their numbers were leased again after {median} ms (p50), {p99} ms (p99), {late} after more than a second"
            )?;
        }
        for (violation, (count, example)) in &self.violations {
            writeln!(f, "{violation:?}: {count}, such as {example}")?;
        }
        if self.violations.is_empty() {
            writeln!(f, "no violation")?;
        }
        Ok(())
    }
}

/// The id of the message that is sent to the number of a lease, while it lasts.
pub(super) fn own_id(lease: i64) -> String {
    format!("lease-{lease}")
}

/// How much earlier the provider says that an old code was sent.
pub(super) const LONG_AGO: TimeDelta = TimeDelta::seconds(20);
