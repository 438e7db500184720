//! What an adapter is made from: the account's secret and its configuration.

use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Charset, CommonSettings, RequestGuard, Tolerance, read_setting};
use crate::domain::Result;

/// What an adapter is made from.
pub(in crate::providers) struct Setup {
    /// The account's secret.
    pub(in crate::providers) secret: SecretString,
    /// The settings that accounts of every kind have.
    pub(in crate::providers) common: CommonSettings,
    /// What every webhook must pass before the adapter verifies it.
    pub(in crate::providers) guard: RequestGuard,
    /// The rest of the configuration: the adapter's own settings.
    own: Map<String, Value>,
}

impl Setup {
    /// Splits a configuration into the common settings and the adapter's own.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, with the invalid setting.
    pub(in crate::providers) fn new(
        secret: SecretString,
        url_token: Option<SecretString>,
        configuration: &Map<String, Value>,
    ) -> Result<Self> {
        let is_common = |name: &String| CommonSettings::SETTINGS.iter().any(|(common, _)| common == name);
        let (common, own): (Map<_, _>, Map<_, _>) = configuration
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .partition(|(name, _)| is_common(name));
        let common: CommonSettings = read_setting("", common.into())?;
        common.check()?;
        let guard = RequestGuard::new(common.allowed_sources.clone(), url_token);
        Ok(Self { secret, common, guard, own })
    }

    /// The adapter's own settings. Unknown ones are refused if `T` has `deny_unknown_fields`.
    pub(in crate::providers) fn settings<T: DeserializeOwned>(&self) -> Result<T> {
        self.settings_over(&Map::new())
    }

    /// The adapter's own settings over those of a preset: a setting replaces the whole of the preset's.
    pub(in crate::providers) fn settings_over<T: DeserializeOwned>(&self, preset: &Map<String, Value>) -> Result<T> {
        let mut settings = preset.clone();
        settings.extend(self.own.clone());
        read_setting("", settings.into())
    }

    /// Refuses any setting of its own, for an adapter that has none.
    pub(in crate::providers) fn refuse_settings(&self) -> Result<()> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct NoSettings {}

        self.settings::<NoSettings>().map(drop)
    }

    /// The setting `default_charset`, for an adapter that has no other.
    pub(in crate::providers) fn default_charset(&self, default: Charset) -> Result<Charset> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Settings {
            default_charset: Option<Charset>,
        }

        let Settings { default_charset } = self.settings()?;
        Ok(default_charset.unwrap_or(default))
    }

    /// The account's tolerance, else the adapter's default, in seconds.
    pub(in crate::providers) fn tolerance(&self, default: u32) -> Tolerance {
        Tolerance::seconds(self.common.tolerance_seconds.unwrap_or(default))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn setup(configuration: Value) -> Result<Setup> {
        Setup::new("secret".into(), None, configuration.as_object().unwrap())
    }

    #[test]
    fn errors_name_the_setting() {
        for (configuration, field) in [
            (json!({ "webhook_url": "ftp://a" }), "configuration.webhook_url"),
            (json!({ "webhook_url": 1 }), "configuration.webhook_url"),
            (json!({ "webhook_url": "https://:password@a.example/x" }), "configuration.webhook_url"),
            (json!({ "allowed_sources": ["192.0.2.0/24", "x"] }), "configuration.allowed_sources[1]"),
            (json!({ "tolerance_seconds": 0 }), "configuration.tolerance_seconds"),
            (json!({ "tolerance_seconds": -1 }), "configuration.tolerance_seconds"),
            (json!({ "to": "nobody" }), "configuration.to"),
            (json!({ "to_map": { "a": "b" } }), "configuration.to_map.a"),
        ] {
            let error = setup(configuration.clone()).err().unwrap_or_else(|| panic!("{configuration}"));
            assert_eq!(error.details()["field"], field, "{error}");
        }
        let inner = read_setting::<BTreeMap<String, u8>>("auth", json!({ "a": "x" })).unwrap_err();
        assert_eq!(inner.details()["field"], "configuration.auth.a");
        let unknown = setup(json!({ "unheard_of": 1 })).unwrap().refuse_settings().unwrap_err();
        assert!(unknown.message().contains("unheard_of"), "{unknown}");
    }

    #[test]
    fn sources_are_addresses_or_networks() {
        let common =
            setup(json!({ "allowed_sources": ["192.0.2.7", "198.51.100.0/24", "2001:db8::1"] })).unwrap().common;
        let sources: Vec<_> = common.allowed_sources.iter().map(ToString::to_string).collect();
        assert_eq!(sources, ["192.0.2.7/32", "198.51.100.0/24", "2001:db8::1/128"]);
    }
}
