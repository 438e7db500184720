//! How a candidate is connected to a keyword: by what is directly before it, directly after it, and further away.

use std::fmt;

use super::{
    candidate::Candidate,
    context::{Context, Keyword, Strength},
    document::Document,
    fold::CharClass,
    lexicon::{LexiconMatch, Tags},
    lines,
};

/// The evidence that connects a candidate to a keyword.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    pub(super) points: i32,
    /// It is directly next to the keyword, or only a copula is between them.
    pub(super) direct: bool,
    /// The keyword is a strong one.
    pub(super) strong: bool,
    /// A copula is directly before it.
    pub(super) copula: bool,
    /// A copula is directly after it, in a script other than Latin: most of those languages put verbs last.
    pub(super) final_copula: bool,
    /// A verb for entering codes is directly before it.
    pub(super) verb: bool,
    /// The purpose of a code is directly before it.
    pub(super) purpose: bool,
    /// The text says what a code is for.
    pub(super) has_purpose: bool,
    /// A label directly before it says that it is something else.
    pub(super) label: bool,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for its keyword", self.points)?;
        let parts = [
            (self.direct, "directly"),
            (self.copula, "by \"is\""),
            (self.verb, "by a verb"),
            (self.label, "but labelled as something else"),
        ];
        parts.iter().filter(|(is_there, _)| *is_there).try_for_each(|(_, part)| write!(f, ", {part}"))
    }
}

impl Evidence {
    /// Whether it is connected closely enough to be a code of any shape.
    pub(super) fn is_clear(&self) -> bool {
        (self.points >= 36 || self.verb && self.has_purpose) && !self.label
    }

    /// Whether a strong keyword is directly next to it.
    pub(super) fn is_direct_and_strong(&self) -> bool {
        self.direct && self.strong && !self.label
    }

    fn merge(&mut self, other: Self) {
        self.points = self.points.max(other.points);
        self.direct |= other.direct;
        self.strong |= other.strong;
        self.copula |= other.copula;
        self.final_copula |= other.final_copula;
        self.verb |= other.verb;
        self.purpose |= other.purpose;
        self.label |= other.label;
    }
}

/// Finds the evidence for candidates of one text.
pub(super) struct EvidenceFinder<'a, 'd> {
    pub(super) document: &'a Document<'d>,
    pub(super) context: &'a Context,
}

impl EvidenceFinder<'_, '_> {
    /// The evidence for a candidate.
    pub(super) fn find(&self, candidate: &Candidate) -> Evidence {
        let colon =
            self.document.before_quotes(candidate.start).checked_sub(1).is_some_and(|at| self.document.is_colon(at));
        let mut evidence = self.evidence_before(candidate, colon);
        evidence.has_purpose = self.context.has_purpose;
        let after = self.evidence_after(candidate);
        // "Account: 123456 is your code."
        evidence.label &= after.points < 56;
        evidence.merge(after);
        evidence.merge(self.distant_evidence(candidate, evidence.copula || colon || evidence.final_copula));
        evidence.points = evidence.points.max(lines::points(self.document, self.context, candidate));
        // In "we sent a code to 5550100" the number is the recipient. ("Kod to 5550100" is Polish for "code is".)
        evidence.label |= self.document.text.bytes()[..candidate.start as usize].ends_with(b"code to ");
        evidence
    }

    /// Whether a candidate of letters is tied to a keyword: a strong one with "is" or a colon between. If it looks like
    /// no word, less is enough.
    pub(super) fn ties_letters(&self, candidate: &Candidate, is_random: bool) -> bool {
        let colon =
            self.document.before_quotes(candidate.start).checked_sub(1).is_some_and(|at| self.document.is_colon(at));
        let before = self.evidence_before(candidate, colon);
        let after = self.evidence_after(candidate);
        let is_linked = colon || before.copula;
        let follows = before.direct && !before.label && (is_linked && before.strong || is_random);
        // "QWRTPX is your verification code".
        let precedes = after.direct && (after.points >= 56 && after.strong || is_random);
        let is_distant = || {
            let distant = self.distant_evidence(candidate, is_linked);
            distant.points >= 56 || is_linked && distant.points >= 36
        };
        follows || precedes || is_random && (is_distant() || before.verb && self.context.has_purpose)
    }

    /// Evidence directly before it: "code is: 123456", "use 123456", "order no. 123456".
    fn evidence_before(&self, candidate: &Candidate, colon: bool) -> Evidence {
        let mut evidence = Evidence::default();
        let mut at = candidate.start;
        let first = self.document.matches.partition_point(|entry| entry.end <= candidate.start);
        let mut label = false;
        // Whether there is more than a copula between the candidate and the current match.
        let mut is_apart = false;
        // Whether what the code is for is between: "code to confirm your number 482913".
        let mut names_purpose = false;
        // Whether a label belongs to the keyword itself: "verification number".
        let mut label_is_keyword = false;
        for (count, entry) in self.document.matches[..first].iter().rev().take(5).enumerate() {
            self.document.count_steps(1);
            if entry.end <= at && !self.document.is_adjacent(entry.end, at) {
                // "Kod e 123456", "il codice è": copulas of one letter are not in the lexicon.
                if count > 0 || !self.document.is_short_copula(entry.end, self.document.before_quotes(at)) {
                    break;
                }
                evidence.copula = true;
            }
            let keyword = self.context.keyword_at(entry.start);
            // A weak keyword may be a label as well: "Endziffern 4471" are the last digits of a card.
            let is_label_too = |keyword: &Keyword| keyword.strength == Strength::Weak && entry.has(Tags::LABEL);
            if let Some(keyword) =
                keyword.filter(|keyword| keyword.strength != Strength::Hint && !is_label_too(keyword))
            {
                let alone = if self.context.has_support { 44 } else { 40 };
                let points = match (keyword.strength, keyword.in_warning) {
                    (Strength::Strong, false) => 60,
                    (Strength::Strong, true) => 52,
                    (_, false) => alone,
                    (_, true) => 34,
                };
                evidence.points = evidence.points.max(points);
                evidence.direct = true;
                evidence.strong = keyword.strength == Strength::Strong;
                // "Code no. 1234" is a code; in "code for order 1234" and "never share your code, call 1234" the label
                // counts.
                label &= !label_is_keyword || keyword.in_warning && keyword.strength == Strength::Weak;
                break;
            }
            let is_label = entry.has(Tags::LABEL.or(Tags::DISQUALIFIER))
                && !entry.has(Tags::COPULA.or(Tags::SERVICE).or(Tags::VERB).or(Tags::CURRENCY));
            label_is_keyword = is_label && !entry.has(Tags::DISQUALIFIER)
                || label_is_keyword && entry.has(Tags::QUALIFIER.or(Tags::SERVICE));
            if is_label {
                label |=
                    !is_apart && !self.document.text.bytes()[entry.end.min(at) as usize..at as usize].contains(&b',');
            } else if entry.has(Tags::COPULA) {
                evidence.copula |= count == 0;
                evidence.verb |= entry.has(Tags::VERB);
            } else if entry.has(Tags::VERB) {
                evidence.verb = true;
                break;
            } else if entry.has(Tags::QUALIFIER.or(Tags::PURPOSE)) {
                // "Register with 123456".
                evidence.purpose |= entry.has(Tags::PURPOSE);
                names_purpose |= label && entry.has(Tags::PURPOSE);
                evidence.points = evidence.points.max(if entry.has(Tags::QUALIFIER) { 30 } else { 0 });
            } else if !entry.has(Tags::STOPWORD.or(Tags::CUE).or(Tags::SERVICE)) {
                break;
            }
            is_apart |= entry.has(Tags::PURPOSE.or(Tags::QUALIFIER))
                || !entry.has(Tags::COPULA.or(Tags::STOPWORD).or(Tags::LABEL).or(Tags::DISQUALIFIER));
            at = entry.start;
        }
        let is_linked = evidence.copula || colon;
        evidence.label = label
            && !(is_linked && self.has_strong_keyword_before(at))
            && !(names_purpose && evidence.direct && self.document.candidates.len() == 1);
        if evidence.points == 0 && evidence.verb && !label {
            evidence.points = 22;
        }
        if evidence.points == 0 && evidence.copula && !label {
            evidence.points = 14;
        }
        evidence
    }

    /// Whether a word is in capitals in a text that is not: "Boston 02115 USA" has no verb.
    fn is_shouted(&self, entry: &LexiconMatch) -> bool {
        let written = self.document.written(entry.start, entry.end);
        written.chars().all(char::is_uppercase)
            && self.document.original.bytes().take(200).any(|byte| byte.is_ascii_lowercase())
    }

    /// Whether no word precedes a position in its sentence.
    fn starts_sentence(&self, at: u32) -> bool {
        let next = self.document.tokens.partition_point(|token| token.start < at);
        let word = self.document.tokens[..next].iter().rev().take(8).find(|token| token.class != CharClass::Symbol);
        word.is_none_or(|word| self.document.sentence_at(word.start) != self.document.sentence_at(at))
    }

    /// Whether a strong keyword precedes a position at a short distance in its sentence.
    fn has_strong_keyword_before(&self, at: u32) -> bool {
        let next = self.context.keywords.partition_point(|keyword| keyword.end <= at);
        let sentence = self.document.sentence_at(at);
        self.context.keywords[..next].iter().rev().take(3).any(|keyword| {
            keyword.strength == Strength::Strong
                && self.document.distance(keyword.end, at) <= 60
                && self.document.sentence_at(keyword.start) == sentence
        })
    }

    /// Evidence directly after it: "123456 is your code".
    fn evidence_after(&self, candidate: &Candidate) -> Evidence {
        let mut evidence = Evidence::default();
        let sentence = self.document.sentence_at(candidate.end);
        let first = self.document.matches.partition_point(|entry| entry.start < candidate.end);
        let mut at = candidate.end;
        let mut copula = false;
        let comma = matches!(self.document.text.bytes().get(candidate.end as usize), Some(b',' | b';'));
        let starts = self.starts_sentence(candidate.start);
        for entry in self.document.matches[first..].iter().take(8) {
            self.document.count_steps(1);
            let distance = self.document.distance(candidate.end, entry.start);
            if distance > 60 || self.document.sentence_at(entry.start) != sentence {
                break;
            }
            let is_next = self.document.is_adjacent(at, entry.start);
            copula |= is_next && at == candidate.end && entry.has(Tags::COPULA);
            let is_wide = !self.document.text.bytes()[entry.start as usize].is_ascii();
            evidence.final_copula |= is_next && at == candidate.end && entry.has(Tags::COPULA) && is_wide;
            if entry.has(Tags::VERB) && !self.is_shouted(entry) {
                // In many languages the verb comes last: "123456 را در برنامه وارد کنید".
                let is_last = distance <= 40 && !self.document.text.bytes()[entry.start as usize].is_ascii();
                if is_next || is_last {
                    evidence.verb = true;
                    evidence.points = evidence.points.max(if is_next { 22 } else { 16 });
                }
            }
            if let Some(keyword) = self.context.keyword_at(entry.start) {
                let points = match (keyword.strength, copula, distance) {
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
                // "PIN 7712, your password is 482913": the keyword belongs to the number after it.
                let is_other = comma && self.document.has_candidate(keyword.end, keyword.end + 40);
                if is_other {
                    break;
                }
                // A warning further on is about codes in general.
                let is_general = keyword.in_warning && !(copula && is_next);
                let points = if is_general { points / 3 } else { points };
                let is_direct = copula && keyword.strength != Strength::Hint && !is_general
                    || keyword.strength == Strength::Strong && distance <= 3;
                if points > evidence.points {
                    evidence.points = points;
                    evidence.direct |= is_direct;
                    evidence.strong |= keyword.strength == Strength::Strong && !is_general;
                }
                if keyword.strength == Strength::Strong {
                    break;
                }
            }
            if is_next {
                at = entry.end;
            }
        }
        evidence
    }

    /// Whether a warning is directly before it, or only words that say nothing are between.
    fn follows_warning(&self, candidate: &Candidate) -> bool {
        let before = self.document.matches.partition_point(|entry| entry.end <= candidate.start);
        let mut at = candidate.start;
        for entry in self.document.matches[..before].iter().rev().take(3) {
            if !self.document.is_adjacent(entry.end, at) {
                return false;
            }
            if entry.has(Tags::WARNING) {
                return true;
            }
            if !entry.has(Tags::STOPWORD) {
                return false;
            }
            at = entry.start;
        }
        false
    }

    /// Evidence at a distance: keywords before it in its sentence, in the previous one, or anywhere; then after it.
    fn distant_evidence(&self, candidate: &Candidate, copula: bool) -> Evidence {
        let mut evidence = Evidence::default();
        // "Your code is" and the code on the next line are one sentence.
        let before = self.document.tokens.partition_point(|token| token.start < candidate.start).checked_sub(1);
        let from = before.filter(|_| copula).map_or(candidate.start, |at| self.document.tokens[at].start);
        let sentence = self.document.sentence_at(from);
        // "Do not share it: 123456."
        let is_after_warning = copula && self.follows_warning(candidate);
        let next = self.context.keywords.partition_point(|keyword| keyword.end <= candidate.start);
        for keyword in self.context.keywords[..next].iter().rev().take(6) {
            self.document.count_steps(1);
            let distance = self.document.distance(keyword.end, candidate.start);
            let sentences_apart = sentence - self.document.sentence_at(keyword.start).min(sentence);
            let points = match (keyword.strength, sentences_apart, distance) {
                (Strength::Strong, 0, 0..=110) if copula => 56,
                (Strength::Strong, 0, 0..=20) => 42,
                (Strength::Strong, 0, 0..=45) => 38,
                (Strength::Strong, 0, 0..=110) => 30,
                (Strength::Strong, 0..=1, 0..=60) => 24,
                (Strength::Strong, _, 0..=200) => 14,
                (Strength::Weak, 0, 0..=60) if copula && self.context.has_support => 42,
                (Strength::Weak, 0, 0..=60) if copula => 36,
                (Strength::Weak, 0, 0..=20) => 26,
                (Strength::Weak, 0, 0..=45) => 18,
                (Strength::Weak, 0..=1, 0..=100) => 8,
                (Strength::Hint, 0, 0..=40)
                    if copula && !self.document.text.bytes()[..candidate.start as usize].ends_with(b" to ") =>
                {
                    36
                }
                (Strength::Hint, 0, 0..=30) => 8,
                _ => 0,
            };
            let is_elsewhere = keyword.in_warning && !is_after_warning;
            let points = if is_elsewhere && sentences_apart > 0 {
                0
            } else if is_elsewhere {
                points * 2 / 3
            } else {
                points
            };
            evidence.points = evidence.points.max(points);
            evidence.direct |= copula && sentences_apart == 0 && keyword.strength == Strength::Strong && distance <= 60;
            evidence.strong |= sentences_apart == 0 && keyword.strength == Strength::Strong;
        }
        for keyword in self.context.keywords[next..].iter().filter(|keyword| keyword.start >= candidate.end).take(4) {
            let distance = self.document.distance(candidate.end, keyword.start);
            let points = match (keyword.strength, distance) {
                (Strength::Strong, 0..=100) => 16,
                (Strength::Weak, 0..=60) => 6,
                _ => 0,
            };
            let points = if keyword.in_warning { 0 } else { points };
            evidence.points = evidence.points.max(points);
        }
        evidence
    }
}
