//! The settings that accounts of every kind have.

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::{Malformed, refuse_setting};
use crate::domain::{Channel, CountryCode, Msisdn, Result};

/// The settings that accounts of every kind have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CommonSettings {
    /// The URL that the provider was given, if it does not begin with the platform's public URL.
    pub webhook_url: Option<String>,
    /// The source addresses of its webhooks: addresses, or networks such as `192.0.2.0/24`. Empty allows all.
    #[serde(deserialize_with = "networks")]
    pub allowed_sources: Vec<IpNet>,
    /// How old a signature may be, in seconds, 1 to 604800.
    pub tolerance_seconds: Option<u32>,
    /// The recipient of messages for which the provider names none.
    pub to: Option<String>,
    /// The country of recipients in national form.
    pub country: Option<String>,
    /// The number behind a recipient that is no number, such as the id of a device, or that is in national form.
    pub to_map: BTreeMap<String, String>,
}

impl CommonSettings {
    /// Each setting with its description for operators.
    pub const SETTINGS: &[(&'static str, &'static str)] = &[
        ("webhook_url", "The address that the provider was given, where it is not below the platform's public_url."),
        ("allowed_sources", "Where its webhooks come from: a list of addresses or networks, such as 192.0.2.0/24."),
        ("tolerance_seconds", "How old a signature may be, 1 to 604800 seconds. The default is the provider's."),
        ("to", "The number that messages are for, where the provider names none."),
        ("country", "The country of numbers that the provider names in national form, such as US."),
        (
            "to_map",
            "Which number is meant by what the provider names, such as the id of a device: {\"device1:1\": \"+15005550006\"}.",
        ),
    ];

    /// The most entries of `to_map`.
    const MAX_RECIPIENTS: usize = 10_000;

    pub(super) fn check(&self) -> Result<()> {
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
        if let Some(country) = &self.country {
            CountryCode::parse("configuration.country", country)?;
        }
        if self.to_map.len() > Self::MAX_RECIPIENTS {
            return Err(refuse_setting("to_map", format!("must have at most {} entries", Self::MAX_RECIPIENTS)));
        }
        for (name, number) in &self.to_map {
            Msisdn::parse(&format!("configuration.to_map.{name}"), number)?;
        }
        Ok(())
    }

    /// The recipient of a message. `named` is what the provider calls it, if it does.
    pub(in crate::providers) fn recipient(&self, field: &str, named: Option<&str>) -> Result<Msisdn, Malformed> {
        let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else {
            let to = self.to.as_deref().ok_or_else(|| {
                Malformed::new(field, "is missing; say which number it is in the configuration, as `to` or in `to_map`")
            })?;
            return Ok(Msisdn::parse(field, to)?);
        };
        if let Some(known) = self.to_map.get(named) {
            return Ok(Msisdn::parse(field, known)?);
        }
        let number = number_of(named);
        if let Some(known) = self.to_map.get(number) {
            return Ok(Msisdn::parse(field, known)?);
        }
        // 00 is the international prefix in much of the world (ITU-T E.123, 2.5).
        match number.strip_prefix("00") {
            Some(digits) => Ok(Msisdn::parse(field, &format!("+{digits}"))?),
            None => self.national(number).map_or_else(|| Ok(Msisdn::parse(field, number)?), Ok),
        }
    }

    /// The number that a text means in the account's country. Not one that could be a short code.
    fn national(&self, text: &str) -> Option<Msisdn> {
        let country = CountryCode::parse("country", self.country.as_deref()?).ok()?;
        let is_long = text.bytes().filter(u8::is_ascii_digit).count() > 6;
        country.number(text).filter(|_| is_long && !text.starts_with('+'))
    }

    /// The recipient of a message for which the provider names only the device that received it: that of the first of
    /// these names in `to_map`, else `to`.
    pub(in crate::providers) fn recipient_of_device(&self, field: &str, names: &[&str]) -> Result<Msisdn, Malformed> {
        let known = names.iter().find_map(|name| self.to_map.get(*name)).or(self.to.as_ref());
        let known = known.ok_or_else(|| {
            let device = names.first().copied().unwrap_or_default();
            Malformed::new(field, format!("names no number; say in `to_map` of the configuration which {device:?} is"))
        })?;
        Ok(Msisdn::parse(field, known)?)
    }

    /// The recipient of an outbound message, for a delivery report: none if what the report names is no number.
    pub(in crate::providers) fn reported_recipient(&self, named: Option<&str>) -> Option<Msisdn> {
        self.recipient("to", Some(named?)).ok()
    }
}

/// The number in an address: without its scheme or channel, and without the host of a SIP address.
fn number_of(address: &str) -> &str {
    let number = address.strip_prefix("tel:").unwrap_or(address);
    match Channel::split(number) {
        Some((Channel::Voice, address)) => address.split_once('@').map_or(address, |(number, _)| number),
        Some((_, number)) => number,
        None => number,
    }
}

/// Deserialises networks and single addresses.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<IpNet>, D::Error> {
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Network(IpNet);

    impl TryFrom<String> for Network {
        type Error = String;

        fn try_from(text: String) -> std::result::Result<Self, String> {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map(Self).map_err(|_| format!("`{text}` is no address and no network such as 192.0.2.0/24"))
        }
    }

    let networks = Vec::<Network>::deserialize(deserializer)?;
    Ok(networks.into_iter().map(|network| network.0).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_recipient_may_be_a_device() {
        let common: CommonSettings =
            serde_json::from_value(json!({ "to": "+15005550006", "to_map": { "device1:1": "+15005550007" } })).unwrap();
        let to = |given| common.recipient("to", given).map(|to| to.to_string());
        assert_eq!(to(Some("device1:1")).unwrap(), "+15005550007");
        for nothing in [None, Some(""), Some(" ")] {
            assert_eq!(to(nothing).unwrap(), "+15005550006");
        }
        assert_eq!(to(Some("004915123456789")).unwrap(), "+4915123456789");
        assert_eq!(to(Some("tel:+4915123456789")).unwrap(), "+4915123456789");
        assert_eq!(to(Some("21512")).unwrap(), "21512");
        for address in ["whatsapp:+4915123456789", "rcs:004915123456789", "sip:+4915123456789@sip.example.com"] {
            assert_eq!(to(Some(address)).unwrap(), "+4915123456789", "{address}");
        }
        assert_eq!(to(Some("rcs:device1:1")).unwrap(), "+15005550007");
        assert_eq!(to(Some("device2")).unwrap_err().field, "to");
        let nobody = CommonSettings::default().recipient("to", None).unwrap_err();
        assert!(nobody.issue.contains("to_map"), "{nobody}");
        let us = CommonSettings { country: Some("US".to_owned()), ..CommonSettings::default() };
        for (named, number) in [
            ("4155550100", "+14155550100"),
            ("14155550100", "+14155550100"),
            ("+4155550100", "+4155550100"),
            ("415555", "415555"),
            ("442079460958", "+442079460958"),
        ] {
            assert_eq!(us.recipient("to", Some(named)).unwrap().as_str(), number, "{named}");
        }
        let of = |devices: &[&str]| common.recipient_of_device("device", devices).map(|to| to.to_string());
        assert_eq!(of(&["device1:2", "device1:1"]).unwrap(), "+15005550007");
        assert_eq!(of(&["device2"]).unwrap(), "+15005550006");
        let nobody = CommonSettings::default().recipient_of_device("device", &["device\0"]).unwrap_err();
        assert!(nobody.field == "device" && nobody.issue.contains(r#""device\0""#), "{nobody}");
    }
}
