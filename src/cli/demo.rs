//! `otpwire demo`: the newcomer's first minute.
//!
//! Everything goes through the front door: it signs in and rents over HTTP, subscribes over a
//! WebSocket, and posts signed webhooks to itself as a provider would.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Args;
use futures_util::{SinkExt, StreamExt};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};
use tokio_util::sync::CancellationToken;

use super::stop_signal;
use crate::{
    app::{App, accounts::Registration, providers::NewSecrets},
    clock::Clock,
    config::Config,
    domain::{NewProvider, NumberToImport, ProviderChange, Role, otp},
    fetch,
    providers::sandbox::{self, Sandbox, SandboxSms},
    random::Random,
    server::{Running, Server, ServerOptions, explain},
    telemetry,
};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Where to listen. When the default is taken, any free port will do.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How long to wait between two messages, in seconds.
    #[arg(long, default_value_t = 3.0)]
    every: f64,
    /// Stop after this many messages.
    #[arg(long)]
    messages: Option<usize>,
}

const USER: &str = "demo@example.com";
const ADMIN: &str = "admin@example.com";
const PROVIDER: &str = "sandbox";
const NUMBERS: [&str; 8] = [
    "+14155550100",
    "+14155550101",
    "+442079460958",
    "+442079460959",
    "+4915123456789",
    "+33612345678",
    "+34612345678",
    "+919812345678",
];
/// Who writes, and what, around a code.
const TEXTS: [(&str, &str, &str); 6] = [
    ("GitHub", "", " is your GitHub authentication code."),
    ("GOOGLE", "G-", " is your Google verification code."),
    ("Telegram", "Telegram code: ", ". Do not give this code to anyone."),
    ("+447700900123", "Your Acme verification code is ", ". It expires in 10 minutes."),
    ("BANK", "Use ", " to confirm your login."),
    ("WhatsApp", "Your WhatsApp code: ", ""),
];

pub(super) async fn run(args: &DemoArgs) -> Result<()> {
    let interrupted = stop_signal()?;
    let random = Random::from_os();
    let folder = Folder::make(&random)?;
    let listener = match TcpListener::bind(args.listen).await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind((args.listen.ip(), 0)).await.context("cannot listen")?,
    };
    let address = listener.local_addr()?;
    let config = Config::embedded(&folder.0.join("otpwire.sqlite"), address)?;
    telemetry::start_logging(&config)?;
    // The first message should not wait for the lexicon.
    drop(task::spawn_blocking(otp::warm_up));
    let running = Running::start(&config).await?;
    running.store().migrate_up().await.map_err(explain)?;
    let sandbox = Sandbox::new(furnish(&running.app, &random).await?);
    let password = furnish_people(&running.app, &random).await?;
    let server = Server::new(running, listener, &ServerOptions::of(&config), Duration::ZERO);
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.run(stop.clone().cancelled_owned()));

    let scene = play(args, &config.public_url, address, &sandbox, &password, &random);
    let played = tokio::select! {
        played = scene => played,
        () = interrupted => Ok(()),
    };
    println!("\nStopping; the database is thrown away.");
    stop.cancel();
    serving.await??;
    played
}

/// A folder that goes with the demo.
struct Folder(PathBuf);

impl Folder {
    fn make(random: &Random) -> Result<Self> {
        let name = format!("otpwire-demo-{:016x}", u64::from_be_bytes(random.bytes()));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Adds a provider and its numbers; answers the provider's secret.
async fn furnish(app: &App, random: &Random) -> Result<SecretString> {
    let secret = SecretString::from(format!("{:032x}", u128::from_be_bytes(random.bytes())));
    let new = NewProvider::new(sandbox::KIND.kind(), PROVIDER, ProviderChange::default()).map_err(explain)?;
    let account = app.create_provider_as_operator(&new, &NewSecrets::signing(secret.clone())).await.map_err(explain)?;
    let numbers = NUMBERS.map(|number| NumberToImport { phone_number: number.to_owned(), country_code: None });
    app.import_numbers_as_operator(account.id, numbers.to_vec()).await.map_err(explain)?;
    Ok(secret)
}

/// Adds a user and an administrator; answers their password.
async fn furnish_people(app: &App, random: &Random) -> Result<String> {
    let password = format!("demo-{:08x}", u32::from_be_bytes(random.bytes()));
    for (email, role) in [(USER, Role::User), (ADMIN, Role::Admin)] {
        let registration = Registration {
            email: email.to_owned(),
            password: password.as_str().into(),
            first_name: Some("Demo".to_owned()),
            last_name: None,
        };
        app.create_user(registration, role).await.map_err(explain)?;
    }
    Ok(password)
}

async fn play(
    args: &DemoArgs,
    url: &str,
    address: SocketAddr,
    sandbox: &Sandbox,
    password: &str,
    random: &Random,
) -> Result<()> {
    // It talks to itself: a proxy to the world outside is no way here.
    let http = fetch::client().map_err(explain)?.no_proxy().build()?;
    let input = json!({ "email": USER, "password": password });
    let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }";
    let signed_in = graphql(&http, url, None, log_in, json!({ "input": input })).await?;
    let token = signed_in["logIn"]["accessToken"].as_str().context("no token")?.to_owned();
    let rent = r#"mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 1 })
                  { phoneNumber { phoneNumber expiresAt } } }"#;
    let rented = graphql(&http, url, Some(&token), rent, json!({})).await?;
    let number = rented["assignPhoneNumber"]["phoneNumber"]["phoneNumber"].as_str().context("no number")?.to_owned();

    println!(
        "otpwire is running, on a throw-away database.

  Explorer   {url}/graphql      (open it in a browser)
  WebSocket  ws://{address}/graphql
  Webhooks   {url}/v1/webhooks/sms?provider={PROVIDER}

  Sign in    {USER}  {password}      (or {ADMIN}, with the same password)
  Token      {token}

Rented {number} for an hour. A message arrives there every {} s; this is what a subscription shows.
Ctrl-C stops it.
",
        args.every
    );

    // Watching after the end of the inbox misses nothing, however soon the first message comes.
    let end = graphql(&http, url, Some(&token), "{ messages(first: 1) { latestCursor } }", json!({})).await?;
    let mut watch = Watch::start(address, &token, &end["messages"]["latestCursor"]).await?;
    let pause = Duration::try_from_secs_f64(args.every).context("--every must be a number of seconds, 0 or more")?;
    for sent in 0..args.messages.unwrap_or(usize::MAX) {
        let (from, before, after) = TEXTS[sent % TEXTS.len()];
        let code = u32::from_be_bytes(random.bytes()) % 1_000_000;
        let sms = SandboxSms {
            id: format!("demo-{sent}"),
            from: from.to_owned(),
            to: number.clone(),
            text: format!("{before}{code:06}{after}"),
            sent_at: None,
        };
        let posted_at = tokio::time::Instant::now();
        let post = post_webhook(&http, url, sandbox, &sms);
        let (posted, shown) = tokio::join!(post, watch.next());
        posted?;
        println!("{:>6.1} ms  {}", posted_at.elapsed().as_secs_f64() * 1000.0, shown?);
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

async fn graphql(
    http: &reqwest::Client,
    url: &str,
    token: Option<&str>,
    query: &str,
    variables: Value,
) -> Result<Value> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let mut request = http.post(format!("{url}/graphql")).header("content-type", "application/json").body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer: Value = serde_json::from_str(&request.send().await?.text().await?)?;
    ensure!(answer.get("errors").is_none(), "{}", answer["errors"][0]["message"]);
    Ok(answer["data"].clone())
}

async fn post_webhook(http: &reqwest::Client, url: &str, sandbox: &Sandbox, sms: &SandboxSms) -> Result<()> {
    let body = serde_json::to_vec(sms)?;
    let timestamp = Clock::System.now().timestamp();
    let answer = http
        .post(format!("{url}/v1/webhooks/sms?provider={PROVIDER}"))
        .header("content-type", "application/json")
        .header(sandbox::TIMESTAMP, timestamp)
        .header(sandbox::SIGNATURE, sandbox.sign(timestamp, &body))
        .body(body)
        .send()
        .await?;
    ensure!(answer.status().is_success(), "the webhook was answered with {}", answer.status());
    Ok(())
}

/// A subscription, as a front end has it.
struct Watch(tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Watch {
    async fn start(address: SocketAddr, token: &str, after: &Value) -> Result<Self> {
        let request = ClientRequestBuilder::new(format!("ws://{address}/graphql").parse()?)
            .with_sub_protocol("graphql-transport-ws");
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let mut watch = Self(socket);
        let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } });
        watch.send(&init).await?;
        ensure!(watch.receive().await?["type"] == "connection_ack", "the socket was refused");
        let query = "subscription($after: String) { messageReceived(after: $after) { message { senderNumber messageContent otp { code } } } }";
        let payload = json!({ "query": query, "variables": { "after": after } });
        watch.send(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await?;
        Ok(watch)
    }

    /// The next message, on one line.
    async fn next(&mut self) -> Result<String> {
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
