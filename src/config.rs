//! Configuration: a file, then the environment, into one validated struct. Nothing else reads the
//! environment.
//!
//! Every setting has a default that runs the embedded platform on a laptop. `otpwire.example.toml`
//! lists them all.

use std::{
    fs,
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    ambient::Random,
    app::{PasswordCost, RootKey, Settings},
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
struct Written {
    listen: SocketAddr,
    public_url: Option<Url>,
    database_url: String,
    database_connections: u32,
    redis_url: Option<String>,
    #[serde(skip_serializing)]
    secret_key: Option<SecretString>,
    retention_hours: u32,
    cool_down_minutes: u32,
    access_token_minutes: u32,
    receive_queue: usize,
    metrics_listen: Option<SocketAddr>,
    log: String,
    log_format: LogFormat,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database_url: "sqlite:otpwire.sqlite".to_owned(),
            database_connections: 8,
            redis_url: None,
            secret_key: None,
            retention_hours: 24,
            cool_down_minutes: 10,
            access_token_minutes: 60,
            receive_queue: 4096,
            metrics_listen: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
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
    /// What the rules depend on.
    pub settings: Settings,
    /// Where metrics are served, if they are.
    pub metrics_listen: Option<SocketAddr>,
    /// Which log lines are written, in the syntax of tracing's `EnvFilter`.
    pub log: String,
    /// How they look.
    pub log_format: LogFormat,
}

/// Where the root key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// The configuration.
    Given(SecretString),
    /// A file beside the embedded database, made at the first start.
    Kept(PathBuf),
}

impl Config {
    /// Reads `path`, or `otpwire.toml` where it exists, then variables that start with `OTPWIRE_`.
    ///
    /// # Errors
    /// Which setting is wrong, where it was read, and what would be right.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Written::default()));
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
        Self::check(Written {
            listen,
            database_url: format!("sqlite:{path}"),
            log: "warn".to_owned(),
            ..Written::default()
        })
    }

    fn check(written: Written) -> Result<Self> {
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
        ] {
            ensure!(bounds.contains(&value), "{name}: must be from {} to {}", bounds.start(), bounds.end());
        }
        ensure!((1..=1_000_000).contains(&written.receive_queue), "receive_queue: must be from 1 to 1000000");
        let public_url = match &written.public_url {
            Some(url) => {
                ensure!(matches!(url.scheme(), "http" | "https"), "public_url: must start with http: or https:");
                ensure!(url.query().is_none() && url.fragment().is_none(), "public_url: must end before any ? or #");
                url.as_str().trim_end_matches('/').to_owned()
            }
            None => format!("http://{}", written.listen),
        };
        let root_key = match written.secret_key {
            Some(key) => {
                decode_key(key.expose_secret())?;
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
            redis_url: written.redis_url,
            root_key,
            settings: Settings {
                retention: Duration::from_secs(u64::from(written.retention_hours) * 3600),
                cool_down: Duration::from_secs(u64::from(written.cool_down_minutes) * 60),
                token_lifetime: Duration::from_secs(u64::from(written.access_token_minutes) * 60),
                password_cost: PasswordCost::default(),
                receive_queue: written.receive_queue,
            },
            metrics_listen: written.metrics_listen,
            log: written.log,
            log_format: written.log_format,
        })
    }

    /// The root key, made and kept at the first start of the embedded platform.
    ///
    /// # Errors
    /// When the key file cannot be read or made.
    pub fn root_key(&self, random: &Random) -> Result<RootKey> {
        match &self.root_key {
            KeySource::Given(key) => decode_key(key.expose_secret()),
            KeySource::Kept(path) => keep_key(path, random),
        }
    }
}

fn decode_key(text: &str) -> Result<RootKey> {
    let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(RootKey::new).context("secret_key: must be 32 bytes in base64; make one with `openssl rand -base64 32`")
}

fn keep_key(path: &Path, random: &Random) -> Result<RootKey> {
    if path.exists() {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the key file {}", path.display()))?;
        return decode_key(&text).with_context(|| format!("the key file {} is damaged", path.display()));
    }
    let key: [u8; 32] = random.bytes();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot make the key file {}", path.display()))?;
    writeln!(file, "{}", STANDARD.encode(key)).and_then(|()| file.sync_all())?;
    Ok(RootKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Written)) -> Result<Config> {
        let mut written = Written::default();
        change(&mut written);
        Config::check(written)
    }

    #[test]
    fn combinations_that_cannot_work_are_refused_by_name() {
        let key = || Some(SecretString::from(STANDARD.encode([1; 32])));
        for (change, complaint) in [
            (
                Box::new(|w: &mut Written| w.database_url = "mysql://x".into()) as Box<dyn Fn(&mut Written)>,
                "database_url",
            ),
            (Box::new(|w| w.redis_url = Some("redis://localhost".into())), "redis_url: SQLite serves one replica"),
            (Box::new(|w| w.database_url = "postgres://x".into()), "secret_key: is needed with PostgreSQL"),
            (Box::new(|w| w.secret_key = Some("c2hvcnQ=".into())), "secret_key: must be 32 bytes"),
            (Box::new(|w| w.retention_hours = 0), "retention_hours: must be from 1"),
            (Box::new(|w| w.public_url = Some("ftp://x/".parse().unwrap())), "public_url: must start with http"),
        ] {
            let error = check(change).err().unwrap().to_string();
            assert!(error.starts_with(complaint), "{error}");
        }
        assert!(check(|w| (w.database_url, w.secret_key) = ("postgres://x".into(), key())).is_ok());
    }

    #[test]
    fn the_public_address_ends_without_a_slash() {
        let config = check(|w| w.public_url = Some("https://sms.example.com/".parse().unwrap())).unwrap();
        assert_eq!(config.public_url, "https://sms.example.com");
        assert_eq!(check(|_| ()).unwrap().public_url, "http://127.0.0.1:8080");
    }

    #[test]
    fn the_embedded_key_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::embedded(&dir.path().join("x.sqlite"), ([127, 0, 0, 1], 0).into()).unwrap();
        config.root_key(&Random::from_seed(1)).unwrap();
        let first = fs::read_to_string(dir.path().join("x.sqlite.key")).unwrap();
        config.root_key(&Random::from_seed(2)).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("x.sqlite.key")).unwrap(), first);
        fs::write(dir.path().join("x.sqlite.key"), "damaged").unwrap();
        assert!(config.root_key(&Random::from_seed(2)).is_err());
    }
}
