//! Sample configurations and secrets of each kind of provider, from `tests/data/provider-samples.json`. The unit tests
//! of the adapters include this file too.

use std::{path::Path, sync::LazyLock};

use serde_json::Value;

static SAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/provider-samples.json")).unwrap());

/// The sample of a kind; without one, that of presets or of all kinds.
pub(crate) fn sample(kind: &str, is_preset: bool, name: &str) -> Option<Value> {
    let preset = is_preset.then(|| SAMPLES["preset"].get(name)).flatten();
    let sample = SAMPLES["kinds"][kind].get(name).or(preset).or(SAMPLES["default"].get(name));
    sample.cloned().map(read_files)
}

/// A sample that is a text.
pub(crate) fn text(kind: &str, is_preset: bool, name: &str) -> Option<String> {
    sample(kind, is_preset, name).map(|value| value.as_str().unwrap().to_owned())
}

/// Replaces texts of the form `@file` by the content of that file.
fn read_files(value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
                std::fs::read_to_string(folder.join(name)).unwrap().into()
            }
            None => text.into(),
        },
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, read_files(value))).collect(),
        other => other,
    }
}
