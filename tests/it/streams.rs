//! Operations whose responses are streamed: server-sent events and multipart.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    support::{Backend, PATIENCE, Renter, Replica, World, client::sms, on_both},
    transports::{EVENTS, populated, post},
};

const WATCH: &str =
    "subscription($after: String) { messageReceived(after: $after) { cursor message { messageContent } } }";
const APOLLO: &str = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json";

/// A response that is streamed.
struct Stream {
    body: Body,
    read: String,
}

impl Stream {
    async fn post(replica: &Replica, who: Option<&Renter>, accept: &str, query: &str, variables: Value) -> Self {
        let mut request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
        if let Some(who) = who {
            request = request.header("authorization", format!("Bearer {}", who.token));
        }
        let body = json!({ "query": query, "variables": variables }).to_string();
        Self::send(replica, request.body(Body::from(body)).unwrap()).await
    }

    async fn send(replica: &Replica, request: Request<Body>) -> Self {
        let accept = request.headers().get(header::ACCEPT).unwrap().to_str().unwrap().to_owned();
        let response = replica.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        let expected = if accept.contains(EVENTS) { EVENTS } else { "multipart/mixed; boundary=\"graphql\"" };
        assert!(kind.starts_with(expected), "{kind}");
        assert!(response.headers().get(header::CONTENT_ENCODING).is_none());
        Self { body: response.into_body(), read: String::new() }
    }

    /// The text up to a mark, without it. It does not wait for anything after the mark.
    async fn until(&mut self, mark: &str) -> String {
        loop {
            if let Some((before, after)) = self.read.split_once(mark) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.read = after;
                return before;
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("nothing came in time");
            let frame = frame.unwrap_or_else(|| panic!("the stream ended: {}", self.read)).unwrap();
            self.read.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
    }

    /// The next event: its name and its data.
    async fn event(&mut self) -> (String, Value) {
        loop {
            let event = self.until("\n\n").await;
            // A comment.
            if event.starts_with(':') {
                continue;
            }
            let (name, data) = event.split_once('\n').unwrap();
            let name = name.strip_prefix("event: ").unwrap().to_owned();
            return (name, serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap());
        }
    }

    /// The next part, up to the delimiter that ends it.
    async fn part(&mut self) -> Value {
        let part = self.until("\r\n--graphql").await;
        let (headers, content) = part.split_once("\r\n\r\n").unwrap();
        assert_eq!(headers, "\r\nContent-Type: application/json; charset=utf-8");
        serde_json::from_str(content).unwrap()
    }

    /// The same, of which heartbeats have begun the headers.
    async fn part_after_heartbeats(&mut self) -> Value {
        let part = self.until("\r\n--graphql").await;
        let (headers, content) = part.split_once("\r\n\r\n").unwrap();
        assert_eq!(headers.trim_start_matches(' '), "\r\nContent-Type: application/json; charset=utf-8");
        serde_json::from_str(content).unwrap()
    }

    async fn ends(mut self) {
        let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("it does not end");
        assert!(frame.is_none(), "{frame:?}");
        assert_eq!(self.read, "");
    }
}

fn text(payload: &Value) -> &str {
    payload["data"]["messageReceived"]["message"]["messageContent"].as_str().unwrap_or_else(|| panic!("{payload}"))
}

/// What Apollo's clients take for an error of the transport.
fn transport_error(code: &str, message: &str) -> Value {
    json!({ "payload": null, "errors": [{ "message": message, "extensions": { "code": code } }] })
}

on_both! {
    async fn events_are_sent_at_once_and_resume_after_a_cursor(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut stream = Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({})).await;
        stream.until(":\n\n").await;
        replica.post_sms(&sms("1", &number, "one")).await;
        let (name, data) = stream.event().await;
        assert_eq!((name.as_str(), text(&data)), ("next", "one"));
        drop(stream);
        replica.post_sms(&sms("2", &number, "two\nlines")).await;
        let after = &data["data"]["messageReceived"]["cursor"];
        let mut stream = Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({ "after": after })).await;
        assert_eq!(text(&stream.event().await.1), "two\nlines");
        replica.post_sms(&sms("3", &number, "three")).await;
        assert_eq!(text(&stream.event().await.1), "three");
    }

    async fn the_texts_of_a_response_and_of_an_event_are_bounded(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let repeated: String = (0..30).map(|n| format!("t{n}: messageContent ")).collect();
        let query = format!("subscription {{ messageReceived {{ message {{ {repeated} }} }} }}");
        let mut stream = Stream::post(&replica, Some(&renter), EVENTS, &query, json!({})).await;
        stream.until(":\n\n").await;
        let long = "x".repeat(40_000);
        replica.post_sms(&sms("0", &number, &long)).await;
        let refused = stream.event().await.1;
        assert_eq!(refused["data"], json!({ "messageReceived": null }));
        assert_eq!(refused["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
        assert_eq!(refused["errors"][0]["extensions"]["limit"], 1 << 20);
        // Each event is counted by itself, and each response.
        for n in 1..10 {
            replica.post_sms(&sms(&n.to_string(), &number, "short")).await;
            assert_eq!(stream.event().await.1["data"]["messageReceived"]["message"]["t29"], "short");
        }
        for n in 10..16 {
            replica.post_sms(&sms(&n.to_string(), &number, &long)).await;
        }
        let list = |fields: &str| json!({ "query": format!("{{ messages(first: 100) {{ nodes {{ {fields} }} }} }}") });
        let refused = post(&replica, Some(&renter), &[], list(&repeated)).await.json();
        assert_eq!(refused["data"], json!({ "messages": null }));
        assert_eq!(refused["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
        let answer = post(&replica, Some(&renter), &[], list("messageContent")).await.json();
        assert_eq!(answer["data"]["messages"]["nodes"].as_array().unwrap().len(), 16);
    }

    async fn parts_are_delimited_at_once(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let mut stream = Stream::post(&replica, Some(&renter), APOLLO, WATCH, json!({})).await;
        assert_eq!(stream.until("\r\n--graphql").await, "");
        for content in ["one", "two"] {
            replica.post_sms(&sms(content, &number, content)).await;
            let part = stream.part().await;
            assert_eq!(text(&part["payload"]), content);
        }
    }

    async fn the_end_of_the_token_ends_a_stream(world: World) {
        let (replica, renter) = world.populated().await;
        let mut events = Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({})).await;
        let mut parts = Stream::post(&replica, Some(&renter), APOLLO, WATCH, json!({})).await;
        events.until(":\n\n").await;
        parts.until("\r\n--graphql").await;
        world.advance(3600);
        // Without `complete` the client comes back with the token that it has by then.
        assert_eq!(events.until(": TOKEN_EXPIRED\n\n").await, "");
        events.ends().await;
        assert_eq!(parts.part().await, transport_error("TOKEN_EXPIRED", "the access token has expired"));
        assert_eq!(parts.until("--\r\n").await, "");
        parts.ends().await;
    }

    async fn the_end_of_the_session_ends_a_stream_for_good(world: World) {
        let (replica, renter) = world.populated().await;
        let query = "subscription { phoneNumberUpdated { id } }";
        let mut events = Stream::post(&replica, Some(&renter), EVENTS, query, json!({})).await;
        let mut parts = Stream::post(&replica, Some(&renter), APOLLO, WATCH, json!({})).await;
        events.until(":\n\n").await;
        parts.until("\r\n--graphql").await;
        replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
        let reason = "the session was ended; sign in again";
        let error = json!({ "message": reason, "extensions": { "code": "SESSION_ENDED" } });
        assert_eq!(events.event().await, ("next".to_owned(), json!({ "errors": [error] })));
        assert_eq!(events.event().await, ("complete".to_owned(), json!({})));
        events.ends().await;
        assert_eq!(parts.part().await, transport_error("SESSION_ENDED", reason));
        assert_eq!(parts.until("--\r\n").await, "");
        parts.ends().await;
    }

    async fn a_shutdown_ends_streams_without_complete(world: World) {
        let (replica, renter) = world.populated().await;
        let mut events = Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({})).await;
        let mut parts = Stream::post(&replica, Some(&renter), APOLLO, WATCH, json!({})).await;
        events.until(":\n\n").await;
        parts.until("\r\n--graphql").await;
        replica.app.start_shutdown();
        // Without `complete` the client reconnects.
        events.ends().await;
        let last = parts.part().await;
        assert_eq!((&last["payload"], &last["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("UNAVAILABLE")));
        assert_eq!(parts.until("--\r\n").await, "");
        parts.ends().await;
    }

    async fn number_updates_are_sent_to_renter_and_administrator(world: World) {
        let mut world = world;
        world.settings.token_lifetime = std::time::Duration::from_secs(48 * 3600);
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        let query = "subscription($id: ID) { phoneNumberUpdated(phoneNumberId: $id) { id status expiresAt } }";
        let mut mine = Stream::post(&replica, Some(&renter), EVENTS, query, json!({})).await;
        mine.until(":\n\n").await;
        let mut theirs = Stream::post(&replica, Some(&other), EVENTS, query, json!({})).await;
        theirs.until(":\n\n").await;
        let mut any = Stream::post(&replica, Some(&admin), EVENTS, query, json!({ "id": "num_3" })).await;
        any.until(":\n\n").await;
        let told = |event: (String, Value)| {
            let number = &event.1["data"]["phoneNumberUpdated"];
            format!("{} {} {}", number["id"], number["status"], number["expiresAt"]).replace('"', "")
        };
        let (id, _) = replica.rent(&renter, "DE", 1).await;
        assert_eq!(id, "num_3");
        assert_eq!(told(mine.event().await), "num_3 ASSIGNED 2026-03-01T13:00:00Z");
        assert_eq!(told(any.event().await), "num_3 ASSIGNED 2026-03-01T13:00:00Z");
        let extend = "mutation($id: ID!) { extendPhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
        replica.data(&renter, extend, json!({ "id": id })).await;
        assert_eq!(told(mine.event().await), "num_3 ASSIGNED 2026-03-01T14:00:00Z");
        assert_eq!(told(any.event().await), "num_3 ASSIGNED 2026-03-01T14:00:00Z");
        // The rental runs out, and no job runs.
        world.advance(2 * 3600);
        assert_eq!(told(mine.event().await), "num_3 EXPIRED null");
        assert_eq!(told(any.event().await), "num_3 EXPIRED null");
        // The end of the cool-down is sent as well.
        world.advance(600);
        assert_eq!(told(any.event().await), "num_3 AVAILABLE null");
        // The renter before no longer gets updates of the number.
        replica.rent(&other, "DE", 1).await;
        assert_eq!(told(theirs.event().await), "num_3 ASSIGNED 2026-03-01T15:10:00Z");
        let set = "mutation($id: ID!) { setPhoneNumberStatus(input: { phoneNumberId: $id, status: BLOCKED }) {
            phoneNumber { status } } }";
        replica.data(&admin, set, json!({ "id": id })).await;
        assert_eq!(told(theirs.event().await), "num_3 BLOCKED null");
        replica.rent(&renter, "US", 1).await;
        assert_eq!(told(mine.event().await), "num_1 ASSIGNED 2026-03-01T15:10:00Z");
        let refused = Stream::post(&replica, Some(&renter), EVENTS, query, json!({ "id": "num_3" })).await.event().await;
        assert_eq!(refused.1["errors"][0]["extensions"]["code"], "NOT_FOUND");
    }

    async fn connections_of_one_caller_are_limited(world: World) {
        let mut world = world;
        world.settings.max_connections = 3;
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let address = replica.listen().await;
        let stream = Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({})).await;
        let _parts = Stream::post(&replica, Some(&renter), APOLLO, WATCH, json!({})).await;
        let _socket = crate::support::socket::Socket::ready(address, &renter).await;
        let body = json!({ "query": WATCH });
        let one_too_many = async || post(&replica, Some(&renter), &[("accept", EVENTS)], body.clone()).await;
        assert_eq!(one_too_many().await.error(429), "TOO_MANY_CONNECTIONS");
        let rest = replica.rest(Some(&renter.token), "GET /v1/messages/stream", None).await;
        assert_eq!(rest.error(429), "TOO_MANY_CONNECTIONS");
        let mut socket = crate::support::socket::Socket::open(address, "graphql-transport-ws").await;
        socket.send(json!({ "type": "connection_init", "payload": { "token": renter.token } })).await;
        let reason = "Try again later: you may have 3 sockets and streams open at once; close one";
        assert_eq!(socket.closed().await, (1013, reason.into()));
        // Other callers are not limited, and a closed connection makes room.
        drop(Stream::post(&replica, Some(&other), EVENTS, WATCH, json!({})).await);
        drop(stream);
        drop(Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({})).await);
    }
}

#[tokio::test]
async fn a_stream_of_a_query_has_one_response() {
    let (_world, replica, renter) = populated().await;
    let mut stream = Stream::post(&replica, Some(&renter), EVENTS, "{ viewer { email } }", json!({})).await;
    let answer = json!({ "data": { "viewer": { "email": "renter@example.com" } } });
    assert_eq!(stream.event().await, ("next".to_owned(), answer));
    assert_eq!(stream.event().await, ("complete".to_owned(), json!({})));
    stream.ends().await;
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { messageReceived(after: \"x\") { cursor } }", "VALIDATION_ERROR"),
    ] {
        let mut stream = Stream::post(&replica, Some(&renter), EVENTS, query, json!({})).await;
        let (name, data) = stream.event().await;
        assert_eq!((name.as_str(), &data["errors"][0]["extensions"]["code"]), ("next", &json!(code)), "{query}");
        assert_eq!(stream.event().await.0, "complete");
        stream.ends().await;
    }
}

#[tokio::test]
async fn accept_chooses_between_response_and_stream() {
    let (_world, replica, renter) = populated().await;
    // A client that accepts both gets one response to a query, and events for a subscription.
    let both = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    let answer = post(&replica, Some(&renter), &[("accept", both)], json!({ "query": "{ __typename }" })).await;
    assert_eq!(answer.header("content-type"), "application/graphql-response+json; charset=utf-8");
    let mut stream = Stream::post(&replica, Some(&renter), both, WATCH, json!({})).await;
    stream.until(":\n\n").await;
    for accept in ["application/json", "*/*", "text/event-stream;q=0, application/json"] {
        let answer = post(&replica, Some(&renter), &[("accept", accept)], json!({ "query": WATCH })).await;
        assert_eq!(answer.error(406), "NOT_ACCEPTABLE");
    }
    // By GET as well, for a browser's EventSource.
    let query: String = url::form_urlencoded::byte_serialize(WATCH.as_bytes()).collect();
    let request = Request::get(format!("/graphql?query={query}"))
        .header("accept", EVENTS)
        .header("authorization", format!("Bearer {}", renter.token));
    Stream::send(&replica, request.body(Body::empty()).unwrap()).await.until(":\n\n").await;
    // A bad token is refused before anything else is looked at.
    let stranger = Renter { token: "x".into(), ..renter };
    for accept in [EVENTS, "image/png"] {
        let answer = post(&replica, Some(&stranger), &[("accept", accept)], json!({ "query": WATCH })).await;
        assert_eq!(answer.error(401), "UNAUTHENTICATED");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn every_stream_has_heartbeats_that_its_client_skips() {
    let mut world = World::new(Backend::Embedded).await;
    // Time passes quickly here.
    world.settings.token_lifetime = Duration::from_secs(365 * 24 * 3600);
    let (replica, renter) = world.populated().await;
    let mut events = Stream::post(&replica, Some(&renter), EVENTS, WATCH, json!({})).await;
    let mut parts = Stream::post(&replica, Some(&renter), APOLLO, WATCH, json!({})).await;
    let (_, number) = replica.rent(&renter, "US", 1).await;
    let mut others = Stream::post(&replica, Some(&renter), "multipart/mixed", WATCH, json!({})).await;
    events.until(":\n\n").await;
    parts.until("\r\n--graphql").await;
    others.until("\r\n--graphql").await;
    let beats = async {
        for mark in ["\r\nHeartbeat: ", " ", " "] {
            events.until(":\n\n").await;
            assert_eq!(parts.part().await, json!({}));
            // An object would be a response to this client. It gets a header of the next part.
            assert_eq!(others.until(mark).await, "");
        }
    };
    let time = async || {
        loop {
            world.advance(12);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = beats => {}
        () = time() => {}
    }
    replica.post_sms(&sms("1", &number, "after heartbeats")).await;
    assert_eq!(text(&others.part_after_heartbeats().await["payload"]), "after heartbeats");
    // A part that was begun is ended when the stream is.
    let mut ended = Stream::post(&replica, Some(&renter), "multipart/mixed", WATCH, json!({})).await;
    ended.until("\r\n--graphql").await;
    tokio::select! {
        _ = ended.until("\r\nHeartbeat: ") => {}
        () = time() => {}
    }
    replica.app.start_shutdown();
    let last = ended.part_after_heartbeats().await;
    assert_eq!(last["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert_eq!(ended.until("--\r\n").await, "");
    ended.ends().await;
}
