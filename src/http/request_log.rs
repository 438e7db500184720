//! The log of requests: a span for each, and a line at its end.
//!
//! Every line that is logged about a request is within its span, and so has its id, method and route, and who sent it:
//! ids, never anything personal. The route is the pattern that matched, because a path has what clients put into it.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, Request},
    http::Method,
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use tracing::{Instrument, Span, field::Empty};

use super::{
    RequestId,
    request_metrics::{RequestMetrics, known_method},
};
use crate::domain::{Caller, Credential};

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
    /// Makes the span of a request, which is counted if there are metrics.
    pub(super) fn begin(id: &RequestId, metrics: Option<&Arc<RequestMetrics>>, request: &mut Request) -> Self {
        let span = tracing::error_span!(
            "request",
            request_id = &*id.0,
            method = known_method(request.method()),
            route = Empty,
            user_id = Empty,
            api_key_id = Empty,
            provider = Empty,
        );
        let notes = RequestNotes::default();
        request.extensions_mut().insert(notes.clone());
        let (method, started) = (request.method().clone(), Instant::now());
        Self {
            line: Line { span, metrics: metrics.cloned(), method, started, notes, status: None, is_complete: false },
        }
    }

    /// Waits for the response within the span, and counts it. Its line is logged when its body ends.
    pub(super) async fn log(self, response: impl Future<Output = Response>) -> Response {
        let Self { mut line } = self;
        let response = response.instrument(line.span.clone()).await;
        line.status = Some(response.status().as_u16());
        line.count();
        line.is_complete = line.method == Method::HEAD || response.body().is_end_stream();
        response.map(|body| Body::new(LoggedBody { body, line }))
    }
}

/// The line of a request, which is logged when this is dropped.
struct Line {
    span: Span,
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
    fn count(&self) {
        if let Some(metrics) = &self.metrics {
            metrics.route(self.notes.route()).record(&self.method, self.status, self.started.elapsed());
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let duration_ms = self.started.elapsed().as_micros() as f64 / 1000.0;
        if self.status.is_none() {
            self.count();
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
