//! Classifies digits in groups by their lengths and separators: codes, dates, times, amounts, telephone numbers.

use super::super::candidate::Penalties;

/// Digits in groups: `48 29 13`.
pub(super) struct DigitGroups {
    lens: [u8; 8],
    pub(super) count: usize,
    pub(super) digits: u8,
    separator: Option<u8>,
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
    pub(super) fn new(len: u32) -> Self {
        let len = u8::try_from(len).unwrap_or(u8::MAX);
        Self { lens: [len, 0, 0, 0, 0, 0, 0, 0], count: 1, digits: len, separator: None }
    }

    /// Adds a group. Returns false if it does not belong to the previous ones.
    pub(super) fn push(&mut self, separator: u8, len: u32) -> bool {
        if self.separator.is_some_and(|previous| previous != separator)
            && (self.separator == Some(b' ') || separator == b' ')
        {
            return false;
        }
        let len = u8::try_from(len).unwrap_or(u8::MAX);
        if let Some(slot) = self.lens.get_mut(self.count) {
            *slot = len;
        }
        self.separator =
            Some(if self.separator.is_some_and(|previous| previous != separator) { b'?' } else { separator });
        self.count += 1;
        self.digits = self.digits.saturating_add(len);
        true
    }

    pub(super) fn meaning(&self) -> Meaning {
        let lens = &self.lens[..self.count.min(self.lens.len())];
        let is_code = self.count <= 8
            && matches!(lens, [3, 3] | [4, 4] | [2, 2, 2] | [2, 2, 2, 2] | [3, 3, 3] | [2, 3] | [3, 2] | [2, 2])
            || (4..=8).contains(&self.count) && lens.iter().all(|&len| len == 1);
        match self.separator {
            Some(b'-') if is_code => {
                // 12-03-24 may be a date.
                let penalties = if matches!(lens, [2, 2, 2] | [2, 2]) { Penalties::DATE } else { Penalties::NONE };
                Meaning::Code(penalties)
            }
            Some(b'-') if lens == [3, 4] => Meaning::Code(Penalties::PHONE),
            Some(b' ') if is_code => {
                Meaning::Code(if self.digits <= 5 && self.count == 2 { Penalties::DATE } else { Penalties::NONE })
            }
            Some(b' ') if self.digits < 9 || self.count == 2 && lens.iter().any(|&len| len >= 6) => Meaning::Separate,
            // Points separate thousands more often than they separate codes.
            Some(b'.') if lens == [3, 3] => Meaning::Code(Penalties::DOTTED),
            Some(b',') if self.count == 2 && lens[0] >= 4 && lens[1] != 2 => Meaning::Separate,
            Some(b':') if lens[0] > 2 => Meaning::Separate,
            _ => Meaning::Other,
        }
    }
}
