//! Scores candidates: how likely each is to be the code.
//!
//! A score is a sum of points for and against. They were tuned by experiment: a shape is worth about 10 points, a
//! keyword 30 to 60, evidence for something else 30 to 50. `otpwire measure-codes` shows the effect of a change; use it
//! with more than one set of texts.

use super::{
    candidate::{Candidate, Penalties, Shape},
    context::Context,
    document::Document,
    evidence::{Evidence, EvidenceFinder},
    fold::CharClass,
    lexicon::Tags,
};

/// The least score of a code.
pub(super) const THRESHOLD: i32 = 50;

/// Scores the candidates of one text.
pub(super) struct Scorer<'a, 'd> {
    pub(super) document: &'a Document<'d>,
    pub(super) context: &'a Context,
}

impl Scorer<'_, '_> {
    /// The evidence for a candidate.
    pub(super) fn evidence(&self, candidate: &Candidate) -> Evidence {
        EvidenceFinder { document: self.document, context: self.context }.find(candidate)
    }

    /// Whether a candidate of letters is tied to a keyword.
    pub(super) fn ties_letters(&self, candidate: &Candidate, is_random: bool) -> bool {
        EvidenceFinder { document: self.document, context: self.context }.ties_letters(candidate, is_random)
    }

    /// The score of a candidate.
    pub(super) fn score(&self, candidate: &Candidate) -> i32 {
        let evidence = self.evidence(candidate);
        let mut points = evidence.points + self.shape_points(candidate, &evidence);
        let context = self.context;
        // A warning suggests a code only together with more specific words, because notices of all kinds have warnings.
        let is_only_warning = context.keywords.iter().all(|keyword| keyword.in_warning);
        let is_specific =
            if is_only_warning { evidence.direct } else { evidence.strong || evidence.direct && context.has_purpose };
        let warning = if is_specific { context.warnings.min(1) * 8 } else { 0 };
        points += (context.cues.min(2) * 6 + warning).min(16);
        if self.document.is_for_retriever {
            points += 25;
        }
        if evidence.points > 0 && self.document.text.char_count <= 60 {
            points += 4;
        }
        // "Tell the driver 4829": a parcel, but with a code.
        let is_before_driver = context.has_driver && self.is_before_driver(candidate);
        let is_for_driver = context.has_driver
            && !context.has_offer
            && (evidence.direct || evidence.verb || is_before_driver)
            && !evidence.label;
        if is_for_driver {
            points += match evidence.direct {
                true => 8,
                false if is_before_driver => 44,
                false => 28,
            };
        }
        points -= match (evidence.direct, evidence.strong) {
            _ if is_for_driver => 0,
            (true, true) if candidate.shape != Shape::Mixed => (context.commerce * 4).min(12),
            (true, true) => (context.commerce * 9).min(27) + context.disqualified.min(2) * 8,
            (true, false) if candidate.shape == Shape::Mixed => context.commerce * 12 + context.disqualified.min(2) * 8,
            (true, false) => (context.commerce * 9 - 7).clamp(0, 26) + context.disqualified.min(2) * 8,
            (false, _) => (context.commerce * 9).min(27) + context.disqualified.min(2) * 8,
        };
        // A generic word is about what the text is about.
        let is_one_time = evidence.strong && context.has_one_time;
        let is_generic = !(is_one_time || evidence.strong && context.has_task || is_for_driver);
        if is_generic && context.has_fixed
            || !evidence.strong && context.has_offer && (!context.has_purpose || context.commerce > 0)
        {
            points -= 30;
        }
        // "Appointment confirmed, confirmation number 482913".
        if context.is_receipt() && !is_one_time {
            points -= 40;
        }
        // "The shed's code is 4829": a generic word, about something that no list knows.
        if !evidence.strong && candidate.len == 4 && !context.is_about_code() && self.names_thing_before(candidate) {
            points -= 14;
        }
        if self.is_outdated(candidate) || self.is_in_name(candidate) {
            points -= 60;
        }
        points -= self.penalty_points(candidate, &evidence);
        if evidence.label {
            points -= 45;
        }
        if self.is_subject(candidate) {
            points -= 30;
        }
        points
    }

    /// Whether the one who is told it follows directly: "share 4829 with your driver".
    fn is_before_driver(&self, candidate: &Candidate) -> bool {
        let next = self.document.matches.partition_point(|entry| entry.start < candidate.end);
        self.document
            .matches
            .get(next)
            .is_some_and(|entry| entry.has(Tags::DRIVER) && self.document.is_adjacent(candidate.end, entry.start))
    }

    /// Whether its sentence has an unknown word in small letters before it.
    fn names_thing_before(&self, candidate: &Candidate) -> bool {
        let document = self.document;
        let is_colon = document.before_quotes(candidate.start).checked_sub(1).is_some_and(|at| document.is_colon(at));
        if is_colon || self.context.has_driver || document.matches.iter().any(|entry| entry.has(Tags::SERVICE)) {
            return false;
        }
        let next = document.tokens.partition_point(|token| token.start < candidate.start);
        let sentence = document.sentence_at(candidate.start);
        let words = document.tokens[..next].iter().rev().take(16);
        document.count_steps(16);
        words.take_while(|token| document.sentence_at(token.start) == sentence).any(|token| {
            token.class == CharClass::Letter
                && token.len() >= 3
                && document.written(token.start, token.end).chars().next().is_some_and(char::is_lowercase)
                && document.address_at(token.start).is_none()
                && {
                    let at = document.matches.partition_point(|entry| entry.end <= token.start);
                    document.matches.get(at).is_none_or(|entry| entry.start >= token.end)
                }
        })
    }

    /// Whether it is part of the name of a service: "Trading 212".
    fn is_in_name(&self, candidate: &Candidate) -> bool {
        let next = self.document.matches.partition_point(|entry| entry.end < candidate.end);
        self.document.matches.get(next).is_some_and(|entry| entry.has(Tags::SERVICE) && entry.start < candidate.start)
    }

    /// Whether the words next to it say that it is not to be used: "old code 111222", "111222 has expired".
    fn is_outdated(&self, candidate: &Candidate) -> bool {
        const NEAR: u32 = 20;
        let (document, matches) = (self.document, &self.document.matches);
        let is_clause = |from: u32, to: u32| {
            let between = document.text.bytes()[from as usize..to as usize].iter();
            !between.zip(&document.text.classes[from as usize..to as usize]).any(|(byte, class)| {
                *class == CharClass::Digit
                    || *class == CharClass::Symbol && (!byte.is_ascii() || matches!(byte, b',' | b';' | b'.' | b'!'))
            })
        };
        let first = matches.partition_point(|entry| entry.start < candidate.end);
        let before = matches[..first].iter().rev().take(4).any(|entry| {
            entry.has(Tags::OUTDATED)
                && entry.end <= candidate.start
                && document.distance(entry.end, candidate.start) <= NEAR
                && is_clause(entry.end, candidate.start)
        });
        // "482913 instead of 111222": the words belong to the nearer number, of two equally near ones to the second.
        let after = matches[first..].iter().take(5).any(|entry| {
            let distance = document.distance(candidate.end, entry.start);
            let next = document.candidates.partition_point(|other| other.start < entry.end);
            let other = document.candidates.get(next).map(|other| document.distance(entry.end, other.start));
            // "not" belongs to what follows it.
            entry.has(Tags::OUTDATED)
                && !entry.has(Tags::STOPWORD)
                && distance <= NEAR
                && other.is_none_or(|other| distance < other)
                && is_clause(candidate.end, entry.start)
        });
        document.count_steps(9);
        before || after
    }

    /// Whether a copula connects it to the next candidate, which is then the code: "your code for user 482913 is 7731".
    fn is_subject(&self, candidate: &Candidate) -> bool {
        let next = self.document.candidates.partition_point(|other| other.start < candidate.end);
        let other = self.document.candidates.get(next).filter(|other| other.shape != Shape::Mixed);
        let Some(other) = other else { return false };
        let first = self.document.matches.partition_point(|entry| entry.start < candidate.end);
        let copula =
            self.document.matches.get(first).filter(|entry| entry.has(Tags::COPULA) && entry.end <= other.start);
        copula.is_some_and(|entry| {
            self.document.is_adjacent(candidate.end, entry.start) && self.document.is_adjacent(entry.end, other.start)
        })
    }

    /// Points for the shape and the length.
    fn shape_points(&self, candidate: &Candidate, evidence: &Evidence) -> i32 {
        let code = &self.document.text.bytes()[candidate.code_start as usize..candidate.end as usize];
        match candidate.shape {
            Shape::Digits => {
                let prior = match candidate.len {
                    6 => 14,
                    4 => 8,
                    5 => 10,
                    8 => 8,
                    7 => 6,
                    3 | 9 | 10 if evidence.is_clear() => 9,
                    3 | 9 => -12,
                    _ => -25,
                };
                let zero = if code.starts_with(b"0") && candidate.len <= 8 { 4 } else { 0 };
                // Years, also of the Buddhist era: 2560 to 2569.
                let year = candidate.len == 4
                    && (code.starts_with(b"19") || code.starts_with(b"20") || code.starts_with(b"256"));
                let day = candidate.len == 8 && (code.starts_with(b"19") || code.starts_with(b"20"));
                let year = if year {
                    if evidence.direct { 4 } else { 14 }
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
                9 if evidence.is_clear() => 7,
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
                let digits = code.iter().filter(|byte| byte.is_ascii_digit()).count();
                let long = if candidate.len > 8 { -10 } else { 0 };
                // A word followed by digits is a name or a voucher: SAVE20.
                let letters = code.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                let longest = code.split(|byte| !byte.is_ascii_alphabetic()).map(<[u8]>::len).max().unwrap_or(0);
                let is_word = letters >= 3 && letters + digits == code.len() || longest > 4;
                let word = if is_word { -22 } else { 4 };
                let is_tied = evidence.direct || !is_word && (evidence.verb || evidence.is_clear());
                long + word + if is_tied { 6 } else { -60 }
            }
            Shape::Letters => 0,
        }
    }

    /// Points for the [`Penalties`], to be subtracted.
    fn penalty_points(&self, candidate: &Candidate, evidence: &Evidence) -> i32 {
        let penalties = candidate.penalties;
        let mut points = 0;
        if penalties.contains(Penalties::DOTTED) {
            points += if evidence.is_clear() { 0 } else { 18 };
        }
        if penalties.contains(Penalties::UNUSUAL_GROUPS) {
            points += if evidence.is_clear() { 6 } else { 18 };
        }
        if penalties.contains(Penalties::PHONE) {
            points += 50;
        }
        if penalties.contains(Penalties::CURRENCY) {
            points += 50;
        }
        if penalties.contains(Penalties::UNIT) {
            points += if (evidence.direct || evidence.verb) && candidate.len >= 6 { 15 } else { 45 };
        }
        if penalties.contains(Penalties::DATE) {
            points += if evidence.direct { 6 } else { 12 };
        }
        if penalties.contains(Penalties::MIXED_CASE) {
            points += 10;
        }
        if penalties.contains(Penalties::QUOTED) {
            points += 40;
        }
        if penalties.contains(Penalties::HASH_SIGN) && !evidence.direct {
            points += 10;
        }
        if penalties.contains(Penalties::FRAGMENT) {
            points += 50;
        }
        points
    }
}
