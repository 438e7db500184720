//! The generic adapter: a provider described by configuration, for everything that needs no code.
//!
//! A webhook of any kind becomes a JSON document: a form and a query by their names, XML as `xml.rs` says. Pointers
//! (RFC 6901) say where the parts of a message are. How it is shown where a webhook comes from is one of the ways of
//! `auth.rs`.
//!
//! Presets (`presets.json`) are configurations of providers that are known, each with a webhook of theirs.

mod auth;
mod compose;
mod config;
mod document;
mod jwt;
mod pointer;
mod preset;
mod signature;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod xml;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Map, Value, json, value::RawValue};

pub(super) use preset::{Preset, open_preset, presets};

use self::{
    auth::Auth,
    config::{Body, Condition, Settings, StatusFields},
    pointer::{Places, scalar},
    preset::Sample,
};
use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Gate, Item, Malformed, RawWebhook, Reading, Rejected, Setup, TimeFormat, Verified, media,
        message_id, one, payload, read_time, read_utc, sender,
    },
};
use crate::domain::{InboundSms, Msisdn, Part, Result, StatusUpdate};

pub(super) static KIND: Kind = Kind {
    word: "generic",
    title: "Generic",
    secret: "what `auth` says: the key that webhooks are signed with, the public key, a password, or a token",
    settings: SETTINGS,
    api_endpoint: "http://localhost",
    open: Opener::Code(|setup| Ok(Box::new(Generic::open(&Map::new(), None, setup)?))),
};

/// What an account says about its provider.
const SETTINGS: &[(&str, &str)] = &[
    ("method", "How webhooks come: GET, POST, or a list of both. POST, unless `body` is query."),
    ("body", "What they are: json, form, query, xml or text."),
    ("charset", "The character set of forms, queries, XML and texts. UTF-8, unless it says otherwise."),
    ("items", "Where the list of messages is (a JSON pointer), where one webhook brings several."),
    ("where", "Which items are messages: a list of {\"path\": …, \"equals\": …}. Others are acknowledged and dropped."),
    (
        "fields",
        "Where the parts of a message are: id, from, to, device, text, charset, timestamp, segments, media, \
         media_type, part, parts, part_ref.",
    ),
    ("defaults", "What stands for from, to or text where a message has none."),
    ("timestamp_format", "How times are written: rfc3339, unix, unix_ms, or a pattern such as %Y-%m-%d %H:%M:%S."),
    (
        "timestamp_utc",
        "Whether times that do not say their zone are in UTC. Otherwise they are not read: a local time could make \
         a message look older than the rental that it belongs to.",
    ),
    ("text_encoding", "How texts are written: utf-8, hex, base64 or percent; with a character set as in hex:utf-16be."),
    ("auth", "How it is shown where webhooks come from: an object with a `type` and its settings."),
    (
        "reply",
        "What the provider wants to hear: status, content_type, body. 200 and nothing, unless it says otherwise.",
    ),
    (
        "status",
        "Where the parts of a status callback are: path, id, to, at, error; `where`; and `map`, what its words mean.",
    ),
    ("may_return", "Whether the provider may bring a message again under another id."),
];

/// The most items that one webhook may have.
const MAX_ITEMS: usize = 1_000;

/// The adapter.
struct Generic {
    settings: Settings,
    methods: Vec<Method>,
    time_format: TimeFormat,
    auth: Auth,
    common: Common,
    gate: Gate,
    sample: Option<&'static Sample>,
}

/// An item of a document, which knows how to say where it is.
struct Place<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Place<'a> {
    fn wrong(&self, places: &Places, issue: &str) -> Malformed {
        Malformed::new(format!("{}{}", self.path, places.name()), issue)
    }

    /// The first text or whole number at these places that says something.
    fn find(&self, places: &Places) -> Result<Option<Cow<'a, str>>, Malformed> {
        for value in places.iter().flat_map(|place| place.all(self.value)) {
            let said = scalar(value).ok_or_else(|| self.wrong(places, "must be a text or a whole number"))?;
            if !said.trim().is_empty() {
                return Ok(Some(said.trim().to_owned().into()));
            }
        }
        Ok(None)
    }

    fn find_any(&self, places: Option<&Places>) -> Result<Option<Cow<'a, str>>, Malformed> {
        places.map_or(Ok(None), |places| self.find(places))
    }

    /// What is at the first of these places that has anything: each of its pieces.
    fn texts(&self, places: &Places) -> Result<Vec<Cow<'a, str>>, Malformed> {
        let found = places.iter().map(|place| place.all(self.value)).find(|found| !found.is_empty());
        let read = |value| scalar(value).ok_or_else(|| self.wrong(places, "must be a text"));
        found.unwrap_or_default().into_iter().map(read).collect()
    }

    /// A whole number, if there is one.
    fn number<N: std::str::FromStr>(&self, places: Option<&Places>) -> Option<N> {
        self.find_any(places).ok().flatten()?.parse().ok()
    }

    fn is_one_of(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| condition.holds(self.value))
    }
}

impl Generic {
    /// Makes the adapter of an account, whose settings lie over those of a preset.
    fn open(preset: &Map<String, Value>, sample: Option<&'static Sample>, setup: Setup) -> Result<Self> {
        let settings: Settings = setup.own_over(preset)?;
        settings.check()?;
        let auth = Auth::open(&settings, &setup)?;
        let mut common = setup.common;
        common.to = common.to.or_else(|| settings.defaults.to.clone());
        let (methods, time_format) = (settings.methods(), settings.timestamp_format.clone());
        let time_format = time_format.unwrap_or(TimeFormat::Rfc3339);
        Ok(Self { settings, methods, time_format, auth, common, gate: setup.gate, sample })
    }

    fn document(&self, raw: &RawWebhook) -> Result<Value, Malformed> {
        self.settings.read(raw, self.auth.hidden())
    }

    fn item(&self, place: &Place<'_>) -> Result<Item, Malformed> {
        if let Some(status) = &self.settings.status
            && place.is_one_of(&status.conditions)
            && let Some(word) = place.find(&status.path)?
        {
            return self.status(place, status, &word).map(Item::Status);
        }
        match place.is_one_of(&self.settings.conditions) {
            true => self.message(place).map(Item::Message),
            false => Ok(Item::Nothing),
        }
    }

    fn message(&self, place: &Place<'_>) -> Result<InboundSms, Malformed> {
        let (fields, defaults) = (&self.settings.fields, &self.settings.defaults);
        let from = place.find(&fields.from)?.or(defaults.from.as_deref().map(Cow::Borrowed));
        let from = from.ok_or_else(|| place.wrong(&fields.from, "is missing"))?;
        // A gateway that now and then gives no id would lose those messages otherwise.
        let id = match place.find_any(fields.id.as_ref())? {
            Some(id) => message_id(fields.id.as_ref().map_or("id", Places::name), &id)?,
            None => String::new(),
        };
        let text = self.text(place)?;
        let mut sms = InboundSms::new(id, sender(fields.from.name(), &from)?, self.recipient(place)?, &text);
        sms.sent_at = self.time(place, fields.timestamp.as_ref());
        sms.segments = place.number(fields.segments.as_ref());
        sms.media = fields.media.as_ref().map_or_else(Vec::new, |places| {
            let types = fields.media_type.as_ref().and_then(|types| place.texts(types).ok()).unwrap_or_default();
            let urls = place.texts(places).unwrap_or_default();
            let files = urls.iter().enumerate().take(InboundSms::MAX_MEDIA);
            files.filter_map(|(at, url)| media(url, types.get(at).map(AsRef::as_ref))).collect()
        });
        sms.part = self.part(place);
        sms.may_return = self.settings.may_return;
        sms.payload = payload(place.value);
        Ok(sms)
    }

    fn text(&self, place: &Place<'_>) -> Result<String, Malformed> {
        let fields = &self.settings.fields;
        let pieces = place.texts(&fields.text)?;
        if pieces.is_empty() {
            let default = self.settings.defaults.text.clone();
            return default.ok_or_else(|| place.wrong(&fields.text, "is missing"));
        }
        let charset = place.find_any(fields.charset.as_ref())?;
        let decode = |piece: Cow<'_, str>| self.settings.text_encoding.decode(&piece, charset.as_deref());
        pieces.into_iter().map(decode).collect::<Result<_, _>>().map_err(|issue| place.wrong(&fields.text, issue))
    }

    fn recipient(&self, place: &Place<'_>) -> Result<Msisdn, Malformed> {
        let fields = &self.settings.fields;
        let device = fields.device.as_ref().and_then(|device| device.of(place.value));
        let device = device.filter(|name| self.common.to_map.contains_key(name)).map(Cow::Owned);
        let given = match device {
            Some(device) => Some(device),
            None => place.find_any(fields.to.as_ref())?,
        };
        self.common.recipient(fields.to.as_ref().map_or("to", Places::name), given.as_deref())
    }

    fn time(&self, place: &Place<'_>, places: Option<&Places>) -> Option<DateTime<Utc>> {
        let text = place.find_any(places).ok().flatten()?;
        let read = if self.settings.timestamp_utc { read_utc } else { read_time };
        read(&text, &self.time_format)
    }

    fn part(&self, place: &Place<'_>) -> Option<Part> {
        let fields = &self.settings.fields;
        let (number, count): (u8, u8) = (place.number(fields.part.as_ref())?, place.number(fields.parts.as_ref())?);
        let reference = place.find_any(fields.part_ref.as_ref()).ok().flatten()?.into_owned();
        (count > 1 && (1..=count).contains(&number)).then_some(Part { reference, number, count })
    }

    fn status(&self, place: &Place<'_>, status: &StatusFields, word: &str) -> Result<StatusUpdate, Malformed> {
        let id = place.find(&status.id)?.ok_or_else(|| place.wrong(&status.id, "is missing"))?;
        let to = place.find_any(status.to.as_ref())?;
        Ok(StatusUpdate {
            provider_message_id: message_id(status.id.name(), &id)?,
            state: status.state(word),
            provider_status: word.to_owned(),
            phone_number: to.and_then(|to| self.common.recipient("to", Some(&to)).ok()),
            at: self.time(place, status.at.as_ref()),
            error: place.find_any(status.error.as_ref())?.map(Cow::into_owned),
            payload: payload(place.value),
        })
    }
}

impl Provider for Generic {
    fn shows_secret(&self) -> bool {
        self.auth.is_in_address()
    }

    fn methods(&self) -> &[Method] {
        &self.methods
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        self.auth.verify(raw, &self.gate, now)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let document = self.document(webhook.raw())?;
        let Some(items) = &self.settings.items else {
            return one(self.item(&Place { value: &document, path: String::new() }));
        };
        let name = if items.as_str().is_empty() { "body" } else { items.as_str() };
        let found = items.first(&document).ok_or_else(|| Malformed::new(name, "is missing"))?;
        let list = match found {
            Value::Array(list) => list.as_slice(),
            // In XML, one is no list.
            single if self.settings.body == Body::Xml => std::slice::from_ref(single),
            _ => return Err(Malformed::new(name, "must be a list")),
        };
        if list.len() > MAX_ITEMS {
            return Err(Malformed::new(name, format!("must have at most {MAX_ITEMS} items")));
        }
        let place = |(at, value)| Place { value, path: format!("{}/{at}", items.as_str()) };
        Ok(list.iter().enumerate().map(|item| self.item(&place(item))).collect())
    }

    fn ack(&self) -> Ack {
        let config::Reply { status, content_type, body } = self.settings.reply.clone();
        let usual = if body.is_empty() { "" } else { "text/plain; charset=utf-8" };
        Ack { status, content_type: content_type.map_or(Cow::Borrowed(usual), Cow::Owned), body: body.into() }
    }

    fn payload(&self, webhook: &Verified<'_>) -> Box<RawValue> {
        match self.document(webhook.raw()) {
            Ok(document) => payload(&document),
            Err(_) => payload(&json!({ "body": String::from_utf8_lossy(&webhook.raw().body) })),
        }
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        self.auth.sign(self.unsigned(draft), draft)
    }
}
