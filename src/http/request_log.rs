//! The log of requests: a span for each, and a line at its end; and the span of a trace for each that is sampled.
//!
//! Every line that is logged about a request is within its span, and so has its id, method and route, and who sent it:
//! ids, never anything personal. The route is the pattern that matched, because a path has what clients put into it.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use tracing::{Instrument, Span, field::Empty};

use super::{
    RequestId,
    health::HEALTH,
    request_metrics::{NO_ROUTE, RequestMetrics, known_method},
};
use crate::{
    app::App,
    domain::{Caller, Credential},
    tracer::{self, Tracer},
};

/// The header in which a client says which trace its request belongs to.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What is noted about a request on its way to its handler, for its line in the log and for its metrics. It is part of
/// the request's extensions.
#[derive(Clone, Debug, Default)]
pub struct RequestNotes(Arc<Notes>);

#[derive(Debug, Default)]
struct Notes {
    route: OnceLock<MatchedPath>,
    is_admitted: AtomicBool,
}

impl RequestNotes {
    /// Notes that the request counts against a limit and was within it. Its line is then at level `info`; those of all
    /// others are for debugging, so that strangers cannot fill the disk.
    pub fn note_admitted(&self) {
        self.0.is_admitted.store(true, Ordering::Relaxed);
    }

    /// Notes which route a request took, here and in its span. To be called by what goes around each route.
    pub fn note_route(request: &Request) {
        if let Some(notes) = request.extensions().get::<Self>()
            && let Some(route) = request.extensions().get::<MatchedPath>()
            && notes.0.route.set(route.clone()).is_ok()
        {
            Span::current().record("route", route.as_str());
        }
    }

    fn is_admitted(&self) -> bool {
        self.0.is_admitted.load(Ordering::Relaxed)
    }

    fn route(&self) -> Option<&str> {
        self.0.route.get().map(MatchedPath::as_str)
    }
}

/// Notes in the span of a request who sent it.
pub(super) fn record_caller(caller: &Caller) {
    let Caller::User(actor) = caller else { return };
    let span = Span::current();
    span.record("user_id", actor.user_id.0);
    if let Credential::ApiKey(key) = actor.credential {
        span.record("api_key_id", key.0);
    }
}

/// Notes in the span of a webhook which account at a provider it is for. Only names of accounts that exist may be
/// noted.
pub fn record_provider(name: &str) {
    Span::current().record("provider", name);
}

/// What is logged of a request: its span, and its line when its response has been sent or its client has gone.
pub(super) struct RequestLog {
    line: Line,
}

impl RequestLog {
    /// Makes the span of a request, which is counted if there are metrics. The handler of one that is traced finds its
    /// [`TraceContext`](crate::tracer::TraceContext) in the extensions.
    pub(super) fn begin(
        app: &App,
        id: &RequestId,
        metrics: Option<&Arc<RequestMetrics>>,
        request: &mut Request,
    ) -> Self {
        let span = tracing::error_span!(
            "request",
            request_id = &*id.0,
            method = known_method(request.method()),
            route = Empty,
            user_id = Empty,
            api_key_id = Empty,
            provider = Empty,
            trace_id = Empty,
        );
        let trace = begin_trace(app.tracer(), request);
        if let Some(trace) = &trace {
            span.record("trace_id", trace.context().trace_id());
            request.extensions_mut().insert(trace.context());
        }
        let notes = RequestNotes::default();
        request.extensions_mut().insert(notes.clone());
        let (method, started) = (request.method().clone(), Instant::now());
        Self {
            line: Line {
                span,
                trace,
                metrics: metrics.cloned(),
                method,
                started,
                notes,
                status: None,
                is_complete: false,
            },
        }
    }

    /// Waits for the response within the span, and counts it. Its line is logged when its body ends.
    pub(super) async fn log(self, app: &App, response: impl Future<Output = Response>) -> Response {
        let Self { mut line } = self;
        let response = response.instrument(line.span.clone()).await;
        line.status = Some(response.status().as_u16());
        let took = line.count();
        if let (Some(metrics), Some(trace)) = (&line.metrics, &line.trace) {
            let route = metrics.route(line.notes.route());
            route.note_exemplar(app.tracer(), &line.method, took, trace.context());
        }
        line.is_complete = line.method == Method::HEAD || response.body().is_end_stream();
        response.map(|body| Body::new(LoggedBody { body, line }))
    }
}

/// Begins the trace of a request, if it is sampled. Health checks are none of anybody's traces.
fn begin_trace(tracer: &Tracer, request: &Request) -> Option<tracer::Span> {
    if !tracer.is_on() || HEALTH.contains(&request.uri().path()) {
        return None;
    }
    let method = known_method(request.method());
    let traceparent = request.headers().get(TRACEPARENT).map(HeaderValue::as_bytes);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let mut span = tracer.begin_request(method, traceparent, peer)?;
    span.note("http.request.method", method);
    Some(span)
}

/// The line of a request, which is logged when this is dropped.
struct Line {
    span: Span,
    /// The same for the collector of traces, if the request is sampled.
    trace: Option<tracer::Span>,
    /// Where it is counted, unless it is the operator's.
    metrics: Option<Arc<RequestMetrics>>,
    method: Method,
    started: Instant,
    notes: RequestNotes,
    /// None when the client has gone before there was a response.
    status: Option<u16>,
    is_complete: bool,
}

impl Line {
    /// Counts the request, and returns how long it took so far.
    fn count(&self) -> Duration {
        let took = self.started.elapsed();
        if let Some(metrics) = &self.metrics {
            metrics.route(self.notes.route()).record(&self.method, self.status, took);
        }
        took
    }

    /// Notes in the trace what became of the request.
    fn end_trace(&mut self) {
        let Some(trace) = &mut self.trace else { return };
        let route = self.notes.route().unwrap_or(NO_ROUTE);
        trace.rename(format!("{} {route}", known_method(&self.method)));
        trace.note("http.route", route.to_owned());
        match self.status {
            Some(status) => trace.note("http.response.status_code", i64::from(status)),
            None => trace.note("otpwire.aborted", true),
        }
        if self.status.is_some_and(|status| status >= 500) {
            trace.fail();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let duration_ms = self.started.elapsed().as_micros() as f64 / 1000.0;
        if self.status.is_none() {
            self.count();
        }
        self.end_trace();
        if self.notes.route().is_none() {
            self.span.record("route", NO_ROUTE);
        }
        let (status, aborted) = (self.status, (!self.is_complete).then_some(true));
        if self.notes.is_admitted() {
            tracing::info!(parent: &self.span, status, duration_ms, aborted, "answered");
        } else {
            tracing::debug!(parent: &self.span, status, duration_ms, aborted, "answered");
        }
    }
}

/// The body of a response, which ends with the line of its request. What a stream logs is within its request's span.
struct LoggedBody {
    body: Body,
    line: Line,
}

impl HttpBody for LoggedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let Self { body, line } = &mut *self;
        let polled = line.span.in_scope(|| Pin::new(&mut *body).poll_frame(cx));
        line.is_complete |= matches!(polled, Poll::Ready(None)) || body.is_end_stream();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
