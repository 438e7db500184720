//! What an account of the generic adapter says about its provider.
//!
//! Everything is checked when the account is saved, and what is wrong is named: most of it by the types, which
//! cannot hold anything else, and the rest by [`Settings::check`].

use std::{borrow::Cow, collections::BTreeMap};

use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    pointer::{Places, Pointer, Several},
    template::Name,
    text::TextEncoding,
};
use crate::{
    domain::{DeliveryState, Msisdn, Result, Sender},
    providers::kit::{Charset, TimeFormat, refuse_setting},
};

/// The settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) method: Option<Several<Verb>>,
    pub(super) body: Body,
    /// The character set of forms, queries, XML and texts.
    pub(super) charset: Option<CharsetName>,
    pub(super) items: Option<Pointer>,
    #[serde(default, rename = "where")]
    pub(super) conditions: Vec<Condition>,
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) defaults: Defaults,
    pub(super) timestamp_format: Option<TimeFormat>,
    /// Whether times that do not say their zone are in UTC.
    #[serde(default)]
    pub(super) timestamp_utc: bool,
    #[serde(default)]
    pub(super) text_encoding: TextEncoding,
    /// How it is shown where webhooks come from. Read by [`super::auth`].
    pub(super) auth: Map<String, Value>,
    #[serde(default)]
    pub(super) reply: Reply,
    pub(super) status: Option<StatusFields>,
    #[serde(default)]
    pub(super) may_return: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Verb {
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "POST")]
    Post,
}

/// What is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    Json,
    Form,
    /// The parameters of the address, whatever the method.
    Query,
    Xml,
    /// The text itself.
    Text,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct CharsetName(pub(super) Charset);

impl TryFrom<String> for CharsetName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Charset::named(&name).map(Self).ok_or_else(|| format!("`{name}` is no character set that is known"))
    }
}

/// Something that an item says if it is one of those that are meant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    pub(super) path: Pointer,
    pub(super) equals: Several<Literal>,
}

impl Condition {
    pub(super) fn holds(&self, item: &Value) -> bool {
        self.path.all(item).into_iter().any(|value| self.equals.iter().any(|wanted| wanted.is(value)))
    }
}

/// A text, a number or a truth value, as text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Literal(String);

impl TryFrom<Value> for Literal {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Number(_) | Value::Bool(_) => Ok(Self(value.to_string())),
            _ => Err("must be a text, a number or a truth value"),
        }
    }
}

impl Literal {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn is(&self, value: &Value) -> bool {
        let said: Cow<'_, str> = match value {
            Value::String(text) => text.into(),
            Value::Number(_) | Value::Bool(_) => value.to_string().into(),
            _ => return false,
        };
        said == self.0
    }
}

/// Where the parts of a message are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) id: Option<Places>,
    pub(super) from: Places,
    pub(super) to: Option<Places>,
    /// What `to_map` knows the receiver by, where that is made of several things.
    pub(super) device: Option<Name>,
    pub(super) text: Places,
    pub(super) charset: Option<Places>,
    pub(super) timestamp: Option<Places>,
    pub(super) segments: Option<Places>,
    pub(super) media: Option<Places>,
    pub(super) media_type: Option<Places>,
    pub(super) part: Option<Places>,
    pub(super) parts: Option<Places>,
    pub(super) part_ref: Option<Places>,
}

/// What stands for a field that a message does not have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) text: Option<String>,
}

/// What the provider wants to hear. Nothing, unless it says so: some of them text the answer to the sender.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) body: String,
}

impl Default for Reply {
    fn default() -> Self {
        Self { status: 200, content_type: None, body: String::new() }
    }
}

/// Where the parts of a status callback are. An item is one when there is something at `path`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusFields {
    #[serde(default, rename = "where")]
    pub(super) conditions: Vec<Condition>,
    pub(super) path: Places,
    pub(super) id: Places,
    pub(super) to: Option<Places>,
    pub(super) at: Option<Places>,
    pub(super) error: Option<Places>,
    #[serde(default)]
    pub(super) map: BTreeMap<String, State>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct State(pub(super) DeliveryState);

impl TryFrom<String> for State {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse().map(Self)
    }
}

impl StatusFields {
    /// The state that a word means, in letters of either case.
    pub(super) fn state(&self, word: &str) -> Option<DeliveryState> {
        self.map.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, state)| state.0)
    }
}

const MAX_CONDITIONS: usize = 20;
const MAX_STATES: usize = 200;
const MAX_REPLY: usize = 1_000;

impl Settings {
    /// The methods that are used.
    pub(super) fn methods(&self) -> Vec<Method> {
        let name = |verb: &Verb| if *verb == Verb::Get { Method::GET } else { Method::POST };
        match &self.method {
            Some(verbs) => verbs.iter().map(name).collect(),
            None if self.body == Body::Query => vec![Method::GET],
            None => vec![Method::POST],
        }
    }

    /// Whether something that counts is in the address rather than in the body.
    pub(super) fn reads_address(&self) -> bool {
        matches!(self.body, Body::Query | Body::Text) || self.methods().contains(&Method::GET)
    }

    /// Whether something that counts is in the body.
    pub(super) fn reads_body(&self) -> bool {
        self.body != Body::Query && self.methods().contains(&Method::POST)
    }

    /// Every place, with the name of the setting that says it.
    fn places(&self) -> Vec<(String, &Pointer)> {
        let Fields {
            id,
            from,
            to,
            device,
            text,
            charset,
            timestamp,
            segments,
            media,
            media_type,
            part,
            parts,
            part_ref,
        } = &self.fields;
        let mut named = vec![
            ("fields.id", id.as_ref()),
            ("fields.from", Some(from)),
            ("fields.to", to.as_ref()),
            ("fields.text", Some(text)),
            ("fields.charset", charset.as_ref()),
            ("fields.timestamp", timestamp.as_ref()),
            ("fields.segments", segments.as_ref()),
            ("fields.media", media.as_ref()),
            ("fields.media_type", media_type.as_ref()),
            ("fields.part", part.as_ref()),
            ("fields.parts", parts.as_ref()),
            ("fields.part_ref", part_ref.as_ref()),
        ];
        if let Some(StatusFields { path, id, to, at, error, .. }) = &self.status {
            let status = [Some(path), Some(id), to.as_ref(), at.as_ref(), error.as_ref()];
            named
                .extend(["status.path", "status.id", "status.to", "status.at", "status.error"].into_iter().zip(status));
        }
        let places = named.into_iter().flat_map(|(name, places)| {
            places.into_iter().flat_map(Places::iter).map(move |place| (name.to_owned(), place))
        });
        let devices = device.iter().flat_map(Name::pointers).map(|place| ("fields.device".to_owned(), place));
        let of_status = self.status.iter().flat_map(|status| &status.conditions).enumerate();
        let conditions = self.conditions.iter().enumerate().map(|(at, condition)| (format!("where[{at}]"), condition));
        let conditions = conditions.chain(of_status.map(|(at, condition)| (format!("status.where[{at}]"), condition)));
        places
            .chain(devices)
            .chain(conditions.map(|(name, condition)| (format!("{name}.path"), &condition.path)))
            .collect()
    }

    /// Checks what the types alone do not say.
    pub(super) fn check(&self) -> Result<()> {
        if self.methods().contains(&Method::GET) && !matches!(self.body, Body::Form | Body::Query) {
            return Err(refuse_setting("method", "a GET has no body: `body` must be query or form"));
        }
        if let Some(items) = &self.items {
            if matches!(self.body, Body::Form | Body::Query | Body::Text) {
                return Err(refuse_setting("items", "can only be in a body of json or xml"));
            }
            if items.has_each() {
                return Err(refuse_setting("items", "must be one list, without `*`"));
            }
        }
        for (name, place) in self.places() {
            let [first, rest @ ..] = place.steps() else {
                if self.items.is_some() {
                    continue;
                }
                return Err(refuse_setting(&name, "must lead to something in the document"));
            };
            let is_flat = rest.iter().all(|step| step == "*");
            let reachable = match self.body {
                Body::Json | Body::Xml => Ok(()),
                Body::Form | Body::Query if is_flat => Ok(()),
                Body::Form | Body::Query => Err("must be the name of a field, as in /from: a form has one level"),
                Body::Text if first == "body" && is_flat || first == "query" && rest.len() == 1 => Ok(()),
                Body::Text => Err("must be /body, or a parameter of the address, as in /query/from"),
            };
            reachable.map_err(|issue| refuse_setting(&name, issue))?;
        }
        if self.timestamp_format.as_ref().is_some_and(|format| !format.is_valid()) {
            let issue = "must be rfc3339, unix, unix_ms, or a pattern such as %Y-%m-%d %H:%M:%S";
            return Err(refuse_setting("timestamp_format", issue));
        }
        if let Some(from) = &self.defaults.from {
            Sender::parse("configuration.defaults.from", from)?;
        }
        if let Some(to) = &self.defaults.to {
            Msisdn::parse("configuration.defaults.to", to)?;
        }
        let lists = [
            ("where", self.conditions.len(), MAX_CONDITIONS),
            ("status.where", self.status.as_ref().map_or(0, |status| status.conditions.len()), MAX_CONDITIONS),
            ("status.map", self.status.as_ref().map_or(0, |status| status.map.len()), MAX_STATES),
        ];
        for (name, length, most) in lists {
            if length > most {
                return Err(refuse_setting(name, format!("must have at most {most} entries")));
            }
        }
        self.reply.check()
    }
}

impl Reply {
    fn check(&self) -> Result<()> {
        if !(200..=299).contains(&self.status) {
            return Err(refuse_setting("reply.status", "must be from 200 to 299"));
        }
        if self.body.chars().count() > MAX_REPLY {
            return Err(refuse_setting("reply.body", format!("must have at most {MAX_REPLY} characters")));
        }
        if !self.body.is_empty() && matches!(self.status, 204 | 205) {
            return Err(refuse_setting("reply.body", "must be empty where the status is 204 or 205"));
        }
        match &self.content_type {
            Some(text) if !text.contains('/') || HeaderValue::from_str(text).is_err() => {
                Err(refuse_setting("reply.content_type", "must be a type such as text/plain"))
            }
            _ => Ok(()),
        }
    }
}

/// The name of a header.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Header(pub(super) HeaderName);

impl TryFrom<String> for Header {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        HeaderName::from_bytes(name.as_bytes())
            .map(Self)
            .map_err(|_| "must be the name of a header, such as X-Signature")
    }
}
