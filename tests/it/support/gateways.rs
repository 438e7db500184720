//! Providers of every kind, simulated with the signer of the kind's own adapter.

use axum::{body::Body, http::Request};
use otpwire::providers::{Adapter, Draft, Provider, RawWebhook, find_kind};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{PUBLIC_URL, Replica, samples};

/// The provider's side of an account: its configuration and secrets.
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
        let text = |name| samples::text(kind, is_preset, name);
        let configuration = samples::sample(kind, is_preset, "configuration").unwrap();
        let configuration = configuration.as_object().unwrap().clone();
        // The platform refuses a weak secret that the operator chooses.
        let mut secret = text("secret").unwrap();
        let adapter = Adapter::open(kind, secret.as_str().into(), None, &configuration).unwrap();
        if adapter.is_secret_chosen() {
            secret = "n3Vx81-kQ02mzTfp".to_owned();
        }
        Self { kind, name: kind.to_owned(), secret, configuration, token: None, key: text("key").map(Into::into) }
    }

    /// Adds a member to its configuration.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.configuration.insert(name.to_owned(), value.into());
        self
    }

    /// The signed webhook that it would send for a message.
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

    /// Creates its account on the platform.
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
