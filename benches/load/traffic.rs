//! Providers and front ends, as cheap as they can be: they share the cores with the server.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use futures_util::{SinkExt, StreamExt};
use otpwire::providers::sandbox::{SIGNATURE, Sandbox, TIMESTAMP};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{ClientRequestBuilder, Message},
};

use crate::server::SECRET;

static IDS: AtomicU64 = AtomicU64::new(0);

/// A provider with one connection.
pub(crate) struct Poster {
    stream: TcpStream,
    sandbox: Sandbox,
    answer: Vec<u8>,
}

impl Poster {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, sandbox: Sandbox::new(SECRET.into()), answer: vec![0; 4096] }
    }

    /// Posts a signed webhook and returns when it is acknowledged.
    pub(crate) async fn post(&mut self, to: &str, text: &str) {
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"id":"{id}","from":"GOOGLE","to":"{to}","text":"{text}"}}"#);
        #[expect(clippy::disallowed_methods, reason = "a provider's own clock")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let signature = self.sandbox.sign(i64::try_from(now).unwrap(), body.as_bytes());
        let request = format!(
            "POST /v1/webhooks/sms?provider=sandbox HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             {TIMESTAMP}: {now}\r\n{SIGNATURE}: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        // The answer is short and ends in OK; anything else is a failure.
        while !self.answer[..length].ends_with(b"OK") {
            let read = self.stream.read(&mut self.answer[length..]).await.unwrap();
            length += read;
            let so_far = &self.answer[..length];
            assert!(read > 0 && so_far.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(so_far));
        }
    }
}

/// A front end with one connection, which asks the same again and again.
pub(crate) struct GraphqlClient {
    stream: TcpStream,
    request: String,
    answer: Vec<u8>,
}

impl GraphqlClient {
    pub(crate) async fn connect(address: SocketAddr, token: &str, query: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let body = json!({ "query": query }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { stream, request, answer: vec![0; 4096] }
    }

    pub(crate) async fn ask(&mut self) {
        self.stream.write_all(self.request.as_bytes()).await.unwrap();
        let mut length = 0;
        // The answer is short and its data ends in these; anything else is a failure.
        while !self.answer[..length].ends_with(b"\"}}}") {
            let read = self.stream.read(&mut self.answer[length..]).await.unwrap();
            length += read;
            let so_far = &self.answer[..length];
            assert!(read > 0 && so_far.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(so_far));
        }
    }
}

/// A front end with one subscription.
pub(crate) struct Watcher(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Watcher {
    pub(crate) async fn start(address: SocketAddr, token: &str) -> Self {
        let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap())
            .with_sub_protocol("graphql-transport-ws");
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let query = "subscription { messageReceived { message { messageContent } } }";
        for message in [
            json!({ "type": "connection_init", "payload": { "token": token } }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }),
            json!({ "type": "ping" }),
        ] {
            socket.send(Message::text(message.to_string())).await.unwrap();
        }
        let mut watcher = Self(socket);
        assert_eq!(watcher.receive().await["type"], "connection_ack");
        assert_eq!(watcher.receive().await["type"], "pong");
        watcher
    }

    /// The text of the next message.
    pub(crate) async fn next(&mut self) -> String {
        let frame = self.receive().await;
        let text = frame["payload"]["data"]["messageReceived"]["message"]["messageContent"].as_str();
        text.unwrap_or_else(|| panic!("{frame}")).to_owned()
    }

    async fn receive(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}
