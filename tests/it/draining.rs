//! A replica that drains: its sockets and streams are closed one after the other, not all in the same second, while
//! requests are answered to the end.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::{FutureExt, SinkExt, StreamExt};
use http_body_util::BodyExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tower::ServiceExt;

use crate::support::{Backend, PATIENCE, Renter, Replica, World, client::sms, socket::Socket};

const WATCH: &str = "subscription { messageReceived { cursor message { messageContent } } }";

/// Whether a socket is still open. The server looks at the clock before it reads, so its answer to a ping tells.
async fn is_open(socket: &mut Socket) -> bool {
    socket.0.send(Message::Ping(vec![1].into())).await.unwrap();
    loop {
        let frame = tokio::time::timeout(PATIENCE, socket.0.next()).await.expect("no frame in time");
        match frame.expect("no close frame").unwrap() {
            Message::Pong(_) => return true,
            Message::Close(Some(frame)) => {
                assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "Going away"));
                return false;
            }
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A stream of a subscription that has begun.
async fn stream(replica: &Replica, who: &Renter, accept: &str) -> Body {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", accept)
        .header("authorization", format!("Bearer {}", who.token));
    let request = request.body(Body::from(json!({ "query": WATCH }).to_string())).unwrap();
    let response = replica.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    body
}

/// Whether a stream has ended by now.
fn has_ended(stream: &mut Body) -> bool {
    while let Some(frame) = stream.frame().now_or_never() {
        match frame {
            None => return true,
            Some(frame) => drop(frame.unwrap()),
        }
    }
    false
}

#[tokio::test]
async fn sockets_and_streams_are_closed_evenly_during_the_drain() {
    const SOCKETS: usize = 90;
    const STREAMS: usize = 90;
    const SLICES: usize = 10;
    let mut world = World::new(Backend::Embedded).await;
    world.settings.max_connections = 1_000;
    let (replica, renter) = world.populated().await;
    let address = replica.listen().await;
    let (mut sockets, mut streams) = (Vec::new(), Vec::new());
    for n in 0..SOCKETS {
        let mut socket = Socket::ready(address, &renter).await;
        socket.watch(None).await;
        sockets.push(socket);
        // Events and parts.
        let accept = if n % 2 == 0 { "text/event-stream" } else { "multipart/mixed;subscriptionSpec=1.0" };
        streams.push(stream(&replica, &renter, accept).await);
    }
    // In whole seconds, and shorter than the interval of heartbeats.
    replica.app.start_draining(Duration::from_secs(SLICES as u64));
    assert_eq!(replica.get("/readyz").await.status, 503);
    let mut closed = Vec::new();
    for _ in 0..SLICES {
        world.advance(1);
        let mut open = Vec::new();
        for mut socket in sockets {
            if is_open(&mut socket).await {
                open.push(socket);
            }
        }
        sockets = open;
        streams.retain_mut(|stream| !has_ended(stream));
        let left = sockets.len() + streams.len();
        closed.push(SOCKETS + STREAMS - closed.iter().sum::<usize>() - left);
        // Requests are answered to the end.
        assert_eq!(replica.data(&renter, "{ __typename }", json!({})).await["__typename"], "Query");
    }
    assert_eq!(sockets.len() + streams.len(), 0, "by slice: {closed:?}");
    let mean = (SOCKETS + STREAMS) / SLICES;
    assert!(closed.iter().all(|count| *count <= 2 * mean), "by slice: {closed:?}");
    // Load balancers notice first.
    assert_eq!(closed[0], 0, "by slice: {closed:?}");
}

#[tokio::test]
async fn a_draining_replica_starts_no_subscription() {
    let world = World::new(Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    let address = replica.listen().await;
    replica.app.start_draining(Duration::from_secs(10));
    // The handshake succeeds: to graphql-ws a failed one would be fatal.
    let mut socket = Socket::open(address, "graphql-transport-ws").await;
    assert_eq!(socket.closed().await, (1001, "Going away".into()));
    assert!(has_ended(&mut stream(&replica, &renter, "text/event-stream").await));
    // A long poll is a request, and waits for some time yet.
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let poll = replica.rest(Some(&renter.token), "GET /v1/messages/wait?timeout=60", None);
    let (answer, ()) = tokio::join!(poll, async {
        while replica.app.count_watched() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        replica.post_sms(&sms("1", &number, "in time")).await;
    });
    assert_eq!(answer.json()["message"]["message_content"], "in time");
    let poll = replica.rest(Some(&renter.token), "GET /v1/messages/wait?timeout=60", None);
    let (answer, ()) = tokio::join!(poll, async {
        while replica.app.count_watched() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        world.advance(10);
    });
    assert_eq!(answer.error(503), "UNAVAILABLE");
}

#[tokio::test]
async fn the_connection_of_a_stream_is_not_used_again() {
    let world = World::new(Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    let graphql = |accept: &str, query: &str| {
        let request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
        request.body(Body::from(json!({ "query": query }).to_string())).unwrap()
    };
    let parts = "multipart/mixed;subscriptionSpec=1.0";
    for (mut request, expected) in [
        (graphql("text/event-stream", WATCH), Some("close")),
        (graphql(parts, WATCH), Some("close")),
        (Request::get("/v1/messages/stream").body(Body::empty()).unwrap(), Some("close")),
        // Clients of graphql-sse get the response to a query as a stream as well.
        (graphql("text/event-stream", "{ __typename }"), None),
        (graphql("application/json", "{ __typename }"), None),
    ] {
        let token = format!("Bearer {}", renter.token);
        request.headers_mut().insert("authorization", token.parse().unwrap());
        let answer = replica.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers().get("connection").map(|value| value.to_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn each_response_of_a_draining_replica_closes_its_connection() {
    let world = World::new(Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    let paths = ["/v1/messages", "/v1/nothing", "/v1/messages?limit=x", "/healthz", "/readyz"];
    let closed = async || {
        let mut closed = Vec::new();
        for path in paths {
            let answer = replica.rest(Some(&renter.token), &format!("GET {path}"), None).await;
            closed.push(answer.header("connection").to_owned());
        }
        closed
    };
    assert_eq!(closed().await, [""; 5]);
    replica.app.start_draining(Duration::from_secs(10));
    assert_eq!(closed().await, ["close"; 5]);
}
