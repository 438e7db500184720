//! Watchers: each follows one inbox over one of the live faces, leaves at random moments, and comes back elsewhere to
//! where it was.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use otpwire::domain::{InboxCursor, UserId};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message, protocol::frame::coding::CloseCode};
use tokio_util::sync::CancellationToken;

use crate::platform::{Platform, Renter};

/// A live face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Socket,
    Stream,
    Poll,
}

/// What a watcher was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// A message, by the id that its text begins with.
    Message(String),
    /// Everything up to this sequence has expired.
    Expired(i64),
}

/// What one watcher saw, in order.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) face: Face,
    pub(crate) inbox: i32,
    pub(crate) sights: Vec<Sight>,
    /// How often it connected.
    pub(crate) connections: u64,
    /// How often there was no connection, or it ended without a word: no close frame, no end of the stream, no answer.
    pub(crate) cuts: u64,
    /// How often it was told to come back later.
    pub(crate) refused: u64,
    /// The kinds of answers that a watcher with a good token and a good cursor should not get.
    pub(crate) odd: Vec<String>,
}

/// How far a watcher has come, for those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// How many messages it has seen or been sent past.
    pub(crate) place: AtomicUsize,
}

pub(crate) struct Watcher {
    platform: Arc<Platform>,
    renter: Renter,
    face: Face,
    random: StdRng,
    /// Whether it leaves by itself now and then.
    is_restless: bool,
    /// It connects, and reads nothing before this.
    gate: Option<CancellationToken>,
    cursor: String,
    seen: Seen,
    progress: Arc<Progress>,
    client: reqwest::Client,
}

/// The cursor before the first message.
fn beginning(inbox: i32) -> String {
    InboxCursor { inbox: UserId(inbox), seq: 0 }.encode()
}

fn place_of(cursor: &str, inbox: i32) -> i64 {
    InboxCursor::decode("cursor", cursor, UserId(inbox)).unwrap().seq
}

impl Watcher {
    pub(crate) fn new(
        platform: &Arc<Platform>,
        renter: &Renter,
        face: Face,
        seed: u64,
        is_restless: bool,
        client: reqwest::Client,
    ) -> Self {
        let name = format!("{face:?} {seed} of inbox {}", renter.id);
        Self {
            platform: Arc::clone(platform),
            renter: renter.clone(),
            face,
            random: StdRng::seed_from_u64(seed),
            is_restless,
            gate: None,
            cursor: beginning(renter.id),
            seen: Seen {
                name,
                face,
                inbox: renter.id,
                sights: Vec::new(),
                connections: 0,
                cuts: 0,
                refused: 0,
                odd: Vec::new(),
            },
            progress: Arc::default(),
            client,
        }
    }

    /// One that connects, and reads nothing until a gate is opened.
    pub(crate) fn behind(mut self, gate: CancellationToken) -> Self {
        self.gate = Some(gate);
        self
    }

    async fn pass_gate(&self) {
        if let Some(gate) = &self.gate {
            gate.cancelled().await;
        }
    }

    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Watches until it is told to stop.
    pub(crate) async fn watch(mut self, stop: CancellationToken) -> Seen {
        while !stop.is_cancelled() {
            let doors = self.platform.doors();
            let door = doors[self.random.random_range(0..doors.len())];
            let stay = Duration::from_millis(match self.is_restless {
                true => self.random.random_range(100..6_000),
                false => 3_600_000,
            });
            self.seen.connections += 1;
            let visit = async {
                match self.face {
                    Face::Socket => self.visit_socket(door).await,
                    Face::Stream => self.visit_stream(door).await,
                    Face::Poll => self.visit_poll(door).await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tokio::time::timeout(stay, visit) => {}
            }
            // A client that was refused does not come back at once.
            let pause = Duration::from_millis(self.random.random_range(5..200));
            tokio::time::sleep(pause).await;
        }
        self.seen
    }

    fn see(&mut self, content: &Value, cursor: &Value) {
        let (Some(content), Some(cursor)) = (content.as_str(), cursor.as_str()) else {
            self.seen.odd.push("a message without a text or a cursor".to_owned());
            return;
        };
        let id = content.split(' ').next().unwrap_or_default();
        self.seen.sights.push(Sight::Message(id.to_owned()));
        self.cursor = cursor.to_owned();
        self.move_to_cursor();
    }

    fn move_to_cursor(&self) {
        let place = usize::try_from(place_of(&self.cursor, self.renter.id)).unwrap();
        self.progress.place.store(place, Ordering::Release);
    }

    /// Goes by what an error says. One that is the platform's is answered by coming back.
    fn heed(&mut self, code: &Value, oldest: &Value) {
        match (code.as_str(), oldest.as_str()) {
            (Some("CURSOR_EXPIRED"), Some(oldest)) => {
                self.seen.sights.push(Sight::Expired(place_of(oldest, self.renter.id)));
                self.cursor = oldest.to_owned();
                self.move_to_cursor();
            }
            (Some("UNAVAILABLE"), _) => self.seen.refused += 1,
            (code, _) => self.seen.odd.push(format!("{code:?}")),
        }
    }

    async fn visit_socket(&mut self, door: u16) -> Option<()> {
        let address = format!("ws://127.0.0.1:{door}/graphql");
        let request = ClientRequestBuilder::new(address.parse().unwrap()).with_sub_protocol("graphql-transport-ws");
        let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else {
            self.seen.cuts += 1;
            return None;
        };
        let payload = json!({ "token": self.renter.token });
        let hello = json!({ "type": "connection_init", "payload": payload });
        socket.send(Message::text(hello.to_string())).await.ok()?;
        let query = "subscription($after: String) {
            messageReceived(after: $after) { cursor message { messageContent } } }";
        let payload = json!({ "query": query, "variables": { "after": self.cursor } });
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });
        let mut is_welcome = false;
        loop {
            let text = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(Some(frame)))) => {
                    match frame.code {
                        CloseCode::Away => {}
                        CloseCode::Again => self.seen.refused += 1,
                        code => self.seen.odd.push(format!("closed with {code}")),
                    }
                    return None;
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => {
                    self.seen.cuts += 1;
                    return None;
                }
            };
            let frame: Value = serde_json::from_str(&text).ok()?;
            let payload = &frame["payload"];
            match frame["type"].as_str() {
                Some("connection_ack") if !is_welcome => {
                    is_welcome = true;
                    socket.send(Message::text(subscribe.to_string())).await.ok()?;
                    self.pass_gate().await;
                }
                Some("next") if payload["errors"].is_array() => {
                    let error = &payload["errors"][0]["extensions"];
                    self.heed(&error["code"], &error["oldestCursor"]);
                }
                Some("next") => {
                    let received = &payload["data"]["messageReceived"];
                    self.see(&received["message"]["messageContent"], &received["cursor"]);
                }
                Some("error") => {
                    let error = &payload[0]["extensions"];
                    self.heed(&error["code"], &error["oldestCursor"]);
                    return None;
                }
                Some("ping") => socket.send(Message::text(json!({ "type": "pong" }).to_string())).await.ok()?,
                Some("complete") => return None,
                _ => {}
            }
        }
    }

    /// An error of REST, as the whole answer or as the last event of a stream.
    fn heed_rest(&mut self, body: &Value) {
        self.heed(&body["code"], &body["details"]["oldest_cursor"]);
    }

    async fn visit_stream(&mut self, door: u16) -> Option<()> {
        let address = format!("http://127.0.0.1:{door}/v1/messages/stream");
        let request = self.client.get(address).bearer_auth(&self.renter.token).header("last-event-id", &self.cursor);
        let Ok(mut answer) = request.send().await else {
            self.seen.cuts += 1;
            return None;
        };
        if answer.status() != 200 {
            let body = serde_json::from_str(&answer.text().await.ok()?).ok()?;
            self.heed_rest(&body);
            return None;
        }
        self.pass_gate().await;
        let mut buffer = Vec::new();
        loop {
            let chunk = match answer.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return None,
                Err(_) => {
                    self.seen.cuts += 1;
                    return None;
                }
            };
            buffer.extend_from_slice(&chunk);
            // An event ends with an empty line.
            while let Some(end) = buffer.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = buffer.drain(..end + 2).collect();
                let event = String::from_utf8(event).unwrap();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                let data: Value = serde_json::from_str(field("data: ")).unwrap_or_default();
                match field("event: ") {
                    "message" => self.see(&data["message"]["message_content"], &data["cursor"]),
                    "end" => self.heed_rest(&data),
                    _ => {}
                }
            }
        }
    }

    async fn visit_poll(&mut self, door: u16) -> Option<()> {
        loop {
            let address = format!("http://127.0.0.1:{door}/v1/messages/wait?timeout=5&after={}", self.cursor);
            let request = self.client.get(address).bearer_auth(&self.renter.token).timeout(Duration::from_secs(10));
            let Ok(answer) = request.send().await else {
                self.seen.cuts += 1;
                return None;
            };
            let status = answer.status().as_u16();
            if status == 204 {
                continue;
            }
            let body: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
            if status != 200 {
                self.heed_rest(&body);
                return None;
            }
            self.see(&body["message"]["message_content"], &body["cursor"]);
        }
    }
}
