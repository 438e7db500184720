//! `otpwire simulate`: posts what a provider would send, correctly signed.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use http::{HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::{
    app::{MissingDatabase, with_app},
    terminal::{self, print_line, read_configuration, read_secret},
};
use crate::{
    app::providers::SIMULATED,
    clock::Clock,
    config::Config,
    domain::Operator,
    fetch,
    providers::{Adapter, Draft, Provider, RawWebhook, find_kind},
    random::Random,
    server::{RunningApp, operator_error},
};

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// The account's name, or its kind where there is only one of it.
    #[arg(long)]
    provider: String,
    /// The number that the message is for.
    #[arg(long)]
    to: String,
    /// The text.
    #[arg(long)]
    body: String,
    /// Who sends it: a number, a short code or a name.
    #[arg(long, default_value = "+14155550100")]
    from: String,
    /// The provider's id of the message: the same one again is a retry. By default it is a new one.
    #[arg(long)]
    id: Option<String>,
    /// Where to post, if not to the public address that is signed: http://127.0.0.1:8080, for one.
    #[arg(long)]
    via: Option<Url>,
    /// The private key, in a file, where the account has only the public one.
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// Sign with a secret that is asked for, or read from standard input, instead of an account's. Then --provider
    /// is a kind, and no database is needed.
    #[arg(long)]
    ask_secret: bool,
    /// With --ask-secret: what the adapter has to know, an object of JSON or @FILE.
    #[arg(long, requires = "ask_secret")]
    configuration: Option<String>,
    /// Print the request instead of posting it.
    #[arg(long)]
    print: bool,
}

pub(super) async fn run(config: &Config, args: &SimulateArgs) -> Result<()> {
    let random = Random::from_os();
    let nonce = format!("{:032x}", u128::from_be_bytes(random.bytes()));
    let id = args.id.clone().unwrap_or_else(|| format!("{:032x}", u128::from_be_bytes(random.bytes())));
    let key = args.key_file.as_ref().map(|path| {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        anyhow::Ok(SecretString::from(text.trim()))
    });
    let key = key.transpose()?;
    let draft = Draft {
        id: &id,
        from: &args.from,
        to: &args.to,
        text: &args.body,
        url: "",
        now: Clock::System.now(),
        nonce: &nonce,
        key: key.as_ref(),
    };
    let mut webhook = if args.ask_secret {
        let configuration = args.configuration.as_deref().map(read_configuration).transpose()?;
        compose(config, &args.provider, &configuration.unwrap_or_default(), &draft)?
    } else {
        with_app(config, MissingDatabase::Refuse, async |running: &RunningApp| {
            let composed = running.app.compose_webhook(&Operator, &args.provider, &config.public_url, &draft).await;
            composed.map_err(operator_error)
        })
        .await?
    };
    webhook.headers.insert(SIMULATED, HeaderValue::from_static("1"));
    let url = post_url(&webhook, args.via.as_ref())?;
    if args.print { print(&webhook, &url) } else { post(webhook, url).await }
}

/// Composes the webhook of a kind of provider, signed with a secret that the operator enters.
fn compose(config: &Config, kind: &str, configuration: &Map<String, Value>, draft: &Draft<'_>) -> Result<RawWebhook> {
    let kind = find_kind(kind).map_err(operator_error)?;
    let secret = read_secret(&format!("Secret ({}): ", kind.secret))?;
    let adapter = Adapter::open(kind.word, secret, None, configuration).map_err(operator_error)?;
    let public = format!("{}/v1/webhooks/sms?provider={}", config.public_url, kind.word);
    let url = adapter.webhook_url().unwrap_or(&public).to_owned();
    adapter.compose(&Draft { url: &url, ..draft.clone() }).map_err(operator_error)
}

/// The address to post to: the signed one, or its path and query at `via`.
fn post_url(webhook: &RawWebhook, via: Option<&Url>) -> Result<Url> {
    let mut url = Url::parse(&webhook.url).context("the public address is no address")?;
    if let Some(via) = via {
        let mut other = via.clone();
        other.set_path(url.path());
        other.set_query(url.query());
        url = other;
    }
    Ok(url)
}

fn print(webhook: &RawWebhook, url: &Url) -> Result<()> {
    let header =
        |(name, value): (&HeaderName, &HeaderValue)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
    let headers: String = webhook.headers.iter().map(header).collect();
    let body = String::from_utf8_lossy(&webhook.body);
    terminal::print(format_args!("{} {url}\n{headers}\n{body}\n", webhook.method))
}

async fn post(webhook: RawWebhook, url: Url) -> Result<()> {
    let client = fetch::client().map_err(operator_error)?;
    // A configured proxy would not find a server on this machine.
    let client = if fetch::is_local(&url) { client.no_proxy() } else { client }.build()?;
    let request = client.request(webhook.method, url.clone()).headers(webhook.headers).body(webhook.body);
    let response =
        request.send().await.with_context(|| format!("cannot reach {}", url.host_str().unwrap_or_default()))?;
    let status = response.status();
    print_line(format_args!("{status}\n{}", response.text().await?))?;
    ensure!(status.is_success(), "the webhook was refused");
    Ok(())
}
