//! The operator's address: metrics and health checks over HTTP.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use super::{
    connections::{self, ConnectionOptions, Services},
    router::operator_router,
};
use crate::{app::App, telemetry::keep_metrics_small};

/// How many connections this address serves. They are apart from those of clients.
const MAX_CONNECTIONS: usize = 64;

/// Serves metrics at `/metrics`, and health checks, on an address of their own, and keeps the metrics small.
///
/// # Errors
/// If the address is in use.
pub async fn serve_metrics(address: SocketAddr, metrics: PrometheusHandle, app: &Arc<App>) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot serve metrics on {address}"))?;
    tokio::spawn(keep_metrics_small(metrics.clone()));
    let metrics = Router::new().route("/metrics", get(async move || metrics.render()));
    let services = Services { router: operator_router(app, metrics), probes: operator_router(app, Router::new()) };
    let options = ConnectionOptions {
        max_total: MAX_CONNECTIONS,
        max_per_network: MAX_CONNECTIONS,
        ..ConnectionOptions::default()
    };
    tokio::spawn(connections::serve(listener, services, options, [].into(), std::future::pending()));
    Ok(())
}
