//! `otpwire admin trace-message`: where a message is, or was held up.

use std::fmt::Write;

use anyhow::Result;
use clap::Subcommand;

use super::{
    super::{output::Output, terminal::print},
    context::CommandContext,
    records,
};
use crate::{
    domain::{NodeId, Operator, Timeline, milliseconds},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TraceMessageCommand {
    /// Show when a message passed each stage between its provider and its reader.
    TraceMessage {
        /// The id of the message, such as msg_42.
        id: String,
    },
}

/// Prints when a message passed each stage, and how long each took.
pub(super) async fn run(cx: &CommandContext<'_>, command: TraceMessageCommand) -> Result<()> {
    let TraceMessageCommand::TraceMessage { id } = command;
    let id = NodeId::message("id", &id).map_err(operator_error)?;
    let timeline = cx.app.get_timeline(&Operator, id).await.map_err(operator_error)?;
    match cx.output {
        Output::Table => print(describe(&timeline)),
        Output::Json => cx.output.show(&records::Timeline::from(&timeline)),
    }
}

/// A line for each stage, and one for the whole.
fn describe(timeline: &Timeline) -> String {
    let mut text = String::new();
    let mut line = |stage: &str, at: &str, took: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{stage:<12} {at:<27} {took:>14}");
    };
    line("stage", "at", "took");
    for passed in timeline.stages() {
        let at = passed.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let took = passed.after.map(|after| format!("{:.3} ms", milliseconds(after))).unwrap_or_default();
        line(passed.stage.as_str(), &at, &took);
    }
    line("in all", "", &format!("{:.3} ms", milliseconds(timeline.total())));
    text
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::domain::MessageId;

    #[test]
    fn the_lines_add_up() {
        let at = |milliseconds: i64| DateTime::from_timestamp_millis(1_700_000_000_000 + milliseconds);
        let timeline = Timeline {
            sent_at: at(0),
            received_at: at(1200),
            verified_at: at(1201).map(|at| at + TimeDelta::microseconds(250)),
            ..Timeline::of(MessageId(7))
        };
        assert_eq!(
            describe(&timeline),
            "stage        at                                    took\n\
             sent         2023-11-14T22:13:20.000000Z               \n\
             received     2023-11-14T22:13:21.200000Z    1200.000 ms\n\
             verified     2023-11-14T22:13:21.201250Z       1.250 ms\n\
             in all                                      1201.250 ms\n"
        );
    }
}
