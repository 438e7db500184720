//! What a text says besides its numbers: its keywords, and evidence for and against codes in general.

use smallvec::SmallVec;

use super::{
    document::Document,
    fold::CharClass,
    lexicon::{LexiconMatch, Tags},
};

/// A word for a code in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyword {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) strength: Strength,
    /// It is part of a warning: "never tell anyone your code".
    pub(super) in_warning: bool,
}

/// How clearly a keyword means a one-time code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A qualifier without a keyword: "verification".
    Hint,
    /// "Code", "PIN", "password".
    Weak,
    /// "Verification code", "OTP".
    Strong,
}

/// The evidence that does not depend on a candidate.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// The keywords, by position.
    pub(super) keywords: SmallVec<[Keyword; 6]>,
    /// The number of [cues](Tags::CUE).
    pub(super) cues: i32,
    /// The number of [warnings](Tags::WARNING).
    pub(super) warnings: i32,
    /// The number of words about [commerce](Tags::COMMERCE).
    pub(super) commerce: i32,
    /// The number of weak keywords that mean something else: "promo code".
    pub(super) disqualified: i32,
    /// Whether it is about something whose code is always the same: a voicemail, a gift card.
    pub(super) has_fixed: bool,
    /// Whether it names a one-time code by a word that means nothing else: "one-time password".
    pub(super) has_one_time: bool,
    /// Whether it has a code to do something with, whatever else it is about: "code to log in".
    pub(super) has_task: bool,
    /// The number of words of [receipts](Tags::RECEIPT).
    pub(super) receipts: i32,
    /// Whether it says to do something with a code, by a word that means nothing else.
    pub(super) has_instruction: bool,
    /// Whether it is about somebody who brings something, and is told a code.
    pub(super) has_driver: bool,
    /// Whether it offers a discount, in percent or by a word.
    pub(super) has_offer: bool,
    /// Whether it says what a code is for.
    pub(super) has_purpose: bool,
    /// Whether the text is very short, or anything but a weak keyword suggests a code.
    pub(super) has_support: bool,
}

impl Context {
    /// Reads the context from the lexicon matches of a text.
    pub(super) fn of(document: &Document<'_>) -> Self {
        let has_support = document.text.char_count <= 40;
        let context = Self { has_support, ..Self::default() };
        let mut reader = ContextReader { document, context, has_strong: false, has_purpose_word: false };
        for at in 0..document.matches.len() {
            reader.read(at);
        }
        reader.context.has_offer |= document.has_percentage();
        reader.context.has_task = reader.has_strong && reader.has_purpose_word;
        reader.context
    }

    /// Whether anything besides a keyword is typical of texts with codes. Notices of all kinds have warnings.
    pub(super) fn is_about_code(&self) -> bool {
        self.cues > 0 || self.has_purpose
    }

    /// Whether it confirms an appointment, a journey or a payment, and says nothing that texts with codes say.
    pub(super) fn is_receipt(&self) -> bool {
        self.receipts > 1 && self.cues == 0 && !self.has_instruction
    }

    /// The keyword that starts at a position.
    pub(super) fn keyword_at(&self, start: u32) -> Option<&Keyword> {
        let next = self.keywords.partition_point(|keyword| keyword.start < start);
        self.keywords.get(next).filter(|keyword| keyword.start == start)
    }
}

struct ContextReader<'a, 'd> {
    document: &'a Document<'d>,
    context: Context,
    /// It has a strong keyword that is not part of a warning.
    has_strong: bool,
    /// It has a word for what is done with a code, which says more than a qualifier: "to log in".
    has_purpose_word: bool,
}

impl ContextReader<'_, '_> {
    /// Adds what a match says.
    fn read(&mut self, at: usize) {
        const SUPPORT: Tags =
            Tags::CUE.or(Tags::QUALIFIER).or(Tags::PURPOSE).or(Tags::SERVICE).or(Tags::COPULA).or(Tags::VERB);
        let entry = self.document.matches[at];
        self.document.count_steps(1);
        if self.document.address_at(entry.start).is_some() {
            return;
        }
        let speaks_for_code = entry.has(SUPPORT) && !self.is_in_warning(at);
        self.context.has_support |= speaks_for_code;
        self.context.has_fixed |= entry.has(Tags::FIXED) && !entry.has(Tags::SERVICE);
        self.context.has_offer |= entry.has(Tags::COMMERCE)
            && entry.has(Tags::DISQUALIFIER)
            && !entry.has(
                Tags::LABEL.or(Tags::QUALIFIER).or(Tags::STOPWORD).or(Tags::VERB).or(Tags::COPULA).or(Tags::DRIVER),
            );
        self.context.has_purpose |=
            speaks_for_code && entry.has(Tags::PURPOSE.or(Tags::QUALIFIER)) && !entry.has(Tags::DISQUALIFIER);
        self.has_purpose_word |= speaks_for_code && entry.has(Tags::PURPOSE) && !entry.has(Tags::DISQUALIFIER);
        const AMBIGUOUS: Tags = Tags::LABEL.or(Tags::CURRENCY).or(Tags::SERVICE).or(Tags::COPULA).or(Tags::UNIT);
        self.context.has_instruction |= entry.has(Tags::VERB) && !entry.has(AMBIGUOUS);
        self.context.has_driver |= entry.has(Tags::DRIVER);
        self.context.receipts += i32::from(entry.has(Tags::RECEIPT));
        if entry.has(Tags::CUE) && speaks_for_code {
            self.context.cues += 1;
        }
        if entry.has(Tags::WARNING) {
            self.context.warnings += 1;
        }
        if entry.has(Tags::COMMERCE)
            && !entry
                .has(Tags::WEAK_KEYWORD.or(Tags::KEYWORD).or(Tags::QUALIFIER).or(Tags::PURPOSE).or(Tags::ANNOUNCEMENT))
        {
            self.context.commerce += 1;
        }
        let strength = if entry.has(Tags::KEYWORD) {
            Some(Strength::Strong)
        } else if entry.has(Tags::WEAK_KEYWORD) {
            self.weak_keyword_strength(at)
        } else if entry.has(Tags::QUALIFIER) && !entry.has(Tags::LABEL.or(Tags::DISQUALIFIER).or(Tags::SERVICE)) {
            Some(Strength::Hint)
        } else {
            None
        };
        if let Some(strength) = strength {
            let in_warning = self.is_in_warning(at);
            self.has_strong |= strength == Strength::Strong && !in_warning;
            self.context.has_one_time |=
                entry.has(Tags::KEYWORD) && !entry.has(Tags::WEAK_KEYWORD.or(Tags::RECEIPT)) && !in_warning;
            self.context.keywords.push(Keyword { start: entry.start, end: entry.end, strength, in_warning });
        }
    }

    /// What a weak keyword means, by the words near it: a verification code, a promo code (`None`), or some code.
    fn weak_keyword_strength(&mut self, at: usize) -> Option<Strength> {
        let word = self.document.matches[at];
        let sentence = self.document.sentence_at(word.start);
        let mut qualifier: Option<u32> = None;
        let mut disqualifier: Option<u32> = None;
        let is_unspaced = self.document.text.classes[word.start as usize] == CharClass::Unspaced;
        let mut steps = 0;
        let mut consider = |near: &LexiconMatch, distance: u32, before: bool, is_phrase: bool| {
            steps += 1;
            // The name of a service qualifies as well: "Telegram code".
            let is_service = near.has(Tags::SERVICE)
                && distance <= 2
                && (!near.has(Tags::STOPWORD) || before && self.is_capitalized_name(near));
            let reach = match (before, is_unspaced) {
                (true, _) => 12,
                (false, false) => 25,
                (false, true) => 45,
            };
            // "Code to change your number": what a code is for follows it.
            let is_purpose = !before && near.has(Tags::PURPOSE) && !near.has(Tags::LABEL.or(Tags::COMMERCE));
            if (near.has(Tags::QUALIFIER) || is_purpose) && distance <= reach || is_service {
                qualifier = Some(qualifier.map_or(distance, |nearest| nearest.min(distance)));
            }
            // In "your code for order 482913", the order has a number; it is not an order code.
            let labels_number =
                !before && near.has(Tags::LABEL) && self.document.has_candidate(near.end, near.end + 14);
            let is_other = near.has(Tags::DISQUALIFIER.or(Tags::FIXED)) && distance <= 8 && is_phrase && !labels_number;
            // A word with a harmless meaning in another language does not count.
            let is_harmless = near.has(Tags::QUALIFIER.or(Tags::VERB).or(Tags::COPULA).or(Tags::CURRENCY));
            if is_other && !is_harmless {
                disqualifier = Some(disqualifier.map_or(distance, |nearest| nearest.min(distance)));
            }
        };
        // A qualified compound: "Sicherheitscode".
        if word.has(Tags::QUALIFIER) {
            return Some(Strength::Strong);
        }
        for near in self.document.matches[..at].iter().rev().take(4) {
            if self.document.sentence_at(near.start) != sentence || self.is_separated(near.end, word.start) {
                break;
            }
            consider(near, self.document.distance(near.end, word.start), true, self.is_phrase(near.end, word.start));
        }
        for near in self.document.matches[at + 1..].iter().take(4) {
            if self.document.sentence_at(near.start) != sentence {
                break;
            }
            // Words after a number belong to the number.
            if self.is_separated(word.end, near.start) {
                break;
            }
            consider(near, self.document.distance(word.end, near.start), false, self.is_phrase(word.end, near.start));
        }
        self.document.count_steps(steps);
        match (qualifier, disqualifier) {
            (Some(qualifier), Some(disqualifier)) if disqualifier < qualifier => {
                self.context.disqualified += 1;
                None
            }
            (Some(_), _) => Some(Strength::Strong),
            (None, other) if other.is_some() || word.has(Tags::DISQUALIFIER) => {
                self.context.disqualified += 1;
                None
            }
            (None, _) => Some(Strength::Weak),
        }
    }

    /// Whether a name that is also a word is written as a name: "Your Uber code".
    fn is_capitalized_name(&self, entry: &LexiconMatch) -> bool {
        let written = self.document.written(entry.start, entry.end);
        let has_capital = written.chars().next().is_some_and(char::is_uppercase);
        has_capital && entry.start > 0 && !entry.has(Tags::LABEL.or(Tags::FIXED).or(Tags::DISQUALIFIER))
    }

    /// Whether the match is near a warning, or is one.
    fn is_in_warning(&self, at: usize) -> bool {
        let word = self.document.matches[at];
        if word.has(Tags::WARNING) {
            return true;
        }
        let sentence = self.document.sentence_at(word.start);
        let near = |other: &LexiconMatch| {
            let distance = if other.end <= word.start {
                self.document.distance(other.end, word.start)
            } else {
                self.document.distance(word.end, other.start)
            };
            other.has(Tags::WARNING)
                && distance <= 30
                && self.document.sentence_at(other.start) == sentence
                // A number between them belongs to the keyword, and the warning is about both.
                && !self.document.has_candidate(word.end.min(other.end), word.start.max(other.start))
        };
        self.document.matches[..at].iter().rev().take(4).any(near)
            || self.document.matches[at + 1..].iter().take(4).any(near)
    }

    /// Whether there are only words between two positions.
    fn is_phrase(&self, from: u32, to: u32) -> bool {
        let (from, to) = (from.min(to) as usize, to as usize);
        let mut marks = self.document.text.bytes()[from..to]
            .iter()
            .zip(&self.document.text.classes[from..to])
            .filter(|(_, class)| **class == CharClass::Symbol);
        marks.all(|(byte, _)| matches!(byte, b'-' | b'\''))
    }

    /// Whether there is a number or an address between two positions.
    fn is_separated(&self, from: u32, to: u32) -> bool {
        let next = self.document.addresses.partition_point(|&(start, _)| start < from);
        self.document.addresses.get(next).is_some_and(|&(_, end)| end <= to) || self.document.has_candidate(from, to)
    }
}
