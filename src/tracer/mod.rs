//! Tracing: spans of a request, and of a message on its way, for a collector of OpenTelemetry.
//!
//! It is off unless the operator names a collector, and then it costs nothing: [`Tracer::off`] holds nothing, and
//! whatever is not traced carries no context. Spans have ids and names of ours alone, never what somebody sent.
//! `telemetry` makes the tracer and exports what it records.
//!
//! **What is sampled** is decided once, when a request begins. A client's `traceparent` says which trace the request
//! belongs to and what its parent is, but not whether it is recorded: the sampled flag of a stranger would let anybody
//! fill the collector, and so would a decision by the id of the trace, which the client chooses. So chance decides, by
//! the ratio that the operator has set; and the flag only where the request comes from a proxy whose headers are
//! trusted.

mod context;
mod exemplars;

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, Utc};
use ipnet::IpNet;
pub use opentelemetry::trace::SpanKind;
use opentelemetry::{
    Context, KeyValue, SpanId, TraceId, Value,
    trace::{Span as _, SpanBuilder, Status, TraceContextExt, Tracer as _, TracerProvider},
};
use opentelemetry_sdk::trace::{IdGenerator, SdkTracer, Span as SdkSpan, TracerProviderBuilder};

pub use context::TraceContext;
pub use exemplars::Exemplar;

use self::{context::TraceParent, exemplars::Exemplars};
use crate::{clock::Clock, random::Random};

/// Which requests are recorded.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// The part of all requests, from 0 to 1.
    pub ratio: f64,
    /// The proxies whose `traceparent` decides instead.
    pub trusted: Vec<IpNet>,
}

/// Records spans, or nothing if there is no collector.
#[derive(Clone, Debug, Default)]
pub struct Tracer(Option<Arc<Recording>>);

#[derive(Debug)]
struct Recording {
    tracer: SdkTracer,
    sampling: Sampling,
    clock: Clock,
    random: Random,
    exemplars: Exemplars,
}

impl Tracer {
    /// A tracer that records nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// A tracer that gives what it records to this provider's processors.
    #[must_use]
    pub fn new(provider: TracerProviderBuilder, sampling: Sampling, clock: Clock, random: Random) -> Self {
        let provider = provider.with_id_generator(RandomIds(random.clone())).build();
        let tracer = provider.tracer("otpwire");
        Self(Some(Arc::new(Recording { tracer, sampling, clock, random, exemplars: Exemplars::default() })))
    }

    /// Whether it may record anything.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins the span of a request, if it is sampled; its route is not known yet. `traceparent` is the client's
    /// header, and `peer` the address at the other end of the connection.
    #[must_use]
    pub fn begin_request(
        &self,
        method: &'static str,
        traceparent: Option<&[u8]>,
        peer: Option<IpAddr>,
    ) -> Option<Span> {
        let recording = self.0.as_ref()?;
        let parent = traceparent.and_then(TraceParent::parse);
        let is_sampled = match parent {
            Some(parent) if recording.trusts(peer) => parent.is_sampled,
            _ => recording.draw(),
        };
        if !is_sampled {
            return None;
        }
        let cx = match parent {
            Some(parent) => Context::new().with_remote_span_context(parent.context.to_span_context(true)),
            None => Context::new(),
        };
        Some(recording.begin(SpanBuilder::from_name(method).with_kind(SpanKind::Server), &cx, recording.clock.now()))
    }

    /// Begins a span within another one of this process, as of this time. Without a parent there is none.
    #[must_use]
    pub fn begin(
        &self,
        name: &'static str,
        kind: SpanKind,
        parent: Option<TraceContext>,
        at: DateTime<Utc>,
    ) -> Option<Span> {
        self.begin_within(name, kind, parent?, at, false)
    }

    /// The same for a parent that another process has recorded, beginning now.
    #[must_use]
    pub fn begin_remote(&self, name: &'static str, kind: SpanKind, parent: Option<TraceContext>) -> Option<Span> {
        let now = self.0.as_ref()?.clock.now();
        self.begin_within(name, kind, parent?, now, true)
    }

    fn begin_within(
        &self,
        name: &'static str,
        kind: SpanKind,
        parent: TraceContext,
        at: DateTime<Utc>,
        is_remote: bool,
    ) -> Option<Span> {
        let recording = self.0.as_ref()?;
        let cx = Context::new().with_remote_span_context(parent.to_span_context(is_remote));
        Some(recording.begin(SpanBuilder::from_name(name).with_kind(kind), &cx, at))
    }

    /// Notes that a traced request or message took so long, in seconds, for a histogram with these labels. The labels
    /// are in the order in which the histogram was made.
    pub fn note_exemplar(
        &self,
        metric: &'static str,
        labels: &[(&str, &str)],
        value: f64,
        trace: Option<TraceContext>,
    ) {
        if let (Some(recording), Some(trace)) = (&self.0, trace) {
            recording.exemplars.note(metric, labels, Exemplar { trace, value, at: recording.clock.now() });
        }
    }

    /// The latest exemplar of a histogram's bucket. The labels are as Prometheus writes them.
    #[must_use]
    pub fn find_exemplar(&self, metric: &str, labels: &str, above: f64, up_to: f64) -> Option<Exemplar> {
        self.0.as_ref()?.exemplars.find(metric, labels, above, up_to)
    }
}

impl Recording {
    fn trusts(&self, peer: Option<IpAddr>) -> bool {
        let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return false };
        self.sampling.trusted.iter().any(|proxy| proxy.contains(&peer))
    }

    /// Lets chance decide.
    fn draw(&self) -> bool {
        let drawn = u64::from_be_bytes(self.random.bytes()) as f64 / u64::MAX as f64;
        self.sampling.ratio >= 1.0 || drawn < self.sampling.ratio
    }

    fn begin(&self, builder: SpanBuilder, parent: &Context, at: DateTime<Utc>) -> Span {
        let span = self.tracer.build_with_context(builder.with_start_time(at), parent);
        Span(Box::new(Open { span, began_at: at, clock: self.clock.clone() }))
    }
}

/// A span under way. It ends when it is dropped. It is one pointer, because most of what may have one has none.
#[derive(Debug)]
pub struct Span(Box<Open>);

#[derive(Debug)]
struct Open {
    span: SdkSpan,
    began_at: DateTime<Utc>,
    clock: Clock,
}

impl Span {
    /// Where it is, for what happens within it.
    #[must_use]
    pub fn context(&self) -> TraceContext {
        TraceContext::of(self.0.span.span_context())
    }

    /// When it began.
    #[must_use]
    pub fn began_at(&self) -> DateTime<Utc> {
        self.0.began_at
    }

    /// Gives it another name.
    pub fn rename(&mut self, name: String) {
        self.0.span.update_name(name);
    }

    /// Notes something about it. Only ids, names of ours and numbers: never what somebody sent.
    pub fn note(&mut self, key: &'static str, value: impl Into<Value>) {
        self.0.span.set_attribute(KeyValue::new(key, value));
    }

    /// Notes that it has to do with another span, which is not its parent.
    pub fn link(&mut self, other: TraceContext) {
        self.0.span.add_link(other.to_span_context(false), Vec::new());
    }

    /// Notes that it failed.
    pub fn fail(&mut self) {
        self.0.span.set_status(Status::error(""));
    }

    /// Ends it as of this time.
    pub fn end_at(mut self, at: DateTime<Utc>) {
        self.0.span.end_with_timestamp(at.into());
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        // Of one that has ended already this is not taken.
        self.0.span.end_with_timestamp(self.0.clock.now().into());
    }
}

/// Ids from the platform's randomness.
#[derive(Debug)]
struct RandomIds(Random);

impl IdGenerator for RandomIds {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from_bytes(self.0.bytes())
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from_bytes(self.0.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";

    fn tracer(ratio: f64) -> Tracer {
        let trusted = vec!["10.0.0.0/8".parse().unwrap()];
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder();
        Tracer::new(provider, Sampling { ratio, trusted }, Clock::System, Random::from_seed(7))
    }

    /// How many of a thousand requests are recorded.
    fn count(tracer: &Tracer, flag: Option<u8>, peer: &str) -> usize {
        let header = flag.map(|flag| format!("{PARENT}{flag}"));
        let begin = || {
            let header = header.as_ref().map(String::as_bytes);
            tracer.begin_request("GET", header, Some(peer.parse().unwrap()))
        };
        (0..1000).filter(|_| begin().is_some()).count()
    }

    #[test]
    fn strangers_do_not_decide_what_is_sampled() {
        let (none, some, all) = (tracer(0.0), tracer(0.1), tracer(1.0));
        for flag in [None, Some(0), Some(1)] {
            assert_eq!(count(&none, flag, "203.0.113.7"), 0);
            assert!((50..200).contains(&count(&some, flag, "203.0.113.7")), "{flag:?}");
            assert_eq!(count(&all, flag, "203.0.113.7"), 1000);
        }
        // A proxy whose headers are trusted does.
        assert_eq!(count(&none, Some(1), "10.0.0.1"), 1000);
        assert_eq!(count(&none, Some(1), "::ffff:10.0.0.1"), 1000);
        assert_eq!(count(&all, Some(0), "10.0.0.1"), 0);
        assert_eq!(count(&none, None, "10.0.0.1"), 0);
        assert_eq!(count(&all, None, "10.0.0.1"), 1000);
    }

    #[test]
    fn a_request_belongs_to_the_trace_of_its_client() {
        let tracer = tracer(1.0);
        let header = format!("{PARENT}0");
        let span = tracer.begin_request("GET", Some(header.as_bytes()), None).unwrap();
        assert_eq!(span.context().trace_id(), PARENT[3..35]);
        let child = tracer.begin("verify", SpanKind::Internal, Some(span.context()), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(child.context().trace_id(), span.context().trace_id());
        assert_ne!(child.context(), span.context());
        assert!(tracer.begin("verify", SpanKind::Internal, None, DateTime::UNIX_EPOCH).is_none());
    }

    #[test]
    fn without_a_collector_there_is_nothing() {
        let (off, on) = (Tracer::off(), tracer(1.0));
        let context = on.begin_request("GET", None, None).unwrap().context();
        assert!(off.begin_request("GET", None, None).is_none());
        assert!(off.begin("verify", SpanKind::Internal, Some(context), DateTime::UNIX_EPOCH).is_none());
        assert!(off.begin_remote("receive", SpanKind::Consumer, Some(context)).is_none());
        off.note_exemplar("x_seconds", &[], 1.0, Some(context));
        assert!(off.find_exemplar("x_seconds", "", 0.0, f64::INFINITY).is_none());
    }

    #[test]
    fn a_slow_exemplar_outlives_many_fast_ones() {
        let tracer = tracer(1.0);
        let note = |value| {
            let context = tracer.begin_request("GET", None, None).unwrap().context();
            tracer.note_exemplar("x_seconds", &[("a", "b"), ("c", "d")], value, Some(context));
            context
        };
        let slow = note(3.0);
        let mut fast = None;
        for n in 0..100 {
            fast = Some(note(0.001 + f64::from(n) / 1e6));
        }
        let find = |above, up_to| tracer.find_exemplar("x_seconds", "a=\"b\",c=\"d\"", above, up_to);
        assert_eq!(find(2.5, 5.0).map(|exemplar| exemplar.trace), Some(slow));
        assert_eq!(find(0.0, 0.0025).map(|exemplar| exemplar.trace), fast);
        assert!(find(0.1, 1.0).is_none());
        assert!(tracer.find_exemplar("x_seconds", "", 0.0, 5.0).is_none());
    }
}
