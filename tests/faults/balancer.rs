//! A load balancer: it polls `/readyz` of each replica, and passes each new connection to one that is ready.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// How often each replica is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) struct Balancer {
    pub(crate) port: u16,
    _tasks: JoinSet<()>,
}

impl Balancer {
    pub(crate) async fn start(replicas: Vec<u16>, client: reqwest::Client) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ready = Arc::new(Mutex::new(replicas.clone()));
        let mut tasks = JoinSet::new();
        tasks.spawn(poll_readiness(replicas, client, Arc::clone(&ready)));
        tasks.spawn(accept(listener, ready));
        Self { port, _tasks: tasks }
    }
}

async fn poll_readiness(replicas: Vec<u16>, client: reqwest::Client, ready: Arc<Mutex<Vec<u16>>>) {
    loop {
        let mut now_ready = Vec::new();
        for &replica in &replicas {
            let request = client.get(format!("http://127.0.0.1:{replica}/readyz")).timeout(Duration::from_secs(1));
            if request.send().await.is_ok_and(|answer| answer.status() == 200) {
                now_ready.push(replica);
            }
        }
        *ready.lock().unwrap() = now_ready;
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Passes connections to the ready replicas in turn. As load balancers do, it takes the next one when a replica does
/// not take the connection: it may have stopped since it was polled.
async fn accept(listener: TcpListener, ready: Arc<Mutex<Vec<u16>>>) {
    let next = AtomicUsize::new(0);
    loop {
        let Ok((mut downstream, _)) = listener.accept().await else { continue };
        let mut ready = ready.lock().unwrap().clone();
        let first = next.fetch_add(1, Ordering::Relaxed) % ready.len().max(1);
        ready.rotate_left(first);
        tokio::spawn(async move {
            let Some(mut upstream) = connect_to_any(&ready).await else { return };
            let _ = (downstream.set_nodelay(true), upstream.set_nodelay(true));
            let _ = copy_bidirectional(&mut downstream, &mut upstream).await;
        });
    }
}

async fn connect_to_any(replicas: &[u16]) -> Option<TcpStream> {
    for &replica in replicas {
        if let Ok(upstream) = TcpStream::connect(("127.0.0.1", replica)).await {
            return Some(upstream);
        }
    }
    None
}
