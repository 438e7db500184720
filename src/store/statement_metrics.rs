//! How many statements are sent to the database, and how long they take.

use std::{
    array, fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::{Counter, Histogram};
use sea_orm::Statement;

/// Sees statements as they are sent: their text with placeholders, and no values; and whether their connection writes.
type StatementObserver = Box<dyn Fn(&str, bool) + Send + Sync>;

/// The kinds of statements, by their first word. Any other is `other`.
const KINDS: [(&str, &str); 5] =
    [("SELECT", "select"), ("INSERT", "insert"), ("UPDATE", "update"), ("DELETE", "delete"), ("WITH", "with")];

/// The tables, in order, one of which names a statement. A statement of any other, such as a partition, is named
/// `other`.
const TABLES: [&str; 29] = [
    "api_keys",
    "api_rate_limits",
    "audit_log",
    "blocked_senders",
    "delivery_reports",
    "idempotency_keys",
    "inboxes",
    "invitations",
    "jobs",
    "lease_fences",
    "lease_tickets",
    "leases",
    "login_networks",
    "message_parts",
    "message_receipts",
    "message_timelines",
    "messages",
    "number_assignments",
    "otp_patterns",
    "partial_messages",
    "phone_numbers",
    "pool_numbers",
    "pools",
    "provider_activity",
    "roll_ups",
    "sms_providers",
    "user_sessions",
    "users",
    "webhook_nonces",
];

/// Where in a statement its table is looked for, in bytes. What comes after that are columns and rows.
const NAMED_WITHIN: usize = 1024;

/// The first table that a statement names: that which it is about. Tables are in lower case, and words of SQL are not.
fn table_of(sql: &str) -> Option<usize> {
    let start = &sql.as_bytes()[..sql.len().min(NAMED_WITHIN)];
    let mut words = start.split(|byte| !byte.is_ascii_lowercase() && *byte != b'_');
    words.find_map(|word| TABLES.binary_search_by(|table| table.as_bytes().cmp(word)).ok())
}

/// Counts the statements that are sent to the database, and records how long they take.
#[derive(Clone)]
pub(crate) struct StatementMetrics {
    count: Arc<AtomicU64>,
    observer: Arc<OnceLock<StatementObserver>>,
    /// By kind and table. Each is made once: looking a metric up for each statement would cost more than recording it.
    seconds: Arc<[[OnceLock<Histogram>; TABLES.len() + 1]; KINDS.len() + 1]>,
    failed: Counter,
}

impl Default for StatementMetrics {
    fn default() -> Self {
        Self {
            count: Arc::default(),
            observer: Arc::default(),
            seconds: Arc::new(array::from_fn(|_| array::from_fn(|_| OnceLock::new()))),
            failed: metrics::counter!("otpwire_database_failed_total"),
        }
    }
}

impl fmt::Debug for StatementMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StatementMetrics").field(&self.count).finish()
    }
}

impl StatementMetrics {
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Only the first observer is called.
    pub(super) fn set_observer(&self, observer: StatementObserver) {
        let _ = self.observer.set(observer);
    }

    pub(super) fn observe(&self, statement: &Statement, may_write: bool) {
        if let Some(observer) = self.observer.get() {
            observer(&statement.sql, may_write);
        }
    }

    pub(crate) fn record(&self, sql: &str, elapsed: Duration, failed: bool) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let is_kind = |(word, _): &(&str, &str)| {
            sql.as_bytes().get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word.as_bytes()))
        };
        let kind = KINDS.iter().position(is_kind).unwrap_or(KINDS.len());
        let table = table_of(sql).unwrap_or(TABLES.len());
        let seconds = self.seconds[kind][table].get_or_init(|| {
            let kind = KINDS.get(kind).map_or("other", |(_, kind)| *kind);
            let table = TABLES.get(table).copied().unwrap_or("other");
            metrics::histogram!("otpwire_database_seconds", "kind" => kind, "table" => table)
        });
        seconds.record(elapsed.as_secs_f64());
        if failed {
            self.failed.increment(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn a_statement_is_named_by_its_table() {
        let entities = crate::store::entity::entities().into_iter().map(|(table, _)| table);
        assert_eq!(entities.collect::<std::collections::BTreeSet<_>>(), TABLES.map(str::to_owned).into());
        for (sql, table) in [
            (r#"SELECT "users"."id", "users"."email" FROM "users" INNER JOIN "pools" ON true"#, Some("users")),
            (r#"INSERT INTO "message_receipts" ("provider_id") VALUES ($1)"#, Some("message_receipts")),
            ("WITH claimed AS (UPDATE leases SET fence = 1) SELECT 2", Some("leases")),
            ("SELECT 1", None),
            (r#"CREATE TABLE "messages_20260301" PARTITION OF ..."#, Some("messages_")),
            ("é", None),
        ] {
            let known = table.filter(|table| TABLES.contains(table));
            assert_eq!(table_of(sql).map(|at| TABLES[at]), known, "{sql}");
        }
        assert_eq!(table_of(&format!("{}é", " ".repeat(NAMED_WITHIN - 1))), None);
    }

    #[test]
    fn statements_are_told_apart_by_their_first_word() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let metrics = StatementMetrics::default();
            for sql in ["SELECT 1", "select 1", "WITH link AS (SELECT 1) SELECT 2", "PRAGMA optimize", "", "é"] {
                metrics.record(sql, Duration::from_millis(1), sql.is_empty());
            }
            assert_eq!(metrics.count(), 6);
        });
        let text = recorder.handle().render();
        for (kind, count) in [("select", 2), ("with", 1), ("other", 3)] {
            let line = format!("otpwire_database_seconds_count{{kind=\"{kind}\",table=\"other\"}} {count}\n");
            assert!(text.contains(&line), "{text}");
        }
        assert!(text.contains("otpwire_database_failed_total 1\n"), "{text}");
    }
}
