//! The command line. This file declares the commands; each has a file of its own.
//!
//! - `serve`, `health`, `check_config`, `migrate`: running a platform.
//! - `admin`, `trace_message`: what an operator does without signing in.
//! - `simulate`, `demo`, `codes`: trying it out.
//! - `app`, `signals`, `terminal`: what the commands share.

mod admin;
mod app;
mod check_config;
mod codes;
mod demo;
mod health;
mod migrate;
mod serve;
mod signals;
mod simulate;
mod terminal;
mod trace_message;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use self::admin::Admin;
use crate::{config::Config, graphql, server};

/// Receives SMS on disposable phone numbers and shows them to their renter within milliseconds.
#[derive(Debug, Parser)]
#[command(name = "otpwire", version, about, propagate_version = true)]
struct Cli {
    /// The configuration file. Without it, otpwire.toml where it exists. Variables that start with
    /// OTPWIRE_ come after it: OTPWIRE_LISTEN, OTPWIRE_DATABASE_URL, …
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        /// Bring the database up to date first. The embedded database always is.
        #[arg(long)]
        migrate: bool,
    },
    /// Show the whole path at work on a throw-away database, until Ctrl-C.
    Demo(demo::DemoArgs),
    /// Post what a provider would send for a message, correctly signed.
    Simulate(simulate::SimulateArgs),
    /// Read the one-time codes in texts of one's own, and print them as JSON lines.
    ReadCodes(codes::ReadArgs),
    /// Print how well codes are read from labelled texts.
    MeasureCodes(codes::MeasureArgs),
    /// Change or show the schema of the database.
    Migrate {
        #[command(subcommand)]
        direction: migrate::Direction,
    },
    /// Print the GraphQL schema.
    Schema,
    /// Print the description of the REST API (OpenAPI, JSON).
    Openapi,
    /// Manage users, providers and numbers.
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
    /// Check the configuration, and that what it names can be reached.
    CheckConfig,
    /// Ask the server that this configuration describes whether it is ready: for health checks of
    /// containers.
    Health,
}

/// The server address in the printed OpenAPI document. A running server puts its own there.
const DOCUMENTED_URL: &str = "http://127.0.0.1:8080";

/// Runs the command that the program was called with.
///
/// # Errors
/// For the operator to read, with its causes.
pub async fn run() -> Result<()> {
    let Cli { config, command } = Cli::parse();
    // `serve` logs the warnings of the configuration, `check-config` prints them, and `health` is asked every few
    // seconds.
    let load = || Config::load(config.as_deref());
    let load_and_warn = || {
        let config = load()?;
        config.warnings.iter().for_each(|warning| terminal::print_error_line(format_args!("otpwire: {warning}")));
        anyhow::Ok(config)
    };
    match command {
        Command::Serve { migrate } => serve::run(&load()?, migrate).await,
        Command::Demo(args) => demo::run(config.as_deref(), &args).await,
        Command::Simulate(args) => simulate::run(&load_and_warn()?, &args).await,
        Command::ReadCodes(args) => codes::read(&args),
        Command::MeasureCodes(args) => codes::measure(&args),
        Command::Migrate { direction } => migrate::run(&load_and_warn()?, &direction).await,
        Command::Schema => terminal::print(graphql::sdl()),
        Command::Openapi => terminal::print_line(server::openapi(DOCUMENTED_URL).to_pretty_json()?),
        Command::Admin { command: Admin::ProviderKinds } => admin::print_kinds(),
        Command::Admin { command: Admin::Change(change) } => admin::run(&load_and_warn()?, change).await,
        Command::CheckConfig => check_config::run(&load()?).await,
        Command::Health => health::run(&load()?).await,
    }
}
