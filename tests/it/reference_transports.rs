//! Our transports beside those of async-graphql-axum: the same schema has to give the same data, whichever serves it.
//! What is deliberately different (statuses, close codes, limits, codes of errors) is in `transports` and `sockets`.

use std::net::SocketAddr;

use async_graphql_axum::{GraphQL, GraphQLSubscription};
use axum::{Router, body::Body, http::Request, routing::get_service};
use otpwire::{domain::Client, graphql::executor_for};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::support::{Renter, Replica, World, client::sms, on_both, socket::Socket};

/// The library's transports, acting for one renter.
struct Reference(Router);

impl Reference {
    async fn new(replica: &Replica, renter: &Renter) -> Self {
        let client = Client::default();
        let caller = replica.app.authenticate(&renter.token, &client).await.unwrap();
        let executor = executor_for(&replica.app, caller, client);
        let websocket = get_service(GraphQLSubscription::new(executor.clone()));
        Self(Router::new().route("/graphql", websocket.post_service(GraphQL::new(executor))))
    }

    async fn post(&self, body: &Value) -> Value {
        let request = Request::post("/graphql").header("content-type", "application/json");
        let response = self.0.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.0.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

/// Posts the same body to both, and compares the responses. Returns ours.
async fn compare(replica: &Replica, renter: &Renter, reference: &Reference, body: Value) -> Value {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", renter.token));
    let ours = replica.send(request.body(Body::from(body.to_string())).unwrap()).await.json();
    assert_eq!(in_order(ours.clone()), in_order(reference.post(&body).await), "{body}");
    ours
}

/// A response with its errors in the order of their paths: fields are resolved in any order.
fn in_order(mut response: Value) -> Value {
    if let Some(errors) = response.get_mut("errors").and_then(Value::as_array_mut) {
        errors.sort_by_key(|error| error["path"].to_string());
    }
    response
}

/// The next frame of both sockets, which has to be the same.
async fn same_frame(sockets: &mut [Socket]) -> Value {
    let ours = sockets[0].receive().await;
    assert_eq!(ours, sockets[1].receive().await);
    ours
}

/// An inbox with messages, read and unread, to two numbers.
async fn furnish_inbox(replica: &Replica, renter: &Renter) -> (String, String) {
    let (id, number) = replica.rent(renter, "US", 1).await;
    let (_, other) = replica.rent(renter, "DE", 1).await;
    for (n, to) in [&number, &other, &number].into_iter().enumerate() {
        replica.post_sms(&sms(&n.to_string(), to, &format!("G-48291{n} is your code"))).await;
    }
    (id, number)
}

on_both! {
    async fn queries_give_the_same_data(world: World) {
        let (replica, renter) = world.populated().await;
        let (id, _) = furnish_inbox(&replica, &renter).await;
        let reference = Reference::new(&replica, &renter).await;
        for (query, variables) in [
            ("{ viewer { id email plan } countries { code availableCount } }", json!({})),
            (
                // Each row asks for messages and counts: ours are read in batches, the library's as they come.
                "query($mine: Boolean!) { phoneNumbers(filter: { mine: $mine }) { totalCount
                    pageInfo { hasNextPage endCursor }
                    nodes { id unreadCount messages(first: 2) { totalCount nodes { messageContent otp { code } } } } } }",
                json!({ "mine": true }),
            ),
            (
                "query Q($first: Int, $skip: Boolean!) { a: messages(first: $first) { edges { cursor node { ...m } } }
                    b: messages(last: 1) @skip(if: $skip) { nodes { ...m } } __typename }
                 fragment m on Message { id isRead receivedAt }",
                json!({ "first": 2, "skip": true }),
            ),
            ("query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", json!({ "ids": [id, "msg_1", "msg_99"] })),
            // A field that fails costs that field alone.
            ("{ viewer { id } node(id: \"x\") { id } users { totalCount } }", json!({})),
            ("{ messages(after: \"nonsense\") { totalCount } }", json!({})),
        ] {
            let ours = compare(&replica, &renter, &reference, json!({ "query": query, "variables": variables })).await;
            assert!(!ours["data"].is_null(), "{ours}");
        }
    }

    async fn mutations_give_the_same_data(world: World) {
        let (replica, renter) = world.populated().await;
        let (id, _) = furnish_inbox(&replica, &renter).await;
        let reference = Reference::new(&replica, &renter).await;
        // Each of these gives the same when it is repeated.
        for (mutation, variables) in [
            ("mutation { markMessageRead(input: { messageId: \"msg_1\" }) { message { id isRead } } }", json!({})),
            (
                "mutation($input: ExtendPhoneNumberInput!) { extendPhoneNumber(input: $input) {
                    phoneNumber { id expiresAt } } }",
                json!({ "input": { "phoneNumberId": id, "durationHours": 2, "idempotencyKey": "a-key" } }),
            ),
            (
                "mutation($first: String) { updateViewer(input: { firstName: $first }) { user { firstName lastName } } }",
                json!({ "first": "Ada" }),
            ),
            ("mutation { deleteMessage(input: { messageId: \"msg_99\" }) { deletedMessageId } }", json!({})),
        ] {
            let body = json!({ "query": mutation, "variables": variables });
            compare(&replica, &renter, &reference, body).await;
        }
    }

    async fn batches_give_the_same_data(world: World) {
        let (replica, renter) = world.populated().await;
        furnish_inbox(&replica, &renter).await;
        let reference = Reference::new(&replica, &renter).await;
        let batch = json!([
            { "query": "{ viewer { id } }" },
            { "query": "mutation { markMessageRead(input: { messageId: \"msg_2\" }) { message { isRead } } }" },
            { "query": "query($id: ID!) { message(id: $id) { isRead } }", "variables": { "id": "msg_2" } },
            { "query": "query A { __typename } query B { viewer { email } }", "operationName": "B" },
        ]);
        let ours = compare(&replica, &renter, &reference, batch).await;
        assert_eq!(ours[2]["data"]["message"]["isRead"], true);
    }

    async fn websockets_give_the_same_data(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = furnish_inbox(&replica, &renter).await;
        let reference = Reference::new(&replica, &renter).await;
        let addresses = [replica.listen().await, reference.listen().await];
        let first = replica.data(&renter, "{ messages(last: 1) { edges { cursor } } }", json!({})).await;
        let after = &first["messages"]["edges"][0]["cursor"];
        let watch = "subscription($after: String) { messageReceived(after: $after) {
            cursor message { id messageContent senderNumber } } }";
        let subprotocols = [("graphql-transport-ws", "subscribe", "next"), ("graphql-ws", "start", "data")];
        for (stored, (subprotocol, start, next)) in (2..).zip(subprotocols) {
            let mut sockets = Vec::new();
            for address in addresses {
                let mut socket = Socket::open(address, subprotocol).await;
                let token = format!("Bearer {}", renter.token);
                socket.send(json!({ "type": "connection_init", "payload": { "Authorization": token } })).await;
                assert_eq!(socket.receive().await["type"], "connection_ack");
                // The library's transport does not keep a connection of the older protocol open.
                if subprotocol == "graphql-ws" && address == addresses[0] {
                    assert_eq!(socket.receive().await["type"], "ka");
                }
                sockets.push(socket);
            }
            let query = json!({ "query": "{ viewer { id } messages { totalCount } }" });
            for socket in &mut sockets {
                socket.send(json!({ "type": start, "id": "query", "payload": query })).await;
            }
            assert_eq!(same_frame(&mut sockets).await["type"], next);
            assert_eq!(same_frame(&mut sockets).await["type"], "complete");
            let watch = json!({ "query": watch, "variables": { "after": after } });
            for socket in &mut sockets {
                socket.send(json!({ "type": start, "id": "watch", "payload": watch })).await;
            }
            for _ in 0..stored {
                assert_eq!(same_frame(&mut sockets).await["type"], next);
            }
            replica.post_sms(&sms(subprotocol, &number, "live")).await;
            let frame = same_frame(&mut sockets).await;
            assert_eq!(frame["payload"]["data"]["messageReceived"]["message"]["messageContent"], "live");
        }
    }
}
