//! Connections over real sockets: deadlines, bounds, and the end of a server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use otpwire::server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::support::{Backend, PATIENCE, World, socket::Socket};

const SOON: Duration = Duration::from_millis(200);
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

async fn embedded() -> World {
    World::new(Backend::Embedded).await
}

async fn connect(address: SocketAddr, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream
}

/// What comes until the server closes the connection.
async fn read_to_end(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it stays open");
    // The server may close before it has read everything.
    assert!(read.is_ok() || !answer.is_empty(), "{read:?}");
    String::from_utf8(answer).unwrap()
}

/// Sends a request and reads its answer, and leaves the connection open.
async fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await.expect("no answer").unwrap();
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest.split("\r\n").next().unwrap());
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    head + std::str::from_utf8(&body).unwrap()
}

/// A request on a connection of its own.
async fn fetch(address: SocketAddr, path: &str) -> String {
    read_to_end(connect(address, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await).await
}

fn post(path: &str, content_type: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: 9\r\n\r\n{{\"a\":\"b\"")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_finished_is_given_up() {
    let mut world = embedded().await;
    let deadlines = &mut world.options.connections;
    (deadlines.head_timeout, deadlines.idle_timeout, deadlines.body_timeout) = (SOON, 2 * SOON, SOON);
    let (replica, _) = world.populated().await;
    let address = replica.listen().await;
    for (sent, answer) in [
        ("", ""),
        ("GET / HTTP/1.1\r\nhost: x\r\n", ""),
        ("POST /graphql HTTP/1.1\r\n", ""),
        (HEALTH, "HTTP/1.1 200 "),
        // Half a head after a whole request.
        ("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /he", "HTTP/1.1 200 "),
        (&post("/v1/auth/login", "application/json"), "HTTP/1.1 408 "),
        (&post("/graphql", "application/json"), "HTTP/1.1 408 "),
        (&post("/v1/webhooks/sms?provider=sandbox", "application/json"), "HTTP/1.1 503 "),
        (&post("/v1/webhooks/sms/sandbox", "text/plain"), "HTTP/1.1 503 "),
        // Refused, or answered, without its body.
        (&post("/v1/auth/login", "text/plain"), "HTTP/1.1 415 "),
        (&post("/nowhere", "application/json"), "HTTP/1.1 404 "),
        (&post("/v1/webhooks/sms?provider=nobody", "application/json"), "HTTP/1.1 404 "),
    ] {
        let answered = read_to_end(connect(address, sent).await).await;
        assert!(answered.starts_with(answer) && answered.is_empty() == answer.is_empty(), "{sent:?}: {answered}");
        if answer.contains("408") {
            assert!(answered.contains("REQUEST_TIMEOUT") && answered.contains("connection: close"), "{answered}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_is_given_up() {
    let mut world = embedded().await;
    world.options.connections.body_timeout = SOON;
    let (replica, _) = world.populated().await;
    let address = replica.listen().await;
    for (path, status) in [("/v1/auth/login", "408"), ("/graphql", "408"), ("/v1/webhooks/sms?provider=sandbox", "503")]
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let (mut reader, mut writer) = connect(address, &head).await.into_split();
        // Each pause is far shorter than the deadline.
        let trickle = tokio::spawn(async move {
            while writer.write_all(b"1\r\n \r\n").await.is_ok() {
                tokio::time::sleep(SOON / 20).await;
            }
        });
        let mut answer = [0; 12];
        tokio::time::timeout(PATIENCE, reader.read_exact(&mut answer)).await.expect("it is waited for").unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{path}");
        drop(reader);
        tokio::time::timeout(PATIENCE, trickle).await.expect("the connection stays open").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_bounded_by_network() {
    let mut world = embedded().await;
    world.options.connections.max_per_network = 3;
    let replica = world.replica().await;
    let address = replica.listen().await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(address, "").await;
        assert!(ask(&mut stream, HEALTH).await.starts_with("HTTP/1.1 200 "));
        open.push(stream);
    }
    // A WebSocket keeps the place of its connection.
    let socket = Socket::open(address, "graphql-transport-ws").await;
    for path in ["/v1/numbers", "/graphql", "/v1/webhooks/sms?provider=sandbox", "/nowhere"] {
        let refused = fetch(address, path).await;
        assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: "), "{path}: {refused}");
        assert!(refused.contains("UNAVAILABLE"), "{path}: {refused}");
    }
    // Those that are open go on, and health checks are answered.
    assert!(ask(&mut open[0], "GET /v1/users/me HTTP/1.1\r\nhost: x\r\n\r\n").await.starts_with("HTTP/1.1 401 "));
    for path in ["/healthz", "/readyz"] {
        assert!(fetch(address, path).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
    drop(socket);
    let served = async { while !fetch(address, "/v1/users/me").await.starts_with("HTTP/1.1 401 ") {} };
    tokio::time::timeout(PATIENCE, served).await.expect("the place of the WebSocket is not free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_is_not_counted_and_health_checks_pass_a_crowd() {
    let mut world = embedded().await;
    world.options.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    (world.options.connections.max_total, world.options.connections.max_per_network) = (8, 1);
    let replica = world.replica().await;
    let address = replica.listen().await;
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut stream = connect(address, "").await;
        assert!(ask(&mut stream, HEALTH).await.starts_with("HTTP/1.1 200 "));
        open.push(stream);
    }
    // Every place is taken, and those for health checks have a crowd that says nothing.
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(connect(address, "GET /readyz").await);
    }
    for path in ["/healthz", "/readyz"] {
        assert!(fetch(address, path).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
    assert!(fetch(address, "/v1/numbers").await.starts_with("HTTP/1.1 503 "));
    // Whoever has a place keeps it.
    for stream in &mut open {
        assert!(ask(stream, "GET /v1/users/me HTTP/1.1\r\nhost: x\r\n\r\n").await.starts_with("HTTP/1.1 401 "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_answers_what_is_under_way_and_closes_what_is_idle() {
    let world = embedded().await;
    let replica = world.replica().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (app, router, options) = (Arc::clone(&replica.app), replica.served.clone(), world.options.clone());
    let stopped = stop.clone().cancelled_owned();
    let server = tokio::spawn(async move { server::serve(&app, router, &options, listener, stopped).await });
    let mut idle = connect(address, "").await;
    assert!(ask(&mut idle, HEALTH).await.starts_with("HTTP/1.1 200 "));
    // A request whose body the server waits for: it says so.
    let mut under_way = connect(address, "").await;
    let head = "POST /v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\
                expect: 100-continue\r\n\r\n";
    assert_eq!(ask(&mut under_way, head).await, "HTTP/1.1 100 Continue\r\n\r\n");
    stop.cancel();
    assert_eq!(read_to_end(idle).await, "");
    under_way.write_all(b"{}").await.unwrap();
    assert!(read_to_end(under_way).await.starts_with("HTTP/1.1 400 "));
    tokio::time::timeout(PATIENCE, server).await.expect("the server does not end").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_wait_while_a_server_stops_are_answered() {
    const UPGRADE: &str = "GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                           sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                           sec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    let world = embedded().await;
    let replica = world.replica().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    // A load balancer passed them on before it noticed, and the server was too busy to accept them.
    let mut plain = Vec::new();
    for _ in 0..20 {
        plain.push(connect(address, HEALTH).await);
    }
    let mut upgrades = vec![connect(address, UPGRADE).await];
    let mut late = connect(address, "").await;
    replica.app.start_draining(Duration::ZERO);
    replica.app.start_shutdown();
    let (app, router, options) = (Arc::clone(&replica.app), replica.served.clone(), world.options.clone());
    let server =
        tokio::spawn(async move { server::serve(&app, router, &options, listener, std::future::ready(())).await });
    for stream in plain {
        let answer = read_to_end(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close\r\n"), "{answer}");
    }
    late.write_all(UPGRADE.as_bytes()).await.unwrap();
    upgrades.push(late);
    for mut stream in upgrades {
        let head = ask(&mut stream, "").await.to_lowercase();
        assert!(head.starts_with("http/1.1 101 ") && head.contains("connection: upgrade\r\n"), "{head}");
        let mut frame = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut frame)).await.expect("it stays open").unwrap();
        // A close frame with 1001, going away.
        assert_eq!((frame[0], &frame[2..4]), (0x88, &1001_u16.to_be_bytes()[..]));
    }
    tokio::time::timeout(PATIENCE, server).await.expect("the server does not end").unwrap();
}
