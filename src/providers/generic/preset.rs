//! Presets: providers that need no code, as configurations of the generic adapter in `presets.json`.
//!
//! A preset has its `word` and its `title`, what its `secret` is, its `api_endpoint`, the public `sources` of what it
//! posts (none if nobody could check it, which the documentation says too), its `configuration`, and a sample
//! webhook with a `message`: its `query`, its `body`, and what is expected to be parsed from it. If the provider sends
//! delivery reports, it has a sample with a `status` too. The test of presets reads both; simulated webhooks are made
//! from the first.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{adapter::Generic, sample::Sample, settings::Settings};
use crate::{
    domain::Result,
    providers::{Constructor, Kind, kit::Setup},
};

/// The presets in JSON.
pub(super) const FILE: &str = include_str!("presets.json");

/// The description of the secret if the provider signs nothing.
const UNSIGNED_SECRET: &str =
    "any text that is hard to guess: its webhooks carry it, as `token` in their address or as a password";

/// A configuration of the generic adapter.
#[derive(Debug, Deserialize)]
pub(super) struct Preset {
    pub(super) word: &'static str,
    title: &'static str,
    secret: Option<&'static str>,
    api_endpoint: &'static str,
    /// The public pages that say what it posts; none if nobody could check it.
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of presets and the documentation read it"))]
    pub(super) sources: Vec<&'static str>,
    configuration: Map<String, Value>,
    pub(super) message: Sample,
}

impl Preset {
    /// The adapter of an account. A setting of its own replaces the whole of the preset's.
    pub(super) fn open(&'static self, setup: Setup) -> Result<Generic> {
        Generic::open(&self.configuration, Some(&self.message), setup)
    }

    fn kind(&'static self) -> Kind {
        Kind {
            word: self.word,
            title: self.title,
            secret: self.secret.unwrap_or(UNSIGNED_SECRET),
            settings: Settings::DESCRIPTIONS,
            api_endpoint: self.api_endpoint,
            open: Constructor::Preset(Box::new(|setup| Ok(Box::new(self.open(setup)?)))),
        }
    }
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub(super) static PRESETS: LazyLock<Vec<Preset>> =
    LazyLock::new(|| serde_json::from_str(FILE).expect("presets.json describes presets"));

/// The kinds of the presets.
pub(in crate::providers) fn presets() -> impl Iterator<Item = &'static Kind> {
    static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| PRESETS.iter().map(Preset::kind).collect());
    KINDS.iter()
}
