//! Exemplars: for each bucket of a latency histogram, a trace that took so long.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use super::TraceContext;

/// How many powers of two are told apart, of microseconds: the last holds everything beyond a day.
const POWERS: usize = 40;

/// A trace that took so long.
#[derive(Clone, Copy, Debug)]
pub struct Exemplar {
    /// The trace.
    pub trace: TraceContext,
    /// The value that was recorded, in seconds.
    pub value: f64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

/// The latest exemplars of each histogram, by the power of two that is nearest below the value, so that many fast ones
/// do not displace the few slow ones. Only what is traced gets here.
#[derive(Debug, Default)]
pub(super) struct Exemplars(Mutex<HashMap<Series, [Option<Exemplar>; POWERS]>>);

/// The name of a histogram, and its labels as Prometheus writes them.
type Series = (&'static str, String);

impl Exemplars {
    pub(super) fn note(&self, metric: &'static str, labels: &[(&str, &str)], exemplar: Exemplar) {
        let mut text = String::new();
        for (name, value) in labels {
            // Writing to a string does not fail.
            let _ = write!(text, "{}{name}=\"{value}\"", if text.is_empty() { "" } else { "," });
        }
        let micros = (exemplar.value * 1e6).clamp(1.0, 1e18) as u64;
        let power = (micros.ilog2() as usize).min(POWERS - 1);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((metric, text)).or_insert([None; POWERS])[power] = Some(exemplar);
    }

    /// The latest of a histogram with these labels, as Prometheus writes them, whose value is above the first bound and
    /// at most the second.
    pub(super) fn find(&self, metric: &str, labels: &str, above: f64, up_to: f64) -> Option<Exemplar> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, latest) = known.iter().find(|((name, text), _)| *name == metric && text == labels)?;
        let fitting = latest.iter().flatten().filter(|exemplar| above < exemplar.value && exemplar.value <= up_to);
        fitting.max_by_key(|exemplar| exemplar.at).copied()
    }
}
