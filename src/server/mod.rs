//! The server: serves every API of an application, and stops in order.
//!
//! In reading order: `running_app` builds the application from its configuration, `router` mounts the APIs on it as its
//! `options` say (`cors` for pages of other origins), and [`Server`] serves them over `connections` until the signal to
//! stop. `metrics_endpoint` serves metrics on an address of their own.

mod connections;
mod cors;
mod metrics_endpoint;
mod options;
mod router;
mod running_app;

use std::{sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::task::TaskTracker;

pub use connections::ConnectionOptions;
pub use metrics_endpoint::serve_metrics;
pub use options::ServerOptions;
pub use router::{openapi, router};
pub use running_app::{OperatorError, RunningApp, open_store, operator_error};

use self::{connections::Services, router::operator_router};
use crate::{app::App, jobs};

/// How long a shutdown waits for open requests, and then for open WebSockets.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);

/// A server that is ready to run.
#[derive(Debug)]
pub struct Server {
    running: RunningApp,
    router: Router,
    options: ServerOptions,
    listener: TcpListener,
    sockets: TaskTracker,
    jobs: JoinSet<()>,
    drain: Duration,
}

impl Server {
    /// Mounts the APIs of an application on a listening socket, and starts its jobs. After the signal to stop it serves
    /// for `drain` longer, until load balancers have noticed and send nothing more; meanwhile it closes sockets and
    /// streams one after the other.
    #[must_use]
    pub fn new(running: RunningApp, listener: TcpListener, options: &ServerOptions, drain: Duration) -> Self {
        let sockets = TaskTracker::new();
        let router = router(&running.app, options, sockets.clone());
        let jobs = jobs::start(&running.app);
        Self { running, router, options: options.clone(), listener, sockets, jobs, drain }
    }

    /// Serves until `stop`. Then, in this order: the server reports that it is not ready but serves for as long as it
    /// drains, and closes sockets and streams during that time; open requests are answered; accepted messages are
    /// stored; connections to the database and to Redis close.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let Self { running, router, options, listener, sockets, jobs, drain } = self;
        let app = Arc::clone(&running.app);
        let shutdown = async move {
            stop.await;
            app.start_draining(drain);
            tokio::time::sleep(drain).await;
            app.start_shutdown();
        };
        let app = Arc::clone(&running.app);
        let serve = serve(&running.app, router, &options, listener, shutdown);
        // A client that never completes its request must not keep the process alive.
        let deadline = async {
            app.shutdown_started().await;
            tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        };
        tokio::select! {
            () = serve => {}
            () = deadline => tracing::warn!("some requests did not end in time"),
        }
        sockets.close();
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, sockets.wait()).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
        drop(jobs);
        running.stop().await;
    }
}

/// Serves the routes of an application on a listening socket until `stop`, and then answers the requests under way.
pub async fn serve(
    app: &Arc<App>,
    router: Router,
    options: &ServerOptions,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) {
    let services = Services { router, probes: operator_router(app, Router::new()) };
    let open = metrics::gauge!("otpwire_connections_open");
    let proxies = options.trusted_proxies.clone().into();
    connections::serve(listener, services, options.connections.clone(), proxies, open, stop).await;
}
