//! Where settings are written: a TOML file, then variables that start with `OTPWIRE_`.
//!
//! An unknown key of the file is an error, because the file is ours alone. An unknown variable is a warning, because
//! others set variables with this prefix: scripts for other programs, and Kubernetes for a service of this name.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use figment::{
    Figment,
    error::{Actual, Kind},
    providers::{Env, Format, Serialized},
    value::Dict,
};
use serde::de::{DeserializeOwned, Error as _};

use super::{names::setting_names, raw::RawConfig};

const PREFIX: &str = "OTPWIRE_";
/// Every setting with its default, for examples in errors.
pub(super) const EXAMPLE: &str = include_str!("../../otpwire.example.toml");
/// Variables that our own scripts and clients use.
const NOT_SETTINGS: [&str; 6] = ["api_key", "config", "email", "password", "program", "url"];
/// The least similarity of a name that was probably meant.
const SIMILAR: f64 = 0.8;

/// The format of the file. figment's own reader would bring a second, older version of the `toml` that reads the
/// lexicon.
struct Toml;

impl Format for Toml {
    type Error = toml::de::Error;

    const NAME: &'static str = "TOML";

    fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Self::Error> {
        toml::from_str(text).map_err(|error| {
            // The library quotes the line, which may hold a secret.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            toml::de::Error::custom(format!("line {line} is not valid TOML: {}", error.message()))
        })
    }
}

/// Reads `path`, or `otpwire.toml` if it exists, and then the variables. Returns what the operator should know besides.
pub(super) fn load(path: Option<&Path>) -> Result<(RawConfig, Vec<String>)> {
    let names = setting_names::<RawConfig>();
    let file = Figment::from(match path {
        Some(path) => {
            ensure!(path.is_file(), "there is no configuration file at {}", path.display());
            Toml::file_exact(path)
        }
        None => Toml::file("otpwire.toml"),
    });
    let written: Dict = file.extract().map_err(|error| explain(&error))?;
    if let Some(key) = written.keys().find(|key| !names.contains(&key.as_str())) {
        let source = file.find_metadata(key).and_then(|metadata| metadata.source.as_ref());
        let source = source.map_or_else(String::new, |source| format!(" (in {source})"));
        bail!("{key}: there is no such setting{source}{}", did_you_mean(key, names, str::to_owned));
    }
    let warnings = Env::prefixed(PREFIX)
        .iter()
        .filter(|(key, value)| {
            let key = key.as_str().to_ascii_lowercase();
            !names.contains(&key.as_str()) && !NOT_SETTINGS.contains(&key.as_str()) && !is_of_kubernetes(&key, value)
        })
        .map(|(key, _)| {
            let variable = |key: &str| format!("{PREFIX}{}", key.to_ascii_uppercase());
            format!(
                "the variable {} is not a setting and is ignored{}",
                variable(key.as_str()),
                did_you_mean(key.as_str(), names, variable)
            )
        })
        .collect();
    let variables =
        Env::prefixed(PREFIX).filter(move |key| names.iter().any(|name| key.as_str().eq_ignore_ascii_case(name)));
    let settings = Figment::from(Serialized::defaults(RawConfig::default())).merge(file).merge(variables);
    Ok((settings.extract().map_err(|error| explain(&error))?, warnings))
}

/// `; did you mean …?`, if a setting has a similar name.
fn did_you_mean(key: &str, names: &[&str], spell: impl Fn(&str) -> String) -> String {
    let key = key.to_ascii_lowercase();
    let similarity = |name: &str| strsim::jaro_winkler(&key, name);
    let nearest = names.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    nearest
        .filter(|name| similarity(name) >= SIMILAR)
        .map_or_else(String::new, |name| format!("; did you mean {}?", spell(name)))
}

/// Whether Kubernetes sets such a variable, for a service that is called `otpwire` or starts with `otpwire-`:
/// `…SERVICE_HOST`, `…SERVICE_PORT`, `…SERVICE_PORT_HTTP`, `…PORT=tcp://…`, `…PORT_8080_TCP`, `…PORT_8080_TCP_ADDR`.
fn is_of_kubernetes(key: &str, value: &str) -> bool {
    let key = format!("_{key}");
    if key.ends_with("_service_host") || key.ends_with("_service_port") || key.contains("_service_port_") {
        return true;
    }
    let port = key.split_once("_port_").map(|(_, port)| port.split('_').collect::<Vec<_>>()).unwrap_or_default();
    let is_of_a_port = matches!(
        port[..],
        [number, "tcp" | "udp" | "sctp"] | [number, "tcp" | "udp" | "sctp", "proto" | "port" | "addr"]
            if number.bytes().all(|byte| byte.is_ascii_digit())
    );
    is_of_a_port || (key.ends_with("_port") && value.contains("://"))
}

/// Which setting is wrong, where it was read, and what would be right. No value is quoted: it may be a secret.
fn explain(error: &figment::Error) -> anyhow::Error {
    let key = error.path.join(".");
    let problem = match &error.kind {
        Kind::InvalidType(actual, expected) => format!("must be {expected}, and is {}", kind_of(actual)),
        Kind::InvalidValue(_, expected) => format!("must be {expected}"),
        Kind::UnknownVariant(_, known) => format!("must be one of {}", known.join(", ")),
        Kind::Message(message) => message.clone(),
        other => other.to_string(),
    };
    let source = match error.metadata.as_ref() {
        Some(metadata) if metadata.name.contains("environment") => {
            format!(" (in the variable {PREFIX}{})", key.to_ascii_uppercase())
        }
        Some(metadata) => metadata.source.as_ref().map_or_else(String::new, |source| format!(" (in {source})")),
        None => String::new(),
    };
    if key.is_empty() {
        return anyhow::anyhow!("{problem}{source}");
    }
    let example = example_of(&key).map_or_else(String::new, |line| format!("; for example: {line}"));
    anyhow::anyhow!("{key}: {problem}{source}{example}")
}

fn kind_of(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) | Actual::Bytes(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}

/// The line of the example file that sets a setting.
fn example_of(key: &str) -> Option<&'static str> {
    let mut lines = EXAMPLE.lines().map(|line| line.trim_start_matches("# "));
    lines.find(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(" = ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_names_every_setting_with_its_default() {
        let names = setting_names::<RawConfig>();
        assert!(names.len() > 25, "{names:?}");
        // `fault_injection` exists in test builds alone.
        for name in names.iter().filter(|name| **name != "fault_injection") {
            assert!(example_of(name).is_some(), "{name} is not in otpwire.example.toml");
        }
        let from_example: RawConfig = Figment::from(Toml::string(EXAMPLE)).extract().unwrap();
        let plain = |raw| serde_json::to_value::<RawConfig>(raw).unwrap();
        assert_eq!(plain(from_example), plain(RawConfig::default()));
    }

    #[test]
    fn variables_of_kubernetes_are_recognised_and_are_no_settings() {
        for (key, value) in [
            ("port", "tcp://10.0.0.1:80"),
            ("port_8080_tcp", "tcp://10.0.0.1:8080"),
            ("port_8080_tcp_proto", "tcp"),
            ("port_53_udp_addr", "10.0.0.1"),
            ("service_host", "10.0.0.1"),
            ("service_port", "80"),
            ("service_port_http", "80"),
            ("redis_port", "tcp://10.0.0.2:6379"),
            ("redis_port_6379_tcp_port", "6379"),
            ("redis_service_host", "10.0.0.2"),
            ("metrics_service_port_web", "9090"),
        ] {
            assert!(is_of_kubernetes(key, value), "{key}");
        }
        // Somebody means a setting here.
        for key in ["port", "listen_port", "port_number", "service"] {
            assert!(!is_of_kubernetes(key, "8080"), "{key}");
        }
        for name in setting_names::<RawConfig>() {
            assert!(!is_of_kubernetes(name, "tcp://10.0.0.1:80"), "{name} would be misread");
        }
    }

    #[test]
    fn only_similar_names_are_suggested() {
        let names = setting_names::<RawConfig>();
        for (wrong, meant) in [
            ("listne", "listen"),
            ("DATABASE", "database_url"),
            ("redis", "redis_url"),
            ("retention_hour", "retention_hours"),
            ("publicurl", "public_url"),
            ("allowed_origin", "allowed_origins"),
        ] {
            assert_eq!(did_you_mean(wrong, names, str::to_owned), format!("; did you mean {meant}?"));
        }
        for wrong in ["x", "port", "cluster_member"] {
            assert_eq!(did_you_mean(wrong, names, str::to_owned), "", "{wrong}");
        }
    }
}
