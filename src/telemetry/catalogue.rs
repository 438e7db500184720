//! Every metric that a server exposes, once: its name, its labels, its buckets and what it means. From this table the
//! metrics are described and made, and `docs/metrics.md` is checked.

use anyhow::{Context, Result};
use metrics::Label;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

use crate::jobs;

/// A kind of metric, as Prometheus names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The values of a label.
#[derive(Clone, Copy, Debug)]
pub(super) enum Values {
    /// These. Each is exposed from the start.
    Known(&'static [&'static str]),
    /// The jobs. Each is exposed from the start.
    Jobs,
    /// As many as this says. Each is exposed when there is something to tell.
    Bounded(#[cfg_attr(not(test), expect(dead_code, reason = "it is for the documentation"))] &'static str),
}

impl Values {
    fn known(self) -> Option<Vec<&'static str>> {
        match self {
            Self::Known(values) => Some(values.to_vec()),
            Self::Jobs => Some(jobs::names().collect()),
            Self::Bounded(_) => None,
        }
    }
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) labels: &'static [(&'static str, Values)],
    /// The upper bounds of the buckets of a histogram.
    pub(super) buckets: &'static [f64],
    pub(super) help: &'static str,
    /// Whether it is exposed only on some servers, or only once something has happened.
    pub(super) is_conditional: bool,
}

const fn counter(name: &'static str, labels: &'static [(&'static str, Values)], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, buckets: &[], help, is_conditional: false }
}

const fn gauge(name: &'static str, labels: &'static [(&'static str, Values)], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, buckets: &[], help, is_conditional: false }
}

const fn histogram(
    name: &'static str,
    labels: &'static [(&'static str, Values)],
    buckets: &'static [f64],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, buckets, help, is_conditional: false }
}

impl Metric {
    /// The same, exposed only under a condition that its help says.
    const fn conditional(self) -> Self {
        Self { is_conditional: true, ..self }
    }
}

const REQUESTS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
const STATEMENTS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
const COMMITS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0, 15.0];
const FRAMES: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];
const LAGS: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 86400.0];
const JOBS: &[f64] = &[0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0];
const BATCHES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

const OUTCOME: Values = Values::Known(&[
    "received",
    "quarantined",
    "held",
    "unroutable",
    "duplicate",
    "blocked",
    "unavailable",
    "failed",
    "passed_over",
]);
const PROVIDER: Values = Values::Bounded("accounts at providers");
const TRANSPORT: Values = Values::Known(&["websocket", "graphql_stream", "sse", "wait"]);
const KIND: Values = Values::Known(&["select", "insert", "update", "delete", "with", "other"]);
const POOL: Values = Values::Bounded("read, write, receive");

/// Every metric.
pub(super) const METRICS: &[Metric] = &[
    counter("otpwire_received_total", &[("outcome", OUTCOME)], "Messages by outcome."),
    histogram(
        "otpwire_receive_commit_seconds",
        &[],
        COMMITS,
        "From the queueing of a message, when its webhook is verified, to its commit.",
    ),
    histogram("otpwire_batch_messages", &[], BATCHES, "Messages that were committed together."),
    gauge("otpwire_receive_queue_messages", &[], "Messages that wait for a batch."),
    gauge("otpwire_receive_queue_capacity_messages", &[], "How many messages may wait for a batch."),
    gauge("otpwire_receive_queue_oldest_seconds", &[], "How long the oldest message has waited for a batch."),
    counter(
        "otpwire_provider_messages_total",
        &[("provider", PROVIDER)],
        "Messages that were received for the first time, by account at a provider.",
    )
    .conditional(),
    histogram(
        "otpwire_provider_lag_seconds",
        &[("provider", PROVIDER)],
        LAGS,
        "From the provider's own time of a message to its arrival, where there is one; 0 if its clock is ahead.",
    )
    .conditional(),
    counter("otpwire_readings_failed_total", &[], "Messages that the code reader failed on."),
    counter("otpwire_patterns_skipped_total", &[], "Code patterns that were given up because they took too long."),
    counter("otpwire_webhooks_unknown_total", &[], "Webhooks that named no active provider."),
    counter(
        "otpwire_webhooks_rejected_total",
        &[("provider", PROVIDER)],
        "Webhooks that were not verified, by provider.",
    )
    .conditional(),
    histogram(
        "otpwire_frame_seconds",
        &[("transport", TRANSPORT)],
        FRAMES,
        "From the commit of a message to each frame, event or answer with it that is handed to a client's connection.",
    ),
    gauge("otpwire_sockets_open", &[("transport", TRANSPORT)], "Open sockets, streams and requests that wait."),
    gauge(
        "otpwire_subscriptions_open",
        &[("transport", TRANSPORT)],
        "Open subscriptions to messages. One socket may have several.",
    ),
    gauge("otpwire_connections_open", &[], "Connections of clients that are served."),
    counter(
        "otpwire_connections_refused_total",
        &[("bound", Values::Known(&["network", "total"]))],
        "Connections beyond a bound. They answer health checks alone.",
    ),
    counter(
        "otpwire_http_requests_total",
        &[
            ("route", Values::Bounded("the patterns of paths, `(none)` and `(other)`")),
            ("method", Values::Bounded("the usual ones and `OTHER`")),
            ("status", Values::Bounded("`1xx` to `5xx`, and `aborted` when the client left before")),
        ],
        "Requests, by what was answered.",
    ),
    histogram(
        "otpwire_http_request_seconds",
        &[
            ("route", Values::Bounded("the patterns of paths, `(none)` and `(other)`")),
            ("method", Values::Bounded("the usual ones and `OTHER`")),
        ],
        REQUESTS,
        "From a request to the head of its response. Requests that wait for a message take as long as they wait.",
    ),
    histogram(
        "otpwire_graphql_seconds",
        &[
            ("operation", Values::Known(&["query", "mutation", "subscription"])),
            ("outcome", Values::Known(&["ok", "error"])),
        ],
        REQUESTS,
        "How long GraphQL operations took; subscriptions until they had begun.",
    ),
    histogram(
        "otpwire_database_seconds",
        &[("kind", KIND), ("table", Values::Bounded("the tables, and other"))],
        STATEMENTS,
        "How long statements took, by their first word and the first table that they name.",
    ),
    counter("otpwire_database_failed_total", &[], "Statements that failed."),
    gauge(
        "otpwire_database_connections",
        &[("pool", POOL), ("state", Values::Bounded("in_use, idle"))],
        "Connections to the database. SQLite has no pool `receive`.",
    ),
    gauge("otpwire_database_connections_max", &[("pool", POOL)], "How many connections each pool may have."),
    gauge("otpwire_redis_up", &[], "Whether the events of other replicas arrive. Only with `redis_url`.").conditional(),
    gauge("otpwire_bus_queue_batches", &[], "Batches of events that wait to be sent to Redis. Only with `redis_url`.")
        .conditional(),
    counter(
        "otpwire_bus_dropped_total",
        &[],
        "Events dropped because the queue to Redis was full; watchers read the store instead.",
    ),
    counter("otpwire_bus_failed_total", &[], "Events that Redis did not accept; watchers read the store instead."),
    counter("otpwire_bus_undecodable_total", &[], "Events of an unknown version."),
    counter("otpwire_limits_local_total", &[], "Requests that were counted here because Redis was away."),
    counter("otpwire_sessions_stolen_total", &[], "Sessions that ended because an old token was used."),
    counter("otpwire_mails_failed_total", &[], "Mails that could not be sent after all attempts."),
    counter("otpwire_mails_dropped_total", &[], "Mails dropped because there is no mail server."),
    counter(
        "otpwire_unusual_total",
        &[("pattern", Values::Known(&["rentals_per_day", "numbers_per_sender"]))],
        "Users who rent, and senders who reach, unusually many numbers, by pattern.",
    ),
    counter("otpwire_job_runs_total", &[("job", Values::Jobs)], "Runs of each job on this replica."),
    counter("otpwire_job_failures_total", &[("job", Values::Jobs)], "Runs of each job on this replica that failed."),
    counter(
        "otpwire_job_skips_total",
        &[("job", Values::Jobs)],
        "Jobs skipped because another replica had run them or was running them.",
    ),
    histogram("otpwire_job_seconds", &[("job", Values::Jobs)], JOBS, "How long runs of each job took."),
    gauge(
        "otpwire_job_last_success_timestamp_seconds",
        &[("job", Values::Bounded("the jobs that have succeeded"))],
        "When each job last succeeded on this replica, in Unix time; over all replicas, the latest counts.",
    )
    .conditional(),
    gauge(
        "otpwire_numbers",
        &[
            ("state", Values::Bounded("available, assigned, expired, blocked")),
            ("country", Values::Bounded("the countries of the numbers")),
        ],
        "Numbers of the platform: the same on every replica. At most 15 seconds old.",
    )
    .conditional(),
    gauge(
        "otpwire_leases",
        &[("state", Values::Known(&["held", "waiting"]))],
        "Leases that are held, and requests that wait for one: the same on every replica. At most 15 seconds old.",
    ),
    counter(
        "otpwire_timelines_dropped_total",
        &[],
        "Entries of the timelines of messages that were given up: their queue was full, or the store did not take them.",
    ),
    counter(
        "otpwire_trace_spans_total",
        &[("outcome", Values::Known(&["exported", "dropped", "failed"]))],
        "Spans of traces: sent to their collector, dropped because the queue to it was full, or not taken by it.",
    ),
    gauge("otpwire_ready", &[], "Whether this replica says that it is ready."),
    gauge(
        "otpwire_build_info",
        &[("version", Values::Bounded("the version")), ("revision", Values::Bounded("the commit, if it is known"))],
        "Always 1. The labels say what runs.",
    ),
    gauge("otpwire_tokio_workers", &[], "Worker threads of the runtime."),
    gauge("otpwire_tokio_alive_tasks", &[], "Tasks of the runtime that have not ended."),
    gauge("otpwire_tokio_global_queue_tasks", &[], "Tasks that wait in the global queue of the runtime."),
];

/// Sets the buckets of every histogram.
///
/// # Errors
/// If a histogram has none.
pub(super) fn with_buckets(builder: PrometheusBuilder) -> Result<PrometheusBuilder> {
    let histograms = METRICS.iter().filter(|metric| metric.kind == Kind::Histogram);
    histograms.into_iter().try_fold(builder, |builder, metric| {
        let matcher = Matcher::Full(metric.name.to_owned());
        builder.set_buckets_for_metric(matcher, metric.buckets).with_context(|| format!("buckets of {}", metric.name))
    })
}

/// Describes every metric, and makes those whose labels are known, so that they are exposed before anything happens.
pub(super) fn register() {
    for metric in METRICS {
        let known = combinations(metric.labels);
        match metric.kind {
            Kind::Counter => {
                metrics::describe_counter!(metric.name, metric.help);
                known.into_iter().for_each(|labels| drop(metrics::counter!(metric.name, labels)));
            }
            Kind::Gauge => {
                metrics::describe_gauge!(metric.name, metric.help);
                let known = if metric.is_conditional { Vec::new() } else { known };
                known.into_iter().for_each(|labels| drop(metrics::gauge!(metric.name, labels)));
            }
            Kind::Histogram => {
                metrics::describe_histogram!(metric.name, metric.help);
                known.into_iter().for_each(|labels| drop(metrics::histogram!(metric.name, labels)));
            }
        }
    }
}

/// Every combination of the labels' values, or none if those of one are not known.
fn combinations(labels: &[(&'static str, Values)]) -> Vec<Vec<Label>> {
    labels.iter().fold(vec![Vec::new()], |found, (name, values)| {
        let values = values.known().unwrap_or_default();
        let with = |labels: Vec<Label>| {
            values
                .iter()
                .map(|value| labels.iter().cloned().chain([Label::from_static_parts(name, value)]).collect())
                .collect::<Vec<Vec<Label>>>()
        };
        found.into_iter().flat_map(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::process, *};

    /// The table of `docs/metrics.md`.
    fn table() -> String {
        let labels = |labels: &[(&str, Values)]| {
            let labels = labels.iter().map(|(name, values)| {
                let values = match values {
                    Values::Known(values) => values.join(", "),
                    Values::Jobs => "the jobs".to_owned(),
                    Values::Bounded(values) => (*values).to_owned(),
                };
                format!("`{name}`: {values}")
            });
            labels.collect::<Vec<_>>().join("; ")
        };
        let ours = METRICS.iter().map(|metric| (metric.name, metric.kind, labels(metric.labels), metric.help));
        let process = process::METRICS.iter().map(|&(name, kind, help)| (name, kind, String::new(), help));
        ours.chain(process)
            .map(|(name, kind, labels, help)| format!("| `{name}` | {} | {labels} | {help} |\n", kind.as_str()))
            .collect()
    }

    #[test]
    fn the_documentation_has_every_metric() {
        let documented = include_str!("../../docs/metrics.md").lines().filter(|line| line.starts_with("| `"));
        let documented: String = documented.map(|line| format!("{line}\n")).collect();
        assert_eq!(documented, table(), "the table of docs/metrics.md must be:\n{}", table());
    }

    #[test]
    fn names_follow_the_conventions() {
        let mut names = BTreeSet::new();
        for metric in METRICS {
            let name = metric.name;
            assert!(names.insert(name), "{name} is there twice");
            assert!(name.starts_with("otpwire_"), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
            assert!(!["_count", "_sum", "_bucket"].iter().any(|suffix| name.ends_with(suffix)), "{name}");
            let is_histogram = metric.kind == Kind::Histogram;
            assert_eq!(is_histogram, !metric.buckets.is_empty(), "{name}");
            assert!(metric.buckets.is_sorted_by(|a, b| a < b), "{name}");
            assert!(!is_histogram || name.ends_with("_seconds") || name.ends_with("_messages"), "{name} has no unit");
            assert!(metric.help.ends_with('.'), "{name}");
            // `job` is promised, and Prometheus shows it as `exported_job`.
            let reserved = ["le", "quantile", "instance"];
            assert!(metric.labels.iter().all(|(label, _)| !reserved.contains(label)), "{name}");
        }
    }
}
