//! The adapter.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    auth::Auth,
    check::check,
    compose::unsigned,
    message::{Entry, ItemParser},
    sample::Sample,
    settings::{Body, Reply, Settings},
    xml,
};
use crate::{
    domain::Result,
    providers::{
        Provider,
        kit::{
            Ack, CommonSettings, Draft, Malformed, ParsedWebhook, RawWebhook, Rejected, RequestGuard, Setup, Verified,
            payload, single,
        },
    },
};

/// The most items of one webhook.
const MAX_ITEMS: usize = 1_000;

/// The adapter.
pub(super) struct Generic {
    pub(super) settings: Settings,
    pub(super) methods: Vec<Method>,
    pub(super) auth: Auth,
    common: CommonSettings,
    guard: RequestGuard,
    sample: Option<&'static Sample>,
}

impl Generic {
    /// Makes the adapter of an account, whose settings override those of its preset.
    pub(super) fn open(preset: &Map<String, Value>, sample: Option<&'static Sample>, setup: Setup) -> Result<Self> {
        let settings: Settings = setup.settings_over(preset)?;
        check(&settings)?;
        let auth = Auth::open(&settings, &setup)?;
        let mut common = setup.common;
        common.to = common.to.or_else(|| settings.defaults.to.clone());
        common.country = common.country.or_else(|| settings.defaults.country.clone());
        Ok(Self { methods: settings.methods(), settings, auth, common, guard: setup.guard, sample })
    }

    fn document(&self, raw: &RawWebhook) -> Result<Value, Malformed> {
        self.settings.read(raw, self.auth.secret_parameter())
    }

    /// The document that a simulated webhook is made from, and the name of its root element in XML: the preset's
    /// sample, or nothing if the account's settings do not fit it.
    fn sample_document(&self) -> (String, Value) {
        let empty = || ("message".to_owned(), Value::Null);
        let Some(raw) = self.sample.map(|sample| sample.raw(&self.methods)) else { return empty() };
        match self.settings.body {
            Body::Xml => xml::read(&String::from_utf8_lossy(&raw.body)).unwrap_or_else(|_| empty()),
            _ => self.document(&raw).map_or_else(|_| empty(), |document| (empty().0, document)),
        }
    }
}

impl Provider for Generic {
    fn has_secret_in_url(&self) -> bool {
        self.auth.is_url_token()
    }

    fn is_secret_chosen(&self) -> bool {
        self.auth.is_secret_chosen()
    }

    fn methods(&self) -> &[Method] {
        &self.methods
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.auth.verify(raw, &self.guard, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let document = self.document(webhook.raw())?;
        let parser = ItemParser { settings: &self.settings, common: &self.common };
        let Some(items) = &self.settings.items else {
            return single(parser.parse(&Entry { value: &document, path: String::new() }));
        };
        let name = if items.as_str().is_empty() { "body" } else { items.as_str() };
        let found = items.first(&document).ok_or_else(|| Malformed::new(name, "is missing"))?;
        let list = match found {
            Value::Array(list) => list.as_slice(),
            // In XML, a list of one looks like a single element.
            element if self.settings.body == Body::Xml => std::slice::from_ref(element),
            _ => return Err(Malformed::new(name, "must be a list")),
        };
        if list.len() > MAX_ITEMS {
            return Err(Malformed::new(name, format!("must have at most {MAX_ITEMS} items")));
        }
        let entry = |(at, value)| Entry { value, path: format!("{}/{at}", items.as_str()) };
        Ok(list.iter().enumerate().map(|item| parser.parse(&entry(item))).collect())
    }

    fn ack(&self) -> Ack {
        let Reply { status, content_type, body } = self.settings.reply.clone();
        let default = if body.is_empty() { "" } else { "text/plain; charset=utf-8" };
        Ack { status, content_type: content_type.map_or(Cow::Borrowed(default), Cow::Owned), body: body.into() }
    }

    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        match self.document(webhook.raw()) {
            Ok(document) => payload(&document),
            Err(_) => payload(&json!({ "body": String::from_utf8_lossy(&webhook.raw().body) })),
        }
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        self.auth.sign(unsigned(&self.settings, self.sample_document(), draft), draft)
    }
}
