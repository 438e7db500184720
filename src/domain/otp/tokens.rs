//! A folded text as tokens, and where its sentences end.

use super::{
    normal::{Kind, Normal, offset},
    scan::Scan,
};

/// Characters of one kind in a row; of marks, one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) kind: Kind,
    /// For ASCII letters and marks: the first byte. 0 for what is not ASCII.
    pub(super) byte: u8,
}

impl Token {
    pub(super) fn len(&self) -> u32 {
        self.end - self.start
    }

    pub(super) fn is_ascii_word(&self) -> bool {
        self.kind == Kind::Digit || (self.kind == Kind::Letter && self.byte != 0)
    }
}

pub(super) fn tokenize(text: &Normal, scan: &mut Scan) {
    let (bytes, kinds) = (text.bytes(), &text.kinds);
    let mut at = 0;
    while at < bytes.len() {
        let (start, kind, wide) = (at, kinds[at], !bytes[at].is_ascii());
        at += 1;
        match kind {
            Kind::Space => continue,
            Kind::Mark => {
                while wide && at < bytes.len() && bytes[at] & 0xC0 == 0x80 {
                    at += 1;
                }
            }
            _ => {
                while at < bytes.len() && kinds[at] == kind && bytes[at].is_ascii() != wide {
                    at += 1;
                }
            }
        }
        let byte = if wide { 0 } else { bytes[start] };
        scan.tokens.push(Token { start: offset(start), end: offset(at), kind, byte });
    }
    scan.steps += bytes.len();
}

/// Sentences end with their marks and with lines. The point of an abbreviation before a number is none.
pub(super) fn find_stops(text: &Normal, scan: &mut Scan) {
    let mut lines = text.line_ends.iter().copied().peekable();
    let tokens = &scan.tokens;
    for (at, token) in tokens.iter().enumerate() {
        while let Some(line) = lines.next_if(|&line| line < token.start) {
            scan.stops.push(line);
        }
        if token.kind != Kind::Mark {
            continue;
        }
        let ends = match token.byte {
            b'!' | b'?' => true,
            b'.' => {
                let after = tokens.get(at + 1);
                let before = at.checked_sub(1).map(|at| tokens[at]);
                let is_spaced = after.is_none_or(|after| after.start > token.end);
                let is_number_next = after.is_some_and(|after| after.kind == Kind::Digit);
                let is_short = before.is_some_and(|before| before.kind == Kind::Letter && before.len() <= 4);
                let is_initial = before.is_some_and(|before| before.kind == Kind::Letter && before.len() == 1);
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
            scan.stops.push(token.start);
        }
    }
    scan.stops.extend(lines);
}
