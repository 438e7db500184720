//! What a WebSocket may make the server keep and do, whatever it sends; and what it may not negotiate.

use std::net::SocketAddr;

use axum::{body::Body, http::Request};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    ClientRequestBuilder, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::support::{Backend, Renter, Replica, World, socket::Socket};

const MODERN: &str = "graphql-transport-ws";
const LEGACY: &str = "graphql-ws";
/// How many messages that start nothing may come at once, and then in a second.
const BURST: usize = 500;
const PER_SECOND: usize = 50;

async fn replica() -> (World, Replica, Renter, SocketAddr) {
    let world = World::new(Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    let address = replica.listen().await;
    (world, replica, renter, address)
}

/// Sends a message this often. The answers are left unread.
async fn flood(socket: &mut Socket, message: &Message, times: usize) {
    for _ in 0..times {
        // A socket that has been closed takes no more.
        if socket.0.feed(message.clone()).await.is_err() {
            return;
        }
    }
    let _ = socket.0.flush().await;
}

fn text(message: &Value) -> Message {
    Message::text(message.to_string())
}

#[tokio::test]
async fn messages_that_start_nothing_are_limited() {
    let (world, _replica, renter, address) = replica().await;
    let refused = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{" } });
    for (is_initialised, message) in [
        (false, Message::Ping(vec![7; 125].into())),
        (false, Message::Pong(Vec::new().into())),
        (false, text(&json!({ "type": "ping" }))),
        (true, Message::Ping(Vec::new().into())),
        (true, text(&json!({ "type": "ping", "payload": { "text": "x".repeat(100) } }))),
        (true, text(&json!({ "type": "pong" }))),
        (true, text(&json!({ "type": "complete", "id": "1" }))),
        (true, text(&refused)),
    ] {
        let mut socket = match is_initialised {
            true => Socket::ready(address, &renter).await,
            false => Socket::open(address, MODERN).await,
        };
        flood(&mut socket, &message, BURST).await;
        // Still served: this one starts something.
        if is_initialised {
            socket.subscribe("query", "{ __typename }", json!({})).await;
            while socket.receive().await["id"] != "query" {}
            assert_eq!(socket.receive().await["type"], "complete");
        }
        world.advance(1);
        flood(&mut socket, &message, PER_SECOND).await;
        // One more than the operation gave back.
        flood(&mut socket, &message, 2).await;
        assert_eq!(socket.closed_at_last().await, (1008, "Too many messages".into()), "{message:?}");
    }
}

#[tokio::test]
async fn a_late_complete_costs_nothing() {
    let (_world, _replica, renter, address) = replica().await;
    let mut socket = Socket::ready(address, &renter).await;
    for n in 0..BURST + 100 {
        let id = n.to_string();
        socket.subscribe(&id, "{ __typename }", json!({})).await;
        assert_eq!(socket.receive().await["type"], "next");
        // It crosses the server's.
        socket.send(json!({ "type": "complete", "id": id })).await;
        assert_eq!(socket.receive().await, json!({ "type": "complete", "id": id }));
    }
}

#[tokio::test]
async fn compression_is_declined() {
    let (_world, _replica, renter, address) = replica().await;
    for (offer, bits) in [
        ("permessage-deflate; client_max_window_bits", [true, false, false]),
        ("permessage-deflate", [false, true, false]),
        ("x-webkit-deflate-frame", [false, false, true]),
    ] {
        let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap())
            .with_sub_protocol(MODERN)
            .with_header("sec-websocket-extensions", offer);
        let (socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert!(answer.headers().get("sec-websocket-extensions").is_none());
        let mut socket = Socket(socket);
        socket.send(json!({ "type": "connection_init", "payload": { "token": renter.token } })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        let mut frame = Frame::message(r#"{"type":"ping"}"#, OpCode::Data(Data::Text), true);
        let header = frame.header_mut();
        [header.rsv1, header.rsv2, header.rsv3] = bits;
        socket.0.send(Message::Frame(frame)).await.unwrap();
        let reason = "Protocol error: no extension was negotiated, so frames may not be compressed";
        assert_eq!(socket.closed().await, (1002, reason.into()));
    }
}

#[tokio::test]
async fn a_refused_handshake_names_the_version() {
    let (_world, replica, _renter, _address) = replica().await;
    for version in [None, Some("8"), Some("0"), Some("14"), Some("13, 8")] {
        let mut request = Request::get("/graphql")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", MODERN);
        if let Some(version) = version {
            request = request.header("sec-websocket-version", version);
        }
        let answer = replica.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.error(400), "INVALID_REQUEST", "{version:?}");
        assert_eq!(answer.header("sec-websocket-version"), "13", "{version:?}");
    }
}

#[tokio::test]
async fn the_single_connection_mode_of_graphql_sse_is_refused_with_a_reason() {
    let (_world, replica, renter, _address) = replica().await;
    for (method, header) in [("PUT", ("accept", "*/*")), ("DELETE", ("x-graphql-event-stream-token", "x"))] {
        let request = Request::builder()
            .method(method)
            .uri("/graphql?operationId=x")
            .header("authorization", format!("Bearer {}", renter.token))
            .header(header.0, header.1);
        let answer = replica.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.error(405), "METHOD_NOT_ALLOWED");
        let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("the single connection mode of graphql-sse is not available"), "{message}");
        assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    }
}

#[tokio::test]
async fn the_older_subprotocol_is_told_why_a_token_is_refused() {
    let (_world, replica, renter, address) = replica().await;
    replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
    let mut socket = Socket::open(address, LEGACY).await;
    socket.send(json!({ "type": "connection_init", "payload": { "token": renter.token } })).await;
    let reason = "Unauthorized: the session was ended; sign in again";
    assert_eq!(socket.receive().await, json!({ "type": "connection_error", "payload": { "message": reason } }));
    assert_eq!(socket.closed().await, (4401, reason.into()));
    assert!(socket.0.next().await.is_none());
}
