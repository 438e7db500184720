//! The folded text of a message, and the way back to the original.

use smallvec::SmallVec;

use super::{
    fold::{ASCII, CharClass, FOLDED, Folded, class_of, digit},
    homoglyphs,
    markup::{self, Markup},
};

/// A folded text, with the origin of each byte.
pub(super) struct FoldedText {
    pub(super) text: String,
    /// The class of the character that each byte belongs to.
    pub(super) classes: Vec<CharClass>,
    /// For each byte, where its character starts in the original. `None` while the two are the same.
    origins: Option<Vec<u32>>,
    /// The length in characters.
    pub(super) char_count: usize,
    /// The positions of the spaces at which lines end.
    pub(super) line_ends: SmallVec<[u32; 8]>,
    /// Whether letters of two scripts that look alike are next to each other.
    is_mixed: bool,
}

impl FoldedText {
    pub(super) fn of(text: &str) -> Self {
        let mut folded = Self::with_capacity(text.len() + 2);
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let run = folded.one_to_one(&bytes[at..]);
            if run > 0 {
                folded.push_run(&text[at..at + run], at);
                at += run;
            } else if let Some((markup, len)) = markup::at_start(&text[at..]) {
                folded.push_markup(markup, at);
                at += len;
            } else if bytes[at].is_ascii() {
                folded.push_ascii(bytes[at], at);
                at += 1;
            } else {
                let Some(c) = text[at..].chars().next() else { break };
                folded.push_char(c, at);
                at += c.len_utf8();
            }
        }
        // Only now is it known whether characters were removed at the end.
        if let Some(origins) = folded.origins_from(text.len()) {
            origins.push(offset(text.len()));
        }
        if folded.is_mixed { folded.unmixed() } else { folded }
    }

    fn with_capacity(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            classes: Vec::with_capacity(capacity),
            origins: None,
            char_count: 0,
            line_ends: SmallVec::new(),
            is_mixed: false,
        }
    }

    /// The same text with each word in letters of one script.
    fn unmixed(&self) -> Self {
        let mut unmixed = Self::with_capacity(self.text.len() + 8);
        let mut origins = Vec::with_capacity(self.text.len() + 8);
        let mut lines = self.line_ends.iter().copied().peekable();
        let mut at = 0;
        while at < self.text.len() {
            let rest = &self.classes[at..];
            let run = rest.iter().take_while(|class| **class == rest[0]).count();
            let word = &self.text[at..at + run];
            let replaced = Some(word).filter(|word| rest[0] == CharClass::Letter && !word.is_ascii());
            let replaced = replaced.and_then(homoglyphs::in_one_script);
            let letters = replaced.as_deref().unwrap_or(word).chars();
            for ((start, _), c) in word.char_indices().zip(letters) {
                if lines.next_if(|&line| line as usize == at + start).is_some() {
                    unmixed.line_ends.push(offset(unmixed.text.len()));
                }
                origins.extend(std::iter::repeat_n(offset(self.origin(at + start)), c.len_utf8()));
                unmixed.text.push(c);
                unmixed.classes.resize(unmixed.text.len(), rest[0]);
            }
            at += run;
        }
        origins.push(offset(self.origin(at)));
        Self { origins: Some(origins), char_count: self.char_count, ..unmixed }
    }

    /// Where the character at `at` starts in the original.
    pub(super) fn origin(&self, at: usize) -> usize {
        self.origins.as_ref().and_then(|origins| origins.get(at)).map_or(at, |&origin| origin as usize)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The part of the original between two positions.
    pub(super) fn slice<'a>(&self, original: &'a str, start: u32, end: u32) -> &'a str {
        &original[self.origin(start as usize)..self.origin(end as usize).min(original.len())]
    }

    /// Whether a word can start or end at `at`.
    pub(super) fn is_boundary(&self, at: usize) -> bool {
        let (Some(before), Some(after)) = (at.checked_sub(1).map(|at| self.classes[at]), self.classes.get(at)) else {
            return true;
        };
        before != *after || before != CharClass::Letter
    }

    /// How many of the bytes fold one to one: ASCII without line ends and repeated spaces.
    fn one_to_one(&self, bytes: &[u8]) -> usize {
        let mut after_space = self.classes.last() == Some(&CharClass::Space);
        let is_plain = |byte: &&u8| {
            let is_space = **byte == b' ';
            // Markup may start here.
            let is_graphic = byte.is_ascii_graphic() && !matches!(byte, b'<' | b'&');
            let is_plain = is_graphic || is_space && !after_space;
            after_space = is_space;
            is_plain
        };
        bytes.iter().take_while(is_plain).count()
    }

    fn push_run(&mut self, run: &str, origin: usize) {
        self.note_script(char::from(run.as_bytes()[0]));
        self.push_origins(origin, run.len());
        let from = self.text.len();
        self.text.push_str(run);
        self.text[from..].make_ascii_lowercase();
        self.classes.extend(run.bytes().map(|byte| ASCII[usize::from(byte & 0x7F)]));
        self.char_count += run.len();
    }

    fn push_ascii(&mut self, byte: u8, origin: usize) {
        let class = ASCII[usize::from(byte & 0x7F)];
        if class == CharClass::Space {
            return self.push_space(byte == b'\n' || byte == b'\r', origin);
        }
        self.note_script(char::from(byte));
        self.push_byte(byte.to_ascii_lowercase(), class, origin);
    }

    /// Adds what markup stands for.
    fn push_markup(&mut self, markup: Markup, origin: usize) {
        match markup {
            Markup::Inline => {}
            Markup::Block => self.push_space(true, origin),
            Markup::Char(c) if c.is_ascii() => self.push_ascii(c as u8, origin),
            Markup::Char(c) => self.push_char(c, origin),
        }
    }

    /// Notices when a letter follows one of another script that looks alike.
    fn note_script(&mut self, next: char) {
        if self.classes.last() == Some(&CharClass::Letter) && (next.is_ascii_alphabetic() || !next.is_ascii()) {
            let is_mixed = |last| homoglyphs::are_mixed(last, next);
            self.is_mixed |= self.text.chars().next_back().is_some_and(is_mixed);
        }
    }

    /// Adds a space unless there is one, and records the end of a line.
    fn push_space(&mut self, ends_line: bool, origin: usize) {
        if self.classes.last() != Some(&CharClass::Space) {
            self.push_byte(b' ', CharClass::Space, origin);
        }
        let end = offset(self.text.len() - 1);
        if ends_line && self.line_ends.last() != Some(&end) {
            self.line_ends.push(end);
        }
    }

    fn push_byte(&mut self, byte: u8, class: CharClass, origin: usize) {
        self.push_origin(origin, 1);
        self.text.push(char::from(byte));
        self.classes.push(class);
        self.char_count += 1;
    }

    fn push_wide(&mut self, c: char, class: CharClass, origin: usize) {
        self.push_origin(origin, c.len_utf8());
        self.text.push(c);
        self.classes.resize(self.text.len(), class);
        self.char_count += 1;
    }

    /// Records that the next `len` bytes come from the one character at `origin`.
    fn push_origin(&mut self, origin: usize, len: usize) {
        if let Some(origins) = self.origins_from(origin) {
            origins.extend(std::iter::repeat_n(offset(origin), len));
        }
    }

    /// Records that the next `len` bytes come from as many characters of one byte, the first at `origin`.
    fn push_origins(&mut self, origin: usize, len: usize) {
        if let Some(origins) = self.origins_from(origin) {
            origins.extend((origin..origin + len).map(offset));
        }
    }

    /// The table of origins, once it is needed: most texts fold byte for byte, and a table is only built from the first
    /// character on that does not.
    fn origins_from(&mut self, origin: usize) -> Option<&mut Vec<u32>> {
        if self.origins.is_none() && origin != self.text.len() {
            let mut origins = Vec::with_capacity(self.text.capacity() + 1);
            origins.extend((0..self.text.len()).map(offset));
            self.origins = Some(origins);
        }
        self.origins.as_mut()
    }

    fn push_char(&mut self, c: char, origin: usize) {
        let code = c as u32;
        if let Some(&folded) = FOLDED.get(code as usize) {
            return match folded {
                Folded::Removed => {}
                Folded::Ascii(byte) => self.push_ascii(byte, origin),
                Folded::TwoAscii(first, second) => {
                    self.push_byte(first, CharClass::Letter, origin);
                    self.push_byte(second, CharClass::Letter, origin);
                }
                Folded::Char(c, class) => {
                    self.note_script(c);
                    self.push_wide(c, class, origin);
                }
                // Thai and Lao AM is written as one character or as two.
                Folded::TwoChars(first, second) => {
                    self.push_wide(first, CharClass::Unspaced, origin);
                    self.push_wide(second, CharClass::Unspaced, origin);
                }
            };
        }
        match code {
            // Invisible marks: zero-width, directions, joiners, variation selectors; frames around characters
            // (keycaps).
            0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFEFF => {}
            0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 => {
                self.push_space(matches!(code, 0x2028 | 0x2029), origin);
            }
            0x2010..=0x2015 | 0x2212 | 0xFE58 | 0xFE63 | 0xFF0D => self.push_byte(b'-', CharClass::Symbol, origin),
            0x2018 | 0x2019 | 0x201B => self.push_byte(b'\'', CharClass::Symbol, origin),
            // Full-width digits and letters. Punctuation stays full-width: "，" ends a clause and never separates the
            // digits of one number.
            0xFF10..=0xFF19 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => {
                self.push_ascii(u8::try_from(code - 0xFEE0).unwrap_or(b' '), origin);
            }
            // Letters in circles, capital and small.
            0x24B6..=0x24E9 => {
                let letter = u8::try_from((code - 0x24B6) % 26).unwrap_or(0);
                self.push_byte(b'a' + letter, CharClass::Letter, origin);
            }
            // Mathematical letters: bold, italic, script, … alphabets of 52 letters in a row.
            0x1D400..=0x1D6A3 => {
                let letter = u8::try_from((code - 0x1D400) % 26).unwrap_or(0);
                self.push_byte(b'a' + letter, CharClass::Letter, origin);
            }
            _ => match digit(c) {
                Some(digit) => self.push_byte(digit, CharClass::Digit, origin),
                None => self.push_wide(c, class_of(c), origin),
            },
        }
    }
}

/// A position as 32 bits. Texts are far shorter than 4 GiB; positions beyond are all the same.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The start and the end of a part of the folded text, in bytes.
pub(super) type Span = (u32, u32);
