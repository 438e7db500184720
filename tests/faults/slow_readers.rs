//! Watchers that read nothing, or are far behind, and a flood of webhooks: they cost a bounded amount of memory, and do
//! not delay other users.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};
use tokio_util::sync::CancellationToken;

use crate::{
    checker::{History, lengths, stored},
    platform::{Platform, Renter},
    provider::{Outcome, Traffic, post, provide},
    watcher::{LiveApi, Progress, Watcher, WatcherHistory},
};

/// How many messages the slow watchers have yet to read.
const BACKLOG: usize = 10_000;
/// How many watchers read nothing, over each API that pushes.
const SLOW_EACH: u64 = 6;
/// How much memory all of them together may cost a replica: a fiftieth of their backlogs.
const MEMORY_BOUND_KIB: u64 = 48 * 1024;
/// How much the kernel may hold for each of them, in bytes.
const SEND_QUEUE_BOUND: u64 = 1024 * 1024;
/// How long one measurement of the latency may take.
const MEASUREMENT: Duration = Duration::from_secs(20);
/// How long the slow watchers may take to catch up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Inserts a backlog into an inbox directly, as if it had been received during the day.
async fn insert_backlog(platform: &Platform, renter: &Renter, traffic: &Traffic) {
    let sql = format!(
        "BEGIN;
         UPDATE inboxes SET last_seq = last_seq + {BACKLOG} WHERE user_id = {user};
         INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content,
                               message_type, received_at, provider_id, provider_message_id, metadata)
         SELECT a.phone_number_id, a.user_id, a.id, i.last_seq - {BACKLOG} + n, 'GOOGLE',
                'old-' || n || ' ' || repeat('x', 1000), 'sms', now(), 1, 'old-' || n, '{{}}'
         FROM number_assignments a JOIN inboxes i USING (user_id), generate_series(1, {BACKLOG}) n
         WHERE a.user_id = {user} ORDER BY n;
         COMMIT",
        user = renter.id
    );
    platform.sql(&sql).await;
    traffic.posted.lock().unwrap().extend((1..=BACKLOG).map(|n| format!("old-{n}")));
}

/// How long messages take from the provider to a watcher that reads, one after the other, in microseconds: the median
/// and the 99th percentile.
async fn latency(
    platform: &Platform,
    progress: &Progress,
    renter: &Renter,
    traffic: &Traffic,
    name: &str,
) -> [u128; 2] {
    let mut latencies = Vec::new();
    let began = Instant::now();
    for n in 0..200 {
        // On a slow machine fewer must do: the server closes connections that read nothing after a minute.
        if began.elapsed() > MEASUREMENT {
            break;
        }
        let before = progress.position.load(Ordering::Acquire);
        let id = format!("{name}-{n}");
        traffic.posted.lock().unwrap().insert(id.clone());
        let started = Instant::now();
        let outcome = post(platform.client(), &platform.address(1), &id, &renter.numbers[0]).await;
        assert_eq!(outcome, Outcome::Acknowledged);
        traffic.acknowledged.lock().unwrap().insert(id);
        let received = async {
            while progress.position.load(Ordering::Acquire) == before {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        };
        tokio::time::timeout(PATIENCE, received).await.expect("a message does not arrive");
        latencies.push(started.elapsed().as_micros());
    }
    latencies.sort_unstable();
    [latencies[latencies.len() / 2], latencies[latencies.len() * 99 / 100]]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_watchers_cost_little_memory_and_catch_up() {
    let _machine = crate::exclusive().await;
    let platform = Arc::new(Platform::start(2, &[]).await);
    let renters = platform.create_renters(2, 1).await;
    let (busy, quiet) = (&renters[0], &renters[1]);
    let traffic = Arc::new(Traffic::default());
    let (may_read, stop_watchers) = (CancellationToken::new(), CancellationToken::new());
    let client = platform.client().clone();
    let new = |renter, api, seed| Watcher::new(&platform, renter, api, seed, false, client.clone());

    let reader = new(quiet, LiveApi::WebSocket, 1);
    let progress = reader.progress();
    let mut watching = vec![tokio::spawn(reader.watch(stop_watchers.clone()))];
    let alone = latency(&platform, &progress, quiet, &traffic, "alone").await;

    // First the flood alone, to tell its effect from that of the slow watchers.
    let stop_flood = CancellationToken::new();
    let flood = (0..6).map(|n| {
        let seed_and_name = (n, format!("flood{n}"));
        let (platform, traffic) = (Arc::clone(&platform), Arc::clone(&traffic));
        tokio::spawn(provide(
            platform,
            traffic,
            busy.numbers.clone(),
            seed_and_name,
            Duration::from_millis(5),
            stop_flood.clone(),
        ))
    });
    let flood: Vec<_> = flood.collect();
    let flooded = latency(&platform, &progress, quiet, &traffic, "flooded").await;

    let mut slow = Vec::new();
    for n in 0..SLOW_EACH {
        for api in [LiveApi::WebSocket, LiveApi::Sse] {
            let watcher = new(busy, api, 10 + n).reading_after(may_read.clone());
            slow.push(watcher.progress());
            watching.push(tokio::spawn(watcher.watch(stop_watchers.clone())));
        }
    }
    let before = [platform.memory_kib(0), platform.memory_kib(1)];
    insert_backlog(&platform, busy, &traffic).await;
    let with_slow = latency(&platform, &progress, quiet, &traffic, "with-slow").await;
    let grown = [0, 1].map(|replica| platform.memory_kib(replica).saturating_sub(before[replica]));
    let unsent: Vec<_> = [0, 1].into_iter().flat_map(|replica| platform.send_queues(replica)).collect();
    stop_flood.cancel();
    join_all(flood).await;

    may_read.cancel();
    let stored = stored(&platform).await;
    let lengths = lengths(&stored);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while slow.iter().any(|watcher| watcher.position.load(Ordering::Acquire) < lengths[&busy.id]) {
        assert!(tokio::time::Instant::now() < deadline, "some slow watchers do not catch up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop_watchers.cancel();
    let watchers: Vec<_> = join_all(watching).await.into_iter().map(Result::unwrap).collect();
    let history =
        History { renters: &renters, traffic: &traffic, stored, watchers: &watchers, expired: &HashMap::new() };
    let violations = history.check();
    println!(
        "{} watchers read nothing while {} messages came to their inbox: memory grew by {grown:?} KiB, and the kernel \
         holds {unsent:?} bytes; the median and the 99th percentile of another user's latency were {alone:?} µs, \
         {flooded:?} µs during the flood, and {with_slow:?} µs during the flood and with them; violations: \
         {violations:?}",
        slow.len(),
        lengths[&busy.id],
    );
    assert!(violations.is_empty(), "{violations:?}");
    assert!(grown.iter().all(|grown| *grown < MEMORY_BOUND_KIB), "{grown:?}");
    assert!(unsent.len() >= slow.len() && unsent.iter().all(|bytes| *bytes < SEND_QUEUE_BOUND), "{unsent:?}");
    // The server waited for them and did not disconnect them: each is still on its first connection.
    let kept = |watcher: &WatcherHistory| watcher.connections == 1 && watcher.unexpected.is_empty();
    assert!(watchers.iter().all(kept), "{watchers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_nothing_is_disconnected() {
    // It mostly waits, so it need not be exclusive.
    let platform = Platform::start(1, &[]).await;
    let renters = platform.create_renters(1, 1).await;
    let socket = TcpSocket::new_v4().unwrap();
    // The client's kernel buffers little, so the rest stays with the server.
    socket.set_recv_buffer_size(4096).unwrap();
    let address = platform.address(0).strip_prefix("http://").unwrap().parse().unwrap();
    let mut unread = socket.connect(address).await.unwrap();
    let token = &renters[0].token;
    let request = format!("GET /v1/messages/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    unread.write_all(request.as_bytes()).await.unwrap();
    // The stream has begun.
    let mut head = [0; 64];
    unread.read_exact(&mut head).await.unwrap();
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    insert_backlog(&platform, &renters[0], &Traffic::default()).await;
    let has_backlog = async |expected: bool| {
        while platform.send_queues(0).iter().any(|bytes| *bytes > 4096) != expected {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, has_backlog(true)).await.expect("nothing waits to be sent");
    tokio::time::timeout(2 * PATIENCE, has_backlog(false)).await.expect("the client is not disconnected");
    drop(unread);
}
