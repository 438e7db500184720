//! Those who do not read, those who are far behind, and a flood: they cost bounded memory, and nobody else's time.

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
    history::{History, lengths, stored},
    platform::{Platform, Renter},
    provider::{Told, Traffic, post, provide},
    watcher::{Face, Progress, Watcher},
};

/// How far watchers are behind.
const BEHIND: usize = 10_000;
/// How many read nothing, over each face that pushes.
const UNREAD_EACH: u64 = 6;
/// What all of them together may cost, in KiB: a fiftieth of what they have not read yet.
const BOUND: u64 = 48 * 1024;
/// What the system may hold for each of them, in bytes.
const UNSENT: u64 = 1024 * 1024;
/// How long to measure.
const LONGEST: Duration = Duration::from_secs(20);
/// How long those who are behind may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Puts messages into an inbox at once, as the receiver would have over the day.
async fn fill(platform: &Platform, renter: &Renter, traffic: &Traffic) {
    let sql = format!(
        "BEGIN;
         UPDATE inboxes SET last_seq = last_seq + {BEHIND} WHERE user_id = {user};
         INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content,
                               message_type, received_at, provider_id, provider_message_id, metadata)
         SELECT a.phone_number_id, a.user_id, a.id, i.last_seq - {BEHIND} + n, 'GOOGLE',
                'old-' || n || ' ' || repeat('x', 1000), 'sms', now(), 1, 'old-' || n, '{{}}'
         FROM number_assignments a JOIN inboxes i USING (user_id), generate_series(1, {BEHIND}) n
         WHERE a.user_id = {user} ORDER BY n;
         COMMIT",
        user = renter.id
    );
    platform.sql(&sql).await;
    traffic.posted.lock().unwrap().extend((1..=BEHIND).map(|n| format!("old-{n}")));
}

/// How long messages take from the provider to a renter who reads, one after the other, in microseconds: the
/// median and the slowest but one in a hundred.
async fn latency(
    platform: &Platform,
    progress: &Progress,
    renter: &Renter,
    traffic: &Traffic,
    name: &str,
) -> [u128; 2] {
    let mut took = Vec::new();
    let began = Instant::now();
    for n in 0..200 {
        // On a slow machine fewer have to do: those who read nothing are given up after a minute.
        if began.elapsed() > LONGEST {
            break;
        }
        let before = progress.place.load(Ordering::Acquire);
        let id = format!("{name}-{n}");
        traffic.posted.lock().unwrap().insert(id.clone());
        let started = Instant::now();
        let told = post(platform.client(), &platform.address(1), &id, &renter.numbers[0]).await;
        assert_eq!(told, Told::Stored);
        traffic.acknowledged.lock().unwrap().insert(id);
        let came = async {
            while progress.place.load(Ordering::Acquire) == before {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        };
        tokio::time::timeout(PATIENCE, came).await.expect("a message does not come");
        took.push(started.elapsed().as_micros());
    }
    took.sort_unstable();
    [took[took.len() / 2], took[took.len() * 99 / 100]]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_do_not_read_cost_little_and_come_to_the_end() {
    let _turn = crate::turn().await;
    let platform = Arc::new(Platform::start(2, &[]).await);
    let renters = platform.settle(2, 1).await;
    let (busy, quiet) = (&renters[0], &renters[1]);
    let traffic = Arc::new(Traffic::default());
    let (gate, end) = (CancellationToken::new(), CancellationToken::new());
    let client = platform.client().clone();
    let new = |renter, face, seed| Watcher::new(&platform, renter, face, seed, false, client.clone());

    let reader = new(quiet, Face::Socket, 1);
    let progress = reader.progress();
    let mut watching = vec![tokio::spawn(reader.watch(end.clone()))];
    let calm = latency(&platform, &progress, quiet, &traffic, "calm").await;

    // The flood alone, so that one can tell what is its doing.
    let stop = CancellationToken::new();
    let flood = (0..6).map(|n| {
        let who = (n, format!("flood{n}"));
        let (platform, traffic) = (Arc::clone(&platform), Arc::clone(&traffic));
        tokio::spawn(provide(platform, traffic, busy.numbers.clone(), who, Duration::from_millis(5), stop.clone()))
    });
    let flood: Vec<_> = flood.collect();
    let flooded = latency(&platform, &progress, quiet, &traffic, "flooded").await;

    let mut behind = Vec::new();
    for n in 0..UNREAD_EACH {
        for face in [Face::Socket, Face::Stream] {
            let watcher = new(busy, face, 10 + n).behind(gate.clone());
            behind.push(watcher.progress());
            watching.push(tokio::spawn(watcher.watch(end.clone())));
        }
    }
    let before = [platform.memory(0), platform.memory(1)];
    fill(&platform, busy, &traffic).await;
    let unread = latency(&platform, &progress, quiet, &traffic, "unread").await;
    let grown = [0, 1].map(|replica| platform.memory(replica).saturating_sub(before[replica]));
    let unsent: Vec<_> = [0, 1].into_iter().flat_map(|replica| platform.unsent(replica)).collect();
    stop.cancel();
    join_all(flood).await;

    gate.cancel();
    let stored = stored(&platform).await;
    let lengths = lengths(&stored);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while behind.iter().any(|watcher| watcher.place.load(Ordering::Acquire) < lengths[&busy.id]) {
        assert!(tokio::time::Instant::now() < deadline, "some who were behind do not come to the end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    end.cancel();
    let seen: Vec<_> = join_all(watching).await.into_iter().map(Result::unwrap).collect();
    let history = History { renters: &renters, traffic: &traffic, stored, seen: &seen, expired: &HashMap::new() };
    let verdict = history.judge();
    println!(
        "{} watchers read nothing while {} messages came to their inbox: memory grew by {grown:?} KiB, and the system \
         holds {unsent:?} bytes; the median and the 99th percentile of somebody else's latency were {calm:?} µs, \
         {flooded:?} µs under the flood, and {unread:?} µs under the flood and with them; wrong: {verdict:?}",
        behind.len(),
        lengths[&busy.id],
    );
    assert!(verdict.is_clean(), "{verdict:?}");
    assert!(grown.iter().all(|grown| *grown < BOUND), "{grown:?}");
    assert!(unsent.len() >= behind.len() && unsent.iter().all(|unsent| *unsent < UNSENT), "{unsent:?}");
    // They were held up, not sent away: each is still on its first connection.
    assert!(seen.iter().all(|seen| seen.connections == 1 && seen.odd.is_empty()), "{seen:?}");
}

/// Nobody keeps a place for ever by reading nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_nothing_is_given_up_after_a_while() {
    // It mostly waits, so it takes no turn.
    let platform = Platform::start(1, &[]).await;
    let renters = platform.settle(1, 1).await;
    let socket = TcpSocket::new_v4().unwrap();
    // The system of the client takes little for it, so the rest stays with the server.
    socket.set_recv_buffer_size(4096).unwrap();
    let address = platform.address(0).strip_prefix("http://").unwrap().parse().unwrap();
    let mut unread = socket.connect(address).await.unwrap();
    let token = &renters[0].token;
    let request = format!("GET /v1/messages/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    unread.write_all(request.as_bytes()).await.unwrap();
    // The stream has begun.
    let mut begin = [0; 64];
    unread.read_exact(&mut begin).await.unwrap();
    assert!(begin.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&begin));
    fill(&platform, &renters[0], &Traffic::default()).await;
    let held = async |is_held: bool| {
        while platform.unsent(0).iter().any(|bytes| *bytes > 4096) != is_held {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, held(true)).await.expect("nothing waits to be sent");
    tokio::time::timeout(2 * PATIENCE, held(false)).await.expect("it is not given up");
    drop(unread);
}
