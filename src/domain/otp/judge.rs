//! Which of the numbers is the code, and how sure that is.
//!
//! A number has points for what speaks for it, and loses some for what speaks against it. How many was found by trying:
//! a shape moves a number by about 10, a word for a code by 30 to 60, what says that it is something else by 30 to 50.
//! Whoever changes them sees with `otpwire measure-codes` what that wins and loses, on more than one set of texts.

use std::{cell::Cell, fmt};

use smallvec::SmallVec;

use super::{
    lexicon::{Hit, Role},
    normal::{Kind, Normal},
    scan::{Candidate, Doubt, Scan, Shape},
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
    has_support: bool,
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
    fn distance(&self, from: u32, to: u32) -> u32 {
        to.saturating_sub(from) * 10 / self.scale
    }

    fn read_context(&mut self) {
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

    /// The address that a place is in.
    pub(super) fn address_at(&self, at: u32) -> Option<(u32, u32)> {
        let addresses = &self.scan.addresses;
        let next = addresses.partition_point(|&(start, _)| start <= at);
        next.checked_sub(1).map(|last| addresses[last]).filter(|&(_, end)| at < end)
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
        // A word that is of two minds says neither.
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

    fn has_candidate(&self, from: u32, to: u32) -> bool {
        let next = self.scan.candidates.partition_point(|number| number.start < from);
        self.scan.candidates.get(next).is_some_and(|number| number.end <= to)
    }

    /// The points of a candidate.
    pub(super) fn points(&self, candidate: &Candidate) -> i32 {
        let tie = self.tie(candidate);
        let mut points = tie.points + self.shape(candidate, &tie);
        let context = &self.context;
        points += (context.cues.min(2) * 6 + context.secrets.min(1) * 8).min(16);
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

    /// What ties a number to a word for a code.
    pub(super) fn tie(&self, candidate: &Candidate) -> Tie {
        let colon = candidate.start.checked_sub(1).is_some_and(|at| self.is_colon(at));
        let mut tie = self.tie_before(candidate, colon);
        let after = self.tie_after(candidate);
        // "Account: 123456 is your code."
        tie.label &= after.points < 56;
        tie.better(after);
        tie.better(self.tie_near(candidate, tie.copula || colon || tie.closes));
        // "We sent a code to 5550100" tells where it went. ("Kod to 5550100" is Polish, and tells the code.)
        tie.label |= self.text.bytes()[..candidate.start as usize].ends_with(b"code to ");
        tie
    }

    /// Words directly before it: "code is: 123456", "use 123456", "order no. 123456".
    fn tie_before(&self, candidate: &Candidate, colon: bool) -> Tie {
        let mut tie = Tie::default();
        let mut at = candidate.start;
        let first = self.hits.partition_point(|hit| hit.end <= candidate.start);
        let mut label = false;
        // Whether more than "is" stands between the number and the words at hand.
        let mut parted = false;
        // Whether nothing but what belongs to the word for the code stands between it and a label: "verification number".
        let mut touches = false;
        for (count, hit) in self.hits[..first].iter().rev().take(5).enumerate() {
            self.step(1);
            if hit.end <= at && !self.is_glue(hit.end, at) {
                // "Kod e 123456", "il codice è": the shortest copulas are not in the lexicon.
                if count > 0 || !self.is_short_copula(hit.end, at) {
                    break;
                }
                tie.copula = true;
            }
            let term = self.term_at(hit.start);
            // "Endziffern 4471" are digits, and of a card.
            let names_other = |term: &Term| term.strength == Strength::Weak && hit.is(Role::LABEL);
            if let Some(term) = term.filter(|term| term.strength != Strength::Hint && !names_other(term)) {
                let alone = if self.has_support { 44 } else { 40 };
                let points = match (term.strength, term.warns) {
                    (Strength::Strong, false) => 60,
                    (Strength::Strong, true) => 52,
                    (_, false) => alone,
                    (_, true) => 34,
                };
                tie.points = tie.points.max(points);
                tie.direct = true;
                tie.strong = term.strength == Strength::Strong;
                // "Code no. 1234" is a code; in "code for order 1234" the label stays.
                label &= !touches;
                break;
            }
            let is_label = hit.is(Role::LABEL.or(Role::OTHER))
                && !hit.is(Role::IS.or(Role::SERVICE).or(Role::VERB).or(Role::MONEY));
            touches = is_label || touches && hit.is(Role::KIND.or(Role::SERVICE));
            if is_label {
                label |= !parted && !self.text.bytes()[hit.end.min(at) as usize..at as usize].contains(&b',');
            } else if hit.is(Role::IS) {
                tie.copula |= count == 0;
                tie.verb |= hit.is(Role::VERB);
            } else if hit.is(Role::VERB) {
                tie.verb = true;
                break;
            } else if hit.is(Role::KIND.or(Role::ACT)) {
                // "Register with 123456".
                tie.act |= hit.is(Role::ACT);
                tie.points = tie.points.max(if hit.is(Role::KIND) { 30 } else { 0 });
            } else if !hit.is(Role::PLAIN.or(Role::CUE).or(Role::SERVICE)) {
                break;
            }
            parted |= !hit.is(Role::IS.or(Role::PLAIN).or(Role::LABEL).or(Role::OTHER));
            at = hit.start;
        }
        tie.label = label && !((tie.copula || colon) && self.has_strong_before(at));
        if tie.points == 0 && tie.verb && !label {
            tie.points = 22;
        }
        if tie.points == 0 && tie.copula && !label {
            tie.points = 14;
        }
        tie
    }

    /// Whether no word stands before a place in its sentence.
    fn starts_sentence(&self, at: u32) -> bool {
        let next = self.scan.tokens.partition_point(|token| token.start < at);
        let word = self.scan.tokens[..next].iter().rev().take(8).find(|token| token.kind != Kind::Mark);
        word.is_none_or(|word| self.scan.sentence(word.start) != self.scan.sentence(at))
    }

    /// Whether a colon or an equals sign stands at a place, or before the space there.
    fn is_colon(&self, at: u32) -> bool {
        let at = at as usize;
        let at = if self.text.kinds[at] == Kind::Space { at.saturating_sub(1) } else { at };
        matches!(self.text.bytes()[at], b':' | b'=') || self.text.bytes()[..=at].ends_with("：".as_bytes())
    }

    /// Whether a word that says "one-time code" stands before a place, not far away, in its sentence.
    fn has_strong_before(&self, at: u32) -> bool {
        let next = self.context.terms.partition_point(|term| term.end <= at);
        let sentence = self.scan.sentence(at);
        self.context.terms[..next].iter().rev().take(3).any(|term| {
            term.strength == Strength::Strong
                && self.distance(term.end, at) <= 60
                && self.scan.sentence(term.start) == sentence
        })
    }

    /// Words directly after it: "123456 is your code".
    fn tie_after(&self, candidate: &Candidate) -> Tie {
        let mut tie = Tie::default();
        let sentence = self.scan.sentence(candidate.end);
        let first = self.hits.partition_point(|hit| hit.start < candidate.end);
        let mut at = candidate.end;
        let mut copula = false;
        let starts = self.starts_sentence(candidate.start);
        for hit in self.hits[first..].iter().take(8) {
            self.step(1);
            let distance = self.distance(candidate.end, hit.start);
            if distance > 60 || self.scan.sentence(hit.start) != sentence {
                break;
            }
            let is_next = self.is_glue(at, hit.start);
            copula |= is_next && at == candidate.end && hit.is(Role::IS);
            let is_wide = !self.text.bytes()[hit.start as usize].is_ascii();
            tie.closes |= is_next && at == candidate.end && hit.is(Role::IS) && is_wide;
            if hit.is(Role::VERB) {
                // In many languages the verb comes last: "123456 را در برنامه وارد کنید".
                let is_last = distance <= 40 && !self.text.bytes()[hit.start as usize].is_ascii();
                if is_next || is_last {
                    tie.verb = true;
                    tie.points = tie.points.max(if is_next { 22 } else { 16 });
                }
            }
            if let Some(term) = self.term_at(hit.start) {
                let points = match (term.strength, copula, distance) {
                    (Strength::Strong, true, _) => 56,
                    (Strength::Strong, _, 0..=3) => 48,
                    (Strength::Strong, _, 4..=30) if starts => 44,
                    (Strength::Strong, _, 4..=30) => 38,
                    (Strength::Strong, ..) => 22,
                    (Strength::Weak, true, 0..=45) => 42,
                    (Strength::Weak, _, 0..=15) if starts => 38,
                    (Strength::Weak, _, 0..=3) => 30,
                    (Strength::Weak, _, 4..=20) => 20,
                    (Strength::Weak, ..) => 8,
                    (Strength::Hint, true, _) => 16,
                    (Strength::Hint, ..) => 4,
                };
                let points = if term.warns && !copula { points / 2 } else { points };
                let is_direct =
                    copula && term.strength != Strength::Hint || term.strength == Strength::Strong && distance <= 3;
                if points > tie.points {
                    tie.points = points;
                    tie.direct |= is_direct;
                    tie.strong |= term.strength == Strength::Strong;
                }
                if term.strength == Strength::Strong {
                    break;
                }
            }
            if is_next {
                at = hit.end;
            }
        }
        tie
    }

    /// Words further away: in the sentence, then in the sentence before, then anywhere.
    fn tie_near(&self, candidate: &Candidate, copula: bool) -> Tie {
        let mut tie = Tie::default();
        let sentence = self.scan.sentence(candidate.start);
        // "Do not share it: 123456."
        let before = self.hits.partition_point(|hit| hit.end <= candidate.start);
        let told = before
            .checked_sub(1)
            .map(|last| self.hits[last])
            .is_some_and(|last| last.is(Role::SECRET) && copula && self.is_glue(last.end, candidate.start));
        let next = self.context.terms.partition_point(|term| term.end <= candidate.start);
        for term in self.context.terms[..next].iter().rev().take(6) {
            self.step(1);
            let distance = self.distance(term.end, candidate.start);
            // "Your code is", and the code on a line of its own.
            let apart = (sentence - self.scan.sentence(term.start).min(sentence)).saturating_sub(usize::from(copula));
            let points = match (term.strength, apart, distance) {
                (Strength::Strong, 0, 0..=110) if copula => 56,
                (Strength::Strong, 0, 0..=20) => 42,
                (Strength::Strong, 0, 0..=45) => 38,
                (Strength::Strong, 0, 0..=110) => 28,
                (Strength::Strong, 0..=1, 0..=60) => 24,
                (Strength::Strong, _, 0..=200) => 14,
                (Strength::Weak, 0, 0..=60) if copula && self.has_support => 42,
                (Strength::Weak, 0, 0..=60) if copula => 36,
                (Strength::Weak, 0, 0..=20) => 26,
                (Strength::Weak, 0, 0..=45) => 18,
                (Strength::Weak, 0..=1, 0..=100) => 8,
                (Strength::Hint, 0, 0..=40)
                    if copula && !self.text.bytes()[..candidate.start as usize].ends_with(b" to ") =>
                {
                    36
                }
                (Strength::Hint, 0, 0..=30) => 8,
                _ => 0,
            };
            let points = if term.warns && !told { points * 2 / 3 } else { points };
            tie.points = tie.points.max(points);
            tie.direct |= copula && apart == 0 && term.strength == Strength::Strong && distance <= 60;
            tie.strong |= apart == 0 && term.strength == Strength::Strong;
        }
        for term in self.context.terms[next..].iter().filter(|term| term.start >= candidate.end).take(4) {
            let distance = self.distance(candidate.end, term.start);
            let points = match (term.strength, distance) {
                (Strength::Strong, 0..=100) => 16,
                (Strength::Weak, 0..=60) => 6,
                _ => 0,
            };
            let points = if term.warns { points / 3 } else { points };
            tie.points = tie.points.max(points);
        }
        tie
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

    /// Whether a word of one letter stands between two places, and nothing else.
    fn is_short_copula(&self, from: u32, to: u32) -> bool {
        let (from, to) = (from as usize, to as usize);
        match &self.text.kinds[from..to] {
            [Kind::Space, word @ .., Kind::Space] if word.len() <= 4 => {
                let is_word = word.iter().all(|kind| *kind == Kind::Letter);
                is_word && self.text.text[from + 1..to - 1].chars().count() == 1
            }
            _ => false,
        }
    }

    /// Whether nothing stands between two places that parts them: spaces, colons, brackets, a line's end.
    fn is_glue(&self, from: u32, to: u32) -> bool {
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

/// How a number is tied to a word for a code.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tie {
    pub(super) points: i32,
    /// Nothing stands between them but what ties them.
    pub(super) direct: bool,
    /// The word that it is tied to says "one-time code" by itself.
    pub(super) strong: bool,
    /// "Is" stands directly before it.
    pub(super) copula: bool,
    /// "Is" stands directly behind it, in a script whose languages mostly have their verbs last.
    pub(super) closes: bool,
    /// What the reader is to do with it stands directly before it.
    pub(super) verb: bool,
    /// What the code is for stands directly before it.
    pub(super) act: bool,
    /// A word directly before it says that it is something else.
    pub(super) label: bool,
}

impl fmt::Display for Tie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for what ties it to a code", self.points)?;
        let seen = [
            (self.direct, "directly"),
            (self.copula, "by \"is\""),
            (self.verb, "by a verb"),
            (self.label, "but labelled as something else"),
        ];
        seen.iter().filter(|(is, _)| *is).try_for_each(|(_, how)| write!(f, ", {how}"))
    }
}

impl Tie {
    fn better(&mut self, other: Self) {
        if other.points > self.points {
            self.points = other.points;
        }
        self.direct |= other.direct;
        self.strong |= other.strong;
        self.copula |= other.copula;
        self.closes |= other.closes;
        self.verb |= other.verb;
        self.act |= other.act;
        self.label |= other.label;
    }
}
