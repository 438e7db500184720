//! `otpwire serve`.

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::{net::TcpListener, task};

use super::signals::stop_signal;
use crate::{
    config::{Config, MailConfig},
    domain::otp,
    server::{self, RunningApp, Server, ServerOptions, operator_error},
    store::Store,
    telemetry::{self, Traces},
};

pub(super) async fn run(config: &Config, migrate: bool) -> Result<()> {
    // First, so that a signal during the start is not lost.
    let stop = stop_signal()?;
    telemetry::start_logging(config)?;
    let metrics = telemetry::start_metrics(config)?;
    let traces = Traces::start(config)?;
    #[cfg(feature = "fault-injection")]
    crate::fault_injection::disable(config.fault_injection.clone());
    let raised = rlimit::increase_nofile_limit(u64::MAX);
    let open_files = raised.or_else(|error| {
        tracing::warn!(%error, "the limit of open files could not be raised");
        rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(limit, _)| limit)
    });
    let options = match open_files {
        Ok(limit) => ServerOptions::of(config).within_open_files(limit, config),
        Err(_) => ServerOptions::of(config),
    };
    let connections = options.connections.max_total;
    tracing::info!(limit = open_files.ok(), connections, "open files: each connection is one");
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let database = Store::describe(&config.database_url);
    match Store::find_file(&config.database_url).map_err(operator_error)? {
        Some(file) if file.is_new => tracing::warn!(database, "there was no database there: making a new one"),
        _ => tracing::info!(database, "opening the database"),
    }
    // Held until the process ends, after the database was closed.
    let _lock = Store::lock_file(&config.database_url).map_err(operator_error)?;
    Store::verify_file(&config.database_url).await.map_err(operator_error)?;
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    // Loads the lexicon in the background, so that the first message does not wait for it.
    drop(task::spawn_blocking(otp::warm_up));
    let running = RunningApp::start(config, traces.tracer().clone()).await?;
    if migrate || running.store().is_sqlite() {
        let migrated = running.store().migrate_up().await.map_err(operator_error);
        migrated.with_context(|| format!("cannot bring the database {database} up to date"))?;
    }
    running.store().check().await.map_err(operator_error).with_context(|| format!("the database {database}"))?;
    running.app.check_secrets().await.map_err(operator_error)?;
    running.app.prepare_partitions().await.map_err(operator_error)?;
    if let Some(gap) = running.store().find_row_security_gap().await.map_err(operator_error)? {
        tracing::warn!("{gap}");
    }
    if config.redis_url.is_none() && !running.store().is_sqlite() {
        tracing::info!("there is no redis_url: run one replica only, or watchers on other replicas get messages late");
    }
    if matches!(config.mail, MailConfig::Disabled) {
        tracing::warn!("there is no smtp_url: addresses cannot be verified, and passwords cannot be reset");
    }
    let (app, listening) = (Arc::clone(&running.app), listener.local_addr()?);
    let server = Server::new(running, listener, &options, config.drain);
    // Now that everything that is measured is there.
    if let (Some(address), Some(metrics)) = (config.metrics_listen, metrics) {
        server::serve_metrics(address, metrics, &app).await?;
    }
    tracing::info!(address = %listening, public_url = config.public_url, "otpwire listens");
    server.run(stop).await;
    traces.flush().await;
    Ok(())
}
