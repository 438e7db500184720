//! Errors of an account's configuration, named from `configuration` down.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::{Error, Result};

/// Deserialises one setting, or all of them if `name` is empty.
pub(in crate::providers) fn read_setting<T: DeserializeOwned>(name: &str, value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let steps = ["configuration", name, if path == "." { "" } else { &path }];
        let steps: Vec<_> = steps.into_iter().filter(|step| !step.is_empty()).collect();
        Error::invalid(&steps.join("."), error.inner().to_string())
    })
}

/// The error for a setting with an invalid value.
pub(in crate::providers) fn refuse_setting(name: &str, issue: impl Into<String>) -> Error {
    Error::invalid(&format!("configuration.{name}"), issue)
}
