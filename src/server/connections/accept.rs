//! The loop that accepts connections and serves them.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use ipnet::IpNet;
use metrics::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    options::ConnectionOptions,
    requests::{Progress, Requests},
    slots::{ConnectionSlot, ConnectionSlots},
    stream::{ClientStream, set_options},
    timer::HeadTimer,
};
use crate::log_throttle;

/// How long accepting pauses when the system has no resources for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long a connection that is kept for health checks has for its request.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// What connections are served.
#[derive(Clone, Debug)]
pub(in crate::server) struct Services {
    /// Within the bounds.
    pub(in crate::server) router: Router,
    /// Beyond them: health checks.
    pub(in crate::server) probes: Router,
}

/// Accepts connections until `stop`. Then those that are waiting to be accepted still are, and no more; requests under
/// way and the first one of each connection are answered; and idle connections are closed. `open` counts them.
pub(in crate::server) async fn serve(
    listener: TcpListener,
    services: Services,
    options: ConnectionOptions,
    proxies: Arc<[IpNet]>,
    open: Gauge,
    stop: impl Future<Output = ()> + Send,
) {
    let server = ConnectionServer {
        slots: ConnectionSlots::new(&options, proxies, open),
        router: TowerToHyperService::new(services.router),
        probes: TowerToHyperService::new(services.probes),
        options,
        open: TaskTracker::new(),
        stopping: CancellationToken::new(),
    };
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => server.open(stream, peer),
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                // The connection stays in the queue of the system: trying again at once would be a busy loop.
                if let Some(times) = log_throttle::record(&error.to_string(), Instant::now()) {
                    tracing::warn!(%error, times, "a connection could not be accepted; trying again");
                }
                tokio::select! {
                    () = tokio::time::sleep(ACCEPT_PAUSE) => {}
                    () = &mut stop => break,
                }
            }
        }
    }
    // A load balancer may have passed them on before it noticed: dropped with the listener, they would be reset.
    if let Ok(listener) = listener.into_std() {
        while let Ok((stream, peer)) = listener.accept() {
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                server.open(stream, peer);
            }
        }
    }
    server.stopping.cancel();
    server.open.close();
    server.open.wait().await;
}

/// Whether accepting failed because the client has gone already.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

struct ConnectionServer {
    slots: ConnectionSlots,
    router: TowerToHyperService<Router>,
    probes: TowerToHyperService<Router>,
    options: ConnectionOptions,
    open: TaskTracker,
    stopping: CancellationToken,
}

impl ConnectionServer {
    /// Serves a connection in a task of its own.
    fn open(&self, stream: TcpStream, peer: SocketAddr) {
        set_options(&stream);
        let slot = self.slots.take(peer.ip());
        let is_probe = matches!(slot, ConnectionSlot::Probe);
        let stream = ClientStream::new(stream, slot);
        let (service, head, idle) = match is_probe {
            true => (&self.probes, PROBE_TIMEOUT, PROBE_TIMEOUT),
            false => (&self.router, self.options.head_timeout, self.options.idle_timeout),
        };
        let mut http = http1::Builder::new();
        http.timer(HeadTimer::new(stream.received(), head, idle)).header_read_timeout(head).keep_alive(!is_probe);
        let progress = Arc::new(Progress::default());
        let requests = Requests { service: service.clone(), peer, progress: Arc::clone(&progress) };
        let task = self.open.spawn(serve_connection(http, stream, requests, self.stopping.clone()));
        if is_probe {
            self.slots.keep_probe(task.abort_handle(), progress);
        }
    }
}

/// Serves one connection until it is closed, or taken over by a WebSocket.
async fn serve_connection(http: http1::Builder, stream: ClientStream, requests: Requests, stopping: CancellationToken) {
    let progress = Arc::clone(&requests.progress);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), requests).with_upgrades());
    // A client that goes away or exceeds a deadline is no event.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopping.cancelled() => {}
    }
    // An idle connection is closed. The others close themselves after a response, which says so by now: hyper would say
    // so in the upgrade to a WebSocket too, which some clients then do not recognise.
    let mut is_closing = false;
    poll_fn(|cx| {
        if !is_closing && progress.is_idle() {
            connection.as_mut().graceful_shutdown();
            is_closing = true;
        }
        connection.as_mut().poll(cx).map(drop)
    })
    .await;
}
