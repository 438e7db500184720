//! Watchers: each follows one inbox over one of the live APIs, disconnects at random moments, and reconnects with its
//! cursor to any replica.

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

/// A live API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiveApi {
    /// A GraphQL subscription over a WebSocket.
    WebSocket,
    /// Server-sent events.
    Sse,
    LongPoll,
}

/// Something that a watcher received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Observation {
    /// A message, by the id that its text begins with.
    Message(String),
    /// The cursor has expired: everything up to this sequence is gone.
    Expired(i64),
}

/// What one watcher received, in order.
#[derive(Clone, Debug)]
pub(crate) struct WatcherHistory {
    pub(crate) name: String,
    pub(crate) api: LiveApi,
    pub(crate) inbox: i32,
    pub(crate) observations: Vec<Observation>,
    /// How often it connected.
    pub(crate) connections: u64,
    /// How often it could not connect, or the connection broke: no close frame, no end of the stream, no answer.
    pub(crate) broken: Vec<String>,
    /// How often it was told to come back later.
    pub(crate) refused: u64,
    /// Answers that a watcher with a valid token and a valid cursor should not get.
    pub(crate) unexpected: Vec<String>,
}

/// How far a watcher has come, for those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The sequence of its cursor.
    pub(crate) position: AtomicUsize,
}

pub(crate) struct Watcher {
    platform: Arc<Platform>,
    renter: Renter,
    random: StdRng,
    /// Whether it disconnects by itself now and then.
    reconnects: bool,
    /// It connects at once, and reads nothing before this.
    may_read: Option<CancellationToken>,
    cursor: String,
    history: WatcherHistory,
    progress: Arc<Progress>,
    client: reqwest::Client,
}

/// The cursor before the first message.
fn first_cursor(inbox: i32) -> String {
    InboxCursor { inbox: UserId(inbox), seq: 0 }.encode()
}

fn sequence_of(cursor: &str, inbox: i32) -> i64 {
    InboxCursor::decode("cursor", cursor, UserId(inbox)).unwrap().seq
}

impl Watcher {
    pub(crate) fn new(
        platform: &Arc<Platform>,
        renter: &Renter,
        api: LiveApi,
        seed: u64,
        reconnects: bool,
        client: reqwest::Client,
    ) -> Self {
        Self {
            platform: Arc::clone(platform),
            renter: renter.clone(),
            random: StdRng::seed_from_u64(seed),
            reconnects,
            may_read: None,
            cursor: first_cursor(renter.id),
            history: WatcherHistory {
                name: format!("{api:?} {seed} of inbox {}", renter.id),
                api,
                inbox: renter.id,
                observations: Vec::new(),
                connections: 0,
                broken: Vec::new(),
                refused: 0,
                unexpected: Vec::new(),
            },
            progress: Arc::default(),
            client,
        }
    }

    /// Makes it connect at once, and read nothing until the token is cancelled.
    pub(crate) fn reading_after(mut self, may_read: CancellationToken) -> Self {
        self.may_read = Some(may_read);
        self
    }

    async fn until_it_may_read(&self) {
        if let Some(may_read) = &self.may_read {
            may_read.cancelled().await;
        }
    }

    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Watches until the token is cancelled.
    pub(crate) async fn watch(mut self, stop: CancellationToken) -> WatcherHistory {
        while !stop.is_cancelled() {
            let ports = self.platform.client_ports();
            let port = ports[self.random.random_range(0..ports.len())];
            let session_length = Duration::from_millis(match self.reconnects {
                true => self.random.random_range(100..6_000),
                false => 3_600_000,
            });
            self.history.connections += 1;
            let session = async {
                match self.history.api {
                    LiveApi::WebSocket => self.watch_by_websocket(port).await,
                    LiveApi::Sse => self.watch_by_sse(port).await,
                    LiveApi::LongPoll => self.watch_by_polling(port).await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tokio::time::timeout(session_length, session) => {}
            }
            // A client that was refused does not come back at once.
            let pause = Duration::from_millis(self.random.random_range(5..200));
            tokio::time::sleep(pause).await;
        }
        self.history
    }

    fn on_message(&mut self, content: &Value, cursor: &Value) {
        let (Some(content), Some(cursor)) = (content.as_str(), cursor.as_str()) else {
            self.history.unexpected.push("a message without a text or a cursor".to_owned());
            return;
        };
        let id = content.split(' ').next().unwrap_or_default();
        self.history.observations.push(Observation::Message(id.to_owned()));
        self.move_to(cursor);
    }

    fn move_to(&mut self, cursor: &str) {
        cursor.clone_into(&mut self.cursor);
        let position = usize::try_from(sequence_of(cursor, self.renter.id)).unwrap();
        self.progress.position.store(position, Ordering::Release);
    }

    /// Handles an error: an expired cursor is replaced by the oldest usable one.
    fn on_error(&mut self, code: &Value, oldest: &Value) {
        match (code.as_str(), oldest.as_str()) {
            (Some("CURSOR_EXPIRED"), Some(oldest)) => {
                self.history.observations.push(Observation::Expired(sequence_of(oldest, self.renter.id)));
                self.move_to(oldest);
            }
            (Some("UNAVAILABLE"), _) => self.history.refused += 1,
            (code, _) => self.history.unexpected.push(format!("{code:?}")),
        }
    }

    fn on_broken(&mut self, doing: &str, error: &dyn std::error::Error) -> Option<()> {
        self.history.broken.push(format!("{:?} {doing}: {error:?}", self.history.api));
        None
    }

    async fn watch_by_websocket(&mut self, port: u16) -> Option<()> {
        let address = format!("ws://127.0.0.1:{port}/graphql");
        let request = ClientRequestBuilder::new(address.parse().unwrap()).with_sub_protocol("graphql-transport-ws");
        let mut socket = match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => socket,
            Err(error) => return self.on_broken("connecting", &error),
        };
        let payload = json!({ "token": self.renter.token });
        let init = json!({ "type": "connection_init", "payload": payload });
        socket.send(Message::text(init.to_string())).await.ok()?;
        let query = "subscription($after: String) {
            messageReceived(after: $after) { cursor message { messageContent } } }";
        let payload = json!({ "query": query, "variables": { "after": self.cursor } });
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });
        let mut is_acknowledged = false;
        loop {
            let text = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(Some(frame)))) => {
                    match frame.code {
                        CloseCode::Away => {}
                        CloseCode::Again => self.history.refused += 1,
                        code => self.history.unexpected.push(format!("closed with {code}")),
                    }
                    return None;
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => return self.on_broken("receiving", &error),
                None => return self.on_broken("receiving", &std::fmt::Error),
            };
            let frame: Value = serde_json::from_str(&text).ok()?;
            let payload = &frame["payload"];
            match frame["type"].as_str() {
                Some("connection_ack") if !is_acknowledged => {
                    is_acknowledged = true;
                    socket.send(Message::text(subscribe.to_string())).await.ok()?;
                    self.until_it_may_read().await;
                }
                Some("next") if payload["errors"].is_array() => {
                    let error = &payload["errors"][0]["extensions"];
                    self.on_error(&error["code"], &error["oldestCursor"]);
                }
                Some("next") => {
                    let received = &payload["data"]["messageReceived"];
                    self.on_message(&received["message"]["messageContent"], &received["cursor"]);
                }
                Some("error") => {
                    let error = &payload[0]["extensions"];
                    self.on_error(&error["code"], &error["oldestCursor"]);
                    return None;
                }
                Some("ping") => socket.send(Message::text(json!({ "type": "pong" }).to_string())).await.ok()?,
                Some("complete") => return None,
                _ => {}
            }
        }
    }

    /// Handles an error of REST, either the whole answer or the last event of a stream.
    fn on_rest_error(&mut self, body: &Value) {
        self.on_error(&body["code"], &body["details"]["oldest_cursor"]);
    }

    async fn watch_by_sse(&mut self, port: u16) -> Option<()> {
        let address = format!("http://127.0.0.1:{port}/v1/messages/stream");
        let request = self.client.get(address).bearer_auth(&self.renter.token).header("last-event-id", &self.cursor);
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return self.on_broken("requesting", &error),
        };
        if answer.status() != 200 {
            let body = serde_json::from_str(&answer.text().await.ok()?).ok()?;
            self.on_rest_error(&body);
            return None;
        }
        self.until_it_may_read().await;
        let mut buffer = Vec::new();
        loop {
            let chunk = match answer.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return None,
                Err(error) => return self.on_broken("receiving", &error),
            };
            buffer.extend_from_slice(&chunk);
            // An event ends with an empty line.
            while let Some(end) = buffer.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = buffer.drain(..end + 2).collect();
                let event = String::from_utf8(event).unwrap();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                let data: Value = serde_json::from_str(field("data: ")).unwrap_or_default();
                match field("event: ") {
                    "message" => self.on_message(&data["message"]["message_content"], &data["cursor"]),
                    "end" => self.on_rest_error(&data),
                    _ => {}
                }
            }
        }
    }

    async fn watch_by_polling(&mut self, port: u16) -> Option<()> {
        loop {
            let address = format!("http://127.0.0.1:{port}/v1/messages/wait?timeout=5&after={}", self.cursor);
            let request = self.client.get(address).bearer_auth(&self.renter.token).timeout(Duration::from_secs(10));
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) => return self.on_broken("requesting", &error),
            };
            let status = answer.status().as_u16();
            if status == 204 {
                continue;
            }
            let body: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
            if status != 200 {
                self.on_rest_error(&body);
                return None;
            }
            self.on_message(&body["message"]["message_content"], &body["cursor"]);
        }
    }
}
