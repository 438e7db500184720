//! How many statements are sent to the database, and how long they take.

use std::{
    fmt,
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

/// Counts the statements that are sent to the database, and records how long they take.
#[derive(Clone)]
pub(crate) struct StatementMetrics {
    count: Arc<AtomicU64>,
    observer: Arc<OnceLock<StatementObserver>>,
    /// Made once: looking a metric up for each statement would cost more than recording it.
    seconds: Arc<[Histogram; KINDS.len() + 1]>,
    failed: Counter,
}

impl Default for StatementMetrics {
    fn default() -> Self {
        let kind = |at: usize| KINDS.get(at).map_or("other", |(_, kind)| *kind);
        let seconds = std::array::from_fn(|at| metrics::histogram!("otpwire_database_seconds", "kind" => kind(at)));
        Self {
            count: Arc::default(),
            observer: Arc::default(),
            seconds: Arc::new(seconds),
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
        self.seconds[KINDS.iter().position(is_kind).unwrap_or(KINDS.len())].record(elapsed.as_secs_f64());
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
        for (kind, count) in [("select", 2), ("insert", 0), ("with", 1), ("other", 3)] {
            let line = format!("otpwire_database_seconds_count{{kind=\"{kind}\"}} {count}\n");
            assert!(text.contains(&line), "{text}");
        }
        assert!(text.contains("otpwire_database_failed_total 1\n"), "{text}");
    }
}
