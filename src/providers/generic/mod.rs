//! The generic adapter: a provider that is described by the configuration of its account instead of by code.
//!
//! Whatever the encoding of a webhook, it is converted to a JSON document (`document.rs`, `xml.rs`), and JSON pointers
//! (`pointer.rs`) locate the fields of a message in it. The account chooses how its webhooks are verified (`auth.rs`,
//! `signature.rs`, `jwt.rs`). In reading order: `settings.rs` and `check.rs`, `adapter.rs`, `auth.rs`, `message.rs`,
//! `compose.rs`.
//!
//! Presets (`preset.rs`, `presets.json`) are configurations for known providers, each with a sample webhook.

mod adapter;
mod auth;
mod check;
mod compose;
mod document;
mod encoding;
mod jwt;
mod message;
mod one_or_many;
mod pointer;
mod preset;
mod sample;
mod settings;
mod signature;
mod signed_template;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod xml;

use serde_json::Map;

use self::{adapter::Generic, settings::Settings};
use super::{Constructor, Kind};

pub(super) use preset::presets;

pub(super) static KIND: Kind = Kind {
    word: "generic",
    title: "Generic",
    secret: "what `auth` says: the key that webhooks are signed with, the public key, a password, or a token",
    settings: Settings::DESCRIPTIONS,
    api_endpoint: "http://localhost",
    open: Constructor::Code(|setup| Ok(Box::new(Generic::open(&Map::new(), None, setup)?))),
};
