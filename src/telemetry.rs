//! Logs and metrics.
//!
//! No message text, code, secret or full phone number is ever written to either.

use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
};

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging to standard error, in colours if that is a terminal.
///
/// # Errors
/// If `log` is not a filter, or logging was started before.
pub fn start_logging(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).context("log: must be a filter such as info or otpwire=debug")?;
    // When the log cannot be written, because the disk is full for example, lines are lost. Reporting that to the same
    // log would panic.
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).log_internal_errors(false);
    let started = match config.log_format {
        LogFormat::Text if !io::stderr().is_terminal() => builder.with_ansi(false).try_init(),
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Logs where a panic happened. The standard library's hook would also print its message.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    // Captured if the operator sets RUST_BACKTRACE. It names functions, but no values.
    let backtrace = Some(Backtrace::capture()).filter(|trace| trace.status() == BacktraceStatus::Captured);
    let backtrace = backtrace.map(tracing::field::display);
    tracing::error!(location, message = static_message(panic.payload()), backtrace, "something panicked");
}

/// The message of a panic, if it is a literal. A formatted one may quote an SMS: slicing a text inside a character, for
/// example, panics with the text.
fn static_message(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(not shown)")
}

/// Starts collecting metrics, and describes each of them.
///
/// # Errors
/// If metrics were started before.
pub fn start_metrics() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().context("metrics were started twice")?;
    metrics::describe_counter!("otpwire_received_total", "Messages by outcome.");
    metrics::describe_counter!("otpwire_readings_failed_total", "Messages that the code reader failed on.");
    metrics::describe_counter!("otpwire_webhooks_rejected_total", "Webhooks that were not verified, by provider.");
    metrics::describe_counter!(
        "otpwire_bus_dropped_total",
        "Events dropped because the queue to Redis was full; watchers read the store instead."
    );
    metrics::describe_counter!(
        "otpwire_bus_failed_total",
        "Events that Redis did not accept; watchers read the store instead."
    );
    metrics::describe_counter!("otpwire_bus_undecodable_total", "Events of an unknown version.");
    metrics::describe_counter!("otpwire_limits_local_total", "Requests that were counted here because Redis was away.");
    metrics::describe_counter!("otpwire_sessions_stolen_total", "Sessions that ended because an old token was used.");
    metrics::describe_counter!("otpwire_mails_failed_total", "Mails that could not be sent after all attempts.");
    metrics::describe_counter!("otpwire_mails_dropped_total", "Mails dropped because there is no mail server.");
    metrics::describe_counter!("otpwire_job_runs_total", "Runs of each job on this replica.");
    metrics::describe_counter!("otpwire_job_failures_total", "Runs of each job on this replica that failed.");
    metrics::describe_counter!(
        "otpwire_job_skips_total",
        "Jobs skipped because another replica had run them or was running them."
    );
    metrics::describe_histogram!("otpwire_job_seconds", metrics::Unit::Seconds, "How long runs of each job took.");
    metrics::describe_gauge!(
        "otpwire_job_last_success_timestamp_seconds",
        "When each job last succeeded on this replica, in Unix time; over all replicas, the latest counts."
    );
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_a_panic_does_not_quote_messages() {
        let text = "código 482913";
        let cut = panic::catch_unwind(|| text[..2].len()).unwrap_err();
        assert_eq!(static_message(cut.as_ref()), "(not shown)");
        let plain = panic::catch_unwind(|| panic!("a defect")).unwrap_err();
        assert_eq!(static_message(plain.as_ref()), "a defect");
    }
}
