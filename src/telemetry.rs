//! Logs and metrics.
//!
//! No message text, code, secret or full phone number is ever written to either.

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts writing logs to standard error.
///
/// # Errors
/// When `log` is not a filter.
pub fn start_logging(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).context("log: must be a filter such as info or otpwire=debug")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))
}

/// Starts counting, and says what each number means.
///
/// # Errors
/// When counting was started before.
pub fn start_metrics() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().context("metrics were started twice")?;
    metrics::describe_counter!("otpwire_received_total", "Messages by what became of them.");
    metrics::describe_counter!("otpwire_webhooks_rejected_total", "Webhooks that were not verified, by provider.");
    metrics::describe_counter!("otpwire_bus_dropped_total", "Events that the wire could not take; watchers heal.");
    metrics::describe_counter!("otpwire_bus_failed_total", "Events that Redis did not take; watchers heal.");
    metrics::describe_counter!("otpwire_bus_undecodable_total", "Events of a version that is not known here.");
    metrics::describe_counter!("otpwire_limits_local_total", "Requests that were counted here because Redis was away.");
    metrics::describe_counter!("otpwire_sessions_stolen_total", "Sessions that ended because an old token was used.");
    metrics::describe_counter!("otpwire_mails_failed_total", "Mails that no try could send.");
    metrics::describe_counter!("otpwire_mails_dropped_total", "Mails that there was no mail server for.");
    Ok(handle)
}
