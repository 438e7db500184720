//! What the tests of adapters share.

use http::{HeaderMap, HeaderName, Method};
use serde_json::{Map, Value};

use super::{Adapter, kit::RawWebhook};
use crate::providers::kit::Endpoint;

/// A post to an address, as a test says.
pub(super) fn webhook(url: &str, headers: &[(&str, &str)], body: &[u8]) -> RawWebhook {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    RawWebhook {
        endpoint: Endpoint::Messages,
        method: Method::POST,
        url: url.to_owned(),
        headers: map,
        body: body.to_vec(),
        source: None,
        fetched: None,
    }
}

/// The adapter of a kind, with a secret and a configuration.
pub(super) fn adapter(kind: &str, secret: &str, configuration: Value) -> Adapter {
    let configuration = match configuration {
        Value::Null => Map::new(),
        Value::Object(configuration) => configuration,
        other => panic!("{other} is no configuration"),
    };
    Adapter::open(kind, secret.into(), None, &configuration).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

/// Signature vectors that providers have published in the tests of their own libraries, of one scheme.
pub(super) fn vectors(scheme: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../../tests/data/signature-vectors.json")).unwrap();
    let these: Vec<_> = all["vectors"].as_array().unwrap().iter().filter(|v| v["scheme"] == scheme).cloned().collect();
    assert!(!these.is_empty(), "there are no vectors of {scheme}");
    these
}
