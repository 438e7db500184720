//! A TCP proxy between a replica and a server, which can cut or stall the connections.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The state of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// Everything is forwarded.
    Up,
    /// Connections are closed, and new ones as soon as they are made.
    Cut,
    /// Connections stay open, and nothing is forwarded.
    Stalled,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: watch::Sender<Network>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy to a port of this machine.
    pub(crate) async fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, network) = watch::channel(Network::Up);
        let task = tokio::spawn(async move {
            loop {
                let Ok((downstream, _)) = listener.accept().await else { continue };
                tokio::spawn(forward(downstream, SocketAddr::from(([127, 0, 0, 1], to)), network.clone()));
            }
        });
        Self { port, state, task }
    }

    pub(crate) fn set(&self, network: Network) {
        self.state.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(downstream: TcpStream, to: SocketAddr, mut network: watch::Receiver<Network>) {
    if *network.borrow() == Network::Cut {
        return;
    }
    let Ok(upstream) = TcpStream::connect(to).await else { return };
    let _ = (downstream.set_nodelay(true), upstream.set_nodelay(true));
    let (downstream_read, downstream_write) = downstream.into_split();
    let (upstream_read, upstream_write) = upstream.into_split();
    let (for_requests, for_answers) = (network.clone(), network.clone());
    tokio::select! {
        () = copy(downstream_read, upstream_write, for_requests) => {}
        () = copy(upstream_read, downstream_write, for_answers) => {}
        _ = network.wait_for(|network| *network == Network::Cut) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut network: watch::Receiver<Network>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if network.wait_for(|network| *network != Network::Stalled).await.is_err()
            || to.write_all(&buffer[..count]).await.is_err()
        {
            return;
        }
    }
}
