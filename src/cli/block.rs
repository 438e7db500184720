//! `otpwire admin block-sender` and what belongs to it: senders whose messages are refused.

use anyhow::Result;
use clap::Subcommand;

use super::{app::with_current_app, terminal::print_line};
use crate::{
    app::App,
    config::Config,
    domain::{BlockedSender, NewBlockedSender, NodeId},
    server::{RunningApp, operator_error},
};

#[derive(Debug, Subcommand)]
pub(super) enum BlockCommand {
    /// Refuse the messages of a sender, on every replica within seconds.
    BlockSender {
        /// The sender, whatever the case of its letters. With an asterisk at its end, every sender that begins so:
        /// '+4490*'.
        sender: String,
        /// Why, for other administrators.
        #[arg(long)]
        note: Option<String>,
    },
    /// List the blocked senders, the newest first.
    ListBlockedSenders,
    /// Receive the messages of a sender again.
    UnblockSender {
        /// The id of the blocked sender, such as blk_2.
        id: String,
    },
}

pub(super) async fn run(config: &Config, command: BlockCommand) -> Result<()> {
    with_current_app(config, async |running: &RunningApp| execute(&running.app, command).await).await
}

async fn execute(app: &App, command: BlockCommand) -> Result<()> {
    match command {
        BlockCommand::BlockSender { sender, note } => {
            let new = NewBlockedSender::new(&sender, note.as_deref()).map_err(operator_error)?;
            let blocked = app.block_sender_as_operator(&new).await.map_err(operator_error)?;
            print_line(format_args!("blocked {}", describe(&blocked)))
        }
        BlockCommand::ListBlockedSenders => {
            let blocked = app.list_blocked_senders_as_operator().await.map_err(operator_error)?;
            blocked.iter().try_for_each(|blocked| print_line(describe(blocked)))
        }
        BlockCommand::UnblockSender { id } => {
            let id = NodeId::blocked_sender("id", &id).map_err(operator_error)?;
            app.unblock_sender_as_operator(id).await.map_err(operator_error)?;
            print_line(format_args!("blk_{id} is blocked no longer"))
        }
    }
}

/// `blk_2 +4490* (Junk since Monday)`
fn describe(blocked: &BlockedSender) -> String {
    let note = blocked.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{} {}{note}", NodeId::BlockedSender(blocked.id), blocked.pattern.as_str())
}
