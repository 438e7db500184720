//! A webhook as the provider would send it: the preset's sample with another message in it.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    pointer::{Pointer, Pointers, scalar},
    settings::Settings,
};
use crate::providers::kit::{Draft, RawWebhook, TimeFormat};

/// The webhook without its signature, made from a document and the name of its root element in XML.
pub(super) fn unsigned(settings: &Settings, sample: (String, Value), draft: &Draft<'_>) -> RawWebhook {
    let (root, mut document) = sample;
    match &settings.items {
        Some(items) => {
            let list = items.all(&document).first().copied().unwrap_or(&Value::Null);
            let mut item = list.get(0).unwrap_or(list).clone();
            fill(settings, &mut item, draft);
            items.set(&mut document, Value::Array(vec![item]));
        }
        None => fill(settings, &mut document, draft),
    }
    settings.write(&document, &root, draft.url)
}

fn fill(settings: &Settings, item: &mut Value, draft: &Draft<'_>) {
    let fields = &settings.fields;
    for condition in &settings.conditions {
        let wanted = condition.equals.iter().next().filter(|_| !condition.holds(item));
        if let Some(wanted) = wanted {
            condition.path.set(item, wanted.as_str().into());
        }
    }
    let (text, charset) = settings.text_encoding.encode(draft.text, fields.charset.is_some());
    set(item, Some(&fields.text), |_| text.into());
    set(item, fields.charset.as_ref(), |_| charset.into());
    set(item, fields.id.as_ref(), |sample| like(sample, draft.id));
    set(item, Some(&fields.from), |sample| like(sample, draft.from));
    set(item, fields.to.as_ref(), |sample| like(sample, draft.to));
    let now = write_time(draft.now, settings.time_format());
    set(item, fields.timestamp.as_ref(), |sample| like(sample, &now));
}

/// Sets a field at the pointer at which the sample has it. The value may depend on the sample's.
fn set(item: &mut Value, pointers: Option<&Pointers>, value: impl FnOnce(Option<&Value>) -> Value) {
    let Some(pointer) = pointers.and_then(|pointers| pointers.used_by(item)) else { return };
    let pointer: Pointer = pointer.clone();
    let value = value(pointer.first(item));
    pointer.set(item, value);
}

/// A text in the style of the sample: as a number or a string, with or without `tel:`, and with or without the plus
/// sign of an international number.
fn like(sample: Option<&Value>, text: &str) -> Value {
    let Some(shown) = sample.and_then(scalar) else { return text.into() };
    let (scheme, shown) = shown.strip_prefix("tel:").map_or(("", shown.as_ref()), |shown| ("tel:", shown));
    let text = if shown.starts_with('+') { text } else { Draft::without_plus(text) };
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
            // Some patterns can only be parsed.
            if write!(text, "{}", time.format(pattern)).is_err() {
                text.clear();
            }
            text
        }
    }
}
