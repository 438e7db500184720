//! `otpwire admin block-sender` and what belongs to it: senders whose messages are refused.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Serialize;

use super::{
    super::{output::Record, terminal::print_line},
    context::CommandContext,
};
use crate::{
    domain::{self, NewBlockedSender, NodeId, Operator},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BlockedSenderCommand {
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

pub(super) async fn run(cx: &CommandContext<'_>, command: BlockedSenderCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    match command {
        BlockedSenderCommand::BlockSender { sender, note } => {
            let new = NewBlockedSender::new(&sender, note.as_deref()).map_err(operator_error)?;
            let blocked = app.block_sender(&Operator, &new).await.map_err(operator_error)?;
            let sentence = format!("blocked {} {}", NodeId::BlockedSender(blocked.id), blocked.pattern.as_str());
            output.report(&BlockedSender::from(blocked), format_args!("{sentence}"))
        }
        BlockedSenderCommand::ListBlockedSenders => {
            let blocked = app.list_all_blocked_senders(&Operator).await.map_err(operator_error)?;
            output.list_all(blocked.into_iter().map(BlockedSender::from).collect())
        }
        BlockedSenderCommand::UnblockSender { id } => {
            let id = NodeId::blocked_sender("id", &id).map_err(operator_error)?;
            app.unblock_sender(&Operator, id).await.map_err(operator_error)?;
            print_line(format_args!("{} is blocked no longer", NodeId::BlockedSender(id)))
        }
    }
}

/// A sender whose messages are refused.
#[derive(Serialize)]
struct BlockedSender {
    id: i32,
    sender: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<i32>,
    created_at: DateTime<Utc>,
}

impl Record for BlockedSender {
    const COLUMNS: &'static [&'static str] = &["id", "sender", "note", "created_at"];
}

impl From<domain::BlockedSender> for BlockedSender {
    fn from(blocked: domain::BlockedSender) -> Self {
        Self {
            id: blocked.id.0,
            sender: blocked.pattern.as_str().to_owned(),
            note: blocked.note,
            created_by: blocked.created_by.map(|id| id.0),
            created_at: blocked.created_at,
        }
    }
}
