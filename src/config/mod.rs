//! Configuration: a file, then the environment, into one validated struct. Nothing else reads the
//! environment.
//!
//! Every setting has a default that runs the embedded platform on a laptop. `otpwire.example.toml`
//! lists them all.

mod keys;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

pub use keys::KeySource;

use crate::{
    app::{
        RequestLimits, SessionLifetime, Settings,
        accounts::{MailLinks, PasswordCost},
    },
    graphql::{self, AllowedDocuments},
    mail::Mailer,
};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

/// What the operator wrote, as it was written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    listen: SocketAddr,
    public_url: Option<Url>,
    database_url: String,
    database_connections: u32,
    redis_url: Option<String>,
    #[serde(skip_serializing)]
    secret_key: Option<SecretString>,
    #[serde(skip_serializing, default)]
    previous_secret_keys: Vec<SecretString>,
    signing_key_file: Option<PathBuf>,
    verification_key_files: Vec<PathBuf>,
    session_idle_days: u32,
    session_max_days: u32,
    requests_per_minute_guest: u32,
    requests_per_minute_free: u32,
    requests_per_minute_premium: u32,
    requests_per_minute_admin: u32,
    trusted_proxies: Vec<IpNet>,
    allowed_origins: Vec<String>,
    #[serde(skip_serializing)]
    smtp_url: Option<SecretString>,
    mail_from: Option<String>,
    verify_email_link: Option<String>,
    reset_password_link: Option<String>,
    retention_hours: u32,
    cool_down_minutes: u32,
    access_token_minutes: u32,
    receive_queue: usize,
    max_connections_per_user: usize,
    graphql_introspection: bool,
    graphql_suggestions: bool,
    graphql_documents_file: Option<PathBuf>,
    drain_seconds: u32,
    metrics_listen: Option<SocketAddr>,
    log: String,
    log_format: LogFormat,
    #[cfg(feature = "fault-injection")]
    #[serde(default, skip_serializing)]
    fault_injection: Vec<crate::fault_injection::Guarantee>,
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

/// A configuration that was checked. Its addresses may carry passwords, so it is never printed.
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where it is reached from outside, without a slash at the end.
    pub public_url: String,
    /// Where the memory is.
    pub database_url: String,
    /// How many connections to it at the most.
    pub database_connections: u32,
    /// The wire between replicas, if there is one.
    pub redis_url: Option<String>,
    /// Where the root key comes from.
    pub root_key: KeySource,
    /// The root keys before it, whose work is still honoured.
    previous_keys: Vec<SecretString>,
    /// The Ed25519 key that signs access tokens, if one does.
    signing_key_file: Option<PathBuf>,
    /// More Ed25519 keys whose access tokens are honoured.
    verification_key_files: Vec<PathBuf>,
    /// The proxies whose word about the address of a client is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may call the API from a browser.
    pub allowed_origins: AllowedOrigins,
    /// What sends mail.
    pub mail: MailSource,
    /// What the rules depend on.
    pub settings: Settings,
    /// How long a replica that was told to stop goes on, for those who have not noticed yet. One that is alone
    /// stops at once: there is nobody to go to.
    pub drain: Duration,
    /// Where metrics are served, if they are.
    pub metrics_listen: Option<SocketAddr>,
    /// Which log lines are written, in the syntax of tracing's `EnvFilter`.
    pub log: String,
    /// How they look.
    pub log_format: LogFormat,
    /// What GraphQL clients may do.
    pub graphql: graphql::Options,
    /// The guarantees that are taken away.
    #[cfg(feature = "fault-injection")]
    pub fault_injection: Vec<crate::fault_injection::Guarantee>,
}

/// Which pages may call the API from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Every page: nothing here depends on cookies.
    Any,
    /// Pages of these origins, such as `https://app.example.com`.
    These(Vec<String>),
}

/// What sends mail.
#[derive(Debug)]
pub enum MailSource {
    /// The log.
    Log,
    /// A mail server, and who writes.
    Smtp(SecretString, String),
    /// Nothing.
    Nowhere,
}

impl Config {
    /// Reads `path`, or `otpwire.toml` where it exists, then variables that start with `OTPWIRE_`.
    ///
    /// # Errors
    /// Which setting is wrong, where it was read, and what would be right.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(RawConfig::default()));
        figment = match path {
            Some(path) => {
                ensure!(path.is_file(), "there is no configuration file at {}", path.display());
                figment.merge(Toml::file_exact(path))
            }
            None => figment.merge(Toml::file("otpwire.toml")),
        };
        // Passwords are never settings; tests and scripts may export them beside these.
        // Kubernetes sets OTPWIRE_PORT… and OTPWIRE_SERVICE_… for a service of this name.
        let environment = Env::prefixed("OTPWIRE_")
            .ignore(&["config", "password"])
            .filter(|key| !key.as_str().starts_with("port") && !key.as_str().starts_with("service_"));
        Self::check(figment.merge(environment).extract()?)
    }

    /// The embedded platform with a database at `path`, for demonstrations.
    ///
    /// # Errors
    /// When the path cannot be part of an address.
    pub fn embedded(path: &Path, listen: SocketAddr) -> Result<Self> {
        let path = path.to_str().context("the path of the database must be text")?;
        Self::check(RawConfig {
            listen,
            database_url: format!("sqlite:{path}"),
            log: "warn".to_owned(),
            ..RawConfig::default()
        })
    }

    fn check(written: RawConfig) -> Result<Self> {
        let is_sqlite = written.database_url.starts_with("sqlite:");
        let is_postgres = ["postgres:", "postgresql:"].iter().any(|scheme| written.database_url.starts_with(scheme));
        ensure!(is_sqlite || is_postgres, "database_url: must start with sqlite: or postgres:");
        if let Some(redis) = &written.redis_url {
            ensure!(
                ["redis:", "rediss:", "unix:", "valkey:", "valkeys:"].iter().any(|scheme| redis.starts_with(scheme)),
                "redis_url: must start with redis: or rediss:"
            );
            ensure!(
                is_postgres,
                "redis_url: SQLite serves one replica, which needs no Redis; remove redis_url, or set database_url to PostgreSQL"
            );
        }
        for (name, value, bounds) in [
            ("database_connections", written.database_connections, 1..=1000),
            ("retention_hours", written.retention_hours, 1..=24 * 365),
            ("cool_down_minutes", written.cool_down_minutes, 0..=24 * 60),
            ("access_token_minutes", written.access_token_minutes, 1..=24 * 60),
            ("session_idle_days", written.session_idle_days, 1..=365),
            ("session_max_days", written.session_max_days, 1..=3650),
            ("requests_per_minute_guest", written.requests_per_minute_guest, 1..=1_000_000),
            ("requests_per_minute_free", written.requests_per_minute_free, 1..=1_000_000),
            ("requests_per_minute_premium", written.requests_per_minute_premium, 1..=1_000_000),
            ("requests_per_minute_admin", written.requests_per_minute_admin, 1..=1_000_000),
        ] {
            ensure!(bounds.contains(&value), "{name}: must be from {} to {}", bounds.start(), bounds.end());
        }
        let shortest = Settings::SHORTEST_QUEUE;
        ensure!(
            (shortest..=1_000_000).contains(&written.receive_queue),
            "receive_queue: must be from {shortest} to 1000000"
        );
        ensure!(
            (1..=100_000).contains(&written.max_connections_per_user),
            "max_connections_per_user: must be from 1 to 100000"
        );
        let public_url = match &written.public_url {
            Some(url) => {
                ensure!(matches!(url.scheme(), "http" | "https"), "public_url: must start with http: or https:");
                ensure!(url.query().is_none() && url.fragment().is_none(), "public_url: must end before any ? or #");
                url.as_str().trim_end_matches('/').to_owned()
            }
            None => format!("http://{}", written.listen),
        };
        for key in &written.previous_secret_keys {
            keys::decode_key(key.expose_secret()).context("previous_secret_keys")?;
        }
        let documents = match &written.graphql_documents_file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("graphql_documents_file: cannot read {}", path.display()))?;
                Some(
                    AllowedDocuments::parse(&text)
                        .map_err(|issue| anyhow::anyhow!("graphql_documents_file: {issue}"))?,
                )
            }
            None => None,
        };
        let graphql = graphql::Options {
            introspection: written.graphql_introspection,
            suggestions: written.graphql_suggestions,
            documents: documents.map(Arc::new),
        };
        let allowed_origins = check_origins(written.allowed_origins)?;
        let mail = match (written.smtp_url, written.mail_from) {
            (Some(url), Some(from)) => {
                Mailer::smtp(url.expose_secret(), &from).map_err(|error| anyhow::anyhow!("{error}"))?;
                MailSource::Smtp(url, from)
            }
            (Some(_), None) => bail!("mail_from: is needed with smtp_url; such as otpwire <no-reply@example.com>"),
            (None, _) if is_sqlite => MailSource::Log,
            (None, _) => MailSource::Nowhere,
        };
        for (name, link) in
            [("verify_email_link", &written.verify_email_link), ("reset_password_link", &written.reset_password_link)]
        {
            let is_right = |link: &String| link.contains("{token}") && Url::parse(link).is_ok();
            ensure!(
                link.as_ref().is_none_or(is_right),
                "{name}: must be an address with {{token}} in it, such as https://app.example.com/verify?token={{token}}"
            );
        }
        let root_key = match written.secret_key {
            Some(key) => {
                keys::decode_key(key.expose_secret())?;
                KeySource::Given(key)
            }
            None if is_sqlite => {
                let path = written.database_url.trim_start_matches("sqlite:").trim_start_matches("//");
                let path = path.split('?').next().unwrap_or(path);
                KeySource::Kept(PathBuf::from(format!("{path}.key")))
            }
            None => bail!(
                "secret_key: is needed with PostgreSQL, the same on every replica; make one with `openssl rand -base64 32`"
            ),
        };
        Ok(Self {
            listen: written.listen,
            public_url,
            database_url: written.database_url,
            database_connections: written.database_connections,
            root_key,
            previous_keys: written.previous_secret_keys,
            signing_key_file: written.signing_key_file,
            verification_key_files: written.verification_key_files,
            trusted_proxies: written.trusted_proxies,
            allowed_origins,
            mail,
            settings: Settings {
                retention: Duration::from_secs(u64::from(written.retention_hours) * 3600),
                cool_down: Duration::from_secs(u64::from(written.cool_down_minutes) * 60),
                token_lifetime: Duration::from_secs(u64::from(written.access_token_minutes) * 60),
                sessions: SessionLifetime {
                    idle: Duration::from_secs(u64::from(written.session_idle_days) * 86_400),
                    absolute: Duration::from_secs(u64::from(written.session_max_days) * 86_400),
                },
                request_limits: RequestLimits {
                    guest: written.requests_per_minute_guest,
                    free: written.requests_per_minute_free,
                    premium: written.requests_per_minute_premium,
                    admin: written.requests_per_minute_admin,
                },
                mail_links: MailLinks {
                    verify_email: written.verify_email_link,
                    reset_password: written.reset_password_link,
                },
                password_cost: PasswordCost::default(),
                receive_queue: written.receive_queue,
                max_connections: written.max_connections_per_user,
            },
            graphql,
            drain: match written.redis_url.is_some() {
                true => Duration::from_secs(u64::from(written.drain_seconds)),
                false => Duration::ZERO,
            },
            metrics_listen: written.metrics_listen,
            redis_url: written.redis_url,
            log: written.log,
            log_format: written.log_format,
            #[cfg(feature = "fault-injection")]
            fault_injection: written.fault_injection,
        })
    }

    /// Whether access tokens are signed with a key of their own.
    #[must_use]
    pub fn signs_with_ed25519(&self) -> bool {
        self.signing_key_file.is_some()
    }

    /// What sends mail.
    ///
    /// # Errors
    /// When the address of the mail server, or who writes, cannot be read.
    pub fn mailer(&self) -> Result<Mailer> {
        match &self.mail {
            MailSource::Log => Ok(Mailer::Log),
            MailSource::Nowhere => Ok(Mailer::Nowhere),
            MailSource::Smtp(url, from) => Ok(Mailer::smtp(url.expose_secret(), from)?),
        }
    }
}

fn check_origins(written: Vec<String>) -> Result<AllowedOrigins> {
    if written == ["*"] {
        return Ok(AllowedOrigins::Any);
    }
    for origin in &written {
        let is_origin = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        ensure!(is_origin, "allowed_origins: must be origins such as https://app.example.com, or * alone");
    }
    Ok(AllowedOrigins::These(written))
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    fn check(change: impl FnOnce(&mut RawConfig)) -> Result<Config> {
        let mut written = RawConfig::default();
        change(&mut written);
        Config::check(written)
    }

    #[test]
    fn combinations_that_cannot_work_are_refused_by_name() {
        let key = || Some(SecretString::from(STANDARD.encode([1; 32])));
        for (change, complaint) in [
            (
                Box::new(|w: &mut RawConfig| w.database_url = "mysql://x".into()) as Box<dyn Fn(&mut RawConfig)>,
                "database_url",
            ),
            (Box::new(|w| w.redis_url = Some("redis://localhost".into())), "redis_url: SQLite serves one replica"),
            (Box::new(|w| w.database_url = "postgres://x".into()), "secret_key: is needed with PostgreSQL"),
            (Box::new(|w| w.secret_key = Some("c2hvcnQ=".into())), "secret_key: must be 32 bytes"),
            (Box::new(|w| w.retention_hours = 0), "retention_hours: must be from 1"),
            (Box::new(|w| w.public_url = Some("ftp://x/".parse().unwrap())), "public_url: must start with http"),
            (Box::new(|w| w.smtp_url = Some("smtp://localhost".into())), "mail_from: is needed"),
            (
                Box::new(|w| (w.smtp_url, w.mail_from) = (Some("x".into()), Some("a@example.com".into()))),
                "smtp_url: must be",
            ),
            (
                Box::new(|w| (w.smtp_url, w.mail_from) = (Some("smtp://localhost".into()), Some("nobody".into()))),
                "mail_from: must be like",
            ),
            (Box::new(|w| w.verify_email_link = Some("https://app.example.com/".into())), "verify_email_link: must be"),
            (Box::new(|w| w.allowed_origins = vec!["https://app.example.com/".into()]), "allowed_origins: must be"),
            (Box::new(|w| w.previous_secret_keys = vec!["c2hvcnQ=".into()]), "previous_secret_keys"),
            (Box::new(|w| w.requests_per_minute_guest = 0), "requests_per_minute_guest: must be"),
        ] {
            let error = check(change).err().unwrap().to_string();
            assert!(error.starts_with(complaint), "{error}");
        }
        assert!(check(|w| (w.database_url, w.secret_key) = ("postgres://x".into(), key())).is_ok());
    }

    #[test]
    fn the_example_names_every_setting() {
        // The reader names them all when it meets one that it does not know.
        let unknown =
            Figment::from(Toml::string("no_such_setting = 1")).merge(Serialized::defaults(RawConfig::default()));
        let complaint = unknown.extract::<RawConfig>().err().unwrap().to_string();
        let names: Vec<_> =
            complaint.split('`').filter(|name| !name.is_empty() && !name.contains([' ', ','])).collect();
        assert!(names.len() > 25, "{complaint}");
        let example = include_str!("../../otpwire.example.toml");
        // A switch that only programs for tests have is no setting for anybody.
        for name in names.into_iter().filter(|name| !["no_such_setting", "fault_injection"].contains(name)) {
            let is_there = example.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{name} = ")));
            assert!(is_there, "{name} is not in otpwire.example.toml");
        }
        // And it is what it says: the defaults.
        let read: RawConfig = Figment::from(Toml::string(example)).extract().unwrap();
        let plain = |written| serde_json::to_value::<RawConfig>(written).unwrap();
        assert_eq!(plain(read), plain(RawConfig::default()));
    }

    #[test]
    fn the_public_address_ends_without_a_slash() {
        let config = check(|w| w.public_url = Some("https://sms.example.com/".parse().unwrap())).unwrap();
        assert_eq!(config.public_url, "https://sms.example.com");
        assert_eq!(check(|_| ()).unwrap().public_url, "http://127.0.0.1:8080");
    }
}
