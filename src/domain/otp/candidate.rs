//! Numbers that may be the code of a message.

/// How a candidate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits: `123456`.
    Digits,
    /// Digits in groups: `123-456`, `12 34 56`.
    Grouped,
    /// Letters, a hyphen and digits: `G-123456`. The letters are not part of the code.
    Prefixed,
    /// Digits and letters: `7K4Q9Z`.
    Mixed,
    /// Letters.
    Letters,
}

/// What suggests, in the immediate surroundings of a candidate, that it is not a code: a set of penalties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Penalties(u16);

impl Penalties {
    pub(super) const NONE: Self = Self(0);
    /// It may be a date.
    pub(super) const DATE: Self = Self(1);
    /// It may be a telephone number, or be for dialling.
    pub(super) const PHONE: Self = Self(1 << 1);
    /// A currency is next to it.
    pub(super) const CURRENCY: Self = Self(1 << 2);
    /// A unit follows.
    pub(super) const UNIT: Self = Self(1 << 3);
    /// It has letters of both cases.
    pub(super) const MIXED_CASE: Self = Self(1 << 4);
    /// `#` precedes it.
    pub(super) const HASH_SIGN: Self = Self(1 << 5);
    /// It is part of a longer identifier.
    pub(super) const FRAGMENT: Self = Self(1 << 6);
    /// It is at the end of a quotation.
    pub(super) const QUOTED: Self = Self(1 << 7);
    /// Its groups are separated by points or a slash.
    pub(super) const DOTTED: Self = Self(1 << 8);
    /// Its groups are not usual for codes.
    pub(super) const UNUSUAL_GROUPS: Self = Self(1 << 9);

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A number that may be the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the code itself starts: after the prefix, if there is one.
    pub(super) code_start: u32,
    pub(super) shape: Shape,
    /// The number of digits and letters.
    pub(super) len: u8,
    pub(super) penalties: Penalties,
}
