//! Metrics as OpenMetrics has them, with exemplars: for a bucket of a latency histogram, a trace that took so long.
//!
//! The recorder knows no exemplars and writes the text format of Prometheus, which has none. So that text is rewritten
//! here; for metrics like ours the two formats differ in the names of counters' families, the form of bounds, and the
//! end.

use std::fmt::Write;

use crate::tracer::Tracer;

/// Rewrites metrics in the text format of Prometheus, with the exemplars that the tracer has.
pub(super) fn rewrite(text: &str, tracer: &Tracer) -> String {
    let mut rewritten = String::with_capacity(text.len() * 5 / 4);
    // The series whose buckets are read, and the bound of the last one.
    let (mut series, mut above) = ("", 0.0);
    for line in text.lines().filter(|line| !line.is_empty()) {
        // Writing to a string does not fail.
        let _ = match (describe(line), Bucket::parse(line)) {
            (Some((keyword, name, rest)), _) => {
                // Counters alone end like this: a test of the catalogue says so.
                writeln!(rewritten, "# {keyword} {} {rest}", name.strip_suffix("_total").unwrap_or(name))
            }
            (None, Some(bucket)) => {
                if bucket.series != series {
                    (series, above) = (bucket.series, 0.0);
                }
                let _ = write!(rewritten, "{}le=\"{}\"}} {}", bucket.series, canonical(bucket.bound), bucket.count);
                let exemplar = tracer.find_exemplar(bucket.metric, bucket.labels, above, bucket.bound);
                above = bucket.bound;
                match exemplar {
                    Some(found) => writeln!(
                        rewritten,
                        " # {{trace_id=\"{}\"}} {} {}",
                        found.trace.trace_id(),
                        found.value,
                        found.at.timestamp_millis() as f64 / 1000.0
                    ),
                    None => writeln!(rewritten),
                }
            }
            (None, None) => writeln!(rewritten, "{line}"),
        };
    }
    rewritten.push_str("# EOF\n");
    rewritten
}

/// The keyword, the name and the rest of a line about a metric.
fn describe(line: &str) -> Option<(&str, &str, &str)> {
    let (keyword, rest) = line.strip_prefix("# ")?.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    Some((keyword, name, rest))
}

/// A line of a bucket: `metric_bucket{labels,le="bound"} count`.
struct Bucket<'a> {
    /// Everything before the bound.
    series: &'a str,
    metric: &'a str,
    labels: &'a str,
    bound: f64,
    count: &'a str,
}

impl<'a> Bucket<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // The recorder writes the bound as the last label. Values of labels have no quotes: they are ours.
        let at = line.rfind("le=\"")?;
        let (series, rest) = line.split_at(at);
        let (metric, labels) = series.split_once("_bucket{")?;
        let (bound, count) = rest.strip_prefix("le=\"")?.split_once("\"} ")?;
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
        Some(Self { series, metric, labels: labels.trim_end_matches(','), bound, count })
    }
}

/// A bound as OpenMetrics wants it: with a fraction, so that each has one form.
fn canonical(bound: f64) -> String {
    if bound.is_infinite() { "+Inf".to_owned() } else { format!("{bound:?}") }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;
    use crate::{clock::Clock, random::Random, tracer::Sampling};

    const TEXT: &str = "\
# HELP x_total Things.
# TYPE x_total counter
x_total{kind=\"a\"} 3

# HELP y_seconds How long.
# TYPE y_seconds histogram
y_seconds_bucket{kind=\"a\",le=\"0.5\"} 1
y_seconds_bucket{kind=\"a\",le=\"1\"} 3
y_seconds_bucket{kind=\"a\",le=\"+Inf\"} 3
y_seconds_sum{kind=\"a\"} 2.5
y_seconds_count{kind=\"a\"} 3
y_seconds_bucket{kind=\"b\",le=\"0.5\"} 0
y_seconds_bucket{kind=\"b\",le=\"1\"} 0
y_seconds_bucket{kind=\"b\",le=\"+Inf\"} 1

# HELP z_seconds How long.
# TYPE z_seconds histogram
z_seconds_bucket{le=\"1\"} 0
z_seconds_bucket{le=\"+Inf\"} 0

";

    #[test]
    fn exemplars_stand_at_the_buckets_of_their_values() {
        let sampling = Sampling { ratio: 1.0, trusted: Vec::new() };
        let tracer = Tracer::new(SdkTracerProvider::builder(), sampling, Clock::System, Random::from_seed(7));
        let note = |metric, labels: &[(&str, &str)], value| {
            let context = tracer.begin_request("GET", None, None).unwrap().context();
            tracer.note_exemplar(metric, labels, value, Some(context));
            context.trace_id()
        };
        let (middle, slow) = (note("y_seconds", &[("kind", "a")], 0.75), note("y_seconds", &[("kind", "b")], 9.0));
        let started = Clock::System.now().timestamp() as f64;
        let text = rewrite(TEXT, &tracer);
        let mut lines = text.lines();
        for expected in [
            "# HELP x Things.",
            "# TYPE x counter",
            "x_total{kind=\"a\"} 3",
            "# HELP y_seconds How long.",
            "# TYPE y_seconds histogram",
            "y_seconds_bucket{kind=\"a\",le=\"0.5\"} 1",
            &format!("y_seconds_bucket{{kind=\"a\",le=\"1.0\"}} 3 # {{trace_id=\"{middle}\"}} 0.75 "),
            "y_seconds_bucket{kind=\"a\",le=\"+Inf\"} 3",
            "y_seconds_sum{kind=\"a\"} 2.5",
            "y_seconds_count{kind=\"a\"} 3",
            "y_seconds_bucket{kind=\"b\",le=\"0.5\"} 0",
            "y_seconds_bucket{kind=\"b\",le=\"1.0\"} 0",
            &format!("y_seconds_bucket{{kind=\"b\",le=\"+Inf\"}} 1 # {{trace_id=\"{slow}\"}} 9 "),
            "# HELP z_seconds How long.",
            "# TYPE z_seconds histogram",
            "z_seconds_bucket{le=\"1.0\"} 0",
            "z_seconds_bucket{le=\"+Inf\"} 0",
            "# EOF",
        ] {
            let line = lines.next().unwrap();
            let Some(time) = line.strip_prefix(expected) else { panic!("{line} is not {expected}") };
            if !time.is_empty() {
                assert!((time.parse::<f64>().unwrap() - started).abs() < 60.0, "{line}");
            }
        }
        assert_eq!(lines.next(), None);
    }
}
