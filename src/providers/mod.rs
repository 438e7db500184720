//! SMS providers: one file each. A raw webhook goes in, neutral messages and states come out.
//!
//! No web framework is used here, and no clock: an adapter is a function of its secret, its configuration, the
//! request and the time that it is given.
//!
//! Verification cannot be forgotten. [`Provider::parse`] takes a [`Verified`], and the only ways to make one are
//! those of `kit/proof.rs`, which compare in constant time or have a library verify a signature.
//!
//! # Adding a provider
//!
//! If it posts forms or JSON and signs them in a common way, it needs no code: write a preset for the generic
//! adapter (`generic/presets.json`), and it is a kind like any other.
//!
//! Otherwise it is one file here, and its name in the list `kinds!` below. The file has
//!
//! 1. module documentation: what the provider posts, what it signs, and where its documentation says so;
//! 2. `KIND`, which describes it to operators: the word for it, its name, what its secret is, its settings;
//! 3. a type that implements [`Provider`]:
//!    - `verify` shows that the raw bytes came from the provider. Use the ways of [`Verified`]; refuse a missing
//!      header, take the algorithm from the account and never from the request, and take times from `now`.
//!    - `parse` reads what was verified, item by item, with `Form` or `Node`, which name the field that is wrong.
//!      It never panics, whatever the bytes: a property test tries.
//!    - `ack` is what the provider wants to hear. Some of them text it to the sender.
//!    - `compose` is the other side: the webhook that the provider would send, signed. `otpwire simulate` posts
//!      it, and every test of the adapter goes through it;
//! 4. tests: vectors that the provider has published, and what is special about it. What all adapters have in
//!    common (tampering, wrong keys, stale times, truncated bodies, random bytes) is in `tests.rs` and in
//!    `tests/it/gateways.rs`, which find the new kind by themselves. If its accounts need more than a secret,
//!    `tests/data/provider-samples.json` says what.

mod generic;
mod kit;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::{fmt, sync::LazyLock};

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, value::RawValue};
use url::Url;

pub use kit::{Ack, Common, Draft, Endpoint, Item, Malformed, Once, RawWebhook, Reading, Rejected, Verified};
use kit::{Form, Setup, payload};

use crate::domain::{Error, ProviderKind, Result};

/// An adapter: how one kind of provider signs and writes its webhooks.
pub trait Provider: Send + Sync {
    /// The methods that it uses.
    fn methods(&self) -> &[Method] {
        &[Method::POST]
    }

    /// Whether the account's secret is what its address shows as `token`. Then there is no room for a second one.
    fn shows_secret(&self) -> bool {
        false
    }

    /// Whether a request says nothing and only asks whether somebody is there, as providers do when an address
    /// is entered. It is acknowledged, and that is all.
    fn is_probe(&self, _raw: &RawWebhook) -> bool {
        false
    }

    /// What has to be fetched before the webhook can be verified: a certificate. The address is one that the
    /// adapter trusts.
    ///
    /// # Errors
    /// When the webhook names one that it does not trust.
    fn wanted(&self, _raw: &RawWebhook) -> Result<Option<Url>, Rejected> {
        Ok(None)
    }

    /// Shows that a webhook came from the provider. There is no default: an adapter that does not
    /// verify does not compile.
    ///
    /// # Errors
    /// Why it was not shown.
    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected>;

    /// Reads what a verified webhook says.
    ///
    /// # Errors
    /// Which field cannot be read.
    fn parse(&self, webhook: &Verified<'_>) -> Reading;

    /// What the provider wants to hear.
    fn ack(&self) -> Ack;

    /// What a webhook said, for the report of one that could not be read. It may be anything.
    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        let raw = webhook.raw();
        if let Ok(json) = serde_json::from_slice::<Value>(&raw.body) {
            return payload(&json);
        }
        if raw.is_form() || raw.method == Method::GET {
            let bytes = if raw.method == Method::GET { raw.query().as_bytes() } else { &raw.body };
            return payload(&Form::decode(bytes).without_ours());
        }
        payload(&serde_json::json!({ "body": String::from_utf8_lossy(&raw.body) }))
    }

    /// The webhook that the provider would send for a message, signed.
    ///
    /// # Errors
    /// When the account has not what it is signed with.
    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook>;
}

/// A kind of provider, as an operator chooses it.
#[derive(Debug)]
pub struct Kind {
    /// The word for it: `twilio`.
    pub word: &'static str,
    /// Its name: `Twilio`.
    pub title: &'static str,
    /// What to paste as the secret.
    pub secret: &'static str,
    /// The settings of its own, each with what it says. [`Common::SETTINGS`] come on top.
    pub settings: &'static [(&'static str, &'static str)],
    /// Where its API is.
    pub api_endpoint: &'static str,
    open: Opener,
}

/// How an adapter is made.
enum Opener {
    /// By code.
    Code(fn(Setup) -> Result<Box<dyn Provider>>),
    /// By a configuration of the generic adapter.
    Preset(Box<generic::Preset>),
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "Code",
            Self::Preset(_) => "Preset",
        })
    }
}

impl Kind {
    /// The word, for the domain.
    #[must_use]
    pub fn kind(&self) -> ProviderKind {
        ProviderKind::of(self.word)
    }

    /// Whether it is a preset of the generic adapter.
    #[must_use]
    pub fn is_preset(&self) -> bool {
        matches!(self.open, Opener::Preset(_))
    }
}

/// The adapters, by the names of their files.
macro_rules! kinds {
    ($($file:ident,)+) => {
        $(pub mod $file;)+

        const CODED: &[&Kind] = &[$(&$file::KIND,)+];
    };
}

kinds! {
    africastalking,
    aws_sns,
    bandwidth,
    bird,
    clicksend,
    elks46,
    gatewayapi,
    httpsms,
    infobip,
    jasmin,
    kannel,
    messagebird,
    plivo,
    sandbox,
    seven,
    signalwire,
    sinch,
    sinch_conversation,
    sms_gateway_android,
    telnyx,
    textbee,
    twilio,
    vonage,
    vonage_sms,
}

/// Every kind: those with code, the generic adapter, then its presets.
#[must_use]
pub fn kinds() -> &'static [&'static Kind] {
    static ALL: LazyLock<Vec<&'static Kind>> =
        LazyLock::new(|| CODED.iter().copied().chain([&generic::KIND]).chain(generic::presets()).collect());
    &ALL
}

/// The kind that a word means.
///
/// # Errors
/// `VALIDATION_ERROR` when it means none.
pub fn find_kind(word: &str) -> Result<&'static Kind> {
    kinds().iter().copied().find(|kind| kind.word == word).ok_or_else(|| {
        let known: Vec<_> = kinds().iter().map(|kind| kind.word).collect();
        Error::invalid("kind", format!("`{word}` is not a kind of provider; use one of {}", known.join(", ")))
    })
}

/// The adapter of an account, with what the account asks besides.
pub struct Adapter {
    inner: Box<dyn Provider>,
    gate: kit::Gate,
    webhook_url: Option<String>,
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapter").field("webhook_url", &self.webhook_url).finish_non_exhaustive()
    }
}

impl Adapter {
    /// Makes the adapter of an account: with its secret, the second secret in its address, and its
    /// configuration.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, with the field or the setting that is wrong.
    pub fn open(
        kind: &str,
        secret: SecretString,
        token: Option<SecretString>,
        configuration: &Map<String, Value>,
    ) -> Result<Self> {
        let kind = find_kind(kind)?;
        // An empty key would verify what anybody has signed with an empty key.
        if secret.expose_secret().trim().is_empty() {
            return Err(Error::invalid("secret", format!("must not be empty: it is {}", kind.secret)));
        }
        let setup = Setup::new(secret, token, configuration)?;
        let (gate, webhook_url) = (setup.gate.clone(), setup.common.webhook_url.clone());
        let inner = match &kind.open {
            Opener::Code(open) => open(setup)?,
            Opener::Preset(preset) => generic::open_preset(preset, setup)?,
        };
        if inner.shows_secret() && gate.has_token() {
            let issue = "cannot be asked for: the secret of this kind of provider is in the address already";
            return Err(Error::invalid("addressToken", issue));
        }
        Ok(Self { inner, gate, webhook_url })
    }

    /// The address that the provider was given, where the account says that it is not the platform's.
    #[must_use]
    pub fn webhook_url(&self) -> Option<&str> {
        self.webhook_url.as_deref()
    }
}

impl Provider for Adapter {
    fn methods(&self) -> &[Method] {
        self.inner.methods()
    }

    fn shows_secret(&self) -> bool {
        self.inner.shows_secret()
    }

    fn is_probe(&self, raw: &RawWebhook) -> bool {
        self.inner.is_probe(raw)
    }

    fn wanted(&self, raw: &RawWebhook) -> Result<Option<Url>, Rejected> {
        self.gate.check(raw)?;
        self.inner.wanted(raw)
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.gate.check(raw)?;
        self.inner.verify(raw, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        self.inner.parse(webhook)
    }

    fn ack(&self) -> Ack {
        self.inner.ack()
    }

    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        self.inner.payload(webhook)
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let url = self.gate.address(draft.url);
        self.inner.compose(&Draft { url: &url, ..draft.clone() })
    }
}
