//! A webhook as the provider would send it: the preset's sample, with another message in it.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    Generic,
    config::Body,
    pointer::{Places, Pointer, scalar},
    xml,
};
use crate::providers::kit::{Draft, RawWebhook, TimeFormat};

impl Generic {
    /// The webhook without what shows where it comes from.
    pub(super) fn unsigned(&self, draft: &Draft<'_>) -> RawWebhook {
        let (root, mut document) = self.sample_document();
        let mut item = match &self.settings.items {
            Some(items) => items.all(&document).first().map_or(Value::Null, |list| list.get(0).unwrap_or(list).clone()),
            None => document.clone(),
        };
        self.fill(&mut item, draft);
        match &self.settings.items {
            Some(items) => items.put(&mut document, Value::Array(vec![item])),
            None => document = item,
        }
        self.settings.write(&document, &root, draft.url)
    }

    /// What the sample says, and the name of its root where it is XML. An account that describes something else
    /// than its preset begins with nothing.
    fn sample_document(&self) -> (String, Value) {
        let nothing = || ("message".to_owned(), Value::Null);
        let Some(raw) = self.sample.map(|sample| sample.raw(&self.methods)) else { return nothing() };
        match self.settings.body {
            Body::Xml => xml::read(&String::from_utf8_lossy(&raw.body)).unwrap_or_else(|_| nothing()),
            _ => self.document(&raw).map_or_else(|_| nothing(), |document| (nothing().0, document)),
        }
    }

    fn fill(&self, item: &mut Value, draft: &Draft<'_>) {
        let fields = &self.settings.fields;
        for condition in &self.settings.conditions {
            let wanted = condition.equals.iter().next().filter(|_| !condition.holds(item));
            if let Some(wanted) = wanted {
                condition.path.put(item, wanted.as_str().into());
            }
        }
        let (text, charset) = self.settings.text_encoding.encode(draft.text, fields.charset.is_some());
        put(item, Some(&fields.text), |_| text.into());
        put(item, fields.charset.as_ref(), |_| charset.into());
        put(item, fields.id.as_ref(), |sample| like(sample, draft.id));
        put(item, Some(&fields.from), |sample| like(sample, draft.from));
        put(item, fields.to.as_ref(), |sample| like(sample, draft.to));
        let now = write_time(draft.now, &self.time_format);
        put(item, fields.timestamp.as_ref(), |sample| like(sample, &now));
    }
}

/// Puts something where something like it is in the sample.
fn put(item: &mut Value, places: Option<&Places>, value: impl FnOnce(Option<&Value>) -> Value) {
    let Some(place) = places.and_then(|places| places.place(item)) else { return };
    let place: Pointer = place.clone();
    let value = value(place.first(item));
    place.put(item, value);
}

/// Writes something as the sample does: as a number or as a text, after `tel:` or not, and with the plus sign of an
/// international number or without.
fn like(sample: Option<&Value>, text: &str) -> Value {
    let Some(shown) = sample.and_then(scalar) else { return text.into() };
    let (scheme, shown) = shown.strip_prefix("tel:").map_or(("", shown.as_ref()), |shown| ("tel:", shown));
    let text = if shown.starts_with('+') { text } else { Draft::bare(text) };
    match text.parse::<u64>() {
        Ok(number) if sample.is_some_and(Value::is_number) => number.into(),
        _ => format!("{scheme}{text}").into(),
    }
}

fn write_time(time: DateTime<Utc>, format: &TimeFormat) -> String {
    match format {
        TimeFormat::Rfc3339 => time.to_rfc3339(),
        TimeFormat::Unix => time.timestamp().to_string(),
        TimeFormat::UnixMs => time.timestamp_millis().to_string(),
        TimeFormat::Pattern(pattern) => {
            let mut text = String::new();
            // Some patterns can only be read.
            if write!(text, "{}", time.format(pattern)).is_err() {
                text.clear();
            }
            text
        }
    }
}
