//! A WebSocket client that returns every frame.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{ClientRequestBuilder, Message, protocol::CloseFrame},
};

use super::{PATIENCE, Renter};

pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn open(address: SocketAddr, protocol: &str) -> Self {
        let request =
            ClientRequestBuilder::new(format!("ws://{address}/graphql").parse().unwrap()).with_sub_protocol(protocol);
        Self(tokio_tungstenite::connect_async(request).await.unwrap().0)
    }

    /// An authenticated connection with the protocol graphql-transport-ws.
    pub(crate) async fn ready(address: SocketAddr, who: &Renter) -> Self {
        let mut socket = Self::open(address, "graphql-transport-ws").await;
        let payload = json!({ "Authorization": format!("Bearer {}", who.token) });
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// Watches everything after a cursor.
    pub(crate) async fn watch(&mut self, after: Option<&str>) {
        let query = "subscription($after: String) {
            messageReceived(after: $after) { cursor message { messageContent } } }";
        self.subscribe("watch", query, json!({ "after": after })).await;
    }

    /// The next message of [`Socket::watch`]: its text and its cursor.
    pub(crate) async fn next_message(&mut self) -> (String, String) {
        let frame = self.receive().await;
        let received = &frame["payload"]["data"]["messageReceived"];
        let text = received["message"]["messageContent"].as_str().unwrap_or_else(|| panic!("{frame}"));
        (text.to_owned(), received["cursor"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn receive(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected a message, not {other:?}"),
        }
    }

    /// The next message, or the close frame's code and reason.
    pub(crate) async fn receive_or_closed(&mut self) -> Result<Value, (u16, String)> {
        match self.frame().await {
            Message::Text(text) => Ok(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(CloseFrame { code, reason })) => Err((code.into(), reason.to_string())),
            other => panic!("expected a message or a close frame, not {other:?}"),
        }
    }

    /// The close frame's code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        match self.frame().await {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
            other => panic!("expected a close frame, not {other:?}"),
        }
    }

    /// The close frame's code and reason, after any other frames.
    pub(crate) async fn closed_at_last(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(Some(CloseFrame { code, reason })) = self.frame().await {
                return (code.into(), reason.to_string());
            }
        }
    }

    async fn frame(&mut self) -> Message {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("no frame in time");
            match frame.expect("the socket ended without a close frame").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }
}
