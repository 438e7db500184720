//! Splits a folded text into tokens and sentences.

use smallvec::SmallVec;

use super::{
    fold::CharClass,
    text::{FoldedText, offset},
};

/// A run of characters of one class. A symbol is a token of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) class: CharClass,
    /// The first byte, if the token is ASCII; otherwise 0.
    pub(super) byte: u8,
}

impl Token {
    pub(super) fn len(&self) -> u32 {
        self.end - self.start
    }

    pub(super) fn is_ascii_word(&self) -> bool {
        self.class == CharClass::Digit || (self.class == CharClass::Letter && self.byte != 0)
    }
}

/// The tokens of a text, without white space.
pub(super) fn tokenize(text: &FoldedText) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.classes.len() / 4 + 8);
    let (bytes, classes) = (text.bytes(), &text.classes);
    let mut at = 0;
    while at < bytes.len() {
        let (start, class, wide) = (at, classes[at], !bytes[at].is_ascii());
        at += 1;
        match class {
            CharClass::Space => continue,
            CharClass::Symbol => {
                while wide && at < bytes.len() && bytes[at] & 0xC0 == 0x80 {
                    at += 1;
                }
            }
            _ => {
                while at < bytes.len() && classes[at] == class && bytes[at].is_ascii() != wide {
                    at += 1;
                }
            }
        }
        let byte = if wide { 0 } else { bytes[start] };
        tokens.push(Token { start: offset(start), end: offset(at), class, byte });
    }
    tokens
}

/// Where sentences end, by position: at their punctuation and at line ends. A point after an abbreviation ends none.
pub(super) fn sentence_ends(text: &FoldedText, tokens: &[Token]) -> SmallVec<[u32; 12]> {
    let mut sentence_ends = SmallVec::new();
    let mut lines = text.line_ends.iter().copied().peekable();
    for (at, token) in tokens.iter().enumerate() {
        while let Some(line) = lines.next_if(|&line| line < token.start) {
            sentence_ends.push(line);
        }
        if token.class != CharClass::Symbol {
            continue;
        }
        let ends = match token.byte {
            b'!' | b'?' => true,
            b'.' => {
                let after = tokens.get(at + 1);
                let before = at.checked_sub(1).map(|at| tokens[at]);
                let is_spaced = after.is_none_or(|after| after.start > token.end);
                let is_number_next = after.is_some_and(|after| after.class == CharClass::Digit);
                let is_short = before.is_some_and(|before| before.class == CharClass::Letter && before.len() <= 4);
                let is_initial = before.is_some_and(|before| before.class == CharClass::Letter && before.len() == 1);
                is_spaced && !(is_number_next && is_short) && !is_initial
            }
            0 => matches!(
                &text.bytes()[token.start as usize..token.end as usize],
                b"\xE3\x80\x82"
                    | b"\xEF\xBC\x81"
                    | b"\xEF\xBC\x9F"
                    | b"\xE0\xA5\xA4"
                    | b"\xDB\x94"
                    | b"\xD8\x9F"
                    | b"\xE1\x8D\xA2"
                    | b"\xE1\x81\x8B"
                    | b"\xE1\x9F\x94"
            ),
            _ => false,
        };
        if ends {
            sentence_ends.push(token.start);
        }
    }
    sentence_ends.extend(lines);
    sentence_ends
}
