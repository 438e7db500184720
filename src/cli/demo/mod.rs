//! `otpwire demo`: the whole path at work, for somebody who sees otpwire for the first time.
//!
//! The demo uses the same APIs as everybody else: it logs in and rents a number over HTTP, subscribes over a WebSocket,
//! and posts signed webhooks as a provider would. `seed` prepares its database, `client` calls the APIs.

mod client;
mod seed;

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::{net::TcpListener, task};
use tokio_util::sync::CancellationToken;

use self::{
    client::{Client, Subscription, websocket_url},
    seed::{ADMIN, PROVIDER, TempFolder, USER},
};
use super::{
    signals::stop_signal,
    terminal::{print, print_line, try_print},
};
use crate::{
    config::{Config, parse_listen_address},
    domain::{Operator, otp},
    providers::sandbox::{Sandbox, SandboxSms},
    random::Random,
    server::{RunningApp, Server, ServerOptions, operator_error},
    telemetry,
    tracer::Tracer,
};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Where to listen. By default where the server would, 127.0.0.1:8080, or on any free port if that one is taken.
    #[arg(long, value_parser = parse_listen_address)]
    listen: Option<SocketAddr>,
    /// How long to wait between two messages, in seconds.
    #[arg(long, default_value_t = 3.0)]
    every: f64,
    /// Stop after this many messages.
    #[arg(long)]
    messages: Option<usize>,
}

/// Sender, and the text before and after a code.
const TEXTS: [(&str, &str, &str); 6] = [
    ("GitHub", "", " is your GitHub authentication code."),
    ("GOOGLE", "G-", " is your Google verification code."),
    ("Telegram", "Telegram code: ", ". Do not give this code to anyone."),
    ("+447700900123", "Your Acme verification code is ", ". It expires in 10 minutes."),
    ("BANK", "Use ", " to confirm your login."),
    ("WhatsApp", "Your WhatsApp code: ", ""),
];

/// `configuration` is the file whose settings about browsers apply.
pub(super) async fn run(configuration: Option<&Path>, args: &DemoArgs) -> Result<()> {
    let interrupted = stop_signal()?;
    let random = Random::from_os();
    let folder = TempFolder::create(&random)?;
    let default_address = Config::demo_address(configuration)?;
    let listener = listen(args.listen, default_address).await?;
    let address = listener.local_addr()?;
    let config = Config::demo(configuration, &folder.path().join("otpwire.sqlite"), address)?;
    telemetry::start_logging(&config)?;
    // Loads the lexicon in the background, so that the first message does not wait for it.
    drop(task::spawn_blocking(otp::warm_up));
    let running = RunningApp::start(&config, Tracer::off()).await?;
    running.store().migrate_up().await.map_err(operator_error)?;
    let sandbox = Sandbox::new(seed::add_provider(&running.app, &random).await?);
    let (password, user) = seed::add_users(&running.app, &random).await?;
    let sign_in_token = running.app.create_sign_in_token(&Operator, user).map_err(operator_error)?;
    let link = format!("{}/#sign-in={}", config.public_url, sign_in_token.expose_secret());
    let server = Server::new(running, listener, &ServerOptions::of(&config), Duration::ZERO);
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.run(stop.clone().cancelled_owned()));

    let client = Client::new(&local_url(address))?;
    let shown = Shown { link, url: config.public_url, password };
    let played = tokio::select! {
        played = play(args, client, &sandbox, &shown, &random) => played,
        () = interrupted => Ok(()),
    };
    print_line("\nStopping; the database is thrown away.")?;
    stop.cancel();
    serving.await?;
    played
}

/// Only the default port may be replaced by another: whoever names one wants that one.
async fn listen(address: Option<SocketAddr>, default_address: SocketAddr) -> Result<TcpListener> {
    let wanted = address.unwrap_or(default_address);
    match TcpListener::bind(wanted).await {
        Err(error) if address.is_none() && error.kind() == ErrorKind::AddrInUse => {
            print_line(format_args!("{wanted} is in use, so the demo listens on another port.\n"))?;
            TcpListener::bind((wanted.ip(), 0)).await.context("cannot listen on any port")
        }
        bound => bound.with_context(|| format!("cannot listen on {wanted}")),
    }
}

/// Rents a number, subscribes to its messages, and sends some.
async fn play(args: &DemoArgs, mut client: Client, sandbox: &Sandbox, shown: &Shown, random: &Random) -> Result<()> {
    let pause = Duration::try_from_secs_f64(args.every).context("--every must be a number of seconds, 0 or more")?;
    let input = json!({ "email": USER, "password": shown.password });
    let log_in = "mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }";
    let session = client.graphql(log_in, json!({ "input": input })).await?;
    let token = session["logIn"]["accessToken"].as_str().context("no token")?.to_owned();
    client.authenticate(&token);
    let rent = r#"mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 1 })
                  { phoneNumber { phoneNumber expiresAt } } }"#;
    let rented = client.graphql(rent, json!({})).await?;
    let number = rented["assignPhoneNumber"]["phoneNumber"]["phoneNumber"].as_str().context("no number")?.to_owned();
    print_introduction(args, shown, &token, &number)?;

    // A subscription after the end of the inbox misses no message, even one that arrives before it has started.
    let end = client.graphql("{ messages(first: 1) { latestCursor } }", json!({})).await?;
    let mut subscription = Subscription::start(&client, &token, &end["messages"]["latestCursor"]).await?;
    for index in 0..args.messages.unwrap_or(usize::MAX) {
        let (from, before, after) = TEXTS[index % TEXTS.len()];
        let code = u32::from_be_bytes(random.bytes()) % 1_000_000;
        let sms = SandboxSms {
            id: format!("demo-{index}"),
            from: from.to_owned(),
            to: number.clone(),
            text: format!("{before}{code:06}{after}"),
            sent_at: None,
        };
        let posted_at = tokio::time::Instant::now();
        let (posted, received) = tokio::join!(client.post_webhook(sandbox, &sms), subscription.next());
        posted?;
        // Until nobody watches.
        if !try_print(format_args!("{:>6.1} ms  {}\n", posted_at.elapsed().as_secs_f64() * 1000.0, received?))? {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// What the demo prints about itself.
struct Shown {
    /// Opens the page, signed in.
    link: String,
    /// The address of the platform for people.
    url: String,
    password: String,
}

/// The address for clients in this process, which whatever is between the platform and people does not concern.
fn local_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

fn print_introduction(args: &DemoArgs, shown: &Shown, token: &str, number: &str) -> Result<()> {
    let Shown { link, url, password } = shown;
    print(format_args!(
        "otpwire is running, on a throw-away database. Open this link, and watch codes arrive:

  {link}

  It signs you in once, within a quarter of an hour. Besides:

  Explorer   {url}/graphql      (open it in a browser)
  WebSocket  {websocket}
  Webhooks   {url}/v1/webhooks/sms?provider={PROVIDER}

  Sign in    {USER}  {password}      (or {ADMIN}, with the same password)
  Token      {token}

Rented {number} for an hour. A message arrives there every {every} s; this is what a subscription shows.
Ctrl-C stops it.

",
        websocket = websocket_url(url),
        every = args.every
    ))
}
