//! The operator's address: metrics and health checks over HTTP.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, header},
    routing::get,
};
use mediatype::{Name, names::APPLICATION};
use metrics::Gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use super::{
    connections::{self, ConnectionOptions, Services},
    router::operator_router,
};
use crate::{
    app::App,
    http::MediaRange,
    telemetry::{keep_metrics_small, render_metrics, render_open_metrics},
};

/// How many connections this address serves. They are apart from those of clients.
const MAX_CONNECTIONS: usize = 64;

/// Serves metrics at `/metrics`, and health checks, on an address of their own, and keeps the metrics small.
///
/// # Errors
/// If the address is in use.
pub async fn serve_metrics(address: SocketAddr, metrics: PrometheusHandle, app: &Arc<App>) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot serve metrics on {address}"))?;
    tokio::spawn(keep_metrics_small(metrics.clone()));
    let metrics = Router::new().route(
        "/metrics",
        get(async move |State(app): State<Arc<App>>, headers: HeaderMap| show(&app, &metrics, &headers).await),
    );
    let services = Services { router: operator_router(app, metrics), probes: operator_router(app, Router::new()) };
    let options = ConnectionOptions {
        max_total: MAX_CONNECTIONS,
        max_per_network: MAX_CONNECTIONS,
        ..ConnectionOptions::default()
    };
    tokio::spawn(connections::serve(listener, services, options, [].into(), Gauge::noop(), std::future::pending()));
    Ok(())
}

/// The metrics as they are now: in the text format of Prometheus, or as OpenMetrics has them where there are traces to
/// show and the client can read it.
async fn show(app: &App, metrics: &PrometheusHandle, headers: &HeaderMap) -> ([(HeaderName, &'static str); 1], String) {
    app.measure().await;
    let (content_type, text) = match app.tracer().is_on() && accepts_open_metrics(headers) {
        true => {
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", render_open_metrics(metrics, app.tracer()))
        }
        false => ("text/plain; version=0.0.4; charset=utf-8", render_metrics(metrics)),
    };
    ([(header::CONTENT_TYPE, content_type)], text)
}

fn accepts_open_metrics(headers: &HeaderMap) -> bool {
    let wanted = Name::new("openmetrics-text");
    wanted.is_some_and(|wanted| MediaRange::all(headers).iter().any(|range| range.names(APPLICATION, wanted)))
}
