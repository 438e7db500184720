//! Accounts at SMS providers.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::{
    super::{
        output::{Output, Paging},
        terminal::{print_error_line, print_line, read_configuration, read_secret},
    },
    context::CommandContext,
    records,
};
use crate::{
    app::providers::NewSecrets,
    domain::{
        ListCursor, NewProvider, Operator, PageRequest, ProviderAccount, ProviderChange, ProviderHealth, ProviderId,
        Side,
    },
    providers::{self, Adapter, CommonSettings, Kind, Provider},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProviderCommand {
    /// Add an account at an SMS provider. Its secret is asked for, or read from standard input; what it is depends on
    /// the kind. Where webhooks carry it as it is, an empty one has it generated.
    AddProvider {
        /// Which provider: see `otpwire admin provider-kinds`.
        #[arg(long, value_parser = kind_of)]
        kind: &'static Kind,
        /// Your name for it, which its webhook address carries.
        #[arg(long)]
        name: String,
        /// What its adapter has to know: an object of JSON, or @FILE.
        #[arg(long)]
        configuration: Option<String>,
        /// Whose numbers are rented first: 1 to 1000, the lowest.
        #[arg(long)]
        priority: Option<i32>,
        /// How many webhooks a minute are taken of it: 1 to 1000000. By default 60000.
        #[arg(long)]
        rate_limit_per_minute: Option<i32>,
        /// Ask for a second secret, which webhooks have to show as `token` in their address.
        #[arg(long)]
        address_token: bool,
    },
    /// List the accounts at providers, and how they are doing: the counts are of the last 24 hours.
    ListProviders {
        #[command(flatten)]
        paging: Paging,
    },
    /// Show an account, with its addresses and how it is doing.
    ShowProvider {
        /// Its name.
        name: String,
    },
    /// Change the settings of an account. What is left out stays.
    UpdateProvider {
        /// Its name.
        name: String,
        /// What its adapter has to know, as a whole: an object of JSON, or @FILE.
        #[arg(long)]
        configuration: Option<String>,
        /// Whose numbers are rented first: 1 to 1000, the lowest.
        #[arg(long)]
        priority: Option<i32>,
        /// How many webhooks a minute are taken of it: 1 to 1000000.
        #[arg(long)]
        rate_limit_per_minute: Option<i32>,
    },
    /// Take the webhooks of an account again, and rent its numbers.
    EnableProvider {
        /// Its name.
        name: String,
    },
    /// Take no more webhooks of an account, and rent none of its numbers. It takes effect within seconds.
    DisableProvider {
        /// Its name.
        name: String,
    },
    /// Replace the secret of an account. The new one is asked for, or read from standard input; where webhooks carry it
    /// as it is, an empty one has it generated. The one before it is good until a webhook comes with the new one.
    RotateProviderSecret {
        /// Its name.
        name: String,
        /// The one before it is good no longer, at once: for a secret that has leaked.
        #[arg(long)]
        end_previous: bool,
    },
    /// Seal the secrets of all providers again with the secret key that is in use now, so that the keys before it
    /// are needed no longer.
    ResealSecrets,
}

pub(super) async fn run(cx: &CommandContext<'_>, command: ProviderCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    match command {
        ProviderCommand::AddProvider { kind, name, configuration, priority, rate_limit_per_minute, address_token } => {
            let configuration = configuration.map(|text| read_configuration(&text)).transpose()?;
            let settings = ProviderChange::new(None, priority, rate_limit_per_minute).map_err(operator_error)?;
            let new = NewProvider::new(kind.kind(), &name, settings.with_configuration(configuration));
            add(cx, kind, &new.map_err(operator_error)?, address_token).await
        }
        ProviderCommand::ListProviders { paging } => {
            output
                .list(
                    paging,
                    async |page| app.list_providers(&Operator, page).await,
                    async |accounts| records(cx, accounts).await,
                )
                .await
        }
        ProviderCommand::ShowProvider { name } => {
            let account = app.get_provider(&name).await.map_err(operator_error)?;
            output.show(&record(cx, account).await?)
        }
        ProviderCommand::UpdateProvider { name, configuration, priority, rate_limit_per_minute } => {
            let configuration = configuration.map(|text| read_configuration(&text)).transpose()?;
            let change = ProviderChange::new(None, priority, rate_limit_per_minute).map_err(operator_error)?;
            let change = change.with_configuration(configuration);
            ensure!(
                change != ProviderChange::default(),
                "there is nothing to change: give --configuration, --priority or --rate-limit-per-minute"
            );
            update(cx, &name, change, &NewSecrets::default(), "is changed").await
        }
        ProviderCommand::EnableProvider { name } => {
            let change = ProviderChange { is_active: Some(true), ..ProviderChange::default() };
            update(cx, &name, change, &NewSecrets::default(), "is enabled").await
        }
        ProviderCommand::DisableProvider { name } => {
            let change = ProviderChange { is_active: Some(false), ..ProviderChange::default() };
            update(cx, &name, change, &NewSecrets::default(), "is disabled").await
        }
        ProviderCommand::RotateProviderSecret { name, end_previous } => rotate(cx, &name, end_previous).await,
        ProviderCommand::ResealSecrets => {
            let count = app.reseal_secrets(&Operator).await.map_err(operator_error)?;
            print_line(format_args!("sealed the secrets of {count} providers again"))
        }
    }
}

async fn add(cx: &CommandContext<'_>, kind: &Kind, new: &NewProvider, address_token: bool) -> Result<()> {
    let CommandContext { app, config, output } = *cx;
    let (secret, generated) = ask_secret(cx, kind, new)?;
    let empty = Map::new();
    let configuration = new.settings.configuration.as_ref().unwrap_or(&empty);
    let adapter = Adapter::open(kind.word, secret.clone(), None, configuration).map_err(operator_error)?;
    let is_secret_in_address = adapter.has_secret_in_url();
    let secrets = NewSecrets {
        secret: Some(secret),
        address_token: address_token.then(|| read_secret("Second secret, in the address: ")).transpose()?,
        ends_previous: false,
    };
    let account = app.create_provider(&Operator, new, &secrets).await.map_err(operator_error)?;
    if output == Output::Json {
        show_generated(generated.as_ref());
        return output.show(&record(cx, account).await?);
    }
    print_line(format_args!("added prv_{} {} ({})", account.id, account.name, kind.title))?;
    let (url, name) = (&config.public_url, &account.name);
    print_line(format_args!("its webhook address: {url}/v1/webhooks/sms?provider={name}"))?;
    print_line(format_args!("its status callbacks: {url}/v1/webhooks/status?provider={name}"))?;
    if let Some(secret) = generated {
        print_line(format_args!("its secret, which is not shown again: {}", secret.expose_secret()))?;
    }
    if is_secret_in_address {
        print_line(format_args!("both end in `&token=` and the secret"))?;
    } else if address_token {
        print_line(format_args!("both end in `&token=` and the second secret"))?;
    }
    Ok(())
}

/// Asks for a secret, or generates one where the answer is empty and the operator chooses it. Returns the secret, and
/// the same again if it was generated.
fn ask_secret(cx: &CommandContext<'_>, kind: &Kind, new: &NewProvider) -> Result<(SecretString, Option<SecretString>)> {
    let secret = read_secret(&format!("Secret ({}): ", kind.secret))?;
    let is_given = !secret.expose_secret().is_empty();
    let generated = if is_given { None } else { cx.app.generate_provider_secret(new).map_err(operator_error)? };
    Ok((generated.clone().unwrap_or(secret), generated))
}

/// A secret beside JSON on standard output.
fn show_generated(generated: Option<&SecretString>) {
    if let Some(secret) = generated {
        print_error_line(format_args!("its secret, which is not shown again: {}", secret.expose_secret()));
    }
}

async fn rotate(cx: &CommandContext<'_>, name: &str, end_previous: bool) -> Result<()> {
    let account = cx.app.get_provider(name).await.map_err(operator_error)?;
    let kind = providers::find_kind(account.kind.as_str()).map_err(operator_error)?;
    let settings = ProviderChange::default().with_configuration(Some(account.configuration.clone()));
    let as_new = NewProvider::new(account.kind.clone(), &account.name, settings).map_err(operator_error)?;
    let (secret, generated) = ask_secret(cx, kind, &as_new)?;
    ensure!(!secret.expose_secret().is_empty(), "the secret is empty: it comes from the provider ({})", kind.secret);
    let secrets = NewSecrets { ends_previous: end_previous, ..NewSecrets::signing(secret) };
    let done = match end_previous {
        true => "has the new secret; the one before it is good no longer",
        false => "has the new secret; the one before it is good until a webhook comes with the new one",
    };
    update(cx, name, ProviderChange::default(), &secrets, done).await?;
    match (cx.output, generated) {
        (Output::Table, Some(secret)) => {
            print_line(format_args!("its secret, which is not shown again: {}", secret.expose_secret()))
        }
        (Output::Json, generated) => {
            show_generated(generated.as_ref());
            Ok(())
        }
        (Output::Table, None) => Ok(()),
    }
}

async fn update(
    cx: &CommandContext<'_>,
    name: &str,
    change: ProviderChange,
    secrets: &NewSecrets,
    done: &str,
) -> Result<()> {
    let account = cx.app.get_provider(name).await.map_err(operator_error)?;
    let updated = cx.app.update_provider(&Operator, account.id, change, secrets).await;
    let account = updated.map_err(operator_error)?;
    let sentence = format!("prv_{} {} {done}", account.id, account.name);
    cx.output.report(&record(cx, account).await?, format_args!("{sentence}"))
}

/// An account with how it is doing.
async fn record(cx: &CommandContext<'_>, account: ProviderAccount) -> Result<records::Provider> {
    let health = cx.app.find_health(&Operator, &[account.id]).await.map_err(operator_error)?.pop();
    Ok(records::Provider::of(account, health.unwrap_or_default(), &cx.config.public_url))
}

/// Accounts with how they are doing.
async fn records(cx: &CommandContext<'_>, accounts: Vec<ProviderAccount>) -> Result<Vec<records::Provider>> {
    let ids: Vec<_> = accounts.iter().map(|account| account.id).collect();
    let health: Vec<ProviderHealth> = cx.app.find_health(&Operator, &ids).await.map_err(operator_error)?;
    let with_health = accounts.into_iter().zip(health);
    Ok(with_health.map(|(account, health)| records::Provider::of(account, health, &cx.config.public_url)).collect())
}

/// The names of all accounts.
pub(super) async fn names(cx: &CommandContext<'_>) -> Result<HashMap<ProviderId, String>> {
    let mut names = HashMap::new();
    let mut page = PageRequest { side: Side::First, limit: 100, after: None::<ListCursor>, before: None };
    loop {
        let read = cx.app.list_providers(&Operator, &page).await.map_err(operator_error)?;
        page.after = read.edges.last().map(|edge| edge.cursor);
        names.extend(read.edges.into_iter().map(|edge| (edge.node.id, edge.node.name)));
        if !read.has_next {
            return Ok(names);
        }
    }
}

fn kind_of(word: &str) -> Result<&'static Kind, String> {
    providers::find_kind(word).map_err(|error| error.message().to_owned())
}

/// The kinds of providers, as text.
pub(super) fn describe_kinds() -> String {
    let settings = |settings: &[(&str, &str)]| {
        settings.iter().map(|(name, description)| format!("    {name}: {description}\n")).collect::<String>()
    };
    let kinds = providers::kinds().iter().map(|kind| {
        format!("{}\n    {}; the secret is {}\n{}", kind.word, kind.title, kind.secret, settings(kind.settings))
    });
    format!("{}\nEvery kind also has:\n{}", kinds.collect::<String>(), settings(CommonSettings::SETTINGS))
}

/// The kinds of providers, as JSON.
pub(super) fn kinds_as_json() -> Value {
    let settings = |settings: &[(&str, &str)]| -> Map<String, Value> {
        settings.iter().map(|(name, description)| ((*name).to_owned(), Value::from(*description))).collect()
    };
    let kinds = providers::kinds().iter().map(|kind| {
        serde_json::json!({
            "kind": kind.word,
            "title": kind.title,
            "secret": kind.secret,
            "settings": settings(kind.settings.iter().chain(CommonSettings::SETTINGS).copied().collect::<Vec<_>>().as_slice()),
        })
    });
    kinds.collect::<Vec<_>>().into()
}
