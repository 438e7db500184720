//! Metrics over HTTP.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

/// Serves metrics at `/metrics`, on an address of their own.
///
/// # Errors
/// If the address is in use.
pub async fn serve_metrics(address: SocketAddr, metrics: PrometheusHandle) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot serve metrics on {address}"))?;
    let router = Router::new().route("/metrics", get(async move || metrics.render()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}
