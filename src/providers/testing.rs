//! What the tests of adapters share.

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Map, Value};

use super::{Adapter, Draft, Endpoint, Item, Malformed, Provider, RawWebhook, Verified};

/// The URL of [`draft`].
pub(super) const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=test";

/// A POST with these headers and this body.
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
        certificate: None,
    }
}

/// A message to be composed.
pub(super) fn draft(now: DateTime<Utc>) -> Draft<'static> {
    Draft {
        id: "3b53c137",
        from: "+14155550100",
        to: "+15005550006",
        text: "482913",
        url: URL,
        now,
        nonce: "6e6f6e6365",
        key: None,
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

/// The first item of a webhook, which is not verified.
pub(super) fn parse_first(adapter: &impl Provider, raw: &RawWebhook) -> Result<Item, Malformed> {
    adapter.parse(&Verified::unchecked(raw))?.remove(0)
}

/// The published signature vectors of a scheme, from the tests of providers' own libraries.
pub(super) fn vectors(scheme: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../../tests/data/signature-vectors.json")).unwrap();
    let these: Vec<_> = all["vectors"].as_array().unwrap().iter().filter(|v| v["scheme"] == scheme).cloned().collect();
    assert!(!these.is_empty(), "there are no vectors of {scheme}");
    these
}
