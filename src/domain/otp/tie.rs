//! What ties a number to a word for a code: what stands directly before it, directly behind it, and further away.

use std::fmt;

use super::{
    judge::Judge,
    lexicon::Role,
    normal::Kind,
    scan::Candidate,
    terms::{Strength, Term},
};

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

impl Judge<'_> {
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
        // "Your code is", and the code on a line of its own, are one sentence: that of what ties it.
        let before = self.scan.tokens.partition_point(|token| token.start < candidate.start).checked_sub(1);
        let from = before.filter(|_| copula).map_or(candidate.start, |at| self.scan.tokens[at].start);
        let sentence = self.scan.sentence(from);
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
            let apart = sentence - self.scan.sentence(term.start).min(sentence);
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
}
