//! Reading arguments and secrets, and printing long texts.

use std::{
    fs,
    io::{ErrorKind, IsTerminal, Write, stdin, stdout},
};

use anyhow::{Context, Result};
use secrecy::SecretString;
use serde_json::{Map, Value};

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

/// The value of `--configuration`: a JSON object, or `@` and the name of a file with one.
pub(super) fn read_configuration(argument: &str) -> Result<Map<String, Value>> {
    let text = match argument.strip_prefix('@') {
        Some(path) => fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
        None => argument.to_owned(),
    };
    serde_json::from_str(&text).context("--configuration must be an object of JSON, or @ and the name of a file")
}

/// Prints a long text. A reader such as `head` may close the pipe early, which is no failure.
pub(super) fn print_all(text: &str) -> Result<()> {
    match stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
