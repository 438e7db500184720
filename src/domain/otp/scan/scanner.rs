//! The scanner's position in the text, and what it looks up around it.

use smallvec::SmallVec;

use super::super::{
    candidate::{Candidate, Penalties, Shape},
    fold::CharClass,
    lexicon::{LexiconMatch, Tags},
    text::{FoldedText, Span},
    tokens::Token,
};

/// No readable text has more candidates than this.
const MAX_CANDIDATES: usize = 48;

/// Walks over the tokens of a text once, collecting candidates and addresses.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a FoldedText,
    pub(super) original: &'a str,
    pub(super) matches: &'a [LexiconMatch],
    pub(super) tokens: &'a [Token],
    /// The current token.
    pub(super) at: usize,
    /// The first match that does not end before the current token.
    pub(super) next_match: usize,
    pub(super) candidates: SmallVec<[Candidate; 6]>,
    pub(super) addresses: SmallVec<[Span; 2]>,
    pub(super) has_link: bool,
    /// The number of steps so far, for the test that they are linear in the length of the text.
    pub(super) steps: usize,
}

impl Scanner<'_> {
    pub(super) fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// Whether no space follows the token.
    pub(super) fn is_joined_to_next(&self, at: usize) -> bool {
        self.token(at + 1).is_some_and(|next| next.start == self.tokens[at].end)
    }

    /// The symbol directly before the token.
    pub(super) fn symbol_before(&self, at: usize) -> Option<u8> {
        let before = at.checked_sub(1).and_then(|at| self.token(at))?;
        (before.class == CharClass::Symbol && before.end == self.tokens[at].start).then_some(before.byte)
    }

    /// The symbol directly after the token.
    pub(super) fn symbol_after(&self, at: usize) -> Option<u8> {
        let after = self.token(at + 1)?;
        (after.class == CharClass::Symbol && self.is_joined_to_next(at)).then_some(after.byte)
    }

    /// Whether the token has no lower-case letter in the original.
    pub(super) fn is_upper(&self, token: Token) -> bool {
        self.text.slice(self.original, token.start, token.end).chars().all(|c| !c.is_lowercase())
    }

    /// The match with one of these tags that covers a token near the current one.
    pub(super) fn covering(&self, token: Token, tags: Tags) -> Option<&LexiconMatch> {
        let near = &self.matches[self.next_match.min(self.matches.len())..];
        near.iter().take(8).find(|entry| entry.start <= token.start && token.end <= entry.end && entry.has(tags))
    }

    /// Adds a candidate of `len` digits and letters, unless no code has that length.
    pub(super) fn push(&mut self, start: u32, end: u32, code_start: u32, shape: Shape, len: u32, penalties: Penalties) {
        if !(3..=12).contains(&len) || self.candidates.len() >= MAX_CANDIDATES {
            return;
        }
        let len = u8::try_from(len).unwrap_or(u8::MAX);
        self.candidates.push(Candidate { start, end, code_start, shape, len, penalties });
    }
}
