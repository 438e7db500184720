//! A load balancer: it asks the replicas whether they are ready, and sends each new connection to one that is.

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

/// How often replicas are asked.
const ASK: Duration = Duration::from_millis(100);

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
        let found = Arc::clone(&ready);
        tasks.spawn(async move {
            loop {
                let mut now = Vec::new();
                for &replica in &replicas {
                    let ask = client.get(format!("http://127.0.0.1:{replica}/readyz")).timeout(Duration::from_secs(1));
                    if ask.send().await.is_ok_and(|answer| answer.status() == 200) {
                        now.push(replica);
                    }
                }
                *found.lock().unwrap() = now;
                tokio::time::sleep(ASK).await;
            }
        });
        tasks.spawn(async move {
            let next = AtomicUsize::new(0);
            loop {
                let Ok((mut near, _)) = listener.accept().await else { continue };
                let chosen = {
                    let ready = ready.lock().unwrap();
                    ready.get(next.fetch_add(1, Ordering::Relaxed) % ready.len().max(1)).copied()
                };
                let Some(chosen) = chosen else { continue };
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(("127.0.0.1", chosen)).await else { return };
                    let _ = (near.set_nodelay(true), far.set_nodelay(true));
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { port, _tasks: tasks }
    }
}
