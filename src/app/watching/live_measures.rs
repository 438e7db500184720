//! What is measured of sockets, streams and requests that wait.

use chrono::TimeDelta;
use metrics::{Gauge, Histogram};

/// How a client gets messages as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A GraphQL WebSocket.
    WebSocket,
    /// A GraphQL response of several parts or events.
    GraphqlStream,
    /// Server-sent events of the REST API.
    Sse,
    /// A request that waits for its answer.
    Wait,
}

impl Transport {
    /// Its name in metrics and traces.
    pub(super) fn name(self) -> &'static str {
        TRANSPORTS[self as usize]
    }
}

const TRANSPORTS: [&str; 4] = ["websocket", "graphql_stream", "sse", "wait"];

/// The metrics, each looked up once.
#[derive(Debug)]
pub(super) struct LiveMeasures {
    sockets: [Gauge; TRANSPORTS.len()],
    subscriptions: [Gauge; TRANSPORTS.len()],
    frames: [Histogram; TRANSPORTS.len()],
}

impl LiveMeasures {
    pub(super) fn new() -> Self {
        Self {
            sockets: TRANSPORTS.map(|name| metrics::gauge!("otpwire_sockets_open", "transport" => name)),
            subscriptions: TRANSPORTS.map(|name| metrics::gauge!("otpwire_subscriptions_open", "transport" => name)),
            frames: TRANSPORTS.map(|name| metrics::histogram!("otpwire_frame_seconds", "transport" => name)),
        }
    }

    /// Counts an open socket, until what is returned is dropped.
    pub(super) fn open_socket(&self, transport: Transport) -> OpenCount {
        OpenCount::new(&self.sockets[transport as usize])
    }

    /// Counts an open subscription, until what is returned is dropped.
    pub(super) fn open_subscription(&self, transport: Transport) -> OpenCount {
        OpenCount::new(&self.subscriptions[transport as usize])
    }

    /// Records how long a message took from its commit to a client's connection.
    pub(super) fn record_frame(&self, transport: Transport, took: TimeDelta) {
        // The clocks of two replicas may differ by more than that.
        self.frames[transport as usize].record(took.to_std().unwrap_or_default().as_secs_f64());
    }
}

/// Counts as one until it is dropped.
#[derive(Debug)]
pub(super) struct OpenCount(Gauge);

impl OpenCount {
    fn new(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge.clone())
    }
}

impl Drop for OpenCount {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
