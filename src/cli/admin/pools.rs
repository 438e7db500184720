//! Pools: the sets of numbers that a user's workers lease from.

use anyhow::Result;
use clap::Subcommand;

use super::{desk::Desk, records, users};
use crate::{domain::Operator, server::operator_error};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PoolCommand {
    /// List the pools of a user, and how many of their numbers are leased.
    ListPools {
        /// The e-mail address, or the id.
        user: String,
    },
}

pub(super) async fn run(desk: &Desk<'_>, command: PoolCommand) -> Result<()> {
    let PoolCommand::ListPools { user } = command;
    let user = users::find(desk, &user).await?;
    let pools = desk.app.list_pools_of(&Operator, user.id).await.map_err(operator_error)?;
    desk.output.list_all(pools.into_iter().map(records::Pool::from).collect())
}
