//! Scans the tokens of a text for candidates. Addresses, dates, times, amounts and telephone numbers are skipped, or
//! get penalties.

mod address;
mod digit_groups;
mod mixed;
mod number;
mod scanner;

use smallvec::SmallVec;

use self::scanner::Scanner;
use super::{
    candidate::Candidate,
    fold::CharClass,
    lexicon::LexiconMatch,
    text::{FoldedText, Span},
    tokens::Token,
};

/// What the scanner found.
pub(super) struct Scan {
    pub(super) candidates: SmallVec<[Candidate; 6]>,
    /// Addresses of pages and mailboxes.
    pub(super) addresses: SmallVec<[Span; 2]>,
    /// Whether one of the addresses is that of a page.
    pub(super) has_link: bool,
    /// The number of steps taken.
    pub(super) steps: usize,
}

/// Finds the candidates and addresses in a text.
pub(super) fn scan(text: &FoldedText, original: &str, matches: &[LexiconMatch], tokens: &[Token]) -> Scan {
    let mut scanner = Scanner {
        text,
        original,
        matches,
        tokens,
        at: 0,
        next_match: 0,
        candidates: SmallVec::new(),
        addresses: SmallVec::new(),
        has_link: false,
        steps: 0,
    };
    scanner.run();
    let Scanner { candidates, addresses, has_link, steps, .. } = scanner;
    Scan { candidates, addresses, has_link, steps }
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.at < self.tokens.len() {
            self.steps += 1;
            let token = self.tokens[self.at];
            while self.matches.get(self.next_match).is_some_and(|entry| entry.end < token.start) {
                self.next_match += 1;
            }
            let next = if self.is_in_address(token.start) {
                self.at + 1
            } else if token.is_ascii_word() {
                self.word()
            } else {
                self.at + 1
            };
            debug_assert!(next > self.at);
            self.at = next;
        }
    }

    /// Examines a run of ASCII letters and digits: an address, a number, or a word. Returns the token after it.
    fn word(&mut self) -> usize {
        let start = self.at;
        let mut end = start;
        while self.is_joined_to_next(end) && self.tokens[end + 1].is_ascii_word() {
            end += 1;
        }
        if let Some(after) = self.address(start, end) {
            return after;
        }
        let has_digit = self.tokens[start..=end].iter().any(|token| token.class == CharClass::Digit);
        if !has_digit {
            return self.prefixed(start, end).or_else(|| self.lettered(start, end)).unwrap_or(end + 1);
        }
        if start == end {
            return self.number(start);
        }
        self.mixed(start, end)
    }

    /// Whether the last address covers a position.
    fn is_in_address(&self, at: u32) -> bool {
        self.addresses.last().is_some_and(|&(_, end)| at < end)
    }
}
