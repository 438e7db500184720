//! Providers of every kind, as their own signers play them.

use std::{path::Path, sync::LazyLock};

use axum::{body::Body, http::Request};
use otpwire::providers::{Adapter, Draft, Provider, RawWebhook, find_kind};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{PUBLIC_URL, Replica};

/// What accounts need in tests, which the adapters' own tests use as well.
static SAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/provider-samples.json")).unwrap());

fn read_files(value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
                std::fs::read_to_string(folder.join(name)).unwrap().into()
            }
            None => text.into(),
        },
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, read_files(value))).collect(),
        other => other,
    }
}

/// The other side of an account: what its provider has.
pub(crate) struct Gateway {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) configuration: Map<String, Value>,
    pub(crate) token: Option<String>,
    pub(crate) key: Option<SecretString>,
}

impl Gateway {
    /// A provider of a kind, whose account has the kind as its name.
    pub(crate) fn of(kind: &'static str) -> Self {
        let is_preset = find_kind(kind).unwrap().is_preset();
        let said = |name: &str| {
            let preset = is_preset.then(|| SAMPLES["preset"].get(name)).flatten();
            SAMPLES["kinds"][kind].get(name).or(preset).or(SAMPLES["default"].get(name)).cloned().map(read_files)
        };
        let text = |name| said(name).map(|value| value.as_str().unwrap().to_owned());
        Self {
            kind,
            name: kind.to_owned(),
            secret: text("secret").unwrap(),
            configuration: said("configuration").unwrap().as_object().unwrap().clone(),
            token: None,
            key: text("key").map(Into::into),
        }
    }

    /// The same with more in its configuration.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.configuration.insert(name.to_owned(), value.into());
        self
    }

    /// The webhook that it would send for a message.
    pub(crate) fn compose(&self, replica: &Replica, id: &str, to: &str, text: &str) -> RawWebhook {
        let token = self.token.clone().map(Into::into);
        let adapter = Adapter::open(self.kind, self.secret.as_str().into(), token, &self.configuration).unwrap();
        let draft = Draft {
            id,
            from: "+14155550123",
            to,
            text,
            url: &format!("{PUBLIC_URL}/v1/webhooks/sms?provider={}", self.name),
            now: replica.app.clock().now(),
            nonce: &format!("{:032x}", u128::from_be_bytes(replica.app.random().bytes())),
            key: self.key.as_ref(),
        };
        adapter.compose(&draft).unwrap()
    }

    /// Adds its account.
    pub(crate) async fn join(&self, replica: &Replica) {
        let configuration = Value::Object(self.configuration.clone());
        replica.add_configured_provider(self.kind, &self.name, &self.secret, configuration).await;
    }
}

/// A webhook as a request to the platform.
pub(crate) fn request(raw: &RawWebhook) -> Request<Body> {
    let path = raw.url.strip_prefix(PUBLIC_URL).unwrap();
    let mut request = Request::builder().method(raw.method.clone()).uri(path);
    request.headers_mut().unwrap().extend(raw.headers.clone());
    request.body(Body::from(raw.body.clone())).unwrap()
}
