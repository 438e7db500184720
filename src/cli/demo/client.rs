//! The demo as a client of its own server.

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{ClientRequestBuilder, Message},
};

use super::seed::PROVIDER;
use crate::{
    clock::Clock,
    fetch,
    providers::sandbox::{self, Sandbox, SandboxSms},
    server::operator_error,
};

/// Where a server at this address takes sockets.
pub(super) fn websocket_url(url: &str) -> String {
    format!("{}/graphql", url.replacen("http", "ws", 1))
}

/// Calls the server over HTTP, as a front end and as a provider.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    pub(super) fn new(url: &str) -> Result<Self> {
        // The server is in this process, where a configured proxy would not find it.
        let http = fetch::client().map_err(operator_error)?.no_proxy().build()?;
        Ok(Self { http, url: url.to_owned(), token: None })
    }

    /// Sends this access token with every request from now on.
    pub(super) fn authenticate(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// The data of a GraphQL query or mutation.
    pub(super) async fn graphql(&self, query: &str, variables: Value) -> Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let url = format!("{}/graphql", self.url);
        let mut request = self.http.post(url).header("content-type", "application/json").body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response: Value = serde_json::from_str(&request.send().await?.text().await?)?;
        ensure!(response.get("errors").is_none(), "{}", response["errors"][0]["message"]);
        Ok(response["data"].clone())
    }

    /// Posts a signed webhook with a message.
    pub(super) async fn post_webhook(&self, sandbox: &Sandbox, sms: &SandboxSms) -> Result<()> {
        let body = serde_json::to_vec(sms)?;
        let timestamp = Clock::System.now().timestamp();
        let response = self
            .http
            .post(format!("{}/v1/webhooks/sms?provider={PROVIDER}", self.url))
            .header("content-type", "application/json")
            .header(sandbox::TIMESTAMP, timestamp)
            .header(sandbox::SIGNATURE, sandbox.sign(timestamp, &body))
            .body(body)
            .send()
            .await?;
        ensure!(response.status().is_success(), "the webhook was answered with {}", response.status());
        Ok(())
    }
}

/// A subscription to messages over a WebSocket, as a front end has it.
pub(super) struct Subscription(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Subscription {
    /// Subscribes to the messages after a cursor.
    pub(super) async fn start(client: &Client, token: &str, after: &Value) -> Result<Self> {
        let request =
            ClientRequestBuilder::new(websocket_url(&client.url).parse()?).with_sub_protocol("graphql-transport-ws");
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let mut subscription = Self(socket);
        let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } });
        subscription.send(&init).await?;
        ensure!(subscription.receive().await?["type"] == "connection_ack", "the socket was refused");
        let query = "subscription($after: String) { messageReceived(after: $after) { message { senderNumber messageContent otp { code } } } }";
        let payload = json!({ "query": query, "variables": { "after": after } });
        subscription.send(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await?;
        Ok(subscription)
    }

    /// The next message, on one line.
    pub(super) async fn next(&mut self) -> Result<String> {
        let frame = self.receive().await?;
        let message = &frame["payload"]["data"]["messageReceived"]["message"];
        let sender = message["senderNumber"].as_str().with_context(|| format!("unexpected: {frame}"))?;
        let code = message["otp"]["code"].as_str().unwrap_or("-");
        Ok(format!("{sender:<14} {code:<8} {}", message["messageContent"].as_str().unwrap_or_default()))
    }

    async fn send(&mut self, message: &Value) -> Result<()> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    async fn receive(&mut self) -> Result<Value> {
        loop {
            match self.0.next().await.context("the socket was closed")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => anyhow::bail!("the socket was closed: {frame:?}"),
                _ => {}
            }
        }
    }
}
