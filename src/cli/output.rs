//! What commands print about objects: tables for people, JSON for scripts.

use std::fmt;

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use comfy_table::{Table, presets};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::terminal::{print, try_print};
use crate::{
    domain::{Connection, ListCursor, PageRequest, Side, escape_for_terminal, escape_json_for_terminal},
    server::operator_error,
};

/// How many objects are read at a time.
const PAGE: u64 = 100;

/// For whom a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people.
    #[default]
    Table,
    /// For scripts: an object, or an array of objects, with the names of the REST API.
    Json,
}

/// An object that is printed. Its members have the names of the REST API.
pub(super) trait Record: Serialize {
    /// The members that a table of several shows.
    const COLUMNS: &'static [&'static str];
}

/// How much of a list is printed.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Paging {
    /// How many at most. By default all.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    first: Option<u64>,
}

impl Output {
    /// Prints one object with all its members.
    pub(super) fn show(self, record: &impl Record) -> Result<()> {
        match self {
            Self::Json => print(format_args!("{}\n", json(record)?)),
            Self::Table => {
                let mut table = new_table();
                for (name, value) in members(record)? {
                    table.add_row([name.clone(), for_people(&name, &value)]);
                }
                print(rendered(table))
            }
        }
    }

    /// Prints what was done: for people a sentence, for scripts the object that it was done to.
    pub(super) fn report(self, record: &impl Record, sentence: fmt::Arguments<'_>) -> Result<()> {
        match self {
            Self::Json => self.show(record),
            Self::Table => super::terminal::print_line(sentence),
        }
    }

    /// Prints a list that is short.
    pub(super) fn list_all<R: Record>(self, records: Vec<R>) -> Result<()> {
        let mut listing = Listing::new::<R>(self);
        listing.add(&records)?;
        listing.finish()
    }

    /// Prints a list. `page` reads the pages, and `records` makes of their items what is printed.
    pub(super) async fn list<N, R: Record>(
        self,
        paging: Paging,
        mut page: impl AsyncFnMut(&PageRequest<ListCursor>) -> crate::domain::Result<Connection<ListCursor, N>>,
        mut records: impl AsyncFnMut(Vec<N>) -> Result<Vec<R>>,
    ) -> Result<()> {
        let mut listing = Listing::new::<R>(self);
        let mut left = paging.first.unwrap_or(u64::MAX);
        let mut request = PageRequest { side: Side::First, limit: left.min(PAGE), after: None, before: None };
        loop {
            let Connection { edges, has_next, .. } = page(&request).await.map_err(operator_error)?;
            left -= left.min(edges.len() as u64);
            request.after = edges.last().map(|edge| edge.cursor).or(request.after);
            request.limit = left.min(PAGE);
            let shown = records(edges.into_iter().map(|edge| edge.node).collect()).await?;
            if !listing.add(&shown)? {
                return Ok(());
            }
            if !has_next || left == 0 {
                return listing.finish();
            }
        }
    }
}

/// A list that is being printed.
enum Listing {
    /// Columns are as wide as their widest cell, so a table is printed at its end.
    Table(Box<Table>),
    /// An array, an object a line, and whether it is still empty.
    Json { is_empty: bool },
}

impl Listing {
    fn new<R: Record>(output: Output) -> Self {
        match output {
            Output::Json => Self::Json { is_empty: true },
            Output::Table => {
                let mut table = new_table();
                table.set_header(R::COLUMNS.iter().map(|column| column.to_uppercase()));
                Self::Table(Box::new(table))
            }
        }
    }

    /// Adds objects. Returns whether anybody still reads.
    fn add<R: Record>(&mut self, records: &[R]) -> Result<bool> {
        match self {
            Self::Table(table) => {
                for record in records {
                    let members = members(record)?;
                    let cell = |column: &&str| {
                        let found = members.iter().find(|(name, _)| name == column);
                        found.map_or_else(|| NONE.to_owned(), |(name, value)| for_people(name, value))
                    };
                    table.add_row(R::COLUMNS.iter().map(cell));
                }
                Ok(true)
            }
            Self::Json { is_empty } => {
                let mut lines = String::new();
                for record in records {
                    lines.push_str(if *is_empty { "[\n" } else { ",\n" });
                    lines.push_str(&json(record)?);
                    *is_empty = false;
                }
                try_print(lines)
            }
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Table(table) => print(rendered(*table)),
            Self::Json { is_empty: true } => print("[]\n"),
            Self::Json { is_empty: false } => print("\n]\n"),
        }
    }
}

/// A table without lines: columns, and two spaces between them.
fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

fn rendered(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.trim_fmt();
    if text.is_empty() { text } else { format!("{text}\n") }
}

/// What stands for a value that is not there.
const NONE: &str = "-";

/// An object as JSON on one line.
fn json(record: &impl Serialize) -> Result<String> {
    Ok(escape_json_for_terminal(&serde_json::to_string(record)?))
}

/// A value as people read it.
fn for_people(name: &str, value: &Value) -> String {
    let text = match value {
        Value::Null => NONE.to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if name.ends_with("_at") || name == "last_login" => {
            let time = text.parse::<DateTime<Utc>>();
            time.map_or_else(|_| text.clone(), |time| time.format("%Y-%m-%d %H:%M:%SZ").to_string())
        }
        Value::String(text) => text.replace('\n', " "),
        Value::Array(items) => items.iter().map(|item| for_people(name, item)).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    escape_for_terminal(&text)
}

/// The members of an object, in their order.
fn members(record: &impl Serialize) -> Result<Vec<(String, Value)>> {
    let Members(members) = serde_json::from_str(&serde_json::to_string(record)?)?;
    Ok(members)
}

/// The members of a JSON object in the order of the text, which the usual map does not keep.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Fruit {
        name: &'static str,
        is_ripe: bool,
        picked_at: Option<&'static str>,
        tags: Vec<&'static str>,
    }

    impl Record for Fruit {
        const COLUMNS: &'static [&'static str] = &["name", "is_ripe", "picked_at"];
    }

    fn fruits() -> [Fruit; 2] {
        [
            Fruit { name: "fig", is_ripe: true, picked_at: Some("2026-03-01T12:00:00.5Z"), tags: vec!["a", "b"] },
            Fruit { name: "梨\u{1b}[2J", is_ripe: false, picked_at: None, tags: vec![] },
        ]
    }

    #[test]
    fn a_table_is_aligned_and_harmless() {
        let mut listing = Listing::new::<Fruit>(Output::Table);
        assert!(listing.add(&fruits()).unwrap());
        let Listing::Table(table) = listing else { panic!("no table") };
        let text = rendered(*table);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "NAME         IS_RIPE  PICKED_AT", "{text}");
        assert_eq!(lines[1], "fig          yes      2026-03-01 12:00:00Z");
        assert_eq!(lines[2], "梨\\u{1b}[2J  no       -");
    }

    #[test]
    fn members_keep_their_order() {
        let names: Vec<_> = members(&fruits()[0]).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["name", "is_ripe", "picked_at", "tags"]);
        assert_eq!(for_people("tags", &serde_json::json!(["a", "b"])), "a b");
    }
}
