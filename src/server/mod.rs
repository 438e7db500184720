//! The server: serves every API of an application, and stops in order.
//!
//! In reading order: `running_app` builds the application from its configuration, `router` mounts the APIs on it as its
//! `options` say (`cors` for pages of other origins), and [`Server`] serves them until the signal to stop. `metrics_endpoint` serves metrics on an address of
//! their own.

mod cors;
mod metrics_endpoint;
mod options;
mod router;
mod running_app;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Result;
use axum::{Router, serve::ListenerExt};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::task::TaskTracker;

pub use metrics_endpoint::serve_metrics;
pub use options::ServerOptions;
pub use router::{openapi, router};
pub use running_app::{RunningApp, open_store, operator_error};

use crate::jobs;

/// How long a shutdown waits for open requests, and then for open WebSockets.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a client may leave data unacknowledged before its connection is closed.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How many bytes the kernel buffers for a connection before they are sent.
const MAX_UNSENT: u32 = 128 * 1024;

/// A server that is ready to run.
#[derive(Debug)]
pub struct Server {
    running: RunningApp,
    router: Router,
    listener: TcpListener,
    sockets: TaskTracker,
    jobs: JoinSet<()>,
    drain: Duration,
}

impl Server {
    /// Mounts the APIs of an application on a listening socket, and starts its jobs. After the signal to stop it serves
    /// for `drain` longer, until load balancers have noticed and send nothing more.
    #[must_use]
    pub fn new(running: RunningApp, listener: TcpListener, options: &ServerOptions, drain: Duration) -> Self {
        let sockets = TaskTracker::new();
        let router = router(&running.app, options, sockets.clone());
        let jobs = jobs::start(&running.app);
        Self { running, router, listener, sockets, jobs, drain }
    }

    /// Serves until `stop`. Then, in this order: the server reports that it is not ready but serves for as long as it
    /// drains; sockets and streams end; open requests are answered; accepted messages are stored; connections to the
    /// database and to Redis close.
    ///
    /// # Errors
    /// If the listening socket fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { running, router, listener, sockets, jobs, drain } = self;
        let app = Arc::clone(&running.app);
        let shutdown = async move {
            stop.await;
            app.start_draining();
            tokio::time::sleep(drain).await;
            app.start_shutdown();
        };
        let app = Arc::clone(&running.app);
        let listener = listener.tap_io(|stream| {
            // Small responses and frames are sent at once, without waiting for more data.
            let _ = stream.set_nodelay(true);
            bound_unread_data(stream);
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, service).with_graceful_shutdown(shutdown);
        // A client that never completes its request must not keep the process alive.
        let deadline = async {
            app.shutdown_started().await;
            tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        };
        tokio::select! {
            served = async { serve.await } => served?,
            () = deadline => tracing::warn!("some requests did not end in time"),
        }
        sockets.close();
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, sockets.wait()).await.is_err() {
            tracing::warn!("some sockets did not close in time");
        }
        drop(jobs);
        running.stop().await;
        Ok(())
    }
}

/// Bounds what a client that reads nothing costs: the kernel buffers little for it, and closes its connection after
/// [`UNREAD_TIMEOUT`]. By default it would hold megabytes for each such client, for as long as the client likes.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn bound_unread_data(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_tcp_notsent_lowat(MAX_UNSENT);
    let _ = socket.set_tcp_user_timeout(Some(UNREAD_TIMEOUT));
}

/// Other systems do not have these socket options.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bound_unread_data(_: &TcpStream) {}
