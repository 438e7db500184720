//! Watches an inbox and prints each message. After a lost connection it reconnects, and continues after the last one.
//!
//! ```sh
//! OTPWIRE_PASSWORD=… cargo run --example watch -- http://127.0.0.1:8080 demo@example.com
//! ```

use std::{env, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};

#[tokio::main]
async fn main() -> Result<()> {
    let usage = "usage: OTPWIRE_PASSWORD=… watch URL EMAIL";
    let mut arguments = env::args().skip(1);
    let (url, email) = arguments.next().zip(arguments.next()).context(usage)?;
    #[expect(clippy::disallowed_methods, reason = "an example has no configuration of its own")]
    let password = env::var("OTPWIRE_PASSWORD").context(usage)?;

    // A wrong password fails at once; later failures are retried, because the server may be restarting.
    let mut token = Some(log_in(&url, &email, &password).await?);
    // Where watching continues. A front end would keep it in its storage.
    let mut cursor = None;
    loop {
        let watched = async {
            // A token is valid for an hour, so each new connection logs in again.
            let token = match token.take() {
                Some(token) => token,
                None => log_in(&url, &email, &password).await?,
            };
            watch(&url, &token, &mut cursor).await
        };
        match watched.await {
            Ok(()) => eprintln!("the server closed the connection; connecting again"),
            Err(error) => eprintln!("{error:#}; connecting again"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn log_in(url: &str, email: &str, password: &str) -> Result<String> {
    let query = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }";
    let body = json!({ "query": query, "variables": { "input": { "email": email, "password": password } } });
    let answer = otpwire::fetch::client()?
        .build()?
        .post(format!("{url}/graphql"))
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await?;
    let answer: Value = serde_json::from_str(&answer.text().await?)?;
    match answer["data"]["logIn"]["accessToken"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => bail!("cannot sign in: {}", answer["errors"][0]["message"]),
    }
}

/// Watches until the connection ends, and updates the cursor with each message.
async fn watch(url: &str, token: &str, cursor: &mut Option<String>) -> Result<()> {
    let address = format!("{}/graphql", url.replacen("http", "ws", 1));
    let request = ClientRequestBuilder::new(address.parse()?).with_sub_protocol("graphql-transport-ws");
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
    let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } });
    socket.send(Message::text(init.to_string())).await?;
    let query = "subscription($after: String) {
        messageReceived(after: $after) { cursor message { senderNumber phoneNumber messageContent otp { code } } } }";
    let payload = json!({ "query": query, "variables": { "after": cursor } });
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": payload });

    while let Some(frame) = socket.next().await {
        let Message::Text(text) = frame? else { continue };
        let frame: Value = serde_json::from_str(&text)?;
        match frame["type"].as_str() {
            Some("connection_ack") => socket.send(Message::text(subscribe.to_string())).await?,
            Some("ping") => socket.send(Message::text(json!({ "type": "pong" }).to_string())).await?,
            Some("next") => {
                ensure!(frame["payload"].get("errors").is_none(), "{}", frame["payload"]["errors"][0]["message"]);
                let received = &frame["payload"]["data"]["messageReceived"];
                let message = &received["message"];
                let field = |name: &str| message[name].as_str().unwrap_or_default();
                let code = message["otp"]["code"].as_str().map(|code| format!(" [{code}]")).unwrap_or_default();
                println!("{} → {}{code}: {}", field("senderNumber"), field("phoneNumber"), field("messageContent"));
                *cursor = received["cursor"].as_str().map(str::to_owned);
            }
            Some("error" | "complete") => bail!("the subscription ended: {frame}"),
            _ => {}
        }
    }
    Ok(())
}
