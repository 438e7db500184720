//! How many requests are answered, and how fast, by route.
//!
//! The routes are known beforehand, so that nobody can make up another, and a request costs a look-up and no more.

use std::{
    array,
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::Method;
use metrics::{Counter, Histogram};

use crate::tracer::{TraceContext, Tracer};

/// An address that is not there.
pub(super) const NO_ROUTE: &str = "(none)";
/// Any other route: pages and their files.
const OTHER: &str = "(other)";

const METHODS: [&str; 8] = ["GET", "POST", "PATCH", "DELETE", "HEAD", "PUT", "OPTIONS", "OTHER"];
/// By the first digit of the status.
const STATUSES: [&str; 6] = ["aborted", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// The method, if it is one that is known: anything can be sent as a method.
pub(super) fn known_method(method: &Method) -> &'static str {
    METHODS[index_of(method)]
}

fn index_of(method: &Method) -> usize {
    METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1)
}

/// The metrics of requests, by route.
#[derive(Debug)]
pub struct RequestMetrics {
    routes: HashMap<String, RouteMetrics>,
    other: RouteMetrics,
}

impl RequestMetrics {
    /// The metrics of these routes and their methods, which are exposed from the start.
    pub fn new(routes: impl IntoIterator<Item = (String, Method)>) -> Arc<Self> {
        let mut known: HashMap<String, RouteMetrics> = HashMap::new();
        for (route, method) in routes.into_iter().chain([(NO_ROUTE.to_owned(), Method::GET)]) {
            let metrics = known.entry(route).or_insert_with_key(|route| RouteMetrics::new(route));
            let method = metrics.method(&method);
            for class in [2, 4, 5] {
                metrics.counter(method, class);
            }
        }
        Arc::new(Self { routes: known, other: RouteMetrics::new(OTHER) })
    }

    /// The metrics of the route with this pattern.
    pub(super) fn route(&self, route: Option<&str>) -> &RouteMetrics {
        self.routes.get(route.unwrap_or(NO_ROUTE)).unwrap_or(&self.other)
    }
}

/// The metrics of one route.
#[derive(Debug)]
pub(super) struct RouteMetrics {
    route: String,
    /// Each is made when the method is used first.
    methods: [OnceLock<MethodMetrics>; METHODS.len()],
}

#[derive(Debug)]
struct MethodMetrics {
    name: &'static str,
    seconds: Histogram,
    /// Each is made when such a status is answered first.
    requests: [OnceLock<Counter>; STATUSES.len()],
}

impl RouteMetrics {
    fn new(route: &str) -> Self {
        Self { route: route.to_owned(), methods: array::from_fn(|_| OnceLock::new()) }
    }

    fn method(&self, method: &Method) -> &MethodMetrics {
        let at = index_of(method);
        self.methods[at].get_or_init(|| MethodMetrics {
            name: METHODS[at],
            seconds: metrics::histogram!(
                "otpwire_http_request_seconds", "route" => self.route.clone(), "method" => METHODS[at]
            ),
            requests: array::from_fn(|_| OnceLock::new()),
        })
    }

    fn counter<'a>(&self, method: &'a MethodMetrics, class: usize) -> &'a Counter {
        method.requests[class].get_or_init(|| {
            metrics::counter!(
                "otpwire_http_requests_total",
                "route" => self.route.clone(), "method" => method.name, "status" => STATUSES[class]
            )
        })
    }

    /// Notes the trace of a request that took so long to the head of its response.
    pub(super) fn note_exemplar(&self, tracer: &Tracer, method: &Method, took: Duration, trace: TraceContext) {
        let labels = [("route", self.route.as_str()), ("method", METHODS[index_of(method)])];
        tracer.note_exemplar("otpwire_http_request_seconds", &labels, took.as_secs_f64(), Some(trace));
    }

    /// Records an answer, and how long it took to its head; without a status, that the client left before.
    pub(super) fn record(&self, method: &Method, status: Option<u16>, took: Duration) {
        let method = self.method(method);
        let class = status.map_or(0, |status| usize::from(status / 100)).min(STATUSES.len() - 1);
        self.counter(method, class).increment(1);
        if status.is_some() {
            method.seconds.record(took.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn requests_are_counted_by_route() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let metrics = RequestMetrics::new([("/v1/numbers/{id}".to_owned(), Method::GET)]);
            let record = |route, method, status| {
                metrics.route(route).record(&method, status, Duration::from_millis(3));
            };
            record(Some("/v1/numbers/{id}"), Method::GET, Some(200));
            record(Some("/v1/numbers/{id}"), Method::GET, None);
            record(Some("/v1/numbers/{id}"), Method::from_bytes(b"BREW").unwrap(), Some(405));
            record(Some("/made/up"), Method::POST, Some(999));
            record(None, Method::GET, Some(404));
        });
        let text = recorder.handle().render();
        for (route, method, status, count) in [
            ("/v1/numbers/{id}", "GET", "2xx", 1),
            ("/v1/numbers/{id}", "GET", "aborted", 1),
            ("/v1/numbers/{id}", "GET", "5xx", 0),
            ("/v1/numbers/{id}", "OTHER", "4xx", 1),
            ("(other)", "POST", "5xx", 1),
            ("(none)", "GET", "4xx", 1),
        ] {
            let labels = format!("{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}");
            assert!(text.contains(&format!("otpwire_http_requests_total{labels} {count}\n")), "{labels}\n{text}");
        }
        assert!(!text.contains("BREW") && !text.contains("made"), "{text}");
    }
}
