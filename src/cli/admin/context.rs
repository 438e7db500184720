//! What the commands share.

use crate::{app::App, cli::output::Output, config::Config};

/// What every command works with.
pub(super) struct CommandContext<'a> {
    pub(super) app: &'a App,
    pub(super) config: &'a Config,
    pub(super) output: Output,
}

/// The value that a word names.
pub(super) fn one_of<T: Copy>(word: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|&value| name(value) == word);
    let names = || all.iter().map(|&value| name(value)).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("must be one of {}", names()))
}
