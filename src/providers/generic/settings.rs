//! The settings of an account of the generic adapter.
//!
//! They are validated when the account is saved, and errors name the invalid setting: most of them come from the types,
//! the rest from `check.rs`.

use std::{borrow::Cow, collections::BTreeMap};

use http::{HeaderName, Method};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    one_or_many::OneOrMany,
    pointer::{Pointer, Pointers},
    template::DeviceTemplate,
    text::TextEncoding,
};
use crate::{
    domain::DeliveryState,
    providers::kit::{Charset, TimeFormat},
};

/// The settings. Their descriptions are [`Settings::DESCRIPTIONS`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) method: Option<OneOrMany<HttpMethod>>,
    pub(super) body: Body,
    pub(super) charset: Option<CharsetName>,
    pub(super) items: Option<Pointer>,
    #[serde(default, rename = "where")]
    pub(super) conditions: Vec<Condition>,
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) defaults: Defaults,
    pub(super) timestamp_format: Option<TimeFormat>,
    #[serde(default)]
    pub(super) timestamp_utc: bool,
    #[serde(default)]
    pub(super) timestamp_clock: TimestampClock,
    #[serde(default)]
    pub(super) text_encoding: TextEncoding,
    /// Read by `auth.rs`.
    pub(super) auth: Map<String, Value>,
    #[serde(default)]
    pub(super) reply: Reply,
    pub(super) status: Option<StatusFields>,
    #[serde(default)]
    pub(super) may_return: bool,
}

impl Settings {
    /// Each setting with its description for operators.
    pub(super) const DESCRIPTIONS: &[(&str, &str)] = &[
        ("method", "How webhooks come: GET, POST, or a list of both. POST, unless `body` is query."),
        ("body", "What they are: json, form, query, xml or text."),
        ("charset", "The character set of forms, queries, XML and texts. UTF-8, unless it says otherwise."),
        ("items", "Where the list of messages is (a JSON pointer), where one webhook brings several."),
        (
            "where",
            "Which items are messages: a list of {\"path\": …, \"equals\": …}. Others are acknowledged and dropped.",
        ),
        (
            "fields",
            "Where the parts of a message are: id, from, to, device, text, charset, timestamp, channel, segments, media, \
             media_type, part, parts, part_ref.",
        ),
        ("defaults", "What stands for from, to or text where a message has none, and for the setting country."),
        ("timestamp_format", "How times are written: rfc3339, unix, unix_ms, or a pattern such as %Y-%m-%d %H:%M:%S."),
        (
            "timestamp_utc",
            "Whether times that do not say their zone are in UTC. Otherwise they are not read: a local time could make \
             a message look older than the rental that it belongs to.",
        ),
        (
            "timestamp_clock",
            "Whose time it is: provider (the default) or operator. An operator's tells repetitions, and does not decide \
             which renter a message is for.",
        ),
        (
            "text_encoding",
            "How texts are written: utf-8, hex, base64 or percent; with a character set as in hex:utf-16be.",
        ),
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

    /// The HTTP methods of webhooks.
    pub(super) fn methods(&self) -> Vec<Method> {
        let method = |method: &HttpMethod| if *method == HttpMethod::Get { Method::GET } else { Method::POST };
        match &self.method {
            Some(methods) => methods.iter().map(method).collect(),
            None if self.body == Body::Query => vec![Method::GET],
            None => vec![Method::POST],
        }
    }

    /// Whether fields are read from the URL.
    pub(super) fn reads_url(&self) -> bool {
        matches!(self.body, Body::Query | Body::Text) || self.methods().contains(&Method::GET)
    }

    /// Whether fields are read from the body.
    pub(super) fn reads_body(&self) -> bool {
        self.body != Body::Query && self.methods().contains(&Method::POST)
    }

    pub(super) fn time_format(&self) -> &TimeFormat {
        self.timestamp_format.as_ref().unwrap_or(&TimeFormat::Rfc3339)
    }
}

/// Whose clock the times of messages come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TimestampClock {
    /// The provider's own.
    #[default]
    Provider,
    /// An operator's, which nobody has checked.
    Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum HttpMethod {
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "POST")]
    Post,
}

/// The encoding of webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    Json,
    Form,
    /// The parameters of the URL, whatever the method.
    Query,
    Xml,
    /// The body is the text; other fields are parameters of the URL.
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

/// A condition on a value of an item: it is one of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    pub(super) path: Pointer,
    pub(super) equals: OneOrMany<Literal>,
}

impl Condition {
    pub(super) fn holds(&self, item: &Value) -> bool {
        self.path.all(item).into_iter().any(|value| self.equals.iter().any(|literal| literal.is(value)))
    }
}

/// A string, a number or a boolean, as text.
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
        let text: Cow<'_, str> = match value {
            Value::String(text) => text.into(),
            Value::Number(_) | Value::Bool(_) => value.to_string().into(),
            _ => return false,
        };
        text == self.0
    }
}

/// Where the fields of a message are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) id: Option<Pointers>,
    pub(super) from: Pointers,
    pub(super) to: Option<Pointers>,
    /// The receiver's name in `to_map`, if it is made of several values.
    pub(super) device: Option<DeviceTemplate>,
    pub(super) text: Pointers,
    pub(super) charset: Option<Pointers>,
    pub(super) timestamp: Option<Pointers>,
    /// The name of the channel.
    pub(super) channel: Option<Pointers>,
    pub(super) segments: Option<Pointers>,
    pub(super) media: Option<Pointers>,
    pub(super) media_type: Option<Pointers>,
    pub(super) part: Option<Pointers>,
    pub(super) parts: Option<Pointers>,
    pub(super) part_ref: Option<Pointers>,
}

/// The values of fields that a message lacks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) text: Option<String>,
    /// The country of recipients in national form.
    pub(super) country: Option<String>,
}

/// The response to a webhook. Empty by default: some providers send the body to the sender as an SMS.
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

/// Where the fields of a delivery report are. An item is one if it has a value at `path`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusFields {
    #[serde(default, rename = "where")]
    pub(super) conditions: Vec<Condition>,
    pub(super) path: Pointers,
    pub(super) id: Pointers,
    pub(super) to: Option<Pointers>,
    pub(super) at: Option<Pointers>,
    pub(super) error: Option<Pointers>,
    #[serde(default)]
    pub(super) map: BTreeMap<String, StateSetting>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct StateSetting(pub(super) DeliveryState);

impl TryFrom<String> for StateSetting {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse().map(Self)
    }
}

impl StatusFields {
    /// The delivery state of a provider's status, ignoring case.
    pub(super) fn state(&self, status: &str) -> Option<DeliveryState> {
        self.map.iter().find(|(known, _)| known.eq_ignore_ascii_case(status)).map(|(_, state)| state.0)
    }
}

/// The name of a header.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct HeaderSetting(pub(super) HeaderName);

impl TryFrom<String> for HeaderSetting {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        HeaderName::from_bytes(name.as_bytes())
            .map(Self)
            .map_err(|_| "must be the name of a header, such as X-Signature")
    }
}
