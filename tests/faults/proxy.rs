//! A stretch of network between a replica and a server, which can be cut and held up.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// It carries everything.
    Up,
    /// Connections are reset, and new ones as soon as they are made.
    Cut,
    /// Connections stay, and nothing comes through.
    Stalled,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: watch::Sender<Network>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, network) = watch::channel(Network::Up);
        let task = tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else { continue };
                tokio::spawn(carry(near, SocketAddr::from(([127, 0, 0, 1], to)), network.clone()));
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

async fn carry(near: TcpStream, to: SocketAddr, mut network: watch::Receiver<Network>) {
    if *network.borrow() == Network::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(to).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let (there, back) = (network.clone(), network.clone());
    tokio::select! {
        () = copy(near_read, far_write, there) => {}
        () = copy(far_read, near_write, back) => {}
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
