//! Metrics over HTTP.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use crate::telemetry::keep_metrics_small;

/// Serves metrics at `/metrics`, on an address of their own, and keeps them small.
///
/// # Errors
/// If the address is in use.
pub async fn serve_metrics(address: SocketAddr, metrics: PrometheusHandle) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot serve metrics on {address}"))?;
    tokio::spawn(keep_metrics_small(metrics.clone()));
    let router = Router::new().route("/metrics", get(async move || metrics.render()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}
