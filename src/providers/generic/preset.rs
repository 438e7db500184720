//! Providers that need no code: configurations of the generic adapter, in `presets.json`.
//!
//! A preset has its `word` and its `title`, what its `secret` is, its `api_endpoint`, its `configuration`, and a
//! webhook of the provider with a `message`: its `query`, its `body`, and what is expected to be read from it. If the
//! provider tells the `status` of messages, it has such a webhook too. The test of presets reads both; simulated
//! webhooks are made from the first.

use std::sync::LazyLock;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Generic, SETTINGS};
use crate::{
    domain::Result,
    providers::{
        Kind, Opener, Provider,
        kit::{Outgoing, RawWebhook, Setup},
    },
};

/// The presets, as they are written.
pub(super) const FILE: &str = include_str!("presets.json");

/// What is used as the secret where a provider signs nothing.
const SECRET: &str =
    "any text that is hard to guess: its webhooks carry it, as `token` in their address or as a password";

/// A configuration of the generic adapter.
#[derive(Debug)]
pub(in crate::providers) struct Preset {
    configuration: Map<String, Value>,
    sample: Sample,
}

#[cfg(test)]
impl Preset {
    pub(super) fn configuration(&self) -> &Map<String, Value> {
        &self.configuration
    }

    pub(super) fn sample(&self) -> &Sample {
        &self.sample
    }
}

/// A webhook of the provider.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Sample {
    #[serde(default)]
    query: String,
    #[serde(default)]
    body: Value,
}

impl Sample {
    /// The webhook, unsigned.
    pub(super) fn raw(&self, methods: &[Method]) -> RawWebhook {
        let url = format!("https://sms.example.com/v1/webhooks/sms?{}", self.query);
        let body = match &self.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let has_body = !body.is_empty() || !methods.contains(&Method::GET);
        let mut raw = Outgoing::request(if has_body { Method::POST } else { Method::GET }, &url, &[]);
        raw.body = body.into_bytes();
        raw
    }
}

/// A preset, as the file has it.
#[derive(Deserialize)]
struct Entry {
    word: &'static str,
    title: &'static str,
    secret: Option<&'static str>,
    api_endpoint: &'static str,
    configuration: Map<String, Value>,
    message: Sample,
}

/// The kinds of the presets.
#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub(in crate::providers) fn presets() -> impl Iterator<Item = &'static Kind> {
    static PRESETS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
        let entries: Vec<Entry> = serde_json::from_str(FILE).expect("presets.json describes presets");
        let kind = |Entry { word, title, secret, api_endpoint, configuration, message }| Kind {
            word,
            title,
            secret: secret.unwrap_or(SECRET),
            settings: SETTINGS,
            api_endpoint,
            open: Opener::Preset(Box::new(Preset { configuration, sample: message })),
        };
        entries.into_iter().map(kind).collect()
    });
    PRESETS.iter()
}

/// Makes the adapter of an account of a preset. A setting of its own replaces the whole of the preset's.
pub(in crate::providers) fn open_preset(preset: &'static Preset, setup: Setup) -> Result<Box<dyn Provider>> {
    Ok(Box::new(Generic::open(&preset.configuration, Some(&preset.sample), setup)?))
}
