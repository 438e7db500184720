//! `otpwire admin`: what an operator does at the machine of the platform, without an account.
//!
//! `users`, `keys`, `providers`, `numbers`, `pools` and `reports` each have the commands of one subject. `importing` is
//! `import-numbers`, and `numbers_file` reads and writes its file, which is also that of `export-numbers`. `records`
//! are the objects that they print, and `context` is what they share. `invitations` is who may come in,
//! `blocked_senders` whose messages do not, `audit_log` what was done, and `trace_message` where a message is.

mod audit_log;
mod blocked_senders;
mod context;
mod importing;
mod invitations;
mod keys;
mod numbers;
mod numbers_file;
mod pools;
mod providers;
mod records;
mod reports;
mod trace_message;
mod users;

use anyhow::Result;
use clap::Subcommand;

use self::{
    audit_log::AuditLogCommand, blocked_senders::BlockedSenderCommand, context::CommandContext,
    invitations::InvitationCommand, keys::KeyCommand, numbers::NumberCommand, pools::PoolCommand,
    providers::ProviderCommand, reports::ReportCommand, trace_message::TraceMessageCommand, users::UserCommand,
};
use super::{
    app::{MissingDatabase, with_app},
    output::Output,
    terminal::print,
};
use crate::{
    config::Config,
    server::{RunningApp, operator_error},
};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// List the kinds of providers, with what is the secret of each and its settings.
    ProviderKinds,
    #[command(flatten)]
    Manage(Manage),
}

/// The commands that need the database.
#[derive(Debug, Subcommand)]
pub(super) enum Manage {
    #[command(flatten)]
    Users(UserCommand),
    #[command(flatten)]
    Keys(KeyCommand),
    #[command(flatten)]
    Providers(ProviderCommand),
    #[command(flatten)]
    Numbers(NumberCommand),
    #[command(flatten)]
    Pools(PoolCommand),
    #[command(flatten)]
    Reports(ReportCommand),
    #[command(flatten)]
    Invitations(InvitationCommand),
    #[command(flatten)]
    BlockedSenders(BlockedSenderCommand),
    #[command(flatten)]
    AuditLog(AuditLogCommand),
    #[command(flatten)]
    TraceMessage(TraceMessageCommand),
}

/// Prints the kinds of providers.
pub(super) fn print_kinds(output: Output) -> Result<()> {
    match output {
        Output::Table => print(providers::describe_kinds()),
        Output::Json => print(format_args!("{}\n", providers::kinds_as_json())),
    }
}

pub(super) async fn run(config: &Config, output: Output, command: Manage) -> Result<()> {
    // Those that a platform is set up with.
    let missing = match &command {
        Manage::Users(UserCommand::CreateUser { .. }) | Manage::Providers(ProviderCommand::AddProvider { .. }) => {
            MissingDatabase::Make
        }
        _ => MissingDatabase::Refuse,
    };
    with_app(config, missing, async |running: &RunningApp| {
        if running.store().is_sqlite() {
            running.store().migrate_up().await.map_err(operator_error)?;
        }
        running.store().check().await.map_err(operator_error)?;
        let cx = CommandContext { app: &running.app, config, output };
        match command {
            Manage::Users(command) => users::run(&cx, command).await,
            Manage::Keys(command) => keys::run(&cx, command).await,
            Manage::Providers(command) => providers::run(&cx, command).await,
            Manage::Numbers(command) => numbers::run(&cx, command).await,
            Manage::Pools(command) => pools::run(&cx, command).await,
            Manage::Reports(command) => reports::run(&cx, command).await,
            Manage::Invitations(command) => invitations::run(&cx, command).await,
            Manage::BlockedSenders(command) => blocked_senders::run(&cx, command).await,
            Manage::AuditLog(command) => audit_log::run(&cx, command).await,
            Manage::TraceMessage(command) => trace_message::run(&cx, command).await,
        }
    })
    .await
}
