//! Timestamps in the formats that providers use.

use chrono::{
    DateTime, Datelike, NaiveDateTime, Utc,
    format::{Item, StrftimeItems},
};
use serde::Deserialize;

/// The format of a timestamp.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(in crate::providers) enum TimeFormat {
    /// RFC 3339, also with the offset `+0000`, or for [`read_utc`] without one.
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// A `strftime` pattern.
    Pattern(String),
}

impl From<String> for TimeFormat {
    fn from(text: String) -> Self {
        match text.as_str() {
            "rfc3339" => Self::Rfc3339,
            "unix" => Self::Unix,
            "unix_ms" => Self::UnixMs,
            _ => Self::Pattern(text),
        }
    }
}

impl TimeFormat {
    /// Whether a pattern is a valid one.
    pub(in crate::providers) fn is_valid(&self) -> bool {
        match self {
            Self::Pattern(pattern) => {
                pattern.contains('%') && StrftimeItems::new(pattern).all(|item| item != Item::Error)
            }
            _ => true,
        }
    }
}

/// The years of timestamps that can be stored and compared.
const YEARS: std::ops::Range<i32> = 1970..2200;

/// Parses a timestamp that has an offset. Anything else is none: an unreadable time is no reason to lose a message, and
/// a local time taken for UTC could assign it to another user's rental.
pub(in crate::providers) fn read_time(text: &str, format: &TimeFormat) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let read = match format {
        TimeFormat::Rfc3339 => DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .ok()?
            .to_utc(),
        TimeFormat::Unix => DateTime::from_timestamp(text.parse().ok()?, 0)?,
        TimeFormat::UnixMs => DateTime::from_timestamp_millis(text.parse().ok()?)?,
        TimeFormat::Pattern(pattern) => DateTime::parse_from_str(text, pattern).ok()?.to_utc(),
    };
    YEARS.contains(&read.year()).then_some(read)
}

/// Parses a timestamp that is in UTC unless it has an offset.
pub(in crate::providers) fn read_utc(text: &str, format: &TimeFormat) -> Option<DateTime<Utc>> {
    let pattern = match format {
        TimeFormat::Rfc3339 => "%Y-%m-%dT%H:%M:%S%.f",
        TimeFormat::Pattern(pattern) => pattern,
        TimeFormat::Unix | TimeFormat::UnixMs => return read_time(text, format),
    };
    let plain = || NaiveDateTime::parse_from_str(text.trim(), pattern).ok().map(|time| time.and_utc());
    read_time(text, format).or_else(|| plain().filter(|time| YEARS.contains(&time.year())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_parsed() {
        for (text, format) in [
            ("2026-11-22T08:00:00Z", "rfc3339"),
            ("2026-11-22T08:00:00.000+0000", "rfc3339"),
            ("2026-11-22T15:00:00.000+07:00", "rfc3339"),
            ("2026-11-22T08:00:00.000000", "rfc3339"),
            ("1795334400", "unix"),
            ("1795334400000", "unix_ms"),
            ("2026-11-22 08:00:00", "%Y-%m-%d %H:%M:%S"),
            ("2026-11-22 09:00:00 +0100", "%Y-%m-%d %H:%M:%S %z"),
            ("20261122080000", "%Y%m%d%H%M%S"),
        ] {
            let read = read_utc(text, &TimeFormat::from(format.to_owned()));
            assert_eq!(read, DateTime::from_timestamp(1_795_334_400, 0), "{text}");
        }
        for (text, format) in [
            ("yesterday", "rfc3339"),
            ("", "unix"),
            ("99999999999999999999", "unix_ms"),
            ("253402300800", "unix"),
            ("x", "%Y"),
        ] {
            assert_eq!(read_utc(text, &TimeFormat::from(format.to_owned())), None, "{text}");
        }
        // Without an offset.
        for (text, format) in [("2026-11-22T08:00:00", "rfc3339"), ("2026-11-22 08:00:00", "%Y-%m-%d %H:%M:%S")] {
            assert_eq!(read_time(text, &TimeFormat::from(format.to_owned())), None, "{text}");
        }
        assert!(TimeFormat::from("%Y-%m-%d".to_owned()).is_valid());
        assert!(!TimeFormat::from("%Q".to_owned()).is_valid());
        assert!(!TimeFormat::from("iso".to_owned()).is_valid());
    }
}
