//! GraphQL over WebSocket, frame by frame, on real sockets.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message, protocol::CloseFrame};

use crate::support::{World, client::sms, on_both, socket::Socket};

const MODERN: &str = "graphql-transport-ws";
const LEGACY: &str = "graphql-ws";

on_both! {
    async fn a_renter_sees_the_code_live(world: World) {
        let (replica, renter) = world.populated().await;
        let address = replica.listen().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let end = replica.data(&renter, "{ messages { latestCursor } }", json!({})).await;
        let mut socket = Socket::ready(address, &renter).await;
        socket.watch(end["messages"]["latestCursor"].as_str()).await;
        replica.post_sms(&sms("1", &number, "G-482913")).await;
        let (text, cursor) = socket.next_message().await;
        assert_eq!(text, "G-482913");
        drop(socket);
        // A message that comes while there is no socket is sent after the reconnect.
        replica.post_sms(&sms("2", &number, "second")).await;
        let mut socket = Socket::ready(address, &renter).await;
        socket.watch(Some(&cursor)).await;
        replica.post_sms(&sms("3", &number, "third")).await;
        assert_eq!(socket.next_message().await.0, "second");
        assert_eq!(socket.next_message().await.0, "third");
    }

    async fn a_refused_cursor_is_an_error_of_its_operation(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let address = replica.listen().await;
        let mut socket = Socket::ready(address, &renter).await;
        let theirs = otpwire::domain::InboxCursor { inbox: other.user.id, seq: 0 }.encode();
        socket.watch(Some(&theirs)).await;
        let frame = socket.receive().await;
        assert_eq!(frame["type"], "error", "{frame}");
        assert_eq!(frame["payload"][0]["extensions"]["code"], "VALIDATION_ERROR");
    }

    async fn a_client_is_warned_before_its_token_ends(world: World) {
        let (replica, renter) = world.populated().await;
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        world.advance(3600 - 60);
        let warning = json!({ "type": "ping", "payload": { "code": "TOKEN_EXPIRES", "expiresAt": "2026-03-01T13:00:00Z" } });
        assert_eq!(socket.receive().await, warning);
        socket.send(json!({ "type": "pong" })).await;
        socket.subscribe("1", "{ __typename }", json!({})).await;
        assert_eq!(socket.receive().await["type"], "next");
        assert_eq!(socket.receive().await["type"], "complete");
        world.advance(60);
        assert_eq!(socket.closed().await, (4403, "Forbidden: the access token has expired".into()));
    }

    async fn a_demoted_administrator_has_to_reconnect(world: World) {
        let (replica, renter) = world.populated().await;
        let admin = replica.admin("admin@example.com").await;
        let other = replica.admin("other@example.com").await;
        let mut socket = Socket::ready(replica.listen().await, &admin).await;
        let mut theirs = Socket::ready(replica.listen().await, &renter).await;
        let query = "subscription($id: ID!) { phoneNumberUpdated(phoneNumberId: $id) { renter { email } } }";
        socket.subscribe("1", query, json!({ "id": "num_1" })).await;
        let input = json!({ "userId": crate::support::client::user_id(&admin), "role": "USER" });
        let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
        replica.data(&other, update, json!({ "input": input })).await;
        let reason = "Forbidden: you are no longer an administrator; reconnect to continue as a user";
        assert_eq!(socket.closed_at_last().await, (4403, reason.into()));
        theirs.subscribe("1", "{ __typename }", json!({})).await;
        assert_eq!(theirs.receive().await["type"], "next");
    }

    async fn a_shutdown_closes_sockets_with_1001(world: World) {
        let (replica, renter) = world.populated().await;
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        socket.watch(None).await;
        replica.app.start_shutdown();
        assert_eq!(socket.closed().await, (1001, "Going away".into()));
        drop(socket);
        replica.sockets.close();
        replica.sockets.wait().await;
    }
}

/// A replica on a real socket, for what does not depend on the backend.
async fn replica() -> (World, crate::support::Replica, crate::support::Renter, std::net::SocketAddr) {
    let world = World::new(crate::support::Backend::Embedded).await;
    let (replica, renter) = world.populated().await;
    let address = replica.listen().await;
    (world, replica, renter, address)
}

#[tokio::test]
async fn the_token_may_come_in_any_of_four_fields_or_the_header() {
    let (_world, _replica, renter, address) = replica().await;
    let bearer = format!("Bearer {}", renter.token);
    for payload in [
        json!({ "Authorization": bearer }),
        json!({ "authorization": bearer }),
        json!({ "authorization": renter.token }),
        json!({ "token": renter.token }),
    ] {
        let mut socket = Socket::open(address, MODERN).await;
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
        socket.subscribe("1", "{ viewer { email } }", json!({})).await;
        let frame = socket.receive().await;
        assert_eq!(
            frame,
            json!({ "id": "1", "type": "next", "payload": { "data": { "viewer": { "email": "renter@example.com" } } } })
        );
        assert_eq!(socket.receive().await, json!({ "id": "1", "type": "complete" }));
    }
    // The header of the upgrade counts as well.
    let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap())
        .with_sub_protocol(MODERN)
        .with_header("authorization", bearer);
    let mut socket = Socket(tokio_tungstenite::connect_async(request).await.unwrap().0);
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", "{ viewer { email } }", json!({})).await;
    assert_eq!(socket.receive().await["payload"]["data"]["viewer"]["email"], "renter@example.com");
}

#[tokio::test]
async fn a_bad_token_is_refused_with_a_reason() {
    let (world, _replica, renter, address) = replica().await;
    for dialect in [MODERN, LEGACY] {
        let mut socket = Socket::open(address, dialect).await;
        socket.send(json!({ "type": "connection_init", "payload": { "token": "nonsense" } })).await;
        if dialect == LEGACY {
            assert_eq!(socket.receive().await["type"], "connection_error");
        }
        assert_eq!(socket.closed().await, (4403, "Forbidden: the access token is not valid".into()));
    }
    world.advance(3600);
    let mut socket = Socket::open(address, MODERN).await;
    socket.send(json!({ "type": "connection_init", "payload": { "token": renter.token } })).await;
    assert_eq!(socket.closed().await, (4403, "Forbidden: the access token has expired".into()));
}

#[tokio::test]
async fn a_guest_may_log_in_over_a_socket_and_watch_nothing() {
    let (_world, _replica, _renter, address) = replica().await;
    let mut socket = Socket::open(address, MODERN).await;
    socket.send(json!({ "type": "connection_init" })).await;
    socket.receive().await;
    socket.watch(None).await;
    let frame = socket.receive().await;
    assert_eq!(
        (&frame["type"], &frame["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("UNAUTHENTICATED"))
    );
}

#[tokio::test]
async fn protocol_violations_close_with_their_code() {
    let (_world, _replica, renter, address) = replica().await;
    let init = json!({ "type": "connection_init" });
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": "subscription { messageReceived { cursor } }" } });
    let authorized = json!({ "type": "connection_init", "payload": { "token": renter.token } });
    for (messages, code) in [
        (vec![subscribe.clone()], 4401),
        (vec![init.clone(), init.clone()], 4429),
        (vec![authorized, subscribe.clone(), subscribe.clone()], 4409),
        (vec![json!({ "type": "nonsense" })], 4400),
        (vec![json!({ "type": "x".repeat(1000) })], 4400),
        (vec![json!({ "id": "1" })], 4400),
        (vec![json!([])], 4400),
        (vec![json!(["ping", null, null])], 4400),
        (vec![init.clone(), json!({ "type": "subscribe", "id": "1", "payload": {} })], 4400),
        (vec![init.clone(), json!({ "type": "subscribe", "id": "1", "payload": ["{a}"] })], 4400),
        (vec![json!({ "type": "connection_init", "payload": "x" })], 4400),
        (vec![init.clone(), json!({ "type": "subscribe", "payload": { "query": "{a}" } })], 4400),
        (vec![init.clone(), json!({ "type": "subscribe", "id": "1" })], 4400),
        (vec![init.clone(), json!({ "type": "start", "id": "1", "payload": { "query": "{a}" } })], 4400),
        (vec![json!({ "type": "ping", "payload": "x" })], 4400),
        (vec![json!({ "type": "ping", "payload": [] })], 4400),
        (vec![init.clone(), json!({ "type": "ping", "payload": 1 })], 4400),
        (vec![init.clone(), json!({ "type": "pong", "payload": true })], 4400),
        (vec![init.clone(), json!({ "type": "pong", "payload": [{}] })], 4400),
    ] {
        let mut socket = Socket::open(address, MODERN).await;
        for message in messages {
            socket.send(message).await;
        }
        let (closed, reason) = socket.closed_at_last().await;
        assert_eq!(closed, code, "{reason}");
        assert!(!reason.is_empty());
    }
}

#[tokio::test]
async fn binary_and_malformed_messages_close_with_4400() {
    let (_world, _replica, _renter, address) = replica().await;
    let mut socket = Socket::open(address, MODERN).await;
    socket.0.send(Message::binary(vec![0xff])).await.unwrap();
    assert_eq!(socket.closed().await.0, 4400);
    let mut socket = Socket::open(address, MODERN).await;
    socket.0.send(Message::text("not JSON")).await.unwrap();
    assert_eq!(socket.closed().await.0, 4400);
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_with_1009() {
    let (_world, _replica, renter, address) = replica().await;
    let mut socket = Socket::ready(address, &renter).await;
    socket.0.send(Message::text("x".repeat(70_000))).await.unwrap();
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn the_closing_handshake_is_completed() {
    let (_world, _replica, renter, address) = replica().await;
    let mut socket = Socket::ready(address, &renter).await;
    socket.watch(None).await;
    let bye = CloseFrame { code: 1000.into(), reason: "bye".into() };
    socket.0.close(Some(bye)).await.unwrap();
    assert_eq!(socket.closed().await.0, 1000);
    assert!(socket.0.next().await.is_none());
}

#[tokio::test]
async fn an_unknown_subprotocol_closes_with_4406() {
    let (_world, _replica, _renter, address) = replica().await;
    let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap());
    let mut socket = Socket(tokio_tungstenite::connect_async(request).await.unwrap().0);
    assert_eq!(socket.closed().await, (4406, "Subprotocol not acceptable".into()));
}

#[tokio::test]
async fn the_first_offered_subprotocol_is_chosen() {
    let (_world, _replica, _renter, address) = replica().await;
    for (offered, spoken) in [([MODERN, LEGACY], "next"), ([LEGACY, MODERN], "data"), (["soap", MODERN], "next")] {
        let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap())
            .with_sub_protocol(offered[0])
            .with_sub_protocol(offered[1]);
        let (socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
        let agreed = answer.headers()["sec-websocket-protocol"].to_str().unwrap().to_owned();
        let mut socket = Socket(socket);
        socket.send(json!({ "type": "connection_init" })).await;
        socket.receive().await;
        if agreed == LEGACY {
            assert_eq!(socket.receive().await["type"], "ka");
        }
        let kind = if agreed == MODERN { "subscribe" } else { "start" };
        socket.send(json!({ "type": kind, "id": "1", "payload": { "query": "{ __typename }" } })).await;
        assert_eq!(socket.receive().await["type"], spoken);
    }
}

#[tokio::test]
async fn a_refused_document_is_an_error_message() {
    let (_world, _replica, renter, address) = replica().await;
    let mut socket = Socket::ready(address, &renter).await;
    let forty = "{a".repeat(60);
    for (query, code) in [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (forty.as_str(), "QUERY_TOO_DEEP"),
    ] {
        socket.subscribe("1", query, json!({})).await;
        let frame = socket.receive().await;
        assert_eq!((&frame["type"], &frame["id"]), (&json!("error"), &json!("1")), "{frame}");
        assert_eq!(frame["payload"][0]["extensions"]["code"], code, "{frame}");
    }
}

#[tokio::test]
async fn completing_is_silent_and_frees_the_id() {
    let (_world, replica, renter, address) = replica().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let mut socket = Socket::ready(address, &renter).await;
    let begin = otpwire::domain::InboxCursor { inbox: renter.user.id, seq: 0 }.encode();
    socket.watch(Some(&begin)).await;
    replica.post_sms(&sms("1", &number, "one")).await;
    let (_, cursor) = socket.next_message().await;
    socket.send(json!({ "type": "complete", "id": "watch" })).await;
    // The same id at once: a late frame of the first operation must not end the second.
    socket.watch(Some(&cursor)).await;
    replica.post_sms(&sms("2", &number, "two")).await;
    assert_eq!(socket.next_message().await.0, "two");
    socket.send(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    // A payload is an object, null or absent.
    socket.send(json!({ "type": "pong", "payload": null })).await;
    for ping in [json!({ "type": "ping" }), json!({ "type": "ping", "payload": null })] {
        socket.send(ping).await;
        assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    }
}

#[tokio::test]
async fn several_operations_share_a_socket() {
    let (_world, replica, renter, address) = replica().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let begin = otpwire::domain::InboxCursor { inbox: renter.user.id, seq: 0 }.encode();
    let mut socket = Socket::ready(address, &renter).await;
    let query = "subscription($after: String) { messageReceived(after: $after) { message { messageContent } } }";
    for id in 0..100 {
        socket.subscribe(&id.to_string(), query, json!({ "after": begin })).await;
    }
    socket.subscribe("100", query, json!({})).await;
    let refused = socket.receive().await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_OPERATIONS", "{refused}");
    replica.post_sms(&sms("1", &number, "to all")).await;
    let mut seen = Vec::new();
    for _ in 0..100 {
        let frame = socket.receive().await;
        assert_eq!(frame["payload"]["data"]["messageReceived"]["message"]["messageContent"], "to all");
        seen.push(frame["id"].as_str().unwrap().parse::<u32>().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_older_subprotocol_works() {
    let (_world, replica, renter, address) = replica().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let begin = otpwire::domain::InboxCursor { inbox: renter.user.id, seq: 0 }.encode();
    let mut socket = Socket::open(address, LEGACY).await;
    socket.send(json!({ "type": "connection_init", "payload": { "authToken": "x", "token": renter.token } })).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    assert_eq!(socket.receive().await, json!({ "type": "ka" }));
    let query = "subscription($after: String) { messageReceived(after: $after) { message { messageContent } } }";
    socket
        .send(json!({ "type": "start", "id": "1", "payload": { "query": query, "variables": { "after": begin } } }))
        .await;
    replica.post_sms(&sms("1", &number, "hello")).await;
    let frame = socket.receive().await;
    assert_eq!(frame["type"], "data");
    assert_eq!(frame["payload"]["data"]["messageReceived"]["message"]["messageContent"], "hello");
    socket.send(json!({ "type": "stop", "id": "1" })).await;
    assert_eq!(socket.receive().await, json!({ "id": "1", "type": "complete" }));
    socket.send(json!({ "type": "start", "id": "2", "payload": { "query": "{ nothing }" } })).await;
    let frame = socket.receive().await;
    assert_eq!((&frame["type"], frame["payload"]["message"].is_string()), (&json!("error"), true), "{frame}");
    socket.send(json!({ "type": "connection_terminate" })).await;
    assert_eq!(socket.closed().await.0, 1000);
}

on_both! {
async fn a_socket_that_stops_reading_misses_no_message(world: World) {
    let (replica, renter) = world.populated().await;
    let address = replica.listen().await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let begin = otpwire::domain::InboxCursor { inbox: renter.user.id, seq: 0 }.encode();
    let mut lazy = Socket::ready(address, &renter).await;
    lazy.watch(Some(&begin)).await;
    let mut quick = Socket::ready(address, &renter).await;
    quick.watch(Some(&begin)).await;
    // Far more than the buffers of a socket hold. The client stops its own operations, delays nobody, and has
    // everything when it reads again.
    let filler = "x".repeat(30_000);
    for n in 0..400 {
        let text = format!("{n} {filler}");
        assert_eq!(replica.post_sms(&sms(&n.to_string(), &number, &text)).await.status, 200);
        let (seen, _) = tokio::time::timeout(Duration::from_secs(10), quick.next_message()).await.unwrap();
        assert!(seen.starts_with(&format!("{n} ")));
    }
    for n in 0..400 {
        assert!(lazy.next_message().await.0.starts_with(&format!("{n} ")));
    }
}
}

#[tokio::test]
async fn a_client_that_does_not_initialise_is_closed_with_4408() {
    let (world, _replica, _renter, address) = replica().await;
    let mut socket = Socket::open(address, MODERN).await;
    // A ping that is answered shows that the socket is being served, so its time has begun.
    socket.0.send(Message::Ping(vec![1].into())).await.unwrap();
    assert_eq!(socket.0.next().await.unwrap().unwrap(), Message::Pong(vec![1].into()));
    world.advance(10);
    assert_eq!(socket.closed().await, (4408, "Connection initialisation timeout".into()));
}
