//! The command line: `otpwire serve`, `demo`, `simulate`, `read-codes`, `migrate`, `schema`, `admin`, `check-config`.

mod admin;
mod codes;
mod demo;
mod simulate;

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use tokio::{net::TcpListener, signal, task};

use crate::{
    config::{Config, KeySource, MailSource},
    domain::otp,
    fetch, graphql,
    server::{self, Running, Server, ServerOptions, explain},
    store::Store,
    telemetry,
};

/// Receives SMS on disposable phone numbers and shows them to their renter within milliseconds.
#[derive(Debug, Parser)]
#[command(name = "otpwire", version, about, propagate_version = true)]
struct Cli {
    /// The configuration file. Without it, otpwire.toml where it exists. Variables that start with
    /// OTPWIRE_ come after it: OTPWIRE_LISTEN, OTPWIRE_DATABASE_URL, …
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        /// Bring the database up to date first. The embedded database always is.
        #[arg(long)]
        migrate: bool,
    },
    /// Show the whole path at work on a throw-away database, until Ctrl-C.
    Demo(demo::DemoArgs),
    /// Post what a provider would send for a message, correctly signed.
    Simulate(simulate::SimulateArgs),
    /// Read the one-time codes in texts of one's own, and print them as JSON lines.
    ReadCodes(codes::ReadArgs),
    /// Print how well codes are read from labelled texts.
    MeasureCodes(codes::MeasureArgs),
    /// Change or show the schema of the database.
    Migrate {
        #[command(subcommand)]
        direction: Migrate,
    },
    /// Print the GraphQL schema.
    Schema,
    /// Print the description of the REST API (OpenAPI, JSON).
    Openapi,
    /// Manage users, providers and numbers.
    Admin {
        #[command(subcommand)]
        command: admin::Admin,
    },
    /// Check the configuration, and that what it names can be reached.
    CheckConfig,
    /// Ask the server that this configuration describes whether it is ready: for health checks of
    /// containers.
    Health,
}

/// The address in the description that is printed; a server names its own.
const DOCUMENTED_URL: &str = "http://127.0.0.1:8080";

#[derive(Debug, Subcommand)]
enum Migrate {
    /// Take every step that is not taken yet.
    Up,
    /// Take back the last steps, with all that they hold.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List the steps.
    Status,
}

/// Runs the command that the program was called with.
///
/// # Errors
/// For the operator to read, with its causes.
pub async fn run() -> Result<()> {
    let Cli { config, command } = Cli::parse();
    let load = || Config::load(config.as_deref());
    match command {
        Command::Serve { migrate } => serve(&load()?, migrate).await,
        Command::Demo(args) => demo::run(&args).await,
        Command::Simulate(args) => simulate::run(&load()?, &args).await,
        Command::ReadCodes(args) => codes::read(&args),
        Command::MeasureCodes(args) => codes::measure(&args),
        Command::Migrate { direction } => migrate(&load()?, &direction).await,
        Command::Schema => {
            print!("{}", graphql::sdl());
            Ok(())
        }
        Command::Openapi => {
            println!("{}", server::openapi(DOCUMENTED_URL).to_pretty_json()?);
            Ok(())
        }
        Command::Admin { command } => admin::run(&load()?, command).await,
        Command::CheckConfig => check_config(&load()?).await,
        Command::Health => health(&load()?).await,
    }
}

async fn serve(config: &Config, migrate: bool) -> Result<()> {
    // From here on a signal is heard, also while the server starts.
    let stop = stop_signal()?;
    telemetry::start_logging(config)?;
    let metrics = telemetry::start_metrics()?;
    #[cfg(feature = "fault-injection")]
    crate::fault_injection::disable(config.fault_injection.clone());
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::info!(limit, "open files: each connection is one"),
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
    // It ends with the process, after the database was closed.
    let _lock = Store::lock_file(&config.database_url).map_err(explain)?;
    Store::verify_file(&config.database_url).await.map_err(explain)?;
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    // The first message should not wait for the lexicon.
    drop(task::spawn_blocking(otp::warm_up));
    let running = Running::start(config).await?;
    if migrate || running.store().is_sqlite() {
        running.store().migrate_up().await.map_err(explain).context("cannot bring the database up to date")?;
    }
    running.store().check().await.map_err(explain)?;
    running.app.check_secrets().await.map_err(explain)?;
    running.app.prepare_partitions().await.map_err(explain)?;
    if let Some(gap) = running.store().find_row_security_gap().await.map_err(explain)? {
        tracing::warn!("{gap}");
    }
    if let Some(address) = config.metrics_listen {
        server::serve_metrics(address, metrics).await?;
    }
    if config.redis_url.is_none() && !running.store().is_sqlite() {
        tracing::info!("there is no redis_url: run one replica only, or others hear of messages late");
    }
    if matches!(config.mail, MailSource::Nowhere) {
        tracing::warn!("there is no smtp_url: addresses cannot be verified, and forgotten passwords not be set");
    }
    tracing::info!(address = %listener.local_addr()?, public_url = config.public_url, "otpwire listens");
    Server::new(running, listener, &ServerOptions::of(config), config.drain).run(stop).await
}

/// Listens for SIGTERM and Ctrl-C from now on, and returns what waits for the first of them.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    use signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async { drop(signal::ctrl_c().await) })
}

async fn migrate(config: &Config, direction: &Migrate) -> Result<()> {
    // Going up adds, and those who serve meanwhile go on. Going down takes away what they need.
    let _lock = match direction {
        Migrate::Down { .. } => Store::lock_file(&config.database_url).map_err(explain)?,
        Migrate::Up | Migrate::Status => None,
    };
    let store = Store::connect(&config.database_url, 2).await.map_err(explain)?;
    match direction {
        Migrate::Up => store.migrate_up().await.map_err(explain)?,
        Migrate::Down { steps } => store.migrate_down(*steps).await.map_err(explain)?,
        Migrate::Status => {}
    }
    for step in store.migration_status().await.map_err(explain)? {
        println!("{} {}", if step.applied { "applied" } else { "pending" }, step.name);
    }
    store.close().await;
    Ok(())
}

async fn health(config: &Config) -> Result<()> {
    // A server that listens everywhere is asked where it surely is.
    let ip = match config.listen.ip() {
        ip if ip.is_unspecified() && ip.is_ipv6() => Ipv6Addr::LOCALHOST.into(),
        ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        ip => ip,
    };
    let url = format!("http://{}/readyz", SocketAddr::new(ip, config.listen.port()));
    // It is on this machine: a proxy to the world outside is no way to it.
    let client = fetch::client().map_err(explain)?.no_proxy().build()?;
    let answer = client.get(&url).send().await.with_context(|| format!("no answer from {url}"))?;
    let status = answer.status();
    println!("{}", answer.text().await?);
    anyhow::ensure!(status.is_success(), "the server is not ready: {status}");
    Ok(())
}

async fn check_config(config: &Config) -> Result<()> {
    let kind = if config.database_url.starts_with("sqlite:") { "SQLite" } else { "PostgreSQL" };
    println!("listen      {}", config.listen);
    println!("public_url  {}", config.public_url);
    println!("webhooks    {}/v1/webhooks/sms?provider=NAME", config.public_url);
    println!("database    {kind}, at most {} connections", config.database_connections);
    println!("redis       {}", if config.redis_url.is_some() { "yes" } else { "no: one replica" });
    println!(
        "secret_key  {}",
        match &config.root_key {
            KeySource::Given(_) => "given".to_owned(),
            KeySource::Kept(path) => format!("kept in {}", path.display()),
        }
    );
    println!(
        "signing     {}",
        if config.signs_with_ed25519() { "Ed25519" } else { "HMAC-SHA256, with a key made from secret_key" }
    );
    println!(
        "mail        {}",
        match &config.mail {
            MailSource::Smtp(_, from) => format!("by SMTP, from {from}"),
            MailSource::Log => "printed to the log".to_owned(),
            MailSource::Nowhere => "none: set smtp_url".to_owned(),
        }
    );
    let limits = config.settings.request_limits;
    println!(
        "requests    a minute: guests {}, free {}, premium {}, admin {}",
        limits.guest, limits.free, limits.premium, limits.admin
    );
    println!("retention   {} h", config.settings.retention.as_secs() / 3600);
    let running = Running::start(config).await?;
    let checked = running.app.check_ready().await.map_err(explain);
    // Without its schema there is no wall to look at.
    let gap = if checked.is_ok() { running.store().find_row_security_gap().await.map_err(explain) } else { Ok(None) };
    // Redis is connected to in the background.
    let is_connected = async {
        while !running.app.is_bus_connected() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let has_bus = tokio::time::timeout(Duration::from_secs(3), is_connected).await;
    running.stop().await;
    match checked {
        Ok(()) if has_bus.is_err() => bail!("redis_url: the configuration is valid, and Redis does not answer"),
        Ok(()) => {
            if let Some(gap) = gap? {
                println!("warning     {gap}");
            }
            println!("ready");
        }
        Err(error) => bail!("the configuration is valid, and the service would not be ready: {error}"),
    }
    Ok(())
}
