//! Sample webhooks of presets.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::providers::kit::RawWebhook;

/// A webhook as the provider sends it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Sample {
    #[serde(default)]
    query: String,
    #[serde(default)]
    body: Value,
}

impl Sample {
    /// The webhook, unsigned. A sample without a body is a GET if the provider uses that.
    pub(super) fn raw(&self, methods: &[Method]) -> RawWebhook {
        let url = format!("https://sms.example.com/v1/webhooks/sms?{}", self.query);
        let body = match &self.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let has_body = !body.is_empty() || !methods.contains(&Method::GET);
        let raw = RawWebhook::request(if has_body { Method::POST } else { Method::GET }, &url);
        RawWebhook { body: body.into_bytes(), ..raw }
    }
}
