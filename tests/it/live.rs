//! Messages as they arrive, over REST: long poll and server-sent events.

use std::{net::SocketAddr, time::Duration};

use otpwire::domain::InboxCursor;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::support::{PATIENCE, Renter, Replica, World, client::Answer, client::sms, on_both};

async fn wait(replica: &Replica, who: &Renter, query: &str) -> Answer {
    let endpoint = format!("GET /v1/messages/wait?{query}");
    let answer = replica.rest(Some(&who.token), &endpoint, None);
    tokio::time::timeout(PATIENCE, answer).await.expect("it waits for ever")
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["cursor"], answer.header("x-cursor"));
    body["message"]["message_content"].as_str().unwrap().to_owned()
}

/// A client with an open request.
struct Open(BufReader<TcpStream>);

impl Open {
    async fn get(address: SocketAddr, who: &Renter, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let token = &who.token;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        Self(BufReader::new(stream))
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.0.read_line(&mut line)).await.expect("nothing came in time");
        read.unwrap();
        line.trim_end().to_owned()
    }

    /// The status line; the events follow.
    async fn status(&mut self) -> String {
        let status = self.line().await;
        while !self.line().await.is_empty() {}
        status
    }

    /// The next event: its name, its id and its data.
    async fn event(&mut self) -> (String, String, Value) {
        let (mut name, mut id, mut data) = (String::new(), String::new(), String::new());
        loop {
            let line = self.line().await;
            match line.split_once(": ") {
                Some(("event", value)) => name = value.into(),
                Some(("id", value)) => id = value.into(),
                Some(("data", value)) => data = value.into(),
                // An empty line ends an event. Chunk sizes and comments are skipped.
                _ if line.is_empty() && !data.is_empty() => {
                    return (name, id, serde_json::from_str(&data).unwrap());
                }
                _ => {}
            }
        }
    }

    async fn message(&mut self) -> (String, String) {
        let (name, id, data) = self.event().await;
        assert_eq!((name.as_str(), &data["cursor"]), ("message", &json!(id)), "{data}");
        (data["message"]["message_content"].as_str().unwrap().to_owned(), id)
    }

    async fn ends(&mut self) {
        let mut rest = Vec::new();
        tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("it does not end").unwrap();
    }
}

/// Waits until `count` inboxes are watched on this replica.
pub(crate) async fn watched(replica: &Replica, count: usize) {
    let all = async {
        while replica.app.count_watched() != count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.unwrap_or_else(|_| panic!("{} are watched", replica.app.count_watched()));
}

on_both! {
    async fn a_long_poll_returns_the_next_message(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("0", &number, "an old one")).await;
        // The cursor at the end of the inbox, before a new message.
        let end = wait(&replica, &renter, "timeout=0").await.header("x-cursor").to_owned();
        let query = format!("after={end}&timeout=60");
        let (answer, ()) = tokio::join!(wait(&replica, &renter, &query), async {
            watched(&replica, 1).await;
            replica.post_sms(&sms("1", &number, "the new one")).await;
        });
        assert_eq!(text(&answer), "the new one");
        // Continuing from there misses nothing.
        replica.post_sms(&sms("2", &number, "the next one")).await;
        let next = wait(&replica, &renter, &format!("after={}", answer.header("x-cursor"))).await;
        assert_eq!(text(&next), "the next one");
        watched(&replica, 0).await;
    }

    async fn a_long_poll_times_out(world: World) {
        let (replica, renter) = world.populated().await;
        let none = wait(&replica, &renter, "timeout=0").await;
        assert_eq!((none.status.as_u16(), none.text()), (204, ""));
        let clock = std::sync::Arc::clone(&world.clock);
        let (none, ()) = tokio::join!(wait(&replica, &renter, ""), async {
            watched(&replica, 1).await;
            clock.advance(Duration::from_secs(30));
        });
        assert_eq!(none.status, 204);
        // A 204 has the cursor to continue from.
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "late")).await;
        assert_eq!(text(&wait(&replica, &renter, &format!("after={}", none.header("x-cursor"))).await), "late");
    }

    async fn a_long_poll_since_a_time_returns_no_older_code(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "old")).await;
        world.advance(10);
        replica.post_sms(&sms("2", &number, "new")).await;
        world.advance(10);
        // The code arrived before the long poll began.
        assert_eq!(text(&wait(&replica, &renter, "since=2026-03-01T12:00:01Z").await), "new");
        assert_eq!(text(&wait(&replica, &renter, "since=2026-03-01T12:00:10+00:00").await), "new");
        assert_eq!(text(&wait(&replica, &renter, "since=2026-03-01T12:00:00.5%2B00:00").await), "new");
        assert_eq!(text(&wait(&replica, &renter, "since=2020-01-01T00:00:00Z").await), "old");
        assert_eq!(wait(&replica, &renter, "since=2026-03-01T12:00:11Z&timeout=0").await.status, 204);
        // An expired message is left out without an error: `since` is no cursor.
        world.advance(24 * 3600 - 15);
        let renter = replica.log_in("renter@example.com").await;
        assert_eq!(text(&wait(&replica, &renter, "since=2020-01-01T00:00:00Z").await), "new");
        world.advance(10);
        assert_eq!(wait(&replica, &renter, "since=2020-01-01T00:00:00Z&timeout=0").await.status, 204);
        replica.app.purge().await.unwrap();
        assert_eq!(wait(&replica, &renter, "since=2020-01-01T00:00:00Z&timeout=0").await.status, 204);
    }

    async fn a_long_poll_has_filters(world: World) {
        let (replica, renter) = world.populated().await;
        let (us, number) = replica.rent(&renter, "US", 1).await;
        let (_, other) = replica.rent(&renter, "DE", 1).await;
        let from = |id: &str, to: &str, from: &str| json!({ "id": id, "from": from, "to": to, "text": format!("{id} from {from}") });
        for message in [from("1", &other, "GOOGLE"), from("2", &number, "+14155559999"), from("3", &number, "GitHub")] {
            replica.post_sms(&message).await;
        }
        let since = "since=2026-03-01T12:00:00Z";
        let us = us.strip_prefix("num_").unwrap();
        assert_eq!(text(&wait(&replica, &renter, &format!("{since}&phone_number_id={us}")).await), "2 from +14155559999");
        assert_eq!(text(&wait(&replica, &renter, &format!("{since}&sender_number=github")).await), "3 from GitHub");
        for sender in ["+14155559999", "%2B14155559999"] {
            assert_eq!(text(&wait(&replica, &renter, &format!("{since}&sender_number={sender}")).await), "2 from +14155559999");
        }
        assert_eq!(text(&wait(&replica, &renter, &format!("{since}&message_type=sms")).await), "1 from GOOGLE");
        assert_eq!(wait(&replica, &renter, &format!("{since}&message_type=otp&timeout=0")).await.status, 204);
        // A number of another renter is not found.
        let stranger = replica.renter("other@example.com").await;
        assert_eq!(wait(&replica, &stranger, &format!("phone_number_id={us}")).await.error(404), "NOT_FOUND");
        // A number that the user never rented gets no messages, so waiting for it is an error.
        assert_eq!(wait(&replica, &renter, "phone_number_id=2").await.error(404), "NOT_FOUND");
        // The messages of a released number remain.
        replica.rest_ok(Some(&renter.token), &format!("DELETE /v1/numbers/{us}"), None).await;
        assert_eq!(text(&wait(&replica, &renter, &format!("{since}&phone_number_id={us}")).await), "2 from +14155559999");
        assert_eq!(wait(&replica, &stranger, &format!("{since}&timeout=0")).await.status, 204);
    }

    async fn invalid_parameters_are_refused(world: World) {
        let (replica, renter) = world.populated().await;
        let foreign = InboxCursor { inbox: otpwire::domain::UserId(99), seq: 0 }.encode();
        let ahead = InboxCursor { inbox: renter.user.id, seq: 7 }.encode();
        for (query, status, field) in [
            ("timeout=61", 422, "timeout"),
            ("timeout=-1", 422, "timeout"),
            ("timeout=soon", 400, "timeout"),
            ("since=yesterday", 400, "since"),
            ("message_type=mms", 422, "message_type"),
            ("sender_number=", 422, "sender_number"),
            ("service=", 422, "service"),
            (&format!("service={}", "x".repeat(101)), 422, "service"),
            (&format!("sender_number={}", "x".repeat(321)), 422, "sender_number"),
            ("channel=pigeon", 422, "channel"),
            ("phone_number_id=one", 400, "phone_number_id"),
            ("number=1", 400, "number"),
            ("timeout=1&timeout=2", 400, "timeout"),
            ("after=nonsense", 422, "after"),
            (&format!("after={foreign}"), 422, "after"),
            (&format!("after={ahead}"), 422, "after"),
        ] {
            let answer = wait(&replica, &renter, query).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["details"]["field"]), (status, &json!(field)), "{query}: {}", answer.text());
        }
    }

    async fn a_stored_message_is_found_however_far_back(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        for n in 0..250 {
            replica.post_sms(&sms(&n.to_string(), &number, "noise")).await;
        }
        replica.post_sms(&json!({ "id": "x", "from": "BANK", "to": number, "text": "the code" })).await;
        let query = "since=2026-03-01T12:00:00Z&sender_number=bank&timeout=0";
        assert_eq!(text(&wait(&replica, &renter, query).await), "the code");
    }

    async fn an_expired_cursor_is_refused(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        replica.post_sms(&sms("1", &number, "old")).await;
        world.advance(24 * 3600);
        let renter = replica.log_in("renter@example.com").await;
        let after = format!("after={}", InboxCursor { inbox: renter.user.id, seq: 0 }.encode());
        let answer = wait(&replica, &renter, &after).await;
        assert_eq!(answer.error(410), "CURSOR_EXPIRED");
        let oldest = answer.json()["details"]["oldest_cursor"].as_str().unwrap().to_owned();
        assert_eq!(wait(&replica, &renter, &format!("after={oldest}&timeout=0")).await.status, 204);
        let stream = replica.rest(Some(&renter.token), &format!("GET /v1/messages/stream?{after}"), None).await;
        assert_eq!(stream.error(410), "CURSOR_EXPIRED");
    }

    async fn a_long_poll_ends_when_its_client_disconnects(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.renter("other@example.com").await;
        let address = replica.listen().await;
        let waiters = [
            Open::get(address, &renter, "/v1/messages/wait?timeout=60", "").await,
            Open::get(address, &other, "/v1/messages/stream", "").await,
        ];
        watched(&replica, 2).await;
        drop(waiters);
        watched(&replica, 0).await;
        let gone = async {
            while replica.app.count_guarded() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, gone).await.expect("a watcher remains");
    }

    async fn a_shutdown_ends_long_polls(world: World) {
        let (replica, renter) = world.populated().await;
        let mut stream = Open::get(replica.listen().await, &renter, "/v1/messages/stream", "").await;
        assert_eq!(stream.status().await, "HTTP/1.1 200 OK");
        stream.event().await;
        let (answer, ()) = tokio::join!(wait(&replica, &renter, "timeout=60"), async {
            watched(&replica, 1).await;
            replica.app.start_shutdown();
        });
        assert_eq!(answer.error(503), "UNAVAILABLE");
        assert!((1..=4).contains(&answer.header("retry-after").parse().unwrap()));
        stream.ends().await;
    }

    async fn a_stream_shows_every_message_in_order(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let address = replica.listen().await;
        let mut stream = Open::get(address, &renter, "/v1/messages/stream", "").await;
        assert_eq!(stream.status().await, "HTTP/1.1 200 OK");
        let (name, start, _) = stream.event().await;
        assert_eq!(name, "ready");
        let mut last = String::new();
        for n in 0..5 {
            replica.post_sms(&sms(&n.to_string(), &number, &format!("line one\nof {n}"))).await;
            let (text, id) = stream.message().await;
            assert_eq!(text, format!("line one\nof {n}"));
            last = id;
        }
        drop(stream);
        replica.post_sms(&sms("5", &number, "meanwhile")).await;
        // A reconnect continues from the last event, even if that was `ready`.
        let back = format!("last-event-id: {last}\r\n");
        let mut again = Open::get(address, &renter, "/v1/messages/stream?after=ignored", &back).await;
        again.event().await;
        assert_eq!(again.message().await.0, "meanwhile");
        let mut from_start = Open::get(address, &renter, &format!("/v1/messages/stream?after={start}"), "").await;
        from_start.event().await;
        assert_eq!(from_start.message().await.0, "line one\nof 0");
        // A filter applies to streams, too.
        let mut filtered = Open::get(address, &renter, "/v1/messages/stream?sender_number=nobody", "").await;
        filtered.event().await;
        let message = json!({ "id": "6", "from": "Nobody", "to": number, "text": "passes" });
        replica.post_sms(&sms("7", &number, "does not")).await;
        replica.post_sms(&message).await;
        assert_eq!(filtered.message().await.0, "passes");
    }

    async fn a_stream_ends_with_a_reason(world: World) {
        let (replica, renter) = world.populated().await;
        let other = replica.log_in("renter@example.com").await;
        let address = replica.listen().await;
        let mut streams = [
            Open::get(address, &renter, "/v1/messages/stream", "").await,
            Open::get(address, &other, "/v1/messages/stream", "").await,
        ];
        for stream in &mut streams {
            stream.event().await;
        }
        let [first, second] = &mut streams;
        replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
        let (name, _, data) = first.event().await;
        assert_eq!((name.as_str(), &data["code"]), ("end", &json!("SESSION_ENDED")));
        first.ends().await;
        world.advance(3600);
        let (name, _, data) = second.event().await;
        assert_eq!((name.as_str(), &data["code"]), ("end", &json!("TOKEN_EXPIRED")));
        second.ends().await;
    }
}
