//! What an account is made of: its secret and its configuration.

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};
use url::Url;

use super::{Gate, Malformed};
use crate::domain::{Error, Msisdn, Result};

/// What an account of any kind can say in its configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Common {
    /// The address that the provider was given, where it is not below the platform's public one.
    pub webhook_url: Option<String>,
    /// Where its webhooks come from: addresses, or networks such as `192.0.2.0/24`.
    #[serde(deserialize_with = "sources")]
    pub allowed_sources: Vec<IpNet>,
    /// How old a signature may be, in seconds.
    pub tolerance_seconds: Option<u32>,
    /// The number that messages are for where the provider names none.
    pub to: Option<String>,
    /// Which number is meant by what the provider names: the id of a device, or a number in national form.
    pub to_map: BTreeMap<String, String>,
}

impl Common {
    /// The settings, each with what it says.
    pub const SETTINGS: &[(&'static str, &'static str)] = &[
        ("webhook_url", "The address that the provider was given, where it is not below the platform's public_url."),
        ("allowed_sources", "Where its webhooks come from: a list of addresses or networks, such as 192.0.2.0/24."),
        ("tolerance_seconds", "How old a signature may be, 1 to 604800 seconds. The default is the provider's."),
        ("to", "The number that messages are for, where the provider names none."),
        (
            "to_map",
            "Which number is meant by what the provider names, such as the id of a device: {\"device1:1\": \"+15005550006\"}.",
        ),
    ];

    fn check(&self) -> Result<()> {
        if let Some(url) = &self.webhook_url {
            let is_plain = |url: &Url| {
                matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
            };
            let issue = "must be an address that begins with https://, without a user name or a password";
            Url::parse(url).ok().filter(is_plain).ok_or_else(|| refuse_setting("webhook_url", issue))?;
        }
        if self.tolerance_seconds.is_some_and(|tolerance| !(1..=604_800).contains(&tolerance)) {
            return Err(refuse_setting("tolerance_seconds", "must be from 1 to 604800"));
        }
        if let Some(to) = &self.to {
            Msisdn::parse("configuration.to", to)?;
        }
        if self.to_map.len() > 10_000 {
            return Err(refuse_setting("to_map", "must have at most 10000 entries"));
        }
        for (name, number) in &self.to_map {
            Msisdn::parse(&format!("configuration.to_map.{name}"), number)?;
        }
        Ok(())
    }

    /// The number that a message is for. `given` is what the provider calls it, if it says so.
    pub(in crate::providers) fn recipient(&self, field: &str, given: Option<&str>) -> Result<Msisdn, Malformed> {
        let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else {
            let to = self.to.as_deref().ok_or_else(|| {
                Malformed::new(field, "is missing; say which number it is in the configuration, as `to` or in `to_map`")
            })?;
            return Ok(Msisdn::parse(field, to)?);
        };
        if let Some(known) = self.to_map.get(given) {
            return Ok(Msisdn::parse(field, known)?);
        }
        let number = given.strip_prefix("tel:").unwrap_or(given);
        // The digits before an international number in much of the world (ITU-T E.123, 2.5).
        match number.strip_prefix("00") {
            Some(digits) => Ok(Msisdn::parse(field, &format!("+{digits}"))?),
            None => Ok(Msisdn::parse(field, number)?),
        }
    }

    /// The number that a message is for, where the provider says only which device received it: the first of these
    /// names that is in `to_map`, else `to`.
    pub(in crate::providers) fn recipient_of(&self, field: &str, devices: &[&str]) -> Result<Msisdn, Malformed> {
        let known = devices.iter().find_map(|device| self.to_map.get(*device)).or(self.to.as_ref());
        let known = known.ok_or_else(|| {
            let device = devices.first().copied().unwrap_or_default();
            Malformed::new(field, format!("names no number; say in `to_map` of the configuration which {device:?} is"))
        })?;
        Ok(Msisdn::parse(field, known)?)
    }
}

/// What an adapter is made from.
pub(in crate::providers) struct Setup {
    /// The secret.
    pub(in crate::providers) secret: SecretString,
    /// What every kind knows.
    pub(in crate::providers) common: Common,
    /// What is asked of a webhook before the adapter sees it.
    pub(in crate::providers) gate: Gate,
    /// The rest of the configuration: the adapter's own.
    own: Map<String, Value>,
}

impl Setup {
    /// Takes the configuration apart.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, with the setting that is wrong.
    pub(in crate::providers) fn new(
        secret: SecretString,
        token: Option<SecretString>,
        configuration: &Map<String, Value>,
    ) -> Result<Self> {
        let is_common = |name: &String| Common::SETTINGS.iter().any(|(common, _)| common == name);
        let (common, own): (Map<_, _>, Map<_, _>) = configuration
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .partition(|(name, _)| is_common(name));
        let common: Common = read_setting("", common.into())?;
        common.check()?;
        let gate = Gate::new(common.allowed_sources.clone(), token);
        Ok(Self { secret, common, gate, own })
    }

    /// The adapter's own settings. Those that it does not know are refused, if its type says
    /// `deny_unknown_fields`.
    pub(in crate::providers) fn own<T: DeserializeOwned>(&self) -> Result<T> {
        self.own_over(&Map::new())
    }

    /// The same, laid over other settings: one of its own replaces the whole of the other.
    pub(in crate::providers) fn own_over<T: DeserializeOwned>(&self, others: &Map<String, Value>) -> Result<T> {
        let mut settings = others.clone();
        settings.extend(self.own.clone());
        read_setting("", settings.into())
    }

    /// For an adapter that has no settings of its own.
    pub(in crate::providers) fn has_no_own(&self) -> Result<()> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        self.own::<Nothing>().map(drop)
    }

    /// How old a signature may be, where the account does not say.
    pub(in crate::providers) fn tolerance(&self, default: u32) -> u32 {
        self.common.tolerance_seconds.unwrap_or(default)
    }
}

/// Networks, or single addresses.
fn sources<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<IpNet>, D::Error> {
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Source(IpNet);

    impl TryFrom<String> for Source {
        type Error = String;

        fn try_from(text: String) -> std::result::Result<Self, String> {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map(Self).map_err(|_| format!("`{text}` is no address and no network such as 192.0.2.0/24"))
        }
    }

    let sources = Vec::<Source>::deserialize(deserializer)?;
    Ok(sources.into_iter().map(|source| source.0).collect())
}

/// Reads a setting, or all of them where `name` is empty. What is wrong is named from the configuration down.
pub(in crate::providers) fn read_setting<T: DeserializeOwned>(name: &str, value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let steps = ["configuration", name, if path == "." { "" } else { &path }];
        let steps: Vec<_> = steps.into_iter().filter(|step| !step.is_empty()).collect();
        Error::invalid(&steps.join("."), error.inner().to_string())
    })
}

/// A setting that cannot be.
pub(in crate::providers) fn refuse_setting(name: &str, issue: impl Into<String>) -> Error {
    Error::invalid(&format!("configuration.{name}"), issue)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn setup(configuration: Value) -> Result<Setup> {
        Setup::new("secret".into(), None, configuration.as_object().unwrap())
    }

    #[test]
    fn a_wrong_setting_is_named() {
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
        let unknown = setup(json!({ "unheard_of": 1 })).unwrap().has_no_own().unwrap_err();
        assert!(unknown.message().contains("unheard_of"), "{unknown}");
    }

    #[test]
    fn sources_are_addresses_or_networks() {
        let common =
            setup(json!({ "allowed_sources": ["192.0.2.7", "198.51.100.0/24", "2001:db8::1"] })).unwrap().common;
        let sources: Vec<_> = common.allowed_sources.iter().map(ToString::to_string).collect();
        assert_eq!(sources, ["192.0.2.7/32", "198.51.100.0/24", "2001:db8::1/128"]);
    }

    #[test]
    fn a_recipient_may_be_a_device() {
        let common = setup(json!({ "to": "+15005550006", "to_map": { "device1:1": "+15005550007" } })).unwrap().common;
        let to = |given| common.recipient("to", given).map(|to| to.to_string());
        assert_eq!(to(Some("device1:1")).unwrap(), "+15005550007");
        for nothing in [None, Some(""), Some(" ")] {
            assert_eq!(to(nothing).unwrap(), "+15005550006");
        }
        assert_eq!(to(Some("004915123456789")).unwrap(), "+4915123456789");
        assert_eq!(to(Some("tel:+4915123456789")).unwrap(), "+4915123456789");
        assert_eq!(to(Some("21512")).unwrap(), "21512");
        assert_eq!(to(Some("device2")).unwrap_err().field, "to");
        let nobody = Common::default().recipient("to", None).unwrap_err();
        assert!(nobody.issue.contains("to_map"), "{nobody}");
        let of = |devices: &[&str]| common.recipient_of("device", devices).map(|to| to.to_string());
        assert_eq!(of(&["device1:2", "device1:1"]).unwrap(), "+15005550007");
        assert_eq!(of(&["device2"]).unwrap(), "+15005550006");
        let nobody = Common::default().recipient_of("device", &["device\0"]).unwrap_err();
        assert!(nobody.field == "device" && nobody.issue.contains(r#""device\0""#), "{nobody}");
    }
}
