//! The file of `import-numbers` and `export-numbers`: CSV (RFC 4180), with or without the names of its columns.

use anyhow::{Context, Result, bail};
use csv::{ReaderBuilder, StringRecord, Trim};

use super::context::one_of;
use crate::domain::{Number, NumberStatus};

/// The first line of an export.
pub(super) const HEADER: &str = "phone_number,country_code,provider,status\n";

/// What a number may be.
pub(super) const STATUSES: &[NumberStatus] =
    &[NumberStatus::Available, NumberStatus::Assigned, NumberStatus::Expired, NumberStatus::Blocked];

/// A line of a file with a number.
pub(super) struct Line {
    /// Its place in the file, from 1.
    pub(super) number: u64,
    /// What it says, or what is wrong with it.
    pub(super) content: Result<Content, String>,
}

/// What a line says, not validated yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) phone_number: String,
    pub(super) country_code: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) is_blocked: bool,
}

/// Which column has what.
struct Columns {
    phone_number: usize,
    country_code: Option<usize>,
    provider: Option<usize>,
    status: Option<usize>,
    count: usize,
}

impl Columns {
    /// Those of a file that does not name them.
    const UNNAMED: Self = Self { phone_number: 0, country_code: Some(1), provider: None, status: None, count: 2 };

    /// Those that a first line names. None if it is no such line.
    fn named(record: &StringRecord, line: u64) -> Result<Option<Self>> {
        let position = |name: &str| record.iter().position(|column| column.eq_ignore_ascii_case(name));
        let Some(phone_number) = position("phone_number") else { return Ok(None) };
        let columns = Self {
            phone_number,
            country_code: position("country_code"),
            provider: position("provider"),
            status: position("status"),
            count: record.len(),
        };
        let known = ["phone_number", "country_code", "provider", "status"];
        match record.iter().find(|column| !known.iter().any(|name| column.eq_ignore_ascii_case(name))) {
            Some(other) => bail!("line {line}: there is no column `{other}`: there are {}", known.join(", ")),
            None => Ok(Some(columns)),
        }
    }

    fn read(&self, record: &StringRecord) -> Result<Content, String> {
        if record.len() > self.count {
            return Err(format!("there are {} columns, and {} at most are known", record.len(), self.count));
        }
        let at = |column: Option<usize>| {
            column.and_then(|column| record.get(column)).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        let status = at(self.status).unwrap_or_else(|| NumberStatus::Available.as_str().to_owned());
        let status = one_of(&status, STATUSES, NumberStatus::as_str);
        Ok(Content {
            phone_number: at(Some(self.phone_number)).unwrap_or_default(),
            country_code: at(self.country_code),
            provider: at(self.provider),
            is_blocked: status.map_err(|issue| format!("status: {issue}"))? == NumberStatus::Blocked,
        })
    }
}

/// The lines of a file. Empty ones, and those that begin with `#`, say nothing.
///
/// # Errors
/// For an unknown column, and when it is no CSV at all.
pub(super) fn read(text: &str) -> Result<Vec<Line>> {
    // Spreadsheets begin a file with a mark that is no text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The reader would count a record from the empty lines before it.
    let says_something = |(_, line): &(usize, &str)| !line.trim().is_empty() && !line.trim().starts_with('#');
    let (numbers, kept): (Vec<usize>, Vec<&str>) = text.lines().enumerate().filter(says_something).unzip();
    let kept = kept.join("\n");
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(kept.as_bytes());
    let mut columns = None;
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.context("the file is no CSV")?;
        let place = record.position().and_then(|position| usize::try_from(position.line()).ok()).unwrap_or(1);
        let number = numbers.get(place - 1).map_or(0, |index| *index as u64 + 1);
        if columns.is_none()
            && let Some(named) = Columns::named(&record, number)?
        {
            columns = Some(named);
            continue;
        }
        let columns = columns.get_or_insert(Columns::UNNAMED);
        lines.push(Line { number, content: columns.read(&record) });
    }
    Ok(lines)
}

/// A line of an export. Neither numbers nor the names of providers have characters that need quotes.
pub(super) fn row(number: &Number, provider: &str) -> String {
    let country = number.country_code.as_str();
    format!("{},{country},{provider},{}\n", number.phone_number, number.status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(phone_number: &str, country_code: Option<&str>) -> Content {
        Content {
            phone_number: phone_number.to_owned(),
            country_code: country_code.map(ToOwned::to_owned),
            provider: None,
            is_blocked: false,
        }
    }

    #[test]
    fn a_file_without_names_has_numbers_and_countries() {
        let text = "# ours\n+14155550100\n\n  +442079460958 , GB \n\"81234\",\"US\"\n   \n+14155550101,US,x\n";
        let lines = read(text).unwrap();
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.content.as_ref().ok())).collect();
        let (first, second, third) =
            (content("+14155550100", None), content("+442079460958", Some("GB")), content("81234", Some("US")));
        assert_eq!(found, [(2, Some(&first)), (4, Some(&second)), (5, Some(&third)), (7, None)]);
        assert_eq!(lines[3].content.as_ref().unwrap_err(), "there are 3 columns, and 2 at most are known");
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let text = "\u{feff}status,Phone_Number,provider\r\nblocked,+14155550100,a\r\n,+14155550101\r\nbroken,1,a\r\n";
        let lines = read(text).unwrap();
        let contents: Vec<_> = lines.iter().map(|line| line.content.as_ref()).collect();
        let first = contents[0].unwrap();
        assert_eq!((first.provider.as_deref(), first.is_blocked), (Some("a"), true));
        assert_eq!(contents[1], Ok(&content("+14155550101", None)));
        assert!(contents[2].unwrap_err().starts_with("status: must be one of available, assigned"));
        let wrong = read("phone_number,colour\n").map(drop).unwrap_err().to_string();
        assert!(wrong.contains("no column `colour`"), "{wrong}");
    }
}
