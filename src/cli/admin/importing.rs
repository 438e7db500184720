//! Importing numbers from a file, or saying what that would do.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail};
use serde::Serialize;

use super::{
    super::{
        output::{Output, Record},
        progress::Progress,
        terminal::print_line,
    },
    context::CommandContext,
    numbers_file::{self, Line},
    providers,
};
use crate::{
    app::{App, numbers::Imported},
    domain::{CountryCode, Msisdn, NumberToImport, Operator, ProviderId},
    server::operator_error,
};

/// What an import has done, or would do.
#[derive(Default, Serialize)]
struct Tally {
    added: usize,
    known: usize,
    wrong: usize,
    dry_run: bool,
    /// The lines that are wrong.
    errors: Vec<WrongLine>,
}

#[derive(Serialize)]
struct WrongLine {
    line: u64,
    issue: String,
}

impl Record for Tally {
    const COLUMNS: &'static [&'static str] = &["added", "known", "wrong"];
}

/// An import that is under way.
struct Import<'a> {
    cx: &'a CommandContext<'a>,
    country: Option<&'a CountryCode>,
    tally: Tally,
    /// The numbers that a dry run would have added so far.
    planned: HashSet<Msisdn>,
    progress: Progress,
}

/// Imports the valid lines, and prints an error about each other line.
pub(super) async fn import(
    cx: &CommandContext<'_>,
    provider: Option<ProviderId>,
    country: Option<&CountryCode>,
    text: &str,
    dry_run: bool,
) -> Result<()> {
    let lines = numbers_file::read(text)?;
    let progress = Progress::counting("numbers", lines.len() as u64);
    let tally = Tally { dry_run, ..Tally::default() };
    let mut import = Import { cx, country, tally, planned: HashSet::new(), progress };
    let ids: HashMap<String, ProviderId> =
        providers::names(cx).await?.into_iter().map(|(id, name)| (name, id)).collect();
    let mut batch: Vec<Line> = Vec::new();
    let mut brings: Option<ProviderId> = None;
    for line in lines {
        let number = line.number;
        let resolved = line.content.and_then(|content| {
            let of_line = || match content.provider.as_deref() {
                Some(name) => ids.get(name).copied().ok_or_else(|| format!("provider: there is none named `{name}`")),
                None => Err("provider: is missing: name it with --provider, or in a column `provider`".to_owned()),
            };
            let provider = provider.map_or_else(of_line, Ok)?;
            Ok((provider, content))
        });
        let (provider, content) = match resolved {
            Ok(resolved) => resolved,
            Err(issue) => {
                import.reject(number, issue);
                continue;
            }
        };
        if let Some(before) = brings
            && (before != provider || batch.len() == App::MAX_IMPORT)
        {
            import.flush(before, std::mem::take(&mut batch)).await?;
        }
        brings = Some(provider);
        batch.push(Line { number, content: Ok(content) });
    }
    if let Some(provider) = brings {
        import.flush(provider, batch).await?;
    }
    import.finish()
}

impl Import<'_> {
    fn reject(&mut self, line: u64, issue: String) {
        self.progress.print_error_line(format_args!("line {line}: {issue}"));
        self.progress.advance(1);
        self.tally.wrong += 1;
        self.tally.errors.push(WrongLine { line, issue });
    }

    /// Imports lines of one provider, or says what that would do.
    async fn flush(&mut self, provider: ProviderId, lines: Vec<Line>) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let app = self.cx.app;
        let contents: Vec<_> = lines.iter().filter_map(|line| line.content.as_ref().ok()).collect();
        let numbers: Vec<_> = contents
            .iter()
            .map(|content| NumberToImport {
                phone_number: content.phone_number.clone(),
                country_code: content.country_code.clone(),
            })
            .collect();
        if self.tally.dry_run {
            let plan = app.plan_import(&Operator, self.country, &numbers).await.map_err(operator_error)?;
            for (line, planned) in lines.iter().zip(plan) {
                match planned {
                    Ok(planned) => match planned.is_known || !self.planned.insert(planned.phone_number) {
                        true => self.tally.known += 1,
                        false => self.tally.added += 1,
                    },
                    Err(error) => {
                        self.reject(line.number, format!("{:#}", operator_error(error)));
                        continue;
                    }
                }
                self.progress.advance(1);
            }
            return Ok(());
        }
        let imported = app.import_numbers(&Operator, provider, self.country, numbers.clone()).await;
        let imported = imported.map_err(operator_error)?;
        let are_blocked: Vec<_> = contents.iter().map(|content| content.is_blocked).collect();
        for ((line, is_blocked), outcome) in lines.iter().zip(are_blocked).zip(imported) {
            match outcome {
                Imported::Added(id) => {
                    if is_blocked {
                        app.set_number_blocked(&Operator, id, true).await.map_err(operator_error)?;
                    }
                    self.tally.added += 1;
                }
                Imported::Known => self.tally.known += 1,
                Imported::Rejected(error) => {
                    self.reject(line.number, format!("{:#}", operator_error(error)));
                    continue;
                }
            }
            self.progress.advance(1);
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        let Self { cx, tally, progress, .. } = self;
        progress.finish();
        let Tally { added, known, wrong, dry_run, .. } = &tally;
        match (cx.output, dry_run) {
            (Output::Json, _) => cx.output.show(&tally)?,
            (Output::Table, false) => print_line(format_args!("added {added}, known already {known}, wrong {wrong}"))?,
            (Output::Table, true) => print_line(format_args!(
                "would add {added}, known already {known}, wrong {wrong}; nothing was changed"
            ))?,
        }
        match (*wrong, dry_run) {
            (0, _) => Ok(()),
            (_, true) => bail!("wrong lines, which would not be imported: {wrong}; the others would be"),
            (_, false) => bail!("wrong lines, which were not imported: {wrong}; the others were"),
        }
    }
}
