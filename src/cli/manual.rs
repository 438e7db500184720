//! `otpwire completions` and `otpwire man`: what shells and manuals know about the commands.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;

use super::terminal::{print, print_line};

/// Prints the completions for a shell.
pub(super) fn print_completions(shell: Shell, mut program: Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "otpwire", &mut script);
    print(String::from_utf8(script)?)
}

/// Writes a manual page for the program and for each command into a folder.
pub(super) fn write_pages(folder: &Path, program: Command) -> Result<()> {
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(program, folder));
    written.with_context(|| format!("cannot write the pages into {}", folder.display()))?;
    print_line(format_args!("the pages are in {}: see `man {}/otpwire.1`", folder.display(), folder.display()))
}
