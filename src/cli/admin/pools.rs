//! Pools: the sets of numbers that a user's workers lease from, and the numbers that are granted to one.

use anyhow::Result;
use clap::Subcommand;

use super::{context::CommandContext, numbers, records, users};
use crate::{
    domain::{
        Cooldown, CountryCode, Error, Label, NewPool, NodeId, NumberId, Operator, Pool, PoolChange, PoolName, PoolRule,
        User,
    },
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PoolCommand {
    /// List the pools of a user, and how many of their numbers are leased.
    ListPools {
        /// The e-mail address, or the id.
        user: String,
    },
    /// Make a pool for a user.
    CreatePool {
        /// The e-mail address, or the id.
        user: String,
        /// What workers name when they lease a number: 1 to 50 characters.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        content: Content,
    },
    /// Change a pool. What is left out stays. Leases go on.
    UpdatePool {
        /// The e-mail address of its user, or the id.
        user: String,
        /// Its name, or its id.
        pool: String,
        /// Its new name.
        #[arg(long)]
        name: Option<String>,
        /// It no longer has the numbers that its rule found.
        #[arg(long, conflicts_with_all = ["country", "label", "all"])]
        no_rule: bool,
        #[command(flatten)]
        content: Content,
    },
    /// Delete a pool. Leases of its numbers go on, except of granted ones, which are given back.
    DeletePool {
        /// The e-mail address of its user, or the id.
        user: String,
        /// Its name, or its id.
        pool: String,
    },
    /// Hold a number for a user's pool: nobody else can rent it, and it does not count against the plan.
    GrantNumber {
        /// The number, or its id.
        number: String,
        /// The e-mail address of the pool's user, or the id.
        #[arg(long)]
        user: String,
        /// The name of the pool, or its id.
        #[arg(long)]
        pool: String,
    },
    /// Hold a number for nobody any more. Its lease ends.
    EndNumberGrant {
        /// The number, or its id.
        number: String,
    },
}

/// What a pool has.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Content {
    /// The pause between two leases of one number, in seconds: 0 to 3600.
    #[arg(long)]
    cooldown_seconds: Option<i64>,
    /// The numbers of this country that the user rents, such as US.
    #[arg(long, conflicts_with = "all")]
    country: Option<String>,
    /// The numbers with this label that the user rents.
    #[arg(long, conflicts_with = "all")]
    label: Option<String>,
    /// All numbers that the user rents.
    #[arg(long)]
    all: bool,
    /// These numbers, which the user rents, with commas between: digits or ids.
    #[arg(long, value_delimiter = ',')]
    numbers: Option<Vec<String>>,
}

pub(super) async fn run(cx: &CommandContext<'_>, command: PoolCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    match command {
        PoolCommand::ListPools { user } => {
            let user = users::find(cx, &user).await?;
            let pools = app.list_pools_of(&Operator, user.id).await.map_err(operator_error)?;
            output.list_all(pools.into_iter().map(records::Pool::from).collect())
        }
        PoolCommand::CreatePool { user, name, content } => {
            let user = users::find(cx, &user).await?;
            let new = NewPool {
                name: PoolName::parse("name", &name).map_err(operator_error)?,
                cooldown: content.cooldown()?.unwrap_or_default(),
                rule: content.rule()?,
                numbers: content.numbers(cx).await?.unwrap_or_default(),
            };
            let pool = app.create_pool_of(&Operator, user.id, &new).await.map_err(operator_error)?;
            report(cx, &user, pool, "made")
        }
        PoolCommand::UpdatePool { user, pool, name, no_rule, content } => {
            let user = users::find(cx, &user).await?;
            let pool = find(cx, &user, &pool).await?;
            let name = name.map(|name| PoolName::parse("name", &name)).transpose().map_err(operator_error)?;
            let rule = content.rule()?;
            let change = PoolChange {
                name,
                cooldown: content.cooldown()?,
                rule: if no_rule { Some(None) } else { rule.map(Some) },
                numbers: content.numbers(cx).await?,
            };
            let pool = app.update_pool_of(&Operator, user.id, pool.id, &change).await.map_err(operator_error)?;
            report(cx, &user, pool, "changed")
        }
        PoolCommand::DeletePool { user, pool } => {
            let user = users::find(cx, &user).await?;
            let pool = find(cx, &user, &pool).await?;
            app.delete_pool_of(&Operator, user.id, pool.id).await.map_err(operator_error)?;
            report(cx, &user, pool, "deleted")
        }
        PoolCommand::GrantNumber { number, user, pool } => {
            let user = users::find(cx, &user).await?;
            let pool = find(cx, &user, &pool).await?;
            let number = numbers::find(cx, &number).await?;
            let number = app.grant_number(&Operator, pool.id, number.id).await.map_err(operator_error)?;
            let sentence = format!("num_{} {} is held for pol_{}", number.id, number.phone_number, pool.id);
            output.report(&numbers::record(cx, number).await?, format_args!("{sentence}"))
        }
        PoolCommand::EndNumberGrant { number } => {
            let number = numbers::find(cx, &number).await?;
            let number = app.end_grant(&Operator, number.id).await.map_err(operator_error)?;
            let sentence = format!("num_{} {} is held for nobody", number.id, number.phone_number);
            output.report(&numbers::record(cx, number).await?, format_args!("{sentence}"))
        }
    }
}

impl Content {
    fn cooldown(&self) -> Result<Option<Cooldown>> {
        let cooldown = self.cooldown_seconds.map(|seconds| Cooldown::parse("cooldown_seconds", seconds));
        cooldown.transpose().map_err(operator_error)
    }

    fn rule(&self) -> Result<Option<PoolRule>> {
        if !self.all && self.country.is_none() && self.label.is_none() {
            return Ok(None);
        }
        let country = self.country.as_deref().map(|code| CountryCode::parse("country", code)).transpose();
        let label = self.label.as_deref().map(|label| Label::parse("label", label)).transpose();
        Ok(Some(PoolRule { country_code: country.map_err(operator_error)?, label: label.map_err(operator_error)? }))
    }

    async fn numbers(&self, cx: &CommandContext<'_>) -> Result<Option<Vec<NumberId>>> {
        let Some(named) = &self.numbers else { return Ok(None) };
        let mut ids = Vec::new();
        // `--numbers ""` lists none.
        for named in named.iter().filter(|named| !named.is_empty()) {
            ids.push(numbers::find(cx, named).await?.id);
        }
        Ok(Some(ids))
    }
}

/// A pool of a user, by its name or its id.
async fn find(cx: &CommandContext<'_>, user: &User, named: &str) -> Result<Pool> {
    let pools = cx.app.list_pools_of(&Operator, user.id).await.map_err(operator_error)?;
    let id = NodeId::pool("pool", named).ok().filter(|_| named.starts_with("pol_"));
    let is_it = |pool: &Pool| pool.name.as_str() == named || id == Some(pool.id);
    pools.into_iter().find(is_it).ok_or_else(|| operator_error(Error::not_found("pool")))
}

fn report(cx: &CommandContext<'_>, user: &User, pool: Pool, what: &str) -> Result<()> {
    let sentence = format!("{what} pol_{} {} of {}", pool.id, pool.name.as_str(), user.email);
    cx.output.report(&records::Pool::from(pool), format_args!("{sentence}"))
}
