//! The spans of a batch.
//!
//! A batch serves many webhooks, each with a trace of its own. So each trace gets the spans `queue`, `batch` and
//! `commit`, with the times that all share, and whoever reads one trace sees the whole way of its messages. The spans
//! `batch` are linked, the first with the requests of the others and each other with the first: so a trace leads to
//! what was committed with it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{batch::Outcome, inbound::InboundMessage};
use crate::{
    bus::Committed,
    domain::{Message, Result},
    tracer::{Span, SpanKind, TraceContext, Tracer},
};

/// The spans of a batch with messages that are traced.
#[derive(Debug)]
pub(super) struct BatchTrace {
    /// Those of each webhook that has messages in it.
    webhooks: Vec<WebhookSpans>,
}

#[derive(Debug)]
struct WebhookSpans {
    /// The request.
    request: TraceContext,
    batch: Span,
    commit: Option<Span>,
}

impl BatchTrace {
    /// Begins the spans of a batch that was taken from the queue now. Nothing if none of its messages is traced.
    pub(super) fn begin(tracer: &Tracer, messages: &[InboundMessage], now: DateTime<Utc>) -> Option<Self> {
        let mut webhooks: Vec<WebhookSpans> = Vec::new();
        for message in messages {
            let Some(request) = message.trace else { continue };
            if webhooks.iter().any(|known| known.request == request) {
                continue;
            }
            let within = |name, parent, at| tracer.begin(name, SpanKind::Internal, Some(parent), at);
            let Some(mut batch) = within("batch", request, now) else { continue };
            if let Some(queue) = within("queue", request, message.arrived_at) {
                queue.end_at(now);
            }
            batch.note("otpwire.batch.messages", i64::try_from(messages.len()).unwrap_or(i64::MAX));
            if let Some(first) = webhooks.first_mut() {
                first.batch.link(request);
                batch.link(first.batch.context());
            }
            let commit = within("commit", batch.context(), now);
            webhooks.push(WebhookSpans { request, batch, commit });
        }
        (!webhooks.is_empty()).then_some(Self { webhooks })
    }

    /// Ends the spans of the commit. Those of webhooks with a message that was not stored have failed.
    pub(super) fn end_commit(
        &mut self,
        messages: &[InboundMessage],
        outcomes: &[Result<Outcome>],
        committed_at: DateTime<Utc>,
    ) {
        for webhook in &mut self.webhooks {
            let mut own = messages.iter().zip(outcomes).filter(|(message, _)| message.trace == Some(webhook.request));
            if let Some(mut commit) = webhook.commit.take() {
                if own.any(|(_, outcome)| outcome.is_err()) {
                    commit.fail();
                }
                commit.end_at(committed_at);
            }
        }
    }

    /// Begins the span of a message's publication, if it is traced.
    fn begin_publication(
        &self,
        tracer: &Tracer,
        request: Option<TraceContext>,
        message: &Message,
        committed_at: DateTime<Utc>,
    ) -> Option<Span> {
        let batch = self.webhooks.iter().find(|webhook| Some(webhook.request) == request)?.batch.context();
        let mut span = tracer.begin("publish", SpanKind::Producer, Some(batch), committed_at)?;
        span.note("otpwire.message.id", message.id.0);
        Some(span)
    }
}

/// The messages that were delivered, to be published, with their spans.
pub(super) fn delivered(
    trace: Option<&BatchTrace>,
    tracer: &Tracer,
    messages: &[InboundMessage],
    outcomes: &[Result<Outcome>],
    committed_at: DateTime<Utc>,
) -> Vec<Committed> {
    let delivered = messages.iter().zip(outcomes).filter_map(|(inbound, outcome)| match outcome {
        Ok(Outcome::Delivered(message)) => {
            let span = trace.and_then(|trace| trace.begin_publication(tracer, inbound.trace, message, committed_at));
            Some(Committed { message: Arc::clone(message), span })
        }
        _ => None,
    });
    delivered.collect()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, PoisonError},
        time::Duration,
    };

    use chrono::TimeDelta;
    use opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{SdkTracerProvider, SpanData, SpanProcessor},
    };

    use super::*;
    use crate::{
        clock::Clock,
        domain::{Error, InboundSms, Msisdn, ProviderId, Sender},
        random::Random,
        tracer::Sampling,
    };

    /// Keeps the spans that have ended.
    #[derive(Clone, Debug, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl SpanProcessor for Kept {
        fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &opentelemetry::Context) {}

        fn on_end(&self, span: SpanData) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(span);
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }

    fn message(trace: Option<TraceContext>) -> InboundMessage {
        let now = DateTime::UNIX_EPOCH;
        InboundMessage {
            provider_id: ProviderId(1),
            received_at: now,
            posted_at: now,
            arrived_at: now,
            trace,
            sms: InboundSms::new(
                "1",
                Sender::parse("from", "+14155550100").unwrap(),
                Msisdn::parse("to", "+14155550101").unwrap(),
                "x",
            ),
            sent_by: None,
            receipts: Vec::new(),
            was_held: false,
        }
    }

    #[test]
    fn each_trace_has_the_batch_and_leads_to_the_others() {
        let (kept, sampling) = (Kept::default(), Sampling { ratio: 1.0, trusted: Vec::new() });
        let provider = SdkTracerProvider::builder().with_span_processor(kept.clone());
        let tracer = Tracer::new(provider, sampling, Clock::System, Random::from_seed(7));
        let requests: Vec<_> = (0..3).filter_map(|_| tracer.begin_request("POST", None, None)).collect();
        let contexts: Vec<_> = requests.iter().map(Span::context).collect();
        let second = DateTime::UNIX_EPOCH + TimeDelta::seconds(1);
        assert!(BatchTrace::begin(&tracer, &[message(None), message(None)], second).is_none());

        // The second webhook has two messages, and one of the batch is not traced.
        let of = [Some(contexts[0]), None, Some(contexts[1]), Some(contexts[1]), Some(contexts[2])];
        let messages = of.map(message);
        let mut trace = BatchTrace::begin(&tracer, &messages, second).unwrap();
        let outcomes = [0, 1, 2, 3, 4].map(|n| if n == 3 { Err(Error::unavailable("x")) } else { Ok(Outcome::Held) });
        trace.end_commit(&messages, &outcomes, second + TimeDelta::seconds(1));
        drop((trace, requests));

        let spans = kept.0.lock().unwrap();
        let in_trace = |name: &str, context: &TraceContext| {
            let span = spans.iter().filter(|span| span.name == name);
            let mut own = span.filter(|span| span.span_context.trace_id().to_string() == context.trace_id());
            let found = own.next().unwrap_or_else(|| panic!("there is no {name}")).clone();
            assert!(own.next().is_none(), "{name} is there twice");
            found
        };
        let linked = |span: &SpanData| span.links.iter().map(|link| link.span_context.span_id()).collect::<Vec<_>>();
        let request_ids: Vec<_> = contexts.iter().map(|it| in_trace("POST", it).span_context.span_id()).collect();
        let first = in_trace("batch", &contexts[0]);
        assert_eq!(linked(&first), request_ids[1..]);
        for (at, context) in contexts.iter().enumerate() {
            let (queue, batch, commit) =
                (in_trace("queue", context), in_trace("batch", context), in_trace("commit", context));
            assert_eq!([queue.parent_span_id, batch.parent_span_id], [request_ids[at]; 2]);
            assert_eq!(commit.parent_span_id, batch.span_context.span_id());
            assert_eq!(queue.end_time.duration_since(queue.start_time).unwrap(), Duration::from_secs(1));
            assert_eq!(commit.end_time.duration_since(commit.start_time).unwrap(), Duration::from_secs(1));
            assert_eq!(commit.status != opentelemetry::trace::Status::Unset, at == 1, "one of its messages failed");
            if at > 0 {
                assert_eq!(linked(&batch), [first.span_context.span_id()]);
            }
        }
    }
}
