//! Classifies digits in groups by their lengths and separators: codes, dates, times, amounts, telephone numbers.

use super::super::candidate::Penalties;

/// Digits in groups: `48 29 13`.
pub(super) struct DigitGroups {
    lens: [u8; 8],
    /// The values of the groups of two digits.
    values: [u8; 8],
    pub(super) count: usize,
    pub(super) digits: u8,
    separator: Option<u8>,
    /// It starts like a telephone number: `0800 123456`.
    is_dialled: bool,
}

/// What digits in groups are.
pub(super) enum Meaning {
    /// Groups that are usual for codes.
    Code(Penalties),
    /// Unrelated numbers next to each other.
    Separate,
    /// A date, a time, an amount, a telephone number.
    Other,
}

impl DigitGroups {
    pub(super) fn new(first: &[u8]) -> Self {
        // Codes for free and shared-cost calls.
        const PREFIXES: [&[u8]; 8] = [b"800", b"808", b"844", b"855", b"866", b"877", b"888", b"900"];
        let is_dialled = first.starts_with(b"0") && (3..=4).contains(&first.len()) || PREFIXES.contains(&first);
        let mut groups = Self { lens: [0; 8], values: [0; 8], count: 0, digits: 0, separator: None, is_dialled };
        groups.add(first);
        groups
    }

    /// Adds a group. Returns false if it does not belong to the previous ones.
    pub(super) fn push(&mut self, separator: u8, digits: &[u8]) -> bool {
        if self.separator.is_some_and(|previous| previous != separator)
            && (self.separator == Some(b' ') || separator == b' ')
        {
            return false;
        }
        self.separator =
            Some(if self.separator.is_some_and(|previous| previous != separator) { b'?' } else { separator });
        self.add(digits);
        true
    }

    fn add(&mut self, digits: &[u8]) {
        let len = u8::try_from(digits.len()).unwrap_or(u8::MAX);
        if self.count < self.lens.len() {
            self.lens[self.count] = len;
            if let [tens, ones] = digits {
                self.values[self.count] = (tens - b'0') * 10 + (ones - b'0');
            }
        }
        self.count += 1;
        self.digits = self.digits.saturating_add(len);
    }

    /// Whether two or three groups of two digits may be a date: the day and the month, in either order, or the year
    /// first.
    fn may_be_date(&self) -> bool {
        let is_date = |day: u8, month: u8| (1..=31).contains(&day) && (1..=12).contains(&month);
        let [first, second, third, ..] = self.values;
        is_date(first, second) || is_date(second, first) || self.count == 3 && is_date(third, second)
    }

    pub(super) fn meaning(&self) -> Meaning {
        let lens = &self.lens[..self.count.min(self.lens.len())];
        let is_code = self.count <= 8
            && matches!(lens, [3, 3] | [4, 4] | [2, 2, 2] | [2, 2, 2, 2] | [3, 3, 3] | [2, 3] | [3, 2] | [2, 2])
            || (4..=8).contains(&self.count) && lens.iter().all(|&len| len == 1);
        // 12-03-24 may be a date, and 12-03-2024 is one.
        let may_be_date = matches!(lens, [2, 2, 2] | [2, 2]) && self.may_be_date();
        let date = if may_be_date { Penalties::DATE } else { Penalties::NONE };
        let is_date = lens.len() == 3 && lens.contains(&4) && lens.iter().filter(|len| **len <= 2).count() == 2;
        match self.separator {
            Some(b'-') if is_code => Meaning::Code(date),
            Some(b'-') if lens == [3, 4] => Meaning::Code(Penalties::PHONE),
            Some(b'-') if (5..=9).contains(&self.digits) && self.count <= 4 && !is_date => {
                Meaning::Code(Penalties::UNUSUAL_GROUPS)
            }
            Some(b'_') if is_code => Meaning::Code(Penalties::NONE),
            Some(b' ') if is_code => {
                Meaning::Code(if self.digits <= 5 && self.count == 2 { Penalties::DATE } else { Penalties::NONE })
            }
            Some(b' ') if matches!(lens, [4, 2] | [2, 4] | [3, 3, 2]) => Meaning::Code(Penalties::UNUSUAL_GROUPS),
            Some(b' ') if self.is_dialled => Meaning::Other,
            Some(b' ') if self.digits < 9 || self.count == 2 && lens.iter().any(|&len| len >= 6) => Meaning::Separate,
            // Points separate thousands, dates and versions more often than they separate codes.
            Some(b'.') if matches!(lens, [3, 3] | [2, 2, 2]) || is_code && self.count > 4 => {
                Meaning::Code(Penalties::DOTTED.with(date))
            }
            Some(b'/') if matches!(lens, [3, 3] | [4, 4]) => Meaning::Code(Penalties::DOTTED),
            Some(b',') if self.count == 2 && lens[0] >= 4 && lens[1] != 2 => Meaning::Separate,
            Some(b':') if lens[0] > 2 => Meaning::Separate,
            _ => Meaning::Other,
        }
    }
}
