//! Where a span is: the ids of its trace and its own, as the header `traceparent` has them.

use std::fmt;

use data_encoding::HEXLOWER;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// A span that is recorded. What happens on behalf of it has this as its parent, on this replica or another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
}

impl TraceContext {
    pub(super) fn of(context: &SpanContext) -> Self {
        Self { trace_id: context.trace_id().to_bytes(), span_id: context.span_id().to_bytes() }
    }

    /// The same for the library. `is_remote` says that another process has the span.
    pub(super) fn to_span_context(self, is_remote: bool) -> SpanContext {
        let (trace_id, span_id) = (TraceId::from_bytes(self.trace_id), SpanId::from_bytes(self.span_id));
        SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, is_remote, TraceState::default())
    }

    /// The id of the trace, in hexadecimal.
    #[must_use]
    pub fn trace_id(&self) -> String {
        HEXLOWER.encode(&self.trace_id)
    }

    /// As the header `traceparent` has it.
    #[must_use]
    pub fn to_traceparent(self) -> String {
        format!("00-{}-{}-01", self.trace_id(), HEXLOWER.encode(&self.span_id))
    }

    /// Reads what [`TraceContext::to_traceparent`] has written; nothing if it is no recorded span.
    #[must_use]
    pub fn from_traceparent(text: &str) -> Option<Self> {
        TraceParent::parse(text.as_bytes()).filter(|parent| parent.is_sampled).map(|parent| parent.context)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_traceparent())
    }
}

/// What a client says of its own span, in the header `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TraceParent {
    pub(super) context: TraceContext,
    /// Whether the client records it.
    pub(super) is_sampled: bool,
}

impl TraceParent {
    /// Reads the header, as W3C's Trace Context describes it: a version of which at least these parts are known, and
    /// ids that are not zero.
    pub(super) fn parse(header: &[u8]) -> Option<Self> {
        let mut parts = header.splitn(5, |byte| *byte == b'-');
        let version = hex::<1>(parts.next()?)?;
        let context = TraceContext { trace_id: hex(parts.next()?)?, span_id: hex(parts.next()?)? };
        let flags = hex::<1>(parts.next()?)?;
        // Later versions may add parts; this one has no more.
        let is_known = version != [0xff] && (version != [0] || parts.next().is_none());
        let is_valid = context.trace_id != [0; 16] && context.span_id != [0; 8];
        (is_known && is_valid).then_some(Self { context, is_sampled: flags[0] & 1 == 1 })
    }
}

/// Bytes from hexadecimal digits, of which there must be exactly so many, and none a capital.
fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_right_length = HEXLOWER.decode_len(digits.len()) == Ok(N);
    (is_right_length && HEXLOWER.decode_mut(digits, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_header_is_read() {
        let parse = |text: &str| TraceParent::parse(text.as_bytes());
        let sampled = parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert!(sampled.is_sampled);
        assert_eq!(sampled.context.trace_id(), TRACE);
        assert_eq!(sampled.context.to_traceparent(), format!("00-{TRACE}-{SPAN}-01"));
        assert_eq!(TraceContext::from_traceparent(&sampled.context.to_traceparent()), Some(sampled.context));
        assert!(!parse(&format!("00-{TRACE}-{SPAN}-00")).unwrap().is_sampled);
        assert!(TraceContext::from_traceparent(&format!("00-{TRACE}-{SPAN}-00")).is_none());
        assert!(parse(&format!("cc-{TRACE}-{SPAN}-03-what-the-future")).unwrap().is_sampled, "a later version");
    }

    #[test]
    fn what_is_no_header_is_nothing() {
        let zeros = "0".repeat(32);
        for wrong in [
            "",
            "00",
            "-",
            &format!("00-{TRACE}-{SPAN}"),
            &format!("00-{TRACE}-{SPAN}-1"),
            &format!("00-{TRACE}-{SPAN}-01-more"),
            &format!("ff-{TRACE}-{SPAN}-01"),
            &format!("00-{zeros}-{SPAN}-01"),
            &format!("00-{TRACE}-{}-01", &zeros[..16]),
            &format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            &format!("00-{}-{SPAN}-01", &TRACE[1..]),
            &format!("00-{TRACE}é-{SPAN}-01"),
            &format!("00- {}-{SPAN}-01", &TRACE[1..]),
        ] {
            assert_eq!(TraceParent::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
