//! The command line. This file declares the commands; each has a file of its own.
//!
//! - `serve`, `health`, `check_config`, `migrate`, `backup`: running a platform.
//! - `admin`: what an operator does without signing in.
//! - `watch`: codes as they arrive, for a user.
//! - `simulate`, `demo`, `codes`: trying it out.
//! - `manual`: completions and manual pages.
//! - `app`, `output`, `progress`, `signals`, `terminal`: what the commands share.

mod admin;
mod app;
mod backup;
mod check_config;
mod codes;
mod demo;
mod health;
mod manual;
mod migrate;
mod output;
mod progress;
mod serve;
mod signals;
mod simulate;
mod terminal;
mod watch;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use self::{admin::Admin, output::Output};
use crate::{
    config::Config,
    domain::ErrorCode,
    graphql,
    server::{self, OperatorError},
};

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
    /// Manage users, API keys, providers and numbers, and look up delivery reports.
    Admin {
        /// For whom to print.
        #[arg(long, global = true, value_enum, default_value_t)]
        output: Output,
        #[command(subcommand)]
        command: Admin,
    },
    /// Copy the database to a new file, checked, while the server runs. SQLite only.
    Backup {
        /// The file. It must not exist.
        file: PathBuf,
    },
    /// Show messages and their codes as they arrive, until Ctrl-C. With an API key for reading messages, from
    /// OTPWIRE_API_KEY or asked for.
    Watch(watch::WatchArgs),
    /// Check the configuration, and that what it names can be reached.
    CheckConfig,
    /// Ask the server that this configuration describes whether it is ready: for health checks of
    /// containers.
    Health,
    /// Print the completions of the commands for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages of the commands.
    Man {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
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
        Command::Admin { output, command: Admin::ProviderKinds } => admin::print_kinds(output),
        Command::Admin { output, command: Admin::Manage(command) } => {
            admin::run(&load_and_warn()?, output, command).await
        }
        Command::Backup { file } => backup::run(&load_and_warn()?, &file).await,
        Command::Watch(args) => watch::run(&args).await,
        Command::CheckConfig => check_config::run(&load()?).await,
        Command::Health => health::run(&load()?).await,
        Command::Completions { shell } => manual::print_completions(shell, Cli::command()),
        Command::Man { folder } => manual::write_pages(&folder, Cli::command()),
    }
}

/// What the program exits with when something that a command names does not exist. It exits with 0 when the command has
/// done its work, 1 when it failed, and 2, by clap, when it was called wrongly (docs/cli.md).
const NOT_FOUND: u8 = 3;

/// The exit code of a command that failed.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let code = error.chain().find_map(|cause| cause.downcast_ref::<OperatorError>()).map(|error| error.code);
    match code {
        Some(ErrorCode::NotFound | ErrorCode::UnknownProvider) => NOT_FOUND.into(),
        _ => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The commands that can be called, with those before them.
    fn commands(command: &clap::Command, before: &str, found: &mut Vec<String>) {
        let name = format!("{before}{}", command.get_name());
        if !command.has_subcommands() {
            found.push(name.clone());
        }
        for inner in command.get_subcommands() {
            commands(inner, &format!("{name} "), found);
        }
    }

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_in_the_documentation() {
        let page = include_str!("../../docs/cli.md");
        let mut names = Vec::new();
        commands(&Cli::command(), "", &mut names);
        assert!(names.len() > 30, "{names:?}");
        let missing: Vec<_> = names.iter().filter(|name| !page.contains(&format!("`{name}"))).collect();
        assert!(missing.is_empty(), "docs/cli.md lacks {missing:?}");
    }
}
