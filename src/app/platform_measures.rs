//! What is measured of the platform as a whole, and when it was last.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::store::PlatformCounts;

/// How old the figures may be: counting reads whole tables.
const MAX_AGE: TimeDelta = TimeDelta::seconds(15);

/// What was measured last.
#[derive(Debug, Default)]
pub(super) struct PlatformMeasures(Mutex<Last>);

#[derive(Debug, Default)]
struct Last {
    at: Option<DateTime<Utc>>,
    /// The states and countries that there were numbers of.
    numbers: BTreeSet<(&'static str, String)>,
}

impl PlatformMeasures {
    /// Counts again, unless it was done a moment ago, and sets the metrics. When the store does not tell, they stay.
    pub(super) async fn refresh<E>(
        &self,
        now: DateTime<Utc>,
        count: impl Future<Output = Result<PlatformCounts, E>>,
    ) -> Result<(), E> {
        let mut last = self.0.lock().await;
        if last.at.is_some_and(|at| (now - at).abs() < MAX_AGE) {
            return Ok(());
        }
        let counts = count.await?;
        last.at = Some(now);
        // Those that there are no numbers of any more.
        for (state, country) in std::mem::take(&mut last.numbers) {
            metrics::gauge!("otpwire_numbers", "state" => state, "country" => country).set(0.0);
        }
        for (state, country, count) in counts.numbers {
            metrics::gauge!("otpwire_numbers", "state" => state, "country" => country.clone()).set(count as f64);
            last.numbers.insert((state, country));
        }
        for name in counts.providers {
            // It is there, with 0, before anything is refused.
            drop(metrics::counter!("otpwire_webhooks_rejected_total", "provider" => name));
        }
        metrics::gauge!("otpwire_leases", "state" => "held").set(counts.leases_held as f64);
        metrics::gauge!("otpwire_leases", "state" => "waiting").set(counts.leases_waiting as f64);
        Ok(())
    }
}
