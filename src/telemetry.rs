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

/// Starts writing logs to standard error, in colours where somebody looks at a terminal.
///
/// # Errors
/// When `log` is not a filter.
pub fn start_logging(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).context("log: must be a filter such as info or otpwire=debug")?;
    // A log that cannot be written (a full disk) costs its lines. Complaining about it to the same log would panic.
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

/// Logs where something panicked, in place of the standard library's hook, which would print what it says as well.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    // There is one when the operator asks for it with RUST_BACKTRACE; it names functions, and no values.
    let backtrace = Some(Backtrace::capture()).filter(|trace| trace.status() == BacktraceStatus::Captured);
    let backtrace = backtrace.map(tracing::field::display);
    tracing::error!(location, said = said(panic.payload()), backtrace, "something panicked");
}

/// What a panic says, if it was written in the code as a whole. Anything that was put together may quote a message:
/// cutting a text in the middle of a character panics with the text.
fn said(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(not shown)")
}

/// Starts counting, and says what each number means.
///
/// # Errors
/// When counting was started before.
pub fn start_metrics() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().context("metrics were started twice")?;
    metrics::describe_counter!("otpwire_received_total", "Messages by what became of them.");
    metrics::describe_counter!("otpwire_readings_failed_total", "Messages that the reader of codes failed on.");
    metrics::describe_counter!("otpwire_webhooks_rejected_total", "Webhooks that were not verified, by provider.");
    metrics::describe_counter!("otpwire_bus_dropped_total", "Events that the wire could not take; watchers heal.");
    metrics::describe_counter!("otpwire_bus_failed_total", "Events that Redis did not take; watchers heal.");
    metrics::describe_counter!("otpwire_bus_undecodable_total", "Events of a version that is not known here.");
    metrics::describe_counter!("otpwire_limits_local_total", "Requests that were counted here because Redis was away.");
    metrics::describe_counter!("otpwire_sessions_stolen_total", "Sessions that ended because an old token was used.");
    metrics::describe_counter!("otpwire_mails_failed_total", "Mails that no try could send.");
    metrics::describe_counter!("otpwire_mails_dropped_total", "Mails that there was no mail server for.");
    metrics::describe_counter!("otpwire_job_runs_total", "Runs of each job on this replica.");
    metrics::describe_counter!("otpwire_job_failures_total", "Runs of each job on this replica that failed.");
    metrics::describe_counter!("otpwire_job_skips_total", "Looks at a job that another replica had done or was at.");
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
    fn a_panic_does_not_say_what_a_message_says() {
        let text = "código 482913";
        let cut = panic::catch_unwind(|| text[..2].len()).unwrap_err();
        assert_eq!(said(cut.as_ref()), "(not shown)");
        let plain = panic::catch_unwind(|| panic!("a defect")).unwrap_err();
        assert_eq!(said(plain.as_ref()), "a defect");
    }
}
