//! The validated configuration, and the rules of validation.

use std::{net::SocketAddr, ops::RangeInclusive, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use http::HeaderName;
use ipnet::IpNet;

use super::{
    addresses::{
        AllowedOrigins, allowed_headers, allowed_origins, networks, public_url, socket_address, validate_databases,
    },
    keys::KeyConfig,
    mail::{MailConfig, validate_links},
    people::{allowed_email_domains, open_registration_warning},
    raw::{LogFormat, RawConfig},
    source,
    traces::TraceConfig,
};
use crate::{
    app::{RentalLimits, RequestLimits, SessionLifetime, Settings, Unusual, accounts::PasswordCost},
    graphql::{self, AllowedDocuments},
};

/// A validated configuration. Its addresses may contain passwords, so it is never printed.
pub struct Config {
    /// The address that the server listens on.
    pub listen: SocketAddr,
    /// The address of the platform for clients and providers, without a slash at the end.
    pub public_url: String,
    /// The address of the database.
    pub database_url: String,
    /// The most connections to the database.
    pub database_connections: u32,
    /// The address of Redis, which several replicas need.
    pub redis_url: Option<String>,
    /// The keys of the platform.
    pub keys: KeyConfig,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections a client network may have open at once.
    pub max_connections_per_network: usize,
    /// The origins whose pages may call the API from a browser.
    pub allowed_origins: AllowedOrigins,
    /// The headers that those pages may send, besides the usual ones.
    pub allowed_headers: Vec<HeaderName>,
    /// How mail is sent.
    pub mail: MailConfig,
    /// The settings of the application.
    pub settings: Settings,
    /// How long a replica serves after the signal to stop, until load balancers have noticed. Zero for a single
    /// replica, since no other could serve instead.
    pub drain: Duration,
    /// The address that metrics are served on, if any.
    pub metrics_listen: Option<SocketAddr>,
    /// Where traces go, if anywhere.
    pub traces: Option<TraceConfig>,
    /// Which log lines are written, in the syntax of tracing's `EnvFilter`.
    pub log: String,
    /// The format of log lines.
    pub log_format: LogFormat,
    /// What GraphQL clients may do.
    pub graphql: graphql::Options,
    /// What the operator should know, such as a variable that is not a setting.
    pub warnings: Vec<String>,
    /// The guarantees that are switched off.
    #[cfg(feature = "fault-injection")]
    pub fault_injection: Vec<crate::fault_injection::Guarantee>,
}

impl Config {
    /// Reads `path`, or `otpwire.toml` if it exists, then variables that start with `OTPWIRE_`.
    ///
    /// # Errors
    /// Which setting is wrong, where it was read, and what would be right.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let (raw, warnings) = source::load(path)?;
        let mut config = Self::validate(raw)?;
        config.warnings.splice(0..0, warnings);
        Ok(config)
    }

    /// The embedded platform with a database at `database`, for demonstrations. Of the file and the variables
    /// it takes which pages may call it and how it is reached from outside, as in a container, and nothing else: a
    /// demonstration must not touch a real platform.
    ///
    /// # Errors
    /// If the path is not valid UTF-8, or a setting is wrong.
    pub fn demo(path: Option<&Path>, database: &Path, listen: SocketAddr) -> Result<Self> {
        let (raw, _) = source::load(path)?;
        let database = database.to_str().context("the path of the database must be text")?;
        Self::validate(RawConfig {
            listen: listen.to_string(),
            database_url: format!("sqlite:{database}"),
            log: "warn".to_owned(),
            allowed_origins: raw.allowed_origins,
            allowed_headers: raw.allowed_headers,
            public_url: raw.public_url,
            ..RawConfig::default()
        })
    }

    /// Where the demonstration listens if it is not told: as the server does.
    ///
    /// # Errors
    /// If the file cannot be read, or the address is wrong.
    pub fn demo_address(path: Option<&Path>) -> Result<SocketAddr> {
        socket_address("listen", &source::load(path)?.0.listen)
    }

    fn validate(raw: RawConfig) -> Result<Self> {
        validate_databases(&raw)?;
        validate_bounds(&raw)?;
        let listen = socket_address("listen", &raw.listen)?;
        let metrics_listen = raw.metrics_listen.as_deref().map(|text| socket_address("metrics_listen", text));
        let public = public_url(&raw, listen)?;
        let max_connections_per_network = raw.max_connections_per_network();
        let mut warnings = Vec::new();
        if raw.public_url.is_none() && listen.ip().is_unspecified() {
            warnings.push(format!(
                "public_url is not set: links and addresses of webhooks say {public}, which only this machine reaches"
            ));
        }
        let settings = settings(&raw, &public)?;
        warnings.extend(open_registration_warning(&settings, &public));
        Ok(Self {
            graphql: graphql_options(&raw)?,
            allowed_origins: allowed_origins(&raw.allowed_origins)?,
            mail: MailConfig::validate(&raw)?,
            settings,
            keys: KeyConfig::validate(&raw)?,
            public_url: public,
            drain: match raw.redis_url {
                Some(_) => Duration::from_secs(u64::from(raw.drain_seconds)),
                None => Duration::ZERO,
            },
            allowed_headers: allowed_headers(&raw.allowed_headers)?,
            trusted_proxies: networks("trusted_proxies", &raw.trusted_proxies)?,
            metrics_listen: metrics_listen.transpose()?,
            traces: TraceConfig::validate(&raw)?,
            listen,
            warnings,
            database_url: raw.database_url,
            database_connections: raw.database_connections,
            redis_url: raw.redis_url,
            max_connections_per_network,
            log: raw.log,
            log_format: raw.log_format,
            #[cfg(feature = "fault-injection")]
            fault_injection: raw.fault_injection,
        })
    }
}

fn validate_bounds(raw: &RawConfig) -> Result<()> {
    for (name, value, bounds) in [
        ("database_connections", raw.database_connections, 1..=1000),
        ("retention_hours", raw.retention_hours, 1..=24 * 365),
        ("cool_down_minutes", raw.cool_down_minutes, 0..=24 * 60),
        ("clock_skew_seconds", raw.clock_skew_seconds, 0..=3600),
        ("access_token_minutes", raw.access_token_minutes, 1..=24 * 60),
        ("session_idle_days", raw.session_idle_days, 1..=365),
        ("session_max_days", raw.session_max_days, 1..=3650),
        ("requests_per_minute_guest", raw.requests_per_minute_guest, 1..=1_000_000),
        ("requests_per_minute_pages", raw.requests_per_minute_pages(), 1..=1_000_000),
        ("requests_per_minute_free", raw.requests_per_minute_free, 1..=1_000_000),
        ("requests_per_minute_premium", raw.requests_per_minute_premium, 1..=1_000_000),
        ("requests_per_minute_admin", raw.requests_per_minute_admin, 1..=1_000_000),
        ("registrations_per_hour", raw.registrations_per_hour, 1..=1_000_000),
        ("rentals_per_day_user", raw.rentals_per_day_user, 0..=1_000_000),
        ("rentals_per_day_network", raw.rentals_per_day_network, 0..=1_000_000),
        ("unusual_rentals_per_day", raw.unusual_rentals_per_day, 0..=1_000_000),
        ("unusual_numbers_per_sender", raw.unusual_numbers_per_sender, 0..=100_000),
    ] {
        validate_range(name, &value, &bounds)?;
    }
    validate_range("receive_queue", &raw.receive_queue, &(Settings::SHORTEST_QUEUE..=1_000_000))?;
    validate_range("max_connections_per_user", &raw.max_connections_per_user, &(1..=100_000))?;
    validate_range("max_connections_per_network", &raw.max_connections_per_network(), &(1..=1_000_000))
}

fn validate_range<T: PartialOrd + std::fmt::Display>(name: &str, value: &T, bounds: &RangeInclusive<T>) -> Result<()> {
    ensure!(bounds.contains(value), "{name}: must be from {} to {}, and is {value}", bounds.start(), bounds.end());
    Ok(())
}

fn graphql_options(raw: &RawConfig) -> Result<graphql::Options> {
    let documents = raw.graphql_documents_file.as_ref().map(|path| {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("graphql_documents_file: cannot read {}", path.display()))?;
        AllowedDocuments::parse(&text).map_err(|issue| anyhow::anyhow!("graphql_documents_file: {issue}"))
    });
    Ok(graphql::Options {
        introspection: raw.graphql_introspection,
        suggestions: raw.graphql_suggestions,
        documents: documents.transpose()?.map(Arc::new),
    })
}

/// Where a mail server is configured, addresses are verified before a number is rented.
fn require_verified_email(raw: &RawConfig) -> Result<bool> {
    let required = raw.require_verified_email.unwrap_or(raw.smtp_url.is_some());
    let is_mail_sent = !matches!(MailConfig::validate(raw)?, MailConfig::Disabled);
    ensure!(!required || is_mail_sent, "require_verified_email: nobody could verify an address without smtp_url");
    Ok(required)
}

fn settings(raw: &RawConfig, public_url: &str) -> Result<Settings> {
    let minutes = |count: u32| Duration::from_secs(u64::from(count) * 60);
    let hours = |count: u32| Duration::from_secs(u64::from(count) * 3600);
    let days = |count: u32| Duration::from_secs(u64::from(count) * 86_400);
    Ok(Settings {
        retention: hours(raw.retention_hours),
        cool_down: minutes(raw.cool_down_minutes),
        clock_skew: Duration::from_secs(u64::from(raw.clock_skew_seconds)),
        token_lifetime: minutes(raw.access_token_minutes),
        sessions: SessionLifetime { idle: days(raw.session_idle_days), absolute: days(raw.session_max_days) },
        request_limits: RequestLimits {
            guest: raw.requests_per_minute_guest,
            pages: raw.requests_per_minute_pages(),
            free: raw.requests_per_minute_free,
            premium: raw.requests_per_minute_premium,
            admin: raw.requests_per_minute_admin,
        },
        registration: raw.registration,
        allowed_email_domains: allowed_email_domains(&raw.allowed_email_domains)?,
        registrations_per_hour: raw.registrations_per_hour,
        require_verified_email: require_verified_email(raw)?,
        rental_limits: RentalLimits { user: raw.rentals_per_day_user, network: raw.rentals_per_day_network },
        unusual: Unusual {
            rentals_per_day: raw.unusual_rentals_per_day,
            numbers_per_sender: raw.unusual_numbers_per_sender,
        },
        mail_links: validate_links(raw, public_url)?,
        password_cost: PasswordCost::default(),
        receive_queue: raw.receive_queue,
        max_connections: raw.max_connections_per_user,
    })
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use secrecy::SecretString;

    use super::*;

    fn validate(change: impl FnOnce(&mut RawConfig)) -> Result<Config> {
        let mut raw = RawConfig::default();
        change(&mut raw);
        Config::validate(raw)
    }

    #[test]
    fn invalid_combinations_are_refused_by_name() {
        let key = || Some(SecretString::from(STANDARD.encode([1; 32])));
        for (change, expected) in [
            (
                Box::new(|raw: &mut RawConfig| raw.database_url = "mysql://x".into()) as Box<dyn Fn(&mut RawConfig)>,
                "database_url",
            ),
            (Box::new(|raw| raw.redis_url = Some("redis://localhost".into())), "redis_url: SQLite serves one replica"),
            (Box::new(|raw| raw.database_url = "postgres://x".into()), "secret_key: is needed with PostgreSQL"),
            (Box::new(|raw| raw.secret_key = Some("c2hvcnQ=".into())), "secret_key: must be 32 bytes"),
            (Box::new(|raw| raw.retention_hours = 0), "retention_hours: must be from 1"),
            (Box::new(|raw| raw.public_url = Some("ftp://x/".into())), "public_url: must start with http"),
            (Box::new(|raw| raw.smtp_url = Some("smtp://localhost".into())), "mail_from: is needed"),
            (
                Box::new(|raw| (raw.smtp_url, raw.mail_from) = (Some("x".into()), Some("a@example.com".into()))),
                "smtp_url: must be",
            ),
            (
                Box::new(|raw| {
                    (raw.smtp_url, raw.mail_from) = (Some("smtp://localhost".into()), Some("nobody".into()))
                }),
                "mail_from: must be like",
            ),
            (
                Box::new(|raw| raw.verify_email_link = Some("https://app.example.com/".into())),
                "verify_email_link: must be",
            ),
            (Box::new(|raw| raw.allowed_origins = vec!["https://app.example.com/".into()]), "allowed_origins: must be"),
            (
                Box::new(|raw| raw.allowed_email_domains = vec!["*.example.com".into()]),
                "allowed_email_domains: must be domains",
            ),
            (Box::new(|raw| raw.invitation_link = Some("https://x.example/".into())), "invitation_link: must be"),
            (Box::new(|raw| raw.rentals_per_day_user = 1_000_001), "rentals_per_day_user: must be"),
            (Box::new(|raw| raw.allowed_headers = vec!["x tenant".into()]), "allowed_headers: must be names"),
            (Box::new(|raw| raw.listen = "8080".into()), "listen: must be an address and a port"),
            (Box::new(|raw| raw.metrics_listen = Some("x".into())), "metrics_listen: must be"),
            (Box::new(|raw| raw.trusted_proxies = vec!["x".into()]), "trusted_proxies: must be networks"),
            (Box::new(|raw| raw.previous_secret_keys = vec!["c2hvcnQ=".into()]), "previous_secret_keys"),
            (Box::new(|raw| raw.requests_per_minute_guest = 0), "requests_per_minute_guest: must be"),
            (Box::new(|raw| raw.registrations_per_hour = 0), "registrations_per_hour: must be"),
            (
                Box::new(move |raw| {
                    (raw.database_url, raw.secret_key) = ("postgres://x".into(), key());
                    raw.require_verified_email = Some(true);
                }),
                "require_verified_email: nobody could",
            ),
        ] {
            let error = validate(change).err().unwrap().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(validate(|raw| (raw.database_url, raw.secret_key) = ("postgres://x".into(), key())).is_ok());
    }

    #[test]
    fn bounds_of_a_network_follow_those_of_who_is_in_it() {
        let bounds = |change: fn(&mut RawConfig)| {
            let config = validate(change).unwrap();
            (config.settings.request_limits.pages, config.max_connections_per_network)
        };
        assert_eq!(bounds(|_| ()), (600, 1000));
        let wide = |raw: &mut RawConfig| (raw.requests_per_minute_guest, raw.max_connections_per_user) = (5000, 9000);
        assert_eq!(bounds(wide), (5000, 9000));
        assert_eq!(
            bounds(|raw| {
                (raw.requests_per_minute_guest, raw.max_connections_per_user) = (5000, 9000);
                (raw.requests_per_minute_pages, raw.max_connections_per_network) = (Some(50), Some(90));
            }),
            (50, 90)
        );
        assert!(validate(|raw| raw.requests_per_minute_pages = Some(0)).is_err());
    }

    #[test]
    fn addresses_are_verified_where_mail_is_sent() {
        let required = |smtp: bool, required| {
            let config = validate(|raw| {
                if smtp {
                    (raw.smtp_url, raw.mail_from) = (Some("smtp://localhost".into()), Some("a@example.com".into()));
                }
                raw.require_verified_email = required;
            });
            config.unwrap().settings.require_verified_email
        };
        assert_eq!([required(false, None), required(false, Some(true))], [false, true]);
        assert_eq!([required(true, None), required(true, Some(false))], [true, false]);
    }
}
