//! Metrics of the process, with the names that client libraries of Prometheus give them.
//!
//! They are written as text, apart from the recorder: its counters are whole numbers, and processor time is counted in
//! fractions of a second. That is also why they are read here and not by a library.

use std::fmt::Write;

use super::catalogue::Kind;

/// The metrics of the process.
pub(super) const METRICS: &[(&str, Kind, &str)] = &[
    ("process_cpu_seconds_total", Kind::Counter, "Processor time that the process has used."),
    ("process_resident_memory_bytes", Kind::Gauge, "Memory of the process that is in use."),
    ("process_virtual_memory_bytes", Kind::Gauge, "Addresses that the process has reserved."),
    ("process_open_fds", Kind::Gauge, "Open files, which connections are too."),
    ("process_max_fds", Kind::Gauge, "How many files may be open."),
    ("process_threads", Kind::Gauge, "Threads of the process."),
    ("process_start_time_seconds", Kind::Gauge, "When the process began, in Unix time."),
];

/// The metrics of the process as Prometheus reads them; none where the system does not tell.
pub(super) fn render() -> String {
    let mut text = String::new();
    let Some(values) = read() else { return text };
    for ((name, kind, help), value) in METRICS.iter().zip(values) {
        if let Some(value) = value {
            // Writing to a string does not fail.
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {}\n{name} {value}\n\n", kind.as_str());
        }
    }
    text
}

/// The values, in the order of [`METRICS`]. Linux alone has `/proc`.
fn read() -> Option<[Option<f64>; 7]> {
    /// The unit of times in `/proc`: Linux shows them to programs in hundredths of a second, whatever its own clock is.
    const TICKS_PER_SECOND: f64 = 100.0;
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{name}")).ok();
    let stat = read("self/stat")?;
    // The name of the program, in parentheses, may have spaces.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // The first of these is the third of the manual page.
    let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
    let status = read("self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.and_then(|value| value.trim().trim_end_matches(" kB").parse::<f64>().ok());
    let limits = read("self/limits").unwrap_or_default();
    let max_files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let max_files = max_files.and_then(|values| values.split_whitespace().next()?.parse::<f64>().ok());
    let open_files = std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64);
    let booted = read("stat").unwrap_or_default();
    let booted = booted.lines().find_map(|line| line.strip_prefix("btime ")?.parse::<f64>().ok());
    Some([
        field(14).zip(field(15)).map(|(user, system)| (user + system) / TICKS_PER_SECOND),
        resident.map(|kilobytes| kilobytes * 1024.0),
        field(23),
        open_files,
        max_files,
        field(20),
        booted.zip(field(22)).map(|(booted, started)| booted + started / TICKS_PER_SECOND),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_is_measured() {
        let values = read().unwrap().map(Option::unwrap);
        let [_, resident, reserved, open, max, threads, started] = values;
        assert!(resident > 1e6 && reserved > resident, "{values:?}");
        assert!(open >= 3.0 && max >= open && threads >= 1.0, "{values:?}");
        assert!(started > 1e9, "{values:?}");
        assert_eq!(render().matches("# TYPE ").count(), METRICS.len());
    }
}
