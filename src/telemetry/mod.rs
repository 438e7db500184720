//! Logs, metrics and traces. `catalogue` has every metric, `process` those of the process, and `openmetrics` shows them
//! with traces as examples; `traces` sends what is traced.
//!
//! No message text, code, secret or full phone number is ever written to any of them.

mod catalogue;
mod openmetrics;
mod process;
mod traces;

use std::{
    any::Any,
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
    time::Duration,
};

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

pub use traces::Traces;

use crate::{
    config::{Config, LogFormat},
    tracer::Tracer,
};

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
        // The innermost span has all that is known of a request; the list of spans would say it again.
        LogFormat::Json => builder.json().with_span_list(false).try_init(),
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
    tracing::error!(location, why = static_message(panic.payload()), backtrace, "something panicked");
}

/// The message of a panic, if it is a literal. A formatted one may quote an SMS: slicing a text inside a character, for
/// example, panics with the text.
fn static_message(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(not shown)")
}

/// How often recorded values are folded into their histograms. Until then each is kept by itself, and a scrape, which
/// folds them too, may never come.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Starts collecting metrics, if they are served, and makes each of them. Otherwise what is recorded is dropped at
/// once: nobody would ever take it away.
///
/// # Errors
/// If metrics were started before.
pub fn start_metrics(config: &Config) -> Result<Option<PrometheusHandle>> {
    if config.metrics_listen.is_none() {
        return Ok(None);
    }
    let builder = catalogue::with_buckets(PrometheusBuilder::new())?;
    let handle = builder.install_recorder().context("metrics were started twice")?;
    catalogue::register();
    let revision = option_env!("OTPWIRE_REVISION").unwrap_or("unknown");
    metrics::gauge!("otpwire_build_info", "version" => env!("CARGO_PKG_VERSION"), "revision" => revision).set(1.0);
    Ok(Some(handle))
}

/// Every metric as Prometheus reads it, with those of the process and the runtime as they are now.
#[must_use]
pub fn render_metrics(metrics: &PrometheusHandle) -> String {
    let runtime = tokio::runtime::Handle::current().metrics();
    let set = |name: &'static str, count: usize| {
        metrics::gauge!(name).set(count as f64);
    };
    set("otpwire_tokio_workers", runtime.num_workers());
    set("otpwire_tokio_alive_tasks", runtime.num_alive_tasks());
    set("otpwire_tokio_global_queue_tasks", runtime.global_queue_depth());
    metrics.render() + &process::render()
}

/// The same as OpenMetrics has it, with the traces of this tracer as examples.
#[must_use]
pub fn render_open_metrics(metrics: &PrometheusHandle, tracer: &Tracer) -> String {
    openmetrics::rewrite(&render_metrics(metrics), tracer)
}

/// Bounds the memory of the metrics for as long as it runs.
pub async fn keep_metrics_small(metrics: PrometheusHandle) {
    let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
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

    /// How many statements are recorded: at 16 bytes each, 16 MB.
    #[cfg(target_os = "linux")]
    const STATEMENTS: u64 = 1_000_000;
    /// How much memory that may cost.
    #[cfg(target_os = "linux")]
    const FLAT: u64 = 1024 * 1024;

    /// Records statements as a store does, and returns by how many bytes the process has grown.
    #[cfg(target_os = "linux")]
    fn growth(mut each_thousand: impl FnMut()) -> u64 {
        let statements = crate::store::StatementMetrics::default();
        let mut record = |count: u64| {
            for n in 0..count {
                statements.record("SELECT 1", Duration::from_micros(100 + n % 5000), n % 1000 == 0);
                if n % 1000 == 999 {
                    each_thousand();
                }
            }
        };
        let resident = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
        };
        record(10_000);
        let before = resident();
        record(STATEMENTS);
        resident().saturating_sub(before)
    }

    /// Runs a test of this file that is ignored otherwise in a process of its own: a recorder is for ever, and other
    /// tests use memory as well.
    #[cfg(target_os = "linux")]
    fn run_alone(test: &str) {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let output = command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    #[cfg(target_os = "linux")]
    fn config(metrics_listen: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("otpwire.toml");
        std::fs::write(&file, metrics_listen).unwrap();
        Config::load(Some(&file)).unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    #[ignore = "in a process of its own"]
    fn flat_by_default() {
        assert!(start_metrics(&config("")).unwrap().is_none());
        let grown = growth(|| {});
        assert!(grown < FLAT, "{grown} bytes");
    }

    #[cfg(target_os = "linux")]
    #[test]
    #[ignore = "in a process of its own"]
    fn flat_with_upkeep() {
        let metrics = start_metrics(&config("metrics_listen = \"127.0.0.1:9090\"")).unwrap().unwrap();
        let grown = growth(|| metrics.run_upkeep());
        assert!(grown < FLAT, "{grown} bytes");
        assert!(metrics.render().contains("otpwire_database_seconds_count{kind=\"select\",table=\"other\"} 1010000"));
        // Without it the test would fail: this is what it sees then.
        let grown = growth(|| {});
        assert!(grown > 8 * FLAT, "only {grown} bytes");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_memory_of_metrics_is_flat_over_a_million_statements() {
        run_alone("telemetry::tests::flat_by_default");
        run_alone("telemetry::tests::flat_with_upkeep");
    }
}
