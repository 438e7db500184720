//! Traces: what is recorded waits in a bounded queue, from which a task posts it to the collector in batches.
//!
//! A collector that is away or slow costs spans, which are counted, and nothing else: whoever records never waits.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use metrics::Counter;
use opentelemetry::KeyValue;
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use prost::Message;
use reqwest::{Client, redirect::Policy};
use tokio::sync::{mpsc, oneshot};

use crate::{
    clock::Clock,
    config::{Config, TraceConfig},
    fetch, log_throttle,
    random::Random,
    tracer::Tracer,
};

/// How many spans wait to be sent. More are dropped and counted.
const QUEUE: usize = 2048;
/// How many are sent at a time.
const BATCH: usize = 512;
/// How long a span waits for others to be sent with it.
const DELAY: Duration = Duration::from_secs(1);
/// How long the collector may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a program that is about to end waits for what it has recorded to be sent.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// What the exporter gets.
enum Item {
    Span(Box<SpanData>),
    /// Nothing. The exporter answers when it has sent everything before it.
    Flush(oneshot::Sender<()>),
}

/// The tracer of the program, and the way to send what it has recorded.
#[derive(Debug)]
pub struct Traces {
    tracer: Tracer,
    queue: Option<mpsc::Sender<Item>>,
}

impl Traces {
    /// Starts the exporter, if there is a collector. The metrics must have been started before.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn start(config: &Config) -> Result<Self> {
        let Some(traces) = &config.traces else { return Ok(Self { tracer: Tracer::off(), queue: None }) };
        let (queue, queued) = mpsc::channel(QUEUE);
        let random = Random::from_os();
        let instance = format!("{:032x}", u128::from_be_bytes(random.bytes()));
        let resource = Resource::builder_empty().with_attributes([
            KeyValue::new("service.name", "otpwire"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance),
        ]);
        let resource = resource.build();
        tokio::spawn(Exporter::new(traces, &resource)?.run(queued));
        let waiting = WaitingSpans { queue: queue.clone(), dropped: spans("dropped") };
        let provider = SdkTracerProvider::builder().with_resource(resource).with_span_processor(waiting);
        let tracer = Tracer::new(provider, traces.sampling.clone(), Clock::System, random);
        Ok(Self { tracer, queue: Some(queue) })
    }

    /// The tracer.
    #[must_use]
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// Sends what was recorded, unless that takes too long. For a program that is about to end.
    pub async fn flush(&self) {
        let Some(queue) = &self.queue else { return };
        let flush = async {
            let (answer, flushed) = oneshot::channel();
            queue.send(Item::Flush(answer)).await.ok()?;
            flushed.await.ok()
        };
        if tokio::time::timeout(FLUSH_TIMEOUT, flush).await.ok().flatten().is_none() {
            tracing::warn!("the last traces could not be sent in time");
        }
    }
}

/// The counter of spans that ended so.
fn spans(outcome: &'static str) -> Counter {
    metrics::counter!("otpwire_trace_spans_total", "outcome" => outcome)
}

/// Queues spans as they end.
#[derive(Debug)]
struct WaitingSpans {
    queue: mpsc::Sender<Item>,
    dropped: Counter,
}

impl SpanProcessor for WaitingSpans {
    fn on_start(&self, _span: &mut Span, _cx: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        if self.queue.try_send(Item::Span(Box::new(span))).is_err() {
            self.dropped.increment(1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Posts spans to the collector.
struct Exporter {
    client: Client,
    config: TraceConfig,
    resource: ResourceAttributesWithSchema,
    exported: Counter,
    failed: Counter,
}

impl Exporter {
    fn new(config: &TraceConfig, resource: &Resource) -> Result<Self> {
        let client = fetch::client().map_err(anyhow::Error::new)?.redirect(Policy::none()).timeout(TIMEOUT);
        let client = if fetch::is_local(&config.url) { client.no_proxy() } else { client };
        Ok(Self {
            client: client.build().context("otlp_endpoint")?,
            config: config.clone(),
            resource: resource.into(),
            exported: spans("exported"),
            failed: spans("failed"),
        })
    }

    /// Sends what the queue delivers, until it is closed.
    async fn run(self, mut queue: mpsc::Receiver<Item>) {
        let mut items = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut items, BATCH).await > 0 {
            let deadline = tokio::time::Instant::now() + DELAY;
            let is_urgent = |items: &[Item]| items.len() >= BATCH || matches!(items.last(), Some(Item::Flush(_)));
            while !is_urgent(&items) {
                let room = BATCH - items.len();
                match tokio::time::timeout_at(deadline, queue.recv_many(&mut items, room)).await {
                    Ok(count) if count > 0 => {}
                    _ => break,
                }
            }
            let (mut batch, mut flushes) = (Vec::with_capacity(items.len()), Vec::new());
            for item in items.drain(..) {
                match item {
                    Item::Span(span) => batch.push(*span),
                    Item::Flush(answer) => flushes.push(answer),
                }
            }
            self.send(batch).await;
            for flush in flushes {
                let _ = flush.send(());
            }
        }
    }

    async fn send(&self, batch: Vec<SpanData>) {
        if batch.is_empty() {
            return;
        }
        let count = batch.len() as u64;
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        let request = self.client.post(self.config.url.clone()).headers(self.config.headers.clone());
        let sent = request.header("content-type", "application/x-protobuf").body(body).send().await;
        // The address may contain a password.
        match sent.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url) {
            Ok(_) => self.exported.increment(count),
            Err(error) => {
                self.failed.increment(count);
                if let Some(times) = log_throttle::record("the collector of traces", Instant::now()) {
                    let error = anyhow::Error::new(error);
                    tracing::warn!(error = format!("{error:#}"), times, "traces could not be sent to their collector");
                }
            }
        }
    }
}
