//! The settings as the operator wrote them: a file, then the environment.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use figment::{
    Figment,
    providers::{Env, Format, Serialized},
};
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log collectors: one JSON object a line.
    Json,
}

/// The format of the file. figment's own reader would bring a second, older version of the `toml` that reads the lexicon.
struct Toml;

impl Format for Toml {
    type Error = toml::de::Error;

    const NAME: &'static str = "TOML";

    fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Self::Error> {
        toml::from_str(text)
    }
}

/// The settings of the file and the environment, not validated yet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) listen: SocketAddr,
    pub(super) public_url: Option<Url>,
    pub(super) database_url: String,
    pub(super) database_connections: u32,
    pub(super) redis_url: Option<String>,
    #[serde(skip_serializing)]
    pub(super) secret_key: Option<SecretString>,
    #[serde(skip_serializing, default)]
    pub(super) previous_secret_keys: Vec<SecretString>,
    pub(super) signing_key_file: Option<PathBuf>,
    pub(super) verification_key_files: Vec<PathBuf>,
    pub(super) session_idle_days: u32,
    pub(super) session_max_days: u32,
    pub(super) requests_per_minute_guest: u32,
    pub(super) requests_per_minute_free: u32,
    pub(super) requests_per_minute_premium: u32,
    pub(super) requests_per_minute_admin: u32,
    pub(super) trusted_proxies: Vec<IpNet>,
    pub(super) allowed_origins: Vec<String>,
    #[serde(skip_serializing)]
    pub(super) smtp_url: Option<SecretString>,
    pub(super) mail_from: Option<String>,
    pub(super) verify_email_link: Option<String>,
    pub(super) reset_password_link: Option<String>,
    pub(super) retention_hours: u32,
    pub(super) cool_down_minutes: u32,
    pub(super) access_token_minutes: u32,
    pub(super) receive_queue: usize,
    pub(super) max_connections_per_user: usize,
    pub(super) graphql_introspection: bool,
    pub(super) graphql_suggestions: bool,
    pub(super) graphql_documents_file: Option<PathBuf>,
    pub(super) drain_seconds: u32,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) log: String,
    pub(super) log_format: LogFormat,
    #[cfg(feature = "fault-injection")]
    #[serde(default, skip_serializing)]
    pub(super) fault_injection: Vec<crate::fault_injection::Guarantee>,
}

impl Default for RawConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database_url: "sqlite:otpwire.sqlite".to_owned(),
            database_connections: 8,
            redis_url: None,
            secret_key: None,
            previous_secret_keys: Vec::new(),
            signing_key_file: None,
            verification_key_files: Vec::new(),
            session_idle_days: 30,
            session_max_days: 90,
            requests_per_minute_guest: 10,
            requests_per_minute_free: 100,
            requests_per_minute_premium: 500,
            requests_per_minute_admin: 1000,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            smtp_url: None,
            mail_from: None,
            verify_email_link: None,
            reset_password_link: None,
            retention_hours: 24,
            cool_down_minutes: 10,
            access_token_minutes: 60,
            receive_queue: 4096,
            max_connections_per_user: 100,
            graphql_introspection: true,
            graphql_suggestions: true,
            graphql_documents_file: None,
            drain_seconds: 5,
            metrics_listen: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            #[cfg(feature = "fault-injection")]
            fault_injection: Vec::new(),
        }
    }
}

impl RawConfig {
    /// Reads `path`, or `otpwire.toml` if it exists, then variables that start with `OTPWIRE_`.
    pub(super) fn load(path: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        figment = match path {
            Some(path) => {
                ensure!(path.is_file(), "there is no configuration file at {}", path.display());
                figment.merge(Toml::file_exact(path))
            }
            None => figment.merge(Toml::file("otpwire.toml")),
        };
        // Not settings: scripts may export the first two for other programs, and Kubernetes sets OTPWIRE_PORT… and
        // OTPWIRE_SERVICE_… for a service of this name.
        let environment = Env::prefixed("OTPWIRE_")
            .ignore(&["config", "password"])
            .filter(|key| !key.as_str().starts_with("port") && !key.as_str().starts_with("service_"));
        Ok(figment.merge(environment).extract()?)
    }

    /// Whether the database is an embedded one.
    pub(super) fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// Whether the database is PostgreSQL.
    pub(super) fn is_postgres(&self) -> bool {
        ["postgres:", "postgresql:"].iter().any(|scheme| self.database_url.starts_with(scheme))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_names_every_setting_with_its_default() {
        // serde names every field in its error about an unknown one.
        let unknown =
            Figment::from(Toml::string("no_such_setting = 1")).merge(Serialized::defaults(RawConfig::default()));
        let complaint = unknown.extract::<RawConfig>().err().unwrap().to_string();
        let names: Vec<_> =
            complaint.split('`').filter(|name| !name.is_empty() && !name.contains([' ', ','])).collect();
        assert!(names.len() > 25, "{complaint}");
        let example = include_str!("../../otpwire.example.toml");
        // `fault_injection` exists in test builds alone.
        for name in names.into_iter().filter(|name| !["no_such_setting", "fault_injection"].contains(name)) {
            let is_there = example.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{name} = ")));
            assert!(is_there, "{name} is not in otpwire.example.toml");
        }
        let from_example: RawConfig = Figment::from(Toml::string(example)).extract().unwrap();
        let plain = |raw| serde_json::to_value::<RawConfig>(raw).unwrap();
        assert_eq!(plain(from_example), plain(RawConfig::default()));
    }
}
