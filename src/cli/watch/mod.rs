//! `otpwire watch`: messages and their codes in the terminal, as they arrive.
//!
//! It reads the stream of `/v1/messages/stream`, and goes on where it was when the connection is lost. `events` reads
//! the stream.

mod events;

use std::{env, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use reqwest::{Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use self::events::{EventReader, ServerEvent};
use super::{
    output::Output,
    signals::stop_signal,
    terminal::{print_error_line, read_secret, try_print},
};
use crate::{
    domain::{Msisdn, escape_for_terminal, escape_json_for_terminal},
    fetch,
    server::operator_error,
};

/// Where a server is that nobody has configured.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";
/// The stream has a comment every 15 seconds: without three of them the connection is dead.
const SILENCE: Duration = Duration::from_secs(45);
/// How long to wait before connecting again: at first, and at most.
const DELAYS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// Where the server is. By default what OTPWIRE_URL says, or http://127.0.0.1:8080.
    #[arg(long)]
    url: Option<Url>,
    /// Only messages to this number.
    #[arg(long, value_parser = number_of)]
    number: Option<Msisdn>,
    /// Only messages with a code of this service, such as GitHub.
    #[arg(long)]
    service: Option<String>,
    /// Only messages of this type: otp, verification or sms.
    #[arg(long = "type", value_name = "TYPE", value_parser = ["otp", "verification", "sms"])]
    message_type: Option<String>,
    /// Begin after this cursor, which JSON has with each message. By default with the next message.
    #[arg(long)]
    after: Option<String>,
    /// For whom to print. JSON is an object a line: a message and the cursor after it, as the REST API has them.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

fn number_of(text: &str) -> Result<Msisdn, String> {
    Msisdn::parse("number", text).map_err(|error| error.message().to_owned())
}

pub(super) async fn run(args: &WatchArgs) -> Result<()> {
    // Asked for before signals are caught: whoever is asked can still leave.
    let key = match env::var_os("OTPWIRE_API_KEY").filter(|key| !key.is_empty()) {
        Some(key) => SecretString::from(key.into_string().ok().context("OTPWIRE_API_KEY is no key")?),
        None => read_secret("API key: ")?,
    };
    let stop = stop_signal()?;
    let mut watch = Watch::new(args, key)?;
    tokio::select! {
        watched = watch.run() => watched,
        () = stop => Ok(()),
    }
}

/// A stream that is being watched.
struct Watch<'a> {
    args: &'a WatchArgs,
    http: reqwest::Client,
    url: Url,
    key: SecretString,
    /// Where to go on.
    cursor: Option<String>,
}

/// Why there is no stream.
enum Refusal {
    /// It may come back by itself, perhaps after this time.
    Passing(anyhow::Error, Option<Duration>),
    /// Somebody has to do something.
    Final(anyhow::Error),
}

impl<'a> Watch<'a> {
    fn new(args: &'a WatchArgs, key: SecretString) -> Result<Self> {
        let of_environment = || match env::var_os("OTPWIRE_URL").filter(|url| !url.is_empty()) {
            Some(url) => Url::parse(&url.to_string_lossy()).context("OTPWIRE_URL is no address"),
            None => Ok(Url::parse(DEFAULT_URL)?),
        };
        let base = args.url.clone().map_or_else(of_environment, Ok)?;
        let client = fetch::client().map_err(operator_error)?.read_timeout(SILENCE);
        // A configured proxy would not find a server on this machine.
        let client = if fetch::is_local(&base) { client.no_proxy() } else { client };
        let mut url = Url::parse(&format!("{}/v1/messages/stream", base.as_str().trim_end_matches('/')))?;
        let filters = [("service", &args.service), ("message_type", &args.message_type)];
        for (name, value) in filters {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Ok(Self { args, http: client.build()?, url, key, cursor: args.after.clone() })
    }

    /// Watches until nobody reads any more, or the server refuses for good.
    async fn run(&mut self) -> Result<()> {
        let (mut is_first, mut delay) = (true, DELAYS.0);
        loop {
            let (problem, wait) = match self.connect().await {
                Ok(response) => {
                    if is_first {
                        print_error_line(format_args!(
                            "watching {}; Ctrl-C ends",
                            self.url.origin().ascii_serialization()
                        ));
                    }
                    (is_first, delay) = (false, DELAYS.0);
                    match self.follow(response).await? {
                        Some(problem) => (problem, None),
                        None => return Ok(()),
                    }
                }
                // An address that never answered is probably wrong.
                Err(Refusal::Passing(problem, _)) if is_first => return Err(problem),
                Err(Refusal::Passing(problem, wait)) => (problem, wait),
                Err(Refusal::Final(problem)) => return Err(problem),
            };
            print_error_line(format_args!("{problem:#}; connecting again"));
            tokio::time::sleep(wait.unwrap_or(delay)).await;
            delay = (delay * 2).min(DELAYS.1);
        }
    }

    /// Opens the stream after the cursor, or after the oldest one that there still is.
    async fn connect(&mut self) -> Result<Response, Refusal> {
        let before = self.cursor.clone();
        match self.request().await {
            Err(_) if self.cursor != before => {
                print_error_line("some messages were deleted before they were shown");
                self.request().await
            }
            answered => answered,
        }
    }

    async fn request(&mut self) -> Result<Response, Refusal> {
        let mut request = self.http.get(self.url.clone()).bearer_auth(self.key.expose_secret());
        if let Some(cursor) = &self.cursor {
            request = request.header("last-event-id", cursor);
        }
        let host = self.url.origin().ascii_serialization();
        let response = request.send().await;
        let response = response.map_err(|error| {
            Refusal::Passing(anyhow::Error::from(error.without_url()).context(format!("no answer from {host}")), None)
        })?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        let wait = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body: Value = serde_json::from_str(&response.text().await.unwrap_or_default()).unwrap_or_default();
        let problem = anyhow::anyhow!("{host} answered {status}: {}", body["message"].as_str().unwrap_or("no reason"));
        if body["code"] == "CURSOR_EXPIRED"
            && let Some(oldest) = body["details"]["oldest_cursor"].as_str()
        {
            self.cursor = Some(oldest.to_owned());
        }
        match status {
            StatusCode::TOO_MANY_REQUESTS => Err(Refusal::Passing(problem, wait.map(Duration::from_secs))),
            status if status.is_server_error() => Err(Refusal::Passing(problem, wait.map(Duration::from_secs))),
            _ => Err(Refusal::Final(problem)),
        }
    }

    /// Prints the messages of a stream until it ends. Returns why it ended; nothing when nobody reads any more.
    async fn follow(&mut self, mut response: Response) -> Result<Option<anyhow::Error>> {
        let mut reader = EventReader::default();
        loop {
            let bytes = match response.chunk().await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok(Some(anyhow::anyhow!("the server has ended the stream"))),
                Err(error) => {
                    return Ok(Some(anyhow::Error::from(error.without_url()).context("the connection was lost")));
                }
            };
            for event in reader.read(&bytes) {
                let ServerEvent { name, id, data } = event;
                if name == "end" {
                    let body: Value = serde_json::from_str(&data).unwrap_or_default();
                    let reason = body["message"].as_str().unwrap_or("no reason given").to_owned();
                    return Ok(Some(anyhow::anyhow!("the server has ended the stream: {reason}")));
                }
                if name == "message" && !self.show(&data)? {
                    return Ok(None);
                }
                // Only what was shown is behind the cursor.
                self.cursor = id.or(self.cursor.take());
            }
        }
    }

    /// Prints a message, unless it is for another number. Returns whether anybody still reads.
    fn show(&self, data: &str) -> Result<bool> {
        let Ok(received) = serde_json::from_str::<Value>(data) else {
            bail!("the server sent what is no message: is it another version?");
        };
        let message = &received["message"];
        let text = |member: &str| message[member].as_str().unwrap_or_default();
        if self.args.number.as_ref().is_some_and(|number| number.as_str() != text("phone_number")) {
            return Ok(true);
        }
        if self.args.output == Output::Json {
            return try_print(format_args!("{}\n", escape_json_for_terminal(data)));
        }
        let of_code = |member: &str| message["otp"][member].as_str().unwrap_or("-");
        let time = text("received_at").get(11..19).unwrap_or("-");
        let content = text("message_content").replace(['\r', '\n'], " ");
        let line = format!(
            "{time}  {:<8}  {:<14}  {:<16}  {:<16}  {content}",
            of_code("code"),
            of_code("service"),
            text("phone_number"),
            text("sender_number"),
        );
        try_print(format_args!("{}\n", escape_for_terminal(&line)))
    }
}
