//! The settings as the operator writes them, with their defaults.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::RegistrationPolicy;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For log collectors: one JSON object a line.
    Json,
}

/// The settings of the file and the environment, not validated yet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) listen: String,
    pub(super) public_url: Option<String>,
    pub(super) database_url: String,
    pub(super) database_connections: u32,
    pub(super) redis_url: Option<String>,
    #[serde(skip_serializing)]
    pub(super) secret_key: Option<SecretString>,
    #[serde(skip_serializing, default, deserialize_with = "list")]
    pub(super) previous_secret_keys: Vec<SecretString>,
    pub(super) signing_key_file: Option<PathBuf>,
    #[serde(deserialize_with = "list")]
    pub(super) verification_key_files: Vec<PathBuf>,
    pub(super) session_idle_days: u32,
    pub(super) session_max_days: u32,
    pub(super) requests_per_minute_guest: u32,
    pub(super) requests_per_minute_pages: Option<u32>,
    pub(super) requests_per_minute_free: u32,
    pub(super) requests_per_minute_premium: u32,
    pub(super) requests_per_minute_admin: u32,
    pub(super) registration: RegistrationPolicy,
    #[serde(deserialize_with = "list")]
    pub(super) allowed_email_domains: Vec<String>,
    pub(super) registrations_per_hour: u32,
    pub(super) require_verified_email: Option<bool>,
    pub(super) rentals_per_day_user: u32,
    pub(super) rentals_per_day_network: u32,
    pub(super) unusual_rentals_per_day: u32,
    pub(super) unusual_numbers_per_sender: u32,
    #[serde(deserialize_with = "list")]
    pub(super) trusted_proxies: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) allowed_origins: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) allowed_headers: Vec<String>,
    #[serde(skip_serializing)]
    pub(super) smtp_url: Option<SecretString>,
    pub(super) mail_from: Option<String>,
    pub(super) verify_email_link: Option<String>,
    pub(super) reset_password_link: Option<String>,
    pub(super) invitation_link: Option<String>,
    pub(super) retention_hours: u32,
    pub(super) cool_down_minutes: u32,
    pub(super) clock_skew_seconds: u32,
    pub(super) access_token_minutes: u32,
    pub(super) receive_queue: usize,
    pub(super) max_connections_per_user: usize,
    pub(super) max_connections_per_network: Option<usize>,
    pub(super) graphql_introspection: bool,
    pub(super) graphql_suggestions: bool,
    pub(super) graphql_documents_file: Option<PathBuf>,
    pub(super) drain_seconds: u32,
    pub(super) metrics_listen: Option<String>,
    pub(super) otlp_endpoint: Option<String>,
    #[serde(skip_serializing)]
    pub(super) otlp_headers: Option<SecretString>,
    pub(super) trace_ratio: f64,
    pub(super) trust_traceparent: bool,
    pub(super) log: String,
    pub(super) log_format: LogFormat,
    #[cfg(feature = "fault-injection")]
    #[serde(default, skip_serializing)]
    pub(super) fault_injection: Vec<crate::fault_injection::Guarantee>,
}

impl Default for RawConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
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
            requests_per_minute_pages: None,
            requests_per_minute_free: 100,
            requests_per_minute_premium: 500,
            requests_per_minute_admin: 1000,
            registration: RegistrationPolicy::default(),
            allowed_email_domains: Vec::new(),
            registrations_per_hour: 5,
            require_verified_email: None,
            rentals_per_day_user: 0,
            rentals_per_day_network: 0,
            unusual_rentals_per_day: 100,
            unusual_numbers_per_sender: 500,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            allowed_headers: Vec::new(),
            smtp_url: None,
            mail_from: None,
            verify_email_link: None,
            reset_password_link: None,
            invitation_link: None,
            retention_hours: 24,
            cool_down_minutes: 10,
            clock_skew_seconds: 120,
            access_token_minutes: 60,
            receive_queue: 4096,
            max_connections_per_user: 100,
            max_connections_per_network: None,
            graphql_introspection: true,
            graphql_suggestions: true,
            graphql_documents_file: None,
            drain_seconds: 5,
            metrics_listen: None,
            otlp_endpoint: None,
            otlp_headers: None,
            trace_ratio: 0.01,
            trust_traceparent: false,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            #[cfg(feature = "fault-injection")]
            fault_injection: Vec::new(),
        }
    }
}

impl RawConfig {
    /// Whether the database is an embedded one.
    pub(super) fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// Requests a minute for pages. A guest's requests count like pages until it is known what they ask for, so a guest
    /// who may make more than usual may load as many pages, unless somebody says otherwise.
    pub(super) fn requests_per_minute_pages(&self) -> u32 {
        self.requests_per_minute_pages.unwrap_or(self.requests_per_minute_guest.max(600))
    }

    /// Connections of a client network. As a rule, all those of a user come from one network.
    pub(super) fn max_connections_per_network(&self) -> usize {
        self.max_connections_per_network.unwrap_or(self.max_connections_per_user.max(1000))
    }

    /// Whether the database is PostgreSQL.
    pub(super) fn is_postgres(&self) -> bool {
        ["postgres:", "postgresql:"].iter().any(|scheme| self.database_url.starts_with(scheme))
    }
}

/// Reads a list, or its items in one text with commas between them, as a variable has them.
fn list<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "must be a list of texts, or a text with commas between the items")]
    enum List {
        Items(Vec<String>),
        Text(String),
    }
    Ok(match List::deserialize(deserializer)? {
        List::Items(items) => items.into_iter().map(T::from).collect(),
        List::Text(text) => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| item.to_owned().into()).collect()
        }
    })
}
