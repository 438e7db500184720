//! Progress of long work: shown on standard error when that is a terminal, and nothing otherwise.

use std::{fmt, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::print_error_line;

/// How often what moves by itself is drawn again.
const TICK: Duration = Duration::from_millis(100);

/// The progress of one piece of work. It disappears when the work is done, whatever became of it.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar for work on so many things.
    pub(super) fn counting(what: &'static str, total: u64) -> Self {
        let bar = ProgressBar::new(total).with_message(what);
        let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} {msg}, {eta} left");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// A sign of life for work whose end is not known.
    pub(super) fn spinning(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }

    /// What is being done now.
    pub(super) fn turn_to(&self, what: &'static str) {
        self.0.set_message(what);
    }

    /// So many more are done.
    pub(super) fn advance(&self, count: u64) {
        self.0.inc(count);
    }

    /// Prints a line to standard error, above the bar.
    pub(super) fn print_error_line(&self, line: impl fmt::Display) {
        self.0.suspend(|| print_error_line(line));
    }

    /// The work is done.
    pub(super) fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
