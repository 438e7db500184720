//! The analysed text of a message: what all later steps look things up in.

use std::cell::Cell;

use smallvec::SmallVec;

use super::{
    candidate::Candidate,
    fold::CharClass,
    lexicon::{Lexicon, LexiconMatch},
    markup, parts, retriever,
    scan::scan,
    text::{FoldedText, Span, offset},
    tokens::{Token, sentence_ends, tokenize},
};

/// A text with its tokens, lexicon matches, candidates and addresses, each in order of position.
pub(super) struct Document<'a> {
    pub(super) original: &'a str,
    pub(super) text: FoldedText,
    pub(super) matches: Vec<LexiconMatch>,
    pub(super) tokens: Vec<Token>,
    pub(super) candidates: SmallVec<[Candidate; 6]>,
    pub(super) addresses: SmallVec<[Span; 2]>,
    /// Whether one of the addresses is that of a page.
    pub(super) has_link: bool,
    /// Where the hash for the SMS Retriever starts.
    pub(super) retriever_hash: Option<u32>,
    /// Whether it is in the format of the SMS Retriever.
    pub(super) is_for_retriever: bool,
    sentence_ends: SmallVec<[u32; 12]>,
    /// The bytes of ten characters, on average. Distances are in characters, whatever the script.
    scale: u32,
    /// The number of steps so far, for the test that they are linear in the length of the text.
    steps: Cell<usize>,
}

impl<'a> Document<'a> {
    /// Analyses a text. `None` if there is no lexicon.
    pub(super) fn of(original: &'a str) -> Option<Self> {
        let lexicon = Lexicon::get()?;
        let text = FoldedText::of(original);
        let matches = lexicon.find(&text, original);
        let tokens = tokenize(&text);
        let mut scan = scan(&text, original, &matches, &tokens);
        let retriever_hash = retriever::find_hash(&text, original, &scan.addresses);
        if let Some(hash) = retriever_hash {
            scan.candidates.retain(|candidate| candidate.end <= hash);
        }
        if let Some(cut_end) = parts::cut_end(&text) {
            scan.candidates.retain(|candidate| !parts::is_cut(&text, candidate.end, cut_end));
        }
        Some(Self {
            original,
            is_for_retriever: retriever::is_marked(&text, retriever_hash),
            sentence_ends: sentence_ends(&text, &tokens),
            scale: u32::try_from(text.bytes().len() * 10 / text.char_count.max(1)).unwrap_or(10).max(10),
            steps: Cell::new(text.bytes().len() + scan.steps + matches.len()),
            text,
            matches,
            tokens,
            candidates: scan.candidates,
            addresses: scan.addresses,
            has_link: scan.has_link,
            retriever_hash,
        })
    }

    /// The number of steps so far.
    pub(super) fn steps(&self) -> usize {
        self.steps.get()
    }

    /// Counts steps.
    pub(super) fn count_steps(&self, count: usize) {
        self.steps.set(self.steps.get() + count);
    }

    /// The folded text between two positions.
    pub(super) fn folded(&self, start: u32, end: u32) -> &str {
        &self.text.text[start as usize..end as usize]
    }

    /// The original text between two positions, without white space and invisible marks around it.
    pub(super) fn written(&self, start: u32, end: u32) -> &'a str {
        let is_invisible =
            |c| matches!(c as u32, 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xAD | 0x61C);
        let is_outside = |c: char| c.is_whitespace() || is_invisible(c);
        markup::trim_tags(self.text.slice(self.original, start, end).trim_matches(is_outside)).trim_matches(is_outside)
    }

    /// The code as a user types it: without separators, with ASCII digits, its letters in their case.
    pub(super) fn code_of(&self, candidate: &Candidate) -> String {
        (candidate.code_start as usize..candidate.end as usize)
            .filter_map(|at| match (self.text.classes[at], self.text.bytes()[at]) {
                (CharClass::Digit, digit) => Some(char::from(digit)),
                (CharClass::Letter, letter) => {
                    let is_upper = self.original[self.text.origin(at)..].chars().next().is_some_and(char::is_uppercase);
                    Some(char::from(if is_upper { letter.to_ascii_uppercase() } else { letter }))
                }
                _ => None,
            })
            .collect()
    }

    /// The index of the sentence at a position.
    pub(super) fn sentence_at(&self, at: u32) -> usize {
        self.sentence_ends.partition_point(|&end| end < at)
    }

    /// Whether a line ends at a position.
    pub(super) fn ends_line(&self, at: u32) -> bool {
        self.text.line_ends.binary_search(&at).is_ok()
    }

    /// The distance between two positions, in characters.
    pub(super) fn distance(&self, from: u32, to: u32) -> u32 {
        to.saturating_sub(from) * 10 / self.scale
    }

    /// The address that covers a position.
    pub(super) fn address_at(&self, at: u32) -> Option<Span> {
        let next = self.addresses.partition_point(|&(start, _)| start <= at);
        next.checked_sub(1).map(|last| self.addresses[last]).filter(|&(_, end)| at < end)
    }

    /// Whether a number has a percent sign.
    pub(super) fn has_percentage(&self) -> bool {
        let is_number = |token: Option<&Token>| token.is_some_and(|token| token.class == CharClass::Digit);
        let mut percents = self.tokens.iter().enumerate().filter(|(_, token)| token.byte == b'%');
        self.count_steps(self.tokens.len());
        percents.any(|(at, _)| is_number(self.tokens.get(at + 1)) || at > 0 && is_number(self.tokens.get(at - 1)))
    }

    /// Whether there is a candidate between two positions.
    pub(super) fn has_candidate(&self, from: u32, to: u32) -> bool {
        let next = self.candidates.partition_point(|candidate| candidate.start < from);
        self.candidates.get(next).is_some_and(|candidate| candidate.end <= to)
    }

    /// Whether what is between two positions only connects them: spaces, colons, brackets, the end of a line.
    pub(super) fn is_adjacent(&self, from: u32, to: u32) -> bool {
        let (from, to) = (from as usize, to as usize);
        if from > to || to - from > 12 {
            return false;
        }
        let (bytes, classes) = (&self.text.bytes()[from..to], &self.text.classes[from..to]);
        let mut stop = false;
        for (at, (byte, class)) in bytes.iter().zip(classes).enumerate() {
            match class {
                CharClass::Space => {
                    if stop {
                        return false;
                    }
                }
                CharClass::Symbol => {
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

    /// Where the quotes and brackets before a position begin.
    pub(super) fn before_quotes(&self, at: u32) -> u32 {
        const QUOTES: [&str; 13] = ["\"", "'", "“", "”", "„", "«", "»", "「", "『", "【", "(", "[", "*"];
        let text = &self.text.text[..at as usize];
        let is_quote = |text: &str| QUOTES.iter().find(|quote| text.ends_with(**quote)).map(|quote| quote.len());
        let mut rest = text;
        for _ in 0..3 {
            rest = is_quote(rest).map_or(rest, |len| &rest[..rest.len() - len]);
        }
        offset(rest.len())
    }

    /// Whether there is a colon or an equals sign at a position, or before the space there.
    pub(super) fn is_colon(&self, at: u32) -> bool {
        let at = at as usize;
        let at = if self.text.classes[at] == CharClass::Space { at.saturating_sub(1) } else { at };
        matches!(self.text.bytes()[at], b':' | b'=') || self.text.bytes()[..=at].ends_with("：".as_bytes())
    }

    /// Whether there is a word of one letter between two positions, and nothing else.
    pub(super) fn is_short_copula(&self, from: u32, to: u32) -> bool {
        let (from, to) = (from as usize, (to as usize).max(from as usize));
        match &self.text.classes[from..to] {
            [CharClass::Space, word @ .., CharClass::Space] if word.len() <= 4 => {
                let is_word = word.iter().all(|class| *class == CharClass::Letter);
                is_word && self.text.text[from + 1..to - 1].chars().count() == 1
            }
            _ => false,
        }
    }
}
