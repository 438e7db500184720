//! Digits in groups: codes, dates, times, amounts and telephone numbers are told by how they are parted.

use super::scan::Doubt;

/// Digits in groups.
pub(super) struct Groups {
    lens: [u8; 8],
    pub(super) count: usize,
    pub(super) digits: u8,
    separator: Option<u8>,
}

pub(super) enum Meaning {
    /// Groups that codes are written in.
    Code(Doubt),
    /// Numbers beside each other.
    Apart,
    /// A date, a time, an amount, a telephone number.
    Other,
}

impl Groups {
    pub(super) fn new(len: u32) -> Self {
        let len = u8::try_from(len).unwrap_or(u8::MAX);
        Self { lens: [len, 0, 0, 0, 0, 0, 0, 0], count: 1, digits: len, separator: None }
    }

    /// Takes another group; false when it does not belong to those before.
    pub(super) fn take(&mut self, separator: u8, len: u32) -> bool {
        if self.separator.is_some_and(|own| own != separator) && (self.separator == Some(b' ') || separator == b' ') {
            return false;
        }
        let len = u8::try_from(len).unwrap_or(u8::MAX);
        if let Some(place) = self.lens.get_mut(self.count) {
            *place = len;
        }
        self.separator = Some(if self.separator.is_some_and(|own| own != separator) { b'?' } else { separator });
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
                // 12-03-24 may be a day.
                let doubt = if matches!(lens, [2, 2, 2] | [2, 2]) { Doubt::DATE } else { Doubt::NONE };
                Meaning::Code(doubt)
            }
            Some(b'-') if lens == [3, 4] => Meaning::Code(Doubt::PHONE),
            Some(b' ') if is_code => {
                Meaning::Code(if self.digits <= 5 && self.count == 2 { Doubt::DATE } else { Doubt::NONE })
            }
            Some(b' ') if self.digits < 9 || self.count == 2 && lens.iter().any(|&len| len >= 6) => Meaning::Apart,
            // Points part thousands more often than codes.
            Some(b'.') if lens == [3, 3] => Meaning::Code(Doubt::POINTS),
            Some(b',') if self.count == 2 && lens[0] >= 4 && lens[1] != 2 => Meaning::Apart,
            Some(b':') if lens[0] > 2 => Meaning::Apart,
            _ => Meaning::Other,
        }
    }
}
