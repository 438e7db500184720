//! Phone numbers.

use std::{
    collections::HashMap,
    fs,
    io::{Read, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Subcommand;

use super::{
    super::{
        output::{Output, Paging},
        terminal::try_print,
    },
    context::{CommandContext, one_of},
    importing::import,
    keys, numbers_file, providers, records,
};
use crate::{
    domain::{
        CountryCode, Msisdn, NodeId, Number, NumberFilter, NumberStatus, Operator, PageRequest, ProviderId, Side,
    },
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NumberCommand {
    /// List numbers.
    ListNumbers {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a number.
    ShowNumber {
        /// The number, such as +14155550100, or its id, such as num_7.
        number: String,
    },
    /// Take a number out of use. Its rental ends.
    BlockNumber {
        /// The number, or its id.
        number: String,
    },
    /// Put a number back to use.
    UnblockNumber {
        /// The number, or its id.
        number: String,
    },
    /// Write numbers to standard output, as CSV that `import-numbers` reads.
    ExportNumbers {
        #[command(flatten)]
        which: Which,
    },
    /// Add numbers from a file: one a line, `+14155550100` or `+14155550100,US`, or CSV with the names of its columns
    /// in the first line. Numbers that are there already stay as they are.
    ImportNumbers {
        /// The provider that brings their messages. By default, what the column `provider` says.
        #[arg(long)]
        provider: Option<String>,
        /// The country of numbers without a plus sign, such as US.
        #[arg(long, value_parser = country_of)]
        country: Option<CountryCode>,
        /// Change nothing: say what would be done, and which lines are wrong.
        #[arg(long)]
        dry_run: bool,
        /// The file, or - for standard input.
        file: PathBuf,
    },
}

/// Which numbers a command is about.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Which {
    /// Only those of this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Only those of this country, such as US.
    #[arg(long, value_parser = country_of)]
    country: Option<CountryCode>,
    /// Only those with this status: available, assigned, expired or blocked.
    #[arg(long, value_parser = status_of)]
    status: Option<NumberStatus>,
}

fn country_of(code: &str) -> Result<CountryCode, String> {
    CountryCode::parse("country", code).map_err(|error| error.message().to_owned())
}

fn status_of(word: &str) -> Result<NumberStatus, String> {
    one_of(word, numbers_file::STATUSES, NumberStatus::as_str)
}

pub(super) async fn run(cx: &CommandContext<'_>, command: NumberCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    match command {
        NumberCommand::ListNumbers { which, paging } => {
            let filter = filter(cx, which).await?;
            let names = providers::names(cx).await?;
            output
                .list(
                    paging,
                    async |page| app.list_inventory(&Operator, &filter, page).await,
                    async |numbers| records(cx, numbers, &names).await,
                )
                .await
        }
        NumberCommand::ShowNumber { number } => output.show(&record(cx, find(cx, &number).await?).await?),
        NumberCommand::BlockNumber { number } => block(cx, &number, true).await,
        NumberCommand::UnblockNumber { number } => block(cx, &number, false).await,
        NumberCommand::ExportNumbers { which } => export(cx, which).await,
        NumberCommand::ImportNumbers { provider, country, dry_run, file } => {
            let provider = match provider {
                Some(name) => Some(app.get_provider(&name).await.map_err(operator_error)?.id),
                None => None,
            };
            let text = read(&file)?;
            import(cx, provider, country.as_ref(), &text, dry_run).await
        }
    }
}

async fn filter(cx: &CommandContext<'_>, which: Which) -> Result<NumberFilter> {
    let provider_id = match which.provider {
        Some(name) => Some(cx.app.get_provider(&name).await.map_err(operator_error)?.id),
        None => None,
    };
    Ok(NumberFilter { country_code: which.country, status: which.status, provider_id, mine: false })
}

/// A number by its digits or its id.
pub(super) async fn find(cx: &CommandContext<'_>, named: &str) -> Result<Number> {
    let found = async {
        if named.starts_with("num_") {
            return cx.app.get_any_number(&Operator, NodeId::number("number", named)?).await;
        }
        cx.app.get_number_by_msisdn(&Operator, &Msisdn::parse("number", named)?).await
    };
    found.await.map_err(operator_error)
}

pub(super) async fn record(cx: &CommandContext<'_>, number: Number) -> Result<records::PhoneNumber> {
    let names = providers::names(cx).await?;
    let record = records(cx, vec![number], &names).await?.pop();
    record.context("the number is gone")
}

async fn records(
    cx: &CommandContext<'_>,
    numbers: Vec<Number>,
    names: &HashMap<ProviderId, String>,
) -> Result<Vec<records::PhoneNumber>> {
    let renters = keys::addresses(cx, numbers.iter().filter_map(|number| number.user_id)).await?;
    let record = |number: Number| {
        let provider = number.provider_id.and_then(|id| names.get(&id).cloned());
        let user = number.user_id.and_then(|id| renters.get(&id).cloned());
        records::PhoneNumber::of(number, provider, user)
    };
    Ok(numbers.into_iter().map(record).collect())
}

async fn block(cx: &CommandContext<'_>, named: &str, blocked: bool) -> Result<()> {
    let number = find(cx, named).await?;
    let number = cx.app.set_number_blocked(&Operator, number.id, blocked).await.map_err(operator_error)?;
    let state = if blocked { "is blocked" } else { "is back in use" };
    let sentence = format!("num_{} {} {state}", number.id, number.phone_number);
    cx.output.report(&record(cx, number).await?, format_args!("{sentence}"))
}

async fn export(cx: &CommandContext<'_>, which: Which) -> Result<()> {
    ensure!(cx.output == Output::Table, "export-numbers writes CSV: for JSON, use `list-numbers --output json`");
    let filter = filter(cx, which).await?;
    let names = providers::names(cx).await?;
    let mut request = PageRequest { side: Side::First, limit: 100, after: None, before: None };
    let mut text = numbers_file::HEADER.to_owned();
    loop {
        let page = cx.app.list_inventory(&Operator, &filter, &request).await.map_err(operator_error)?;
        request.after = page.edges.last().map(|edge| edge.cursor);
        for edge in &page.edges {
            let provider = edge.node.provider_id.and_then(|id| names.get(&id)).map_or("", String::as_str);
            text.push_str(&numbers_file::row(&edge.node, provider));
        }
        if !try_print(&text)? || !page.has_next {
            return Ok(());
        }
        text.clear();
    }
}

fn read(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
