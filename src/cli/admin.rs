//! `otpwire admin`: what an operator does at the machine of the platform, without an account.

use std::{
    fs,
    io::{Read, stdin},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::{
    app::{MissingDatabase, with_app},
    terminal::{print, print_error_line, print_line, read_configuration, read_new_password, read_secret},
    trace_message,
};
use crate::{
    app::{App, accounts::Registration, numbers::Imported, providers::NewSecrets},
    config::Config,
    domain::{
        CountryCode, NewApiKey, NewProvider, NumberToImport, Plan, ProviderAccount, ProviderChange, Role, Scope,
        UserChange,
    },
    providers::{self, Adapter, CommonSettings, Kind, Provider},
    server::{RunningApp, operator_error},
};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// List the kinds of providers, with what is the secret of each and its settings.
    ProviderKinds,
    #[command(flatten)]
    Change(Change),
}

/// The commands that need the database.
#[derive(Debug, Subcommand)]
pub(super) enum Change {
    /// Make an account. The password is asked for twice, or read from standard input.
    CreateUser {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// user or admin.
        #[arg(long, default_value = "user")]
        role: Role,
        /// Given name.
        #[arg(long)]
        first_name: Option<String>,
        /// Family name.
        #[arg(long)]
        last_name: Option<String>,
    },
    /// Change what a user may do, what they pay for, and whether they may sign in. What is left out stays.
    UpdateUser {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// user or admin.
        #[arg(long)]
        role: Option<Role>,
        /// free or premium.
        #[arg(long)]
        plan: Option<Plan>,
        /// true or false. Whoever may not sign in loses what they have open, within seconds.
        #[arg(long)]
        active: Option<bool>,
    },
    /// Make an API key of an account, for a pipeline. It is printed once, and nowhere kept.
    CreateApiKey {
        /// The e-mail address of the account.
        email: String,
        /// What it is called, for example after its pipeline.
        #[arg(long)]
        name: String,
        /// What it is good for, with commas between: numbers:lease, numbers:rent, messages:read.
        #[arg(long, required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// In how many days it ends: 1 to 365. By default it does not.
        #[arg(long)]
        days: Option<i32>,
    },
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
    /// Show when a message passed each stage between its provider and its reader.
    TraceMessage {
        /// The id of the message, such as msg_42.
        id: String,
    },
    /// Seal the secrets of all providers again with the secret key that is in use now, so that the keys before it
    /// are needed no longer.
    ResealSecrets,
    /// Add numbers from a file: one a line, `+14155550100` or `+14155550100,US`. Numbers that are
    /// there already stay as they are.
    ImportNumbers {
        /// The provider that brings their messages.
        #[arg(long)]
        provider: String,
        /// The country of numbers without a plus sign, such as US.
        #[arg(long, value_parser = country_of)]
        country: Option<CountryCode>,
        /// The file, or - for standard input.
        file: PathBuf,
    },
}

/// Prints the kinds of providers.
pub(super) fn print_kinds() -> Result<()> {
    print(describe_kinds())
}

pub(super) async fn run(config: &Config, command: Change) -> Result<()> {
    // Those that a platform is set up with.
    let missing = match &command {
        Change::CreateUser { .. } | Change::AddProvider { .. } => MissingDatabase::Make,
        _ => MissingDatabase::Refuse,
    };
    with_app(config, missing, async |running: &RunningApp| {
        if running.store().is_sqlite() {
            running.store().migrate_up().await.map_err(operator_error)?;
        }
        running.store().check().await.map_err(operator_error)?;
        execute(config, &running.app, command).await
    })
    .await
}

async fn execute(config: &Config, app: &App, command: Change) -> Result<()> {
    match command {
        Change::CreateUser { email, role, first_name, last_name } => {
            let password = read_new_password()?;
            let registration = Registration { email, password, first_name, last_name };
            let user = app.create_user(registration, role).await.map_err(operator_error)?;
            print_line(format_args!("created usr_{} {} ({})", user.id, user.email, user.role.as_str()))?;
        }
        Change::UpdateUser { email, role, plan, active } => {
            let change = UserChange { role, plan, is_active: active };
            let user = app.update_user_of(&email, change).await.map_err(operator_error)?;
            let state = if user.is_active { "active" } else { "deactivated" };
            print_line(format_args!(
                "usr_{} {} ({}, {}, {state})",
                user.id,
                user.email,
                user.role.as_str(),
                user.plan.as_str()
            ))?;
        }
        Change::CreateApiKey { email, name, scopes, days } => {
            let new = NewApiKey::new(&name, scopes, days).map_err(operator_error)?;
            let (created, key) = app.create_api_key_of(&email, &new).await.map_err(operator_error)?;
            // Only the key goes to standard output, so that a script can take it from there.
            print_error_line(format_args!("created key_{} ({})", created.id, created.scopes));
            print_line(format_args!("{}", key.expose_secret()))?;
        }
        Change::AddProvider { kind, name, configuration, priority, rate_limit_per_minute, address_token } => {
            let configuration = configuration.map(|text| read_configuration(&text)).transpose()?;
            let settings = ProviderChange::new(None, priority, rate_limit_per_minute).map_err(operator_error)?;
            let settings = settings.with_configuration(configuration.clone());
            let new = NewProvider::new(kind.kind(), &name, settings).map_err(operator_error)?;
            let secret = read_secret(&format!("Secret ({}): ", kind.secret))?;
            let is_given = !secret.expose_secret().is_empty();
            let generated = if is_given { None } else { app.generate_provider_secret(&new).map_err(operator_error)? };
            let secret = generated.clone().unwrap_or(secret);
            let adapter = Adapter::open(kind.word, secret.clone(), None, &configuration.unwrap_or_default());
            let is_secret_in_address = adapter.map_err(operator_error)?.has_secret_in_url();
            let secrets = NewSecrets {
                secret: Some(secret),
                address_token: address_token.then(|| read_secret("Second secret, in the address: ")).transpose()?,
                ends_previous: false,
            };
            let account = app.create_provider_as_operator(&new, &secrets).await.map_err(operator_error)?;
            print_line(format_args!("added prv_{} {} ({})", account.id, account.name, kind.title))?;
            print_line(format_args!(
                "its webhook address: {}/v1/webhooks/sms?provider={}",
                config.public_url, account.name
            ))?;
            print_line(format_args!(
                "its status callbacks: {}/v1/webhooks/status?provider={}",
                config.public_url, account.name
            ))?;
            if let Some(secret) = generated {
                print_line(format_args!("its secret, which is not shown again: {}", secret.expose_secret()))?;
            }
            if is_secret_in_address {
                print_line(format_args!("both end in `&token=` and the secret"))?;
            } else if address_token {
                print_line(format_args!("both end in `&token=` and the second secret"))?;
            }
        }
        Change::TraceMessage { id } => trace_message::run(app, &id).await?,
        Change::ResealSecrets => {
            let count = app.reseal_secrets_as_operator().await.map_err(operator_error)?;
            print_line(format_args!("sealed the secrets of {count} providers again"))?;
        }
        Change::ImportNumbers { provider, country, file } => {
            let account = app.get_provider(&provider).await.map_err(operator_error)?;
            let text = if file.as_os_str() == "-" {
                let mut text = String::new();
                stdin().read_to_string(&mut text).context("cannot read standard input")?;
                text
            } else {
                fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?
            };
            import(app, &account, country.as_ref(), &text).await?;
        }
    }
    Ok(())
}

fn country_of(code: &str) -> Result<CountryCode, String> {
    CountryCode::parse("country", code).map_err(|error| error.message().to_owned())
}

fn kind_of(word: &str) -> Result<&'static Kind, String> {
    providers::find_kind(word).map_err(|error| error.message().to_owned())
}

fn describe_kinds() -> String {
    let settings = |settings: &[(&str, &str)]| {
        settings.iter().map(|(name, description)| format!("    {name}: {description}\n")).collect::<String>()
    };
    let kinds = providers::kinds().iter().map(|kind| {
        format!("{}\n    {}; the secret is {}\n{}", kind.word, kind.title, kind.secret, settings(kind.settings))
    });
    format!("{}\nEvery kind also has:\n{}", kinds.collect::<String>(), settings(CommonSettings::SETTINGS))
}

/// Imports the valid lines, and prints an error about each other line.
async fn import(app: &App, account: &ProviderAccount, country: Option<&CountryCode>, text: &str) -> Result<()> {
    let (mut added, mut known, mut rejected) = (0, 0, 0);
    let lines = text.lines().map(str::trim).enumerate();
    let lines: Vec<_> = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect();
    for batch in lines.chunks(App::MAX_IMPORT) {
        let numbers = batch.iter().map(|(_, line)| {
            let (number, country) = line.split_once(',').map_or((*line, None), |(number, code)| (number, Some(code)));
            NumberToImport {
                phone_number: number.trim().to_owned(),
                country_code: country.map(|code| code.trim().to_owned()),
            }
        });
        let imported = app.import_numbers_as_operator(account.id, country, numbers.collect()).await;
        let imported = imported.map_err(operator_error)?;
        for ((index, _), outcome) in batch.iter().zip(imported) {
            match outcome {
                Imported::Added(_) => added += 1,
                Imported::Known => known += 1,
                Imported::Rejected(error) => {
                    rejected += 1;
                    print_error_line(format_args!("line {}: {:#}", index + 1, operator_error(error)));
                }
            }
        }
    }
    print_line(format_args!("added {added}, known already {known}, wrong {rejected}"))?;
    if rejected > 0 {
        bail!("{rejected} lines could not be imported; the others were");
    }
    Ok(())
}
