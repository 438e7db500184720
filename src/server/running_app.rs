//! The application of a configuration, with the connections that it needs.

use std::{fmt, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, Dependencies, receiving::BuiltInReader},
    bus::{Bus, Hub, RedisBus},
    clock::Clock,
    config::Config,
    domain,
    fetch::Fetcher,
    limiter::{Limiter, MemoryLimiter, RedisLimiter},
    random::Random,
    store::Store,
    tracer::Tracer,
};

/// How long a shutdown waits for accepted messages and mail.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(20);
/// How long it waits for usage statistics.
const STATISTICS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for Redis to count it.
const LIMITER_TIMEOUT: Duration = Duration::from_secs(1);

/// A running application, and what has to be stopped with it.
#[derive(Debug)]
pub struct RunningApp {
    /// The application.
    pub app: Arc<App>,
    store: Store,
    finish: JoinHandle<()>,
    stop_bus: CancellationToken,
}

impl RunningApp {
    /// Connects to the database and to Redis, and starts the application on them.
    ///
    /// # Errors
    /// If the database cannot be opened, the address of Redis is malformed, or a key is missing.
    pub async fn start(config: &Config, tracer: Tracer) -> Result<Self> {
        let random = Random::from_os();
        let mailer = config.mail.mailer()?;
        let store = open_store(&config.database_url, config.database_connections).await?;
        if let Some(path) = config.keys.missing_file()
            && store.has_secrets().await.map_err(operator_error)?
        {
            bail!(
                "the key file {path} is missing, and the database holds secrets of providers that only its key opens: \
                 put it back from your backup. If it is lost, make another with `openssl rand -base64 32 > {path}`; \
                 everybody has to sign in again then, and each provider's secret has to be entered again",
                path = path.display()
            );
        }
        let keys = config.keys.keyring(&random)?;
        let stop_bus = CancellationToken::new();
        let (bus, limiter) = match &config.redis_url {
            None => (Bus::Memory(Hub::new()), Limiter::Memory(MemoryLimiter::default())),
            Some(url) => {
                let namespace = keys.root().namespace();
                let bus = RedisBus::init(url, &namespace, &tracer, stop_bus.clone()).await;
                let bus = bus.map_err(operator_error).context("redis_url")?;
                let limiter = RedisLimiter::init(url, &namespace, LIMITER_TIMEOUT, &random).await;
                let limiter = limiter.map_err(operator_error).context("redis_url")?;
                (Bus::Redis(bus), Limiter::Redis(Box::new(limiter)))
            }
        };
        let dependencies = Dependencies {
            store: store.clone(),
            bus,
            limiter,
            mailer,
            fetcher: Fetcher::https().map_err(operator_error)?,
            reader: BuiltInReader::default(),
            clock: Clock::System,
            random,
            keys,
            tracer,
            settings: config.settings.clone(),
        };
        let (app, finish) = App::start(dependencies);
        Ok(Self { app, store, finish, stop_bus })
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores accepted messages and sends queued mail, then disconnects from Redis and the database.
    pub async fn stop(self) {
        self.app.stop_receiving();
        if tokio::time::timeout(FLUSH_TIMEOUT, self.finish).await.is_err() {
            tracing::error!(
                "some accepted messages could not be stored, or some mail not be sent, in time; providers got no \
                 response and will retry, and users can ask for mail again"
            );
        }
        match tokio::time::timeout(STATISTICS_TIMEOUT, self.app.roll_up_usage()).await {
            Ok(rolled_up) => rolled_up.unwrap_or_else(|error| error.log("roll_up_usage")),
            Err(_) => tracing::warn!("the usage statistics of the last minute could not be stored in time"),
        }
        self.app.flush().await.unwrap_or_else(|error| error.log("flush"));
        self.stop_bus.cancel();
        self.store.close().await;
    }
}

/// Opens a database.
///
/// # Errors
/// Which database cannot be opened, and why.
pub async fn open_store(url: &str, connections: u32) -> Result<Store> {
    let opened = Store::connect(url, connections).await.map_err(operator_error);
    opened.with_context(|| format!("cannot open the database {}", Store::describe(url)))
}

/// An error for the operator: its cause, where there is one, instead of the message for clients.
#[derive(Debug)]
pub struct OperatorError {
    /// What kind of error it is.
    pub code: domain::ErrorCode,
    message: String,
}

impl fmt::Display for OperatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for OperatorError {}

/// The error of a use case, for the operator.
pub fn operator_error(error: domain::Error) -> anyhow::Error {
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    OperatorError { code: error.code(), message: cause.unwrap_or_else(|| error.message().to_owned()) }.into()
}
