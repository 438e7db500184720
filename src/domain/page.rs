//! Pagination, by cursor as in Relay (<https://relay.dev/graphql/connections.htm>) or by offset.

use super::{Error, Result};

/// Which end of the list a page is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// `first` items, after a cursor.
    First,
    /// `last` items, before a cursor.
    Last,
}

/// A request for a page. Both cursors are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest<C> {
    /// Which end the page is counted from.
    pub side: Side,
    /// The maximum number of items, 0 to 100: a page of none tells whether there are any.
    pub limit: u64,
    /// Only items after this cursor.
    pub after: Option<C>,
    /// Only items before this cursor.
    pub before: Option<C>,
}

impl<C> PageRequest<C> {
    /// The most items on a page.
    pub const MAX: i32 = 100;
    /// The default number of items on a page.
    pub const DEFAULT: i32 = 20;

    /// Validates the four arguments of a connection.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when both `first` and `last` are given, or the count is not from 0 to 100.
    pub fn new(first: Option<i32>, last: Option<i32>, after: Option<C>, before: Option<C>) -> Result<Self> {
        let (side, field, limit) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("last", "cannot be combined with first; ask for one end of the list"));
            }
            (None, Some(last)) => (Side::Last, "last", last),
            (first, None) => (Side::First, "first", first.unwrap_or(Self::DEFAULT)),
        };
        match u64::try_from(limit) {
            Ok(limit @ 0..=100) => Ok(Self { side, limit, after, before }),
            _ => Err(Error::invalid(field, format!("must be from 0 to {}", Self::MAX))),
        }
    }
}

/// A request for a page by offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetPage {
    /// The maximum number of items, 1 to 100.
    pub limit: u64,
    /// The number of items to skip.
    pub offset: u64,
}

impl OffsetPage {
    /// Validates the two parameters.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when the limit is not from 1 to 100, or the offset is negative.
    pub fn new(limit: i64, offset: i64) -> Result<Self> {
        let Ok(limit @ 1..=100) = u64::try_from(limit) else {
            return Err(Error::invalid("limit", "must be from 1 to 100"));
        };
        let offset = u64::try_from(offset).map_err(|_| Error::invalid("offset", "must be 0 or more"))?;
        Ok(Self { limit, offset })
    }
}

/// An item of a page, with its cursor.
#[derive(Clone, Debug)]
pub struct Edge<C, T> {
    /// Its position in the list.
    pub cursor: C,
    /// The item.
    pub node: T,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Connection<C, T> {
    /// The items, in the order of the list.
    pub edges: Vec<Edge<C, T>>,
    /// Whether the list goes on after the page.
    pub has_next: bool,
    /// Whether the list goes on before the page.
    pub has_previous: bool,
}

impl<C, T> Connection<C, T> {
    /// Builds a page from the rows read from the requested side: up to one more than the limit, which shows whether the
    /// list continues, and in reverse order when counted from the end.
    pub fn of(page: &PageRequest<C>, mut read: Vec<Edge<C, T>>) -> Self {
        let more = read.len() as u64 > page.limit;
        read.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        match page.side {
            Side::First => {
                let has_previous = page.after.is_some() && !read.is_empty();
                Self { edges: read, has_next: more, has_previous }
            }
            Side::Last => {
                read.reverse();
                let has_next = page.before.is_some() && !read.is_empty();
                Self { edges: read, has_next, has_previous: more }
            }
        }
    }
}
