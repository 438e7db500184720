//! The words for a code in a text, how much each says, and what else the text says.

use smallvec::SmallVec;

use super::{
    judge::Judge,
    lexicon::{Hit, Role},
    normal::Kind,
};

/// A word for a code in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) strength: Strength,
    /// It stands in a warning: "never tell anyone your code".
    pub(super) warns: bool,
}

/// How much a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// "Verification", without a word for a code.
    Hint,
    /// "Code", "PIN", "password".
    Weak,
    /// "Verification code", "OTP".
    Strong,
}

/// What a text says besides its numbers.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) terms: SmallVec<[Term; 6]>,
    pub(super) cues: i32,
    pub(super) secrets: i32,
    pub(super) trade: i32,
    pub(super) others: i32,
    /// Whether it is made for Android's SMS Retriever, which passes codes to applications.
    pub(super) retriever: bool,
}

impl Judge<'_> {
    pub(super) fn read_context(&mut self) {
        self.has_support = self.text.chars <= 40;
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            self.step(1);
            if self.address_at(hit.start).is_some() {
                continue;
            }
            self.has_support |= hit.is(Role::CUE
                .or(Role::SECRET)
                .or(Role::KIND)
                .or(Role::ACT)
                .or(Role::SERVICE)
                .or(Role::IS)
                .or(Role::VERB));
            if hit.is(Role::CUE) {
                self.context.cues += 1;
            }
            if hit.is(Role::SECRET) {
                self.context.secrets += 1;
            }
            if hit.is(Role::TRADE) && !hit.is(Role::WORD.or(Role::CODE).or(Role::KIND).or(Role::ACT)) {
                self.context.trade += 1;
            }
            let strength = if hit.is(Role::CODE) {
                Some(Strength::Strong)
            } else if hit.is(Role::WORD) {
                self.word_strength(at)
            } else if hit.is(Role::KIND) && !hit.is(Role::LABEL.or(Role::OTHER).or(Role::SERVICE)) {
                Some(Strength::Hint)
            } else {
                None
            };
            if let Some(strength) = strength {
                let warns = self.is_warned(at);
                self.context.terms.push(Term { start: hit.start, end: hit.end, strength, warns });
            }
        }
    }

    /// What a generic word means, by the words beside it: a verification code, a promo code, a code.
    fn word_strength(&mut self, at: usize) -> Option<Strength> {
        let word = self.hits[at];
        let sentence = self.scan.sentence(word.start);
        let mut kind: Option<u32> = None;
        let mut other: Option<u32> = None;
        let mut looked = 0;
        let mut look = |near: &Hit, distance: u32, before: bool, is_phrase: bool| {
            looked += 1;
            // A service's own name says as much: "Telegram code".
            let is_service = near.is(Role::SERVICE) && !near.is(Role::PLAIN) && distance <= 2;
            if near.is(Role::KIND) && distance <= (if before { 12 } else { 25 }) || is_service {
                kind = Some(kind.map_or(distance, |own| own.min(distance)));
            }
            // "Your code for order 482913" is about the order's number, and no order code.
            let is_about = !before && near.is(Role::LABEL) && self.has_candidate(near.end, near.end + 14);
            let is_other = near.is(Role::OTHER) && distance <= 8 && is_phrase && !is_about;
            // A word that means something harmless in another language is left out of it.
            let is_harmless = near.is(Role::KIND.or(Role::VERB).or(Role::IS).or(Role::MONEY));
            if is_other && !is_harmless {
                other = Some(other.map_or(distance, |own| own.min(distance)));
            }
        };
        // A compound that says what kind of code it is: "Sicherheitscode".
        if word.is(Role::KIND) {
            return Some(Strength::Strong);
        }
        for near in self.hits[..at].iter().rev().take(4) {
            if self.scan.sentence(near.start) != sentence || self.is_parted(near.end, word.start) {
                break;
            }
            look(near, self.distance(near.end, word.start), true, self.is_phrase(near.end, word.start));
        }
        for near in self.hits[at + 1..].iter().take(4) {
            if self.scan.sentence(near.start) != sentence {
                break;
            }
            // What comes after a number belongs to that.
            if self.is_parted(word.end, near.start) {
                break;
            }
            look(near, self.distance(word.end, near.start), false, self.is_phrase(word.end, near.start));
        }
        self.steps.set(self.steps.get() + looked);
        match (kind, other) {
            (Some(kind), Some(other)) if other < kind => {
                self.context.others += 1;
                None
            }
            (Some(_), _) => Some(Strength::Strong),
            (None, Some(_)) => {
                self.context.others += 1;
                None
            }
            (None, None) if word.is(Role::OTHER) => None,
            (None, None) => Some(Strength::Weak),
        }
    }

    fn is_warned(&self, at: usize) -> bool {
        let word = self.hits[at];
        if word.is(Role::SECRET) {
            return true;
        }
        let sentence = self.scan.sentence(word.start);
        let near = |other: &Hit| {
            let distance = if other.end <= word.start {
                self.distance(other.end, word.start)
            } else {
                self.distance(word.end, other.start)
            };
            other.is(Role::SECRET)
                && distance <= 30
                && self.scan.sentence(other.start) == sentence
                // A number between them belongs to the word, and the warning is about both.
                && !self.has_candidate(word.end.min(other.end), word.start.max(other.start))
        };
        self.hits[..at].iter().rev().take(4).any(near) || self.hits[at + 1..].iter().take(4).any(near)
    }

    /// Whether nothing but words stands between two places.
    fn is_phrase(&self, from: u32, to: u32) -> bool {
        let (from, to) = (from.min(to) as usize, to as usize);
        let mut marks =
            self.text.bytes()[from..to].iter().zip(&self.text.kinds[from..to]).filter(|(_, kind)| **kind == Kind::Mark);
        marks.all(|(byte, _)| matches!(byte, b'-' | b'\''))
    }

    /// Whether a number or an address stands between two places.
    fn is_parted(&self, from: u32, to: u32) -> bool {
        let next = self.scan.addresses.partition_point(|&(start, _)| start < from);
        self.scan.addresses.get(next).is_some_and(|&(_, end)| end <= to) || self.has_candidate(from, to)
    }
}
