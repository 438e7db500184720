//! What WebSockets that read nothing cost a server in memory, whatever they send. Measured on a process: the peak
//! counts every byte that was ever held.

use std::{net::Ipv4Addr, time::Duration};

use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::support::{
    Backend, World,
    client::sms,
    program::{Installation, NUMBER, Serving, client, post},
    raw_socket::{flood, frame, text, unread_socket},
    socket::Socket,
};

/// The peak memory of a process, in KiB.
#[cfg(target_os = "linux")]
fn peak_memory(serving: &Serving) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_sockets_that_read_nothing_is_not_kept() {
    const SOCKETS: usize = 6;
    const BYTES: usize = 8 << 20;
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_REQUESTS_PER_MINUTE_FREE", "100000");
    installation.populate();
    let serving = installation.serve();
    let token = installation.rent().await;
    // A server makes its reader of codes while it starts, and needs it from its first message on.
    installation.post_until_stored("first").await;
    let init = text(&json!({ "type": "connection_init", "payload": { "token": token } }));
    let refused = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{" } });
    for (name, first, flooding) in [
        ("pings", vec![], frame(9, &[7; 125])),
        ("pings of a user", init.clone(), frame(9, &[7; 125])),
        ("ping messages", vec![], text(&json!({ "type": "ping", "payload": { "x": "x".repeat(1000) } }))),
        ("errors", init.clone(), text(&refused)),
        ("completes", init.clone(), text(&json!({ "type": "complete", "id": "x".repeat(100) }))),
    ] {
        let before = peak_memory(&serving);
        let mut sockets = Vec::new();
        for _ in 0..SOCKETS {
            let mut socket = unread_socket(Ipv4Addr::LOCALHOST, installation.address).await.unwrap();
            socket.write_all(&first).await.unwrap();
            sockets.push(socket);
        }
        let floods = sockets.iter_mut().map(|socket| flood(socket, &flooding, BYTES));
        let taken: Vec<usize> = futures_util::future::join_all(floods).await;
        // The kernel counts in batches for each thread, so a peak may seem a little lower than before.
        let grown = peak_memory(&serving).saturating_sub(before);
        // 48 megabytes if they were kept.
        assert!(grown < 24 * 1024, "{name}: {grown} KiB for {taken:?} bytes");
    }
}

/// The responses to operations of a client that does not read them.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_responses_are_few() {
    const SOCKETS: usize = 2;
    const OPERATIONS: usize = 100;
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_REQUESTS_PER_MINUTE_FREE", "100000");
    installation.populate();
    let serving = installation.serve();
    let token = installation.rent().await;
    let client = client();
    for n in 0..50 {
        assert!(post(&client, installation.address, &sms(&n.to_string(), NUMBER, &"x".repeat(40_000))).await);
    }
    let init = text(&json!({ "type": "connection_init", "payload": { "token": token } }));
    let query = "{ messages(first: 50) { nodes { messageContent } } }";
    let size = installation.graphql(Some(&token), query).await.to_string().len();
    let before = peak_memory(&serving);
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let mut socket = unread_socket(Ipv4Addr::LOCALHOST, installation.address).await.unwrap();
        socket.write_all(&init).await.unwrap();
        for n in 0..OPERATIONS {
            let subscribe = json!({ "type": "subscribe", "id": n.to_string(), "payload": { "query": query } });
            socket.write_all(&text(&subscribe)).await.unwrap();
        }
        sockets.push(socket);
    }
    // Until nothing moves any more: the operations that are left wait for the client.
    let mut peak = 0;
    while peak_memory(&serving) > peak {
        peak = peak_memory(&serving);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // 400 megabytes if all were kept. A response that is being made takes several times its size.
    let grown = usize::try_from(peak - before).unwrap() * 1024;
    let all = SOCKETS * OPERATIONS * size;
    assert!(grown < all / 3, "{grown} bytes of {all}");
}

/// Subscriptions of a client that does not read: neither the responses to events nor the pages that they catch up from
/// are many, although each event asks for a long text several times.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_events_are_few() {
    const SUBSCRIPTIONS: usize = 100;
    const LENGTH: usize = 40_000;
    const REPEATED: usize = 20;
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_REQUESTS_PER_MINUTE_FREE", "100000");
    installation.populate();
    let serving = installation.serve();
    let token = installation.rent().await;
    let client = client();
    let latest = installation.graphql(Some(&token), "{ messages { latestCursor } }").await;
    let cursor = latest["messages"]["latestCursor"].as_str().unwrap();
    for n in 0..50 {
        assert!(post(&client, installation.address, &sms(&n.to_string(), NUMBER, &"x".repeat(LENGTH))).await);
    }
    let init = text(&json!({ "type": "connection_init", "payload": { "token": token } }));
    let repeated: String = (0..REPEATED).map(|n| format!("t{n}: messageContent ")).collect();
    let query = format!("subscription {{ messageReceived(after: \"{cursor}\") {{ message {{ {repeated} }} }} }}");
    let before = peak_memory(&serving);
    let mut socket = unread_socket(Ipv4Addr::LOCALHOST, installation.address).await.unwrap();
    socket.write_all(&init).await.unwrap();
    for n in 0..SUBSCRIPTIONS {
        let subscribe = json!({ "type": "subscribe", "id": n.to_string(), "payload": { "query": query } });
        socket.write_all(&text(&subscribe)).await.unwrap();
    }
    let mut peak = 0;
    while peak_memory(&serving) > peak {
        peak = peak_memory(&serving);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // 80 megabytes of responses and 200 of pages if every subscription kept its own.
    let grown = usize::try_from(peak - before).unwrap() * 1024;
    let (responses, pages) = (SUBSCRIPTIONS * REPEATED * LENGTH, SUBSCRIPTIONS * 50 * LENGTH);
    assert!(grown < (responses + pages) / 4, "{grown} bytes of {responses} and {pages}");
}

/// A client that reads nothing costs its socket buffers, however many messages it has.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_stops_reading_does_not_grow_memory() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    let serving = installation.serve();
    let token = installation.log_in().await;
    let rent = r#"mutation { assignPhoneNumber(input: { phoneNumberId: "num_1" }) { phoneNumber { id } } }"#;
    installation.graphql(Some(&token), rent).await;
    let mut lazy = Vec::new();
    for _ in 0..4 {
        let mut socket = Socket::open(installation.address, "graphql-transport-ws").await;
        socket.send(json!({ "type": "connection_init", "payload": { "token": token } })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.watch(None).await;
        lazy.push(socket);
    }
    let client = client();
    let text = "x".repeat(40_000);
    let send = async |from: usize, to: usize| {
        for n in from..to {
            assert!(post(&client, installation.address, &sms(&n.to_string(), "+14155550100", &text)).await);
        }
    };
    send(0, 100).await;
    let before = peak_memory(&serving);
    send(100, 600).await;
    // Twenty megabytes for each of the four clients: eighty, if they were buffered.
    let grown = peak_memory(&serving).saturating_sub(before);
    assert!(grown < 12 * 1024, "{grown} KiB");
    drop(lazy);
}
