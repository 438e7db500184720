//! Reading arguments and secrets, and printing.
//!
//! A reader such as `head` may close the pipe early, which is no failure. The macros of the standard library panic
//! then, so nothing here uses them (`clippy::print_stdout`).

use std::{
    fmt::Display,
    fs,
    io::{ErrorKind, IsTerminal, Write, stderr, stdin, stdout},
};

use anyhow::{Context, Result, ensure};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::domain::escape_for_terminal;

/// Prompts at a terminal, without echo; otherwise reads one line of standard input. Secrets are never arguments,
/// because other users of the machine can see those.
pub(super) fn read_secret(prompt: &str) -> Result<SecretString> {
    let secret = if stdin().is_terminal() {
        rpassword::prompt_password(prompt)?
    } else {
        let mut line = String::new();
        stdin().read_line(&mut line).context("cannot read standard input")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    Ok(secret.into())
}

/// The same for a password that somebody chooses: at a terminal it is asked for twice, because nobody sees it.
pub(super) fn read_new_password() -> Result<SecretString> {
    let is_terminal = stdin().is_terminal();
    read_twice(is_terminal, read_secret)
}

fn read_twice(is_terminal: bool, mut ask: impl FnMut(&str) -> Result<SecretString>) -> Result<SecretString> {
    let password = ask("Password: ")?;
    let is_same = !is_terminal || ask("The same again: ")?.expose_secret() == password.expose_secret();
    ensure!(is_same, "the two passwords differ");
    Ok(password)
}

/// The value of `--configuration`: a JSON object, or `@` and the name of a file with one.
pub(super) fn read_configuration(argument: &str) -> Result<Map<String, Value>> {
    let text = match argument.strip_prefix('@') {
        Some(path) => fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
        None => argument.to_owned(),
    };
    serde_json::from_str(&text).context("--configuration must be an object of JSON, or @ and the name of a file")
}

/// Prints a text as it is. Returns whether anybody still reads.
pub(super) fn try_print(text: impl Display) -> Result<bool> {
    let mut out = stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        printed => Ok(printed.map(|()| true)?),
    }
}

/// Prints a text as it is.
pub(super) fn print(text: impl Display) -> Result<()> {
    try_print(text).map(drop)
}

/// Prints a line. What could give the terminal commands, or deceive the reader, is escaped: it may be a stranger's.
pub(super) fn print_line(line: impl Display) -> Result<()> {
    print(format_args!("{}\n", escape_for_terminal(&line.to_string())))
}

/// Prints a line to standard error, escaped as well. What it reports has happened whether or not anybody reads it.
pub(super) fn print_error_line(line: impl Display) {
    let _ = writeln!(stderr(), "{}", escape_for_terminal(&line.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_asked_for_twice_at_a_terminal() {
        let read = |is_terminal, answers: &[&str]| {
            let mut answers = answers.iter();
            let password = read_twice(is_terminal, |_| Ok((*answers.next().context("asked too often")?).into()));
            password.map(|password| (password.expose_secret().to_owned(), answers.len())).ok()
        };
        assert_eq!(read(true, &["one", "one"]), Some(("one".to_owned(), 0)));
        assert_eq!(read(true, &["one", "two"]), None);
        assert_eq!(read(false, &["one", "not read"]), Some(("one".to_owned(), 1)));
    }
}
