//! Which of the numbers is the code, and how sure that is.
//!
//! A number has points for what speaks for it, and loses some for what speaks against it. How many was found by trying:
//! a shape moves a number by about 10, a word for a code by 30 to 60, what says that it is something else by 30 to 50.
//! Whoever changes them sees with `otpwire measure-codes` what that wins and loses, on more than one set of texts.

use std::cell::Cell;

use super::{
    lexicon::{Hit, Role},
    normal::{Kind, Normal},
    scan::{Candidate, Doubt, Scan, Shape},
    terms::{Context, Term},
    tie::Tie,
};

/// Codes have at least so many points.
pub(super) const THRESHOLD: i32 = 50;

pub(super) struct Judge<'a> {
    pub(super) text: &'a Normal,
    pub(super) hits: &'a [Hit],
    pub(super) scan: &'a Scan,
    pub(super) context: Context,
    /// Bytes per ten characters: distances are in characters, whatever the script.
    scale: u32,
    /// Whether anything but a generic word speaks for a code.
    pub(super) has_support: bool,
    pub(super) steps: Cell<usize>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(text: &'a Normal, hits: &'a [Hit], scan: &'a Scan, retriever: bool) -> Self {
        let scale = u32::try_from(text.bytes().len() * 10 / text.chars.max(1)).unwrap_or(10).max(10);
        let mut judge = Self {
            text,
            hits,
            scan,
            context: Context { retriever, ..Context::default() },
            scale,
            has_support: false,
            steps: Cell::new(0),
        };
        judge.read_context();
        judge
    }

    /// The distance between two places, in characters.
    pub(super) fn distance(&self, from: u32, to: u32) -> u32 {
        to.saturating_sub(from) * 10 / self.scale
    }

    /// The address that a place is in.
    pub(super) fn address_at(&self, at: u32) -> Option<(u32, u32)> {
        let addresses = &self.scan.addresses;
        let next = addresses.partition_point(|&(start, _)| start <= at);
        next.checked_sub(1).map(|last| addresses[last]).filter(|&(_, end)| at < end)
    }

    pub(super) fn has_candidate(&self, from: u32, to: u32) -> bool {
        let next = self.scan.candidates.partition_point(|number| number.start < from);
        self.scan.candidates.get(next).is_some_and(|number| number.end <= to)
    }

    /// The points of a candidate.
    pub(super) fn points(&self, candidate: &Candidate) -> i32 {
        let tie = self.tie(candidate);
        let mut points = tie.points + self.shape(candidate, &tie);
        let context = &self.context;
        // A warning speaks for a code where there is one to keep secret, and not where it is all that is said.
        let is_only_warning = context.terms.iter().all(|term| term.warns) && !tie.direct;
        let secrets = if is_only_warning { 0 } else { context.secrets.min(1) * 8 };
        points += (context.cues.min(2) * 6 + secrets).min(16);
        if context.retriever {
            points += 25;
        }
        if tie.points > 0 && self.text.chars <= 60 {
            points += 4;
        }
        points -= match (tie.direct, tie.strong) {
            (true, true) if candidate.shape != Shape::Mixed => (context.trade * 4).min(12),
            (true, true) => (context.trade * 9).min(27) + context.others.min(2) * 8,
            (true, false) if candidate.shape == Shape::Mixed => context.trade * 12 + context.others.min(2) * 8,
            (true, false) => (context.trade * 9 - 7).clamp(0, 26) + context.others.min(2) * 8,
            (false, _) => (context.trade * 9).min(27) + context.others.min(2) * 8,
        };
        points -= self.doubts(candidate, &tie);
        if tie.label {
            points -= 45;
        }
        if self.is_subject(candidate) {
            points -= 30;
        }
        points
    }

    /// Whether it is said of this number that another one is its code: "your code for user 482913 is 7731".
    fn is_subject(&self, candidate: &Candidate) -> bool {
        let next = self.scan.candidates.partition_point(|other| other.start < candidate.end);
        let Some(other) = self.scan.candidates.get(next) else { return false };
        let first = self.hits.partition_point(|hit| hit.start < candidate.end);
        let copula = self.hits.get(first).filter(|hit| hit.is(Role::IS) && hit.end <= other.start);
        copula.is_some_and(|hit| self.is_glue(candidate.end, hit.start) && self.is_glue(hit.end, other.start))
    }

    fn shape(&self, candidate: &Candidate, tie: &Tie) -> i32 {
        let typed = &self.text.bytes()[candidate.typed as usize..candidate.end as usize];
        match candidate.shape {
            Shape::Digits => {
                let prior = match candidate.len {
                    6 => 14,
                    4 => 8,
                    5 => 10,
                    8 => 8,
                    7 => 6,
                    3 => -12,
                    9 => -12,
                    _ => -25,
                };
                let zero = if typed.starts_with(b"0") && candidate.len <= 8 { 4 } else { 0 };
                // Years, also of the Buddhist era: 2560 to 2569.
                let year = candidate.len == 4
                    && (typed.starts_with(b"19") || typed.starts_with(b"20") || typed.starts_with(b"256"));
                let day = candidate.len == 8 && (typed.starts_with(b"19") || typed.starts_with(b"20"));
                let year = if year {
                    if tie.direct { 4 } else { 14 }
                } else if day {
                    5
                } else {
                    0
                };
                prior + zero - year
            }
            Shape::Grouped => match candidate.len {
                6 => 14,
                8 => 6,
                4 | 5 => 4,
                _ => -10,
            },
            Shape::Prefixed => {
                if candidate.len >= 4 {
                    12
                } else {
                    -5
                }
            }
            Shape::Mixed => {
                let digits = typed.iter().filter(|byte| byte.is_ascii_digit()).count();
                let long = if candidate.len > 8 { -10 } else { 0 };
                // A word with numbers behind it is a name or a voucher: SAVE20.
                let letters = typed.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                let is_word = letters >= 3 && letters + digits == typed.len();
                let word = if is_word { -22 } else { 4 };
                long + word + if tie.direct || tie.verb && !is_word { 2 } else { -60 }
            }
            Shape::Letters => 0,
        }
    }

    fn doubts(&self, candidate: &Candidate, tie: &Tie) -> i32 {
        let doubt = candidate.doubt;
        let mut points = 0;
        if doubt.has(Doubt::POINTS) {
            points += 18;
        }
        if doubt.has(Doubt::PHONE) {
            points += 50;
        }
        if doubt.has(Doubt::MONEY) {
            points += 50;
        }
        if doubt.has(Doubt::UNIT) {
            points += if tie.direct && candidate.len >= 6 { 15 } else { 45 };
        }
        if doubt.has(Doubt::DATE) {
            points += if tie.direct { 6 } else { 12 };
        }
        if doubt.has(Doubt::MIXED_CASE) {
            points += 10;
        }
        if doubt.has(Doubt::QUOTED) {
            points += 40;
        }
        if doubt.has(Doubt::HASH_SIGN) && !tie.direct {
            points += 10;
        }
        if doubt.has(Doubt::PART) {
            points += 35;
        }
        points
    }

    pub(super) fn sentence(&self, at: u32) -> usize {
        self.scan.sentence(at)
    }

    /// Whether a sentence has a word for a code.
    pub(super) fn has_term(&self, sentence: usize) -> bool {
        let next = self.context.terms.partition_point(|term| self.sentence(term.start) < sentence);
        self.context.terms.get(next).is_some_and(|term| self.sentence(term.start) == sentence)
    }

    /// Counts steps, for the test that their number grows with the text and not faster.
    pub(super) fn step(&self, count: usize) {
        self.steps.set(self.steps.get() + count);
    }

    pub(super) fn term_at(&self, start: u32) -> Option<&Term> {
        let next = self.context.terms.partition_point(|term| term.start < start);
        self.context.terms.get(next).filter(|term| term.start == start)
    }

    /// Whether nothing stands between two places that parts them: spaces, colons, brackets, a line's end.
    pub(super) fn is_glue(&self, from: u32, to: u32) -> bool {
        let (from, to) = (from as usize, to as usize);
        if from > to || to - from > 12 {
            return false;
        }
        let (bytes, kinds) = (&self.text.bytes()[from..to], &self.text.kinds[from..to]);
        let mut stop = false;
        for (at, (byte, kind)) in bytes.iter().zip(kinds).enumerate() {
            match kind {
                Kind::Space => {
                    if stop {
                        return false;
                    }
                }
                Kind::Mark => {
                    if matches!(byte, b'!' | b'?' | b'@' | b'/' | b'%' | b';') {
                        return false;
                    }
                    // A point ends a sentence when a space follows it.
                    stop = *byte == b'.' && at + 1 < bytes.len();
                }
                _ => return false,
            }
        }
        true
    }
}
