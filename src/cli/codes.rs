//! `read-codes` and `measure-codes`: run the code reader on files of texts.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::domain::{
    Extraction, MessageType, Sender, escape_for_terminal, escape_json_for_terminal,
    otp::{self, Evaluation, LabelledText, Verdict},
};

/// Arguments of `read-codes`.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// A file of texts: one a line, or JSON lines with `text` and perhaps `sender`. Without it, or for
    /// `-`, the standard input.
    file: Option<PathBuf>,
    /// Print how each text was read instead: its words in the lexicon, its numbers and their points.
    #[arg(long)]
    explain: bool,
}

/// Arguments of `measure-codes`.
#[derive(Debug, Args)]
pub(super) struct MeasureArgs {
    /// A file of JSON lines with `text`, `type` (sms, otp, verification), `code`, and perhaps `alt`,
    /// `service`, `lang` and `sender`. `-` for the standard input.
    file: PathBuf,
    /// Print each text that is read wrongly, with what was read.
    #[arg(long)]
    errors: bool,
}

/// The output for a text.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    message_type: MessageType,
    code: Option<&'a str>,
    service: Option<&'a str>,
    score: f64,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    #[serde(default)]
    sender: Option<String>,
}

/// Prints what is read from each text, as JSON lines in the order of the texts.
pub(super) fn read(args: &ReadArgs) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut is_json = None;
    let path = args.file.as_deref().unwrap_or(Path::new("-"));
    let written = lines(path, |number, line| {
        let is_json = *is_json.get_or_insert_with(|| line.starts_with('{'));
        let text = if is_json {
            serde_json::from_str(line).with_context(|| format!("line {number} is no JSON object with \"text\""))?
        } else {
            Text { text: line.to_owned(), sender: None }
        };
        let extraction = otp::read(&text.text, sender(number, text.sender)?.as_ref());
        if args.explain {
            let explained = format!("text    {}\n{}", text.text, otp::explain(&text.text));
            writeln!(out, "{}", escape_for_terminal(&explained))?;
            return Ok(());
        }
        let line = Line {
            message_type: extraction.message_type,
            code: extraction.otp.as_ref().map(|otp| otp.code.as_str()),
            service: extraction.otp.as_ref().and_then(|otp| otp.service.as_deref()),
            score: extraction.otp.as_ref().map_or(0.0, |otp| otp.score.as_fraction()),
        };
        out.write_all(escape_json_for_terminal(&serde_json::to_string(&line)?).as_bytes())?;
        out.write_all(b"\n")?;
        Ok(())
    });
    ignoring_closed_pipe(written.and_then(|()| Ok(out.flush()?)))
}

/// Prints how well labelled texts are read.
pub(super) fn measure(args: &MeasureArgs) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut evaluation = Evaluation::default();
    let mut times = Vec::new();
    otp::warm_up();
    let written = lines(&args.file, |number, line| {
        let label: LabelledText = serde_json::from_str(line)
            .with_context(|| format!("line {number} is no JSON object with \"text\", \"type\" and \"code\""))?;
        if label.code.is_some() != (label.message_type == MessageType::Otp) {
            bail!("line {number}: a text of the type \"otp\" has a \"code\", and no other");
        }
        let sender = sender(number, label.sender.clone())?;
        let (extraction, time) = read_warm(&label.text, sender.as_ref());
        times.push(time);
        let verdict = evaluation.add(&label, &extraction);
        if args.errors && verdict != Verdict::Right {
            let otp = extraction.otp.as_ref();
            let found = otp.map_or("-", |otp| &otp.code);
            let service = otp.and_then(|otp| otp.service.as_deref()).unwrap_or("-");
            let text = escape_for_terminal(&label.text.replace(['\n', '\r'], "⏎"));
            let (found, service) = (escape_for_terminal(found), escape_for_terminal(service));
            let kind = extraction.message_type.as_str();
            writeln!(out, "{verdict:?} at line {number}: {kind} {found} {service} | {text}")?;
        }
        Ok(())
    });
    ignoring_closed_pipe(written.and_then(|()| {
        write!(out, "{evaluation}")?;
        times.sort_unstable();
        if let (Some(median), Some(late)) = (times.get(times.len() / 2), times.get(times.len() * 99 / 100)) {
            writeln!(out, "time for a text, warm: median {median:?}, 99th percentile {late:?}")?;
        }
        Ok(out.flush()?)
    }))
}

/// Reads a text a few times and returns the fastest time, which other processes disturb least.
fn read_warm(text: &str, sender: Option<&Sender>) -> (Extraction, Duration) {
    let once = || {
        let start = Instant::now();
        let extraction = otp::read(text, sender);
        (extraction, start.elapsed())
    };
    (1..5).fold(once(), |fastest, _| {
        let next = once();
        if next.1 < fastest.1 { next } else { fastest }
    })
}

/// Calls `each` with the number and the text of every line that is not empty.
fn lines(path: &Path, mut each: impl FnMut(usize, &str) -> Result<()>) -> Result<()> {
    let mut input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("cannot open {}", path.display()))?))
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line).context("cannot read the texts")? == 0 {
            break;
        }
        let line = str::from_utf8(&line).with_context(|| format!("line {number} is not UTF-8"))?;
        let line = line.trim_end_matches(['\n', '\r']);
        if !line.trim().is_empty() {
            each(number, line)?;
        }
    }
    Ok(())
}

fn sender(number: usize, sender: Option<String>) -> Result<Option<Sender>> {
    sender.map(|sender| Sender::parse("sender", &sender)).transpose().with_context(|| format!("line {number}"))
}

/// A closed pipe is not an error: `otpwire read-codes | head`.
fn ignoring_closed_pipe(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.chain().any(is_closed_pipe) => Ok(()),
        result => result,
    }
}

fn is_closed_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
        || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind)
            == Some(ErrorKind::BrokenPipe)
}
