//! The server: builds the application from its configuration, mounts the faces, and stops in order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{Router, middleware, routing::get, serve::ListenerExt};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    ambient::{Clock, Random},
    app::{App, Parts},
    bus::{Bus, Hub, RedisBus},
    config::Config,
    domain, graphql, http, jobs,
    store::Store,
    webhooks::{self, PublicUrl},
};

/// How long a shutdown waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(20);

/// The application and what has to be stopped after it.
#[derive(Debug)]
pub struct Running {
    /// The application.
    pub app: Arc<App>,
    store: Store,
    writer: JoinHandle<()>,
    bus: CancellationToken,
}

impl Running {
    /// Opens the store and the bus, and starts the application on them.
    ///
    /// # Errors
    /// When either cannot be reached.
    pub async fn start(config: &Config) -> Result<Self> {
        let random = Random::from_os();
        let root_key = config.root_key(&random)?;
        let store = Store::connect(&config.database_url, config.database_connections)
            .await
            .map_err(explain)
            .context("cannot open the database")?;
        let stop = CancellationToken::new();
        let bus = match &config.redis_url {
            None => Bus::Memory(Hub::new()),
            Some(url) => {
                let bus = RedisBus::init(url, &root_key.namespace(), stop.clone()).await;
                Bus::Redis(bus.map_err(explain).context("cannot reach Redis")?)
            }
        };
        let settings = config.settings.clone();
        let parts = Parts { store: store.clone(), bus, clock: Clock::System, random, root_key, settings };
        let (app, writer) = App::start(parts);
        Ok(Self { app, store, writer, bus: stop })
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores what was accepted, then lets go of the bus and the store.
    pub async fn stop(self) {
        self.app.stop_receiving();
        if tokio::time::timeout(PATIENCE, self.writer).await.is_err() {
            tracing::error!(
                "some accepted messages could not be stored in time; their providers have no answer and will retry"
            );
        }
        self.bus.cancel();
        self.store.close().await;
    }
}

/// A failure for the operator: the public message is of no use without its cause.
pub fn explain(error: domain::Error) -> anyhow::Error {
    let message = error.message().to_owned();
    match std::error::Error::source(&error) {
        Some(cause) => anyhow::anyhow!("{cause}"),
        None => anyhow::anyhow!(message),
    }
}

/// Every face on one router.
pub fn router(app: &Arc<App>, public_url: &str, sockets: TaskTracker) -> Router {
    Router::new()
        .merge(http::health_routes())
        .merge(webhooks::webhook_routes(PublicUrl(public_url.into())))
        .merge(graphql::graphql_routes(app, sockets))
        .fallback(http::not_found)
        .method_not_allowed_fallback(http::method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(app), http::tag_requests))
        .with_state(Arc::clone(app))
}

/// A server that is about to serve.
#[derive(Debug)]
pub struct Server {
    running: Running,
    router: Router,
    listener: TcpListener,
    sockets: TaskTracker,
    jobs: JoinSet<()>,
}

impl Server {
    /// Mounts the faces of an application on a socket that listens, and starts its jobs.
    #[must_use]
    pub fn new(running: Running, listener: TcpListener, public_url: &str) -> Self {
        let sockets = TaskTracker::new();
        let router = router(&running.app, public_url, sockets.clone());
        let jobs = jobs::start(&running.app);
        Self { running, router, listener, sockets, jobs }
    }

    /// Serves until `stop`, then stops in order: no longer ready, sockets told to go elsewhere,
    /// requests answered, accepted messages stored, connections closed.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { running, router, listener, sockets, jobs } = self;
        let app = Arc::clone(&running.app);
        let closing = async move {
            stop.await;
            app.begin_closing();
        };
        let app = Arc::clone(&running.app);
        // A short answer or frame goes out at once instead of waiting for company.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serve = axum::serve(listener, router).with_graceful_shutdown(closing);
        // A client that never ends its request must not keep the process.
        let give_up = async {
            app.closing().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            served = async { serve.await } => served?,
            () = give_up => tracing::warn!("some requests did not end in time"),
        }
        sockets.close();
        if tokio::time::timeout(PATIENCE, sockets.wait()).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
        drop(jobs);
        running.stop().await;
        Ok(())
    }
}

/// Serves metrics at `/metrics`, on an address of their own.
///
/// # Errors
/// When the address is taken.
pub async fn serve_metrics(address: SocketAddr, metrics: PrometheusHandle) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot serve metrics on {address}"))?;
    let router = Router::new().route("/metrics", get(async move || metrics.render()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}
