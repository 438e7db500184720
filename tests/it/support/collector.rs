//! A collector of traces, which keeps what it is sent.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use tokio::net::TcpListener;

use super::PATIENCE;

/// A span that was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Which process sent it.
    pub(crate) instance: String,
    pub(crate) span: Span,
}

impl Received {
    /// An attribute, as text.
    pub(crate) fn attribute(&self, key: &str) -> Option<String> {
        attribute(&self.span.attributes, key)
    }

    pub(crate) fn trace_id(&self) -> String {
        hex(&self.span.trace_id)
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.span.status.as_ref().is_some_and(|status| status.code == 2)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let AnyValue { value } = attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?;
    Some(match value? {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        other => format!("{other:?}"),
    })
}

/// What a collector has received.
#[derive(Debug, Default)]
struct Store {
    spans: Mutex<Vec<Received>>,
    /// Everything as it came, and the headers with it.
    raw: Mutex<Vec<(HeaderMap, Bytes)>>,
}

/// A collector that listens.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    store: Arc<Store>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let store = Arc::new(Store::default());
        let router = Router::new().route("/v1/traces", post(keep)).with_state(Arc::clone(&store));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, store }
    }

    /// What `otlp_endpoint` says.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn spans(&self) -> Vec<Received> {
        self.store.spans.lock().unwrap().clone()
    }

    /// The headers of each request.
    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.store.raw.lock().unwrap().iter().map(|(headers, _)| headers.clone()).collect()
    }

    /// Everything that came, as text.
    pub(crate) fn text(&self) -> String {
        self.store.raw.lock().unwrap().iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
    }

    /// Waits for a span.
    pub(crate) async fn wait_for(&self, is_wanted: impl Fn(&Received) -> bool) -> Received {
        let waited = async {
            loop {
                if let Some(found) = self.spans().into_iter().find(&is_wanted) {
                    return found;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, waited).await {
            Ok(found) => found,
            Err(_) => panic!("there is no such span: {:#?}", self.spans()),
        }
    }
}

async fn keep(State(store): State<Arc<Store>>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let spans = request.resource_spans.into_iter().flat_map(|resource| {
        let attributes = resource.resource.unwrap_or_default().attributes;
        assert_eq!(attribute(&attributes, "service.name").as_deref(), Some("otpwire"));
        let instance = attribute(&attributes, "service.instance.id").unwrap();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| Received { instance: instance.clone(), span })
    });
    store.spans.lock().unwrap().extend(spans);
    store.raw.lock().unwrap().push((headers, body));
}
