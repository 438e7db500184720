//! A text as the reader compares it: without case, accents, invisible marks and native digits.

use std::sync::LazyLock;

use smallvec::SmallVec;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// What a character is to the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// White space, of any width.
    Space,
    /// Anything that is neither space, letter nor digit.
    Mark,
    /// A decimal digit of any script.
    Digit,
    /// A letter of a script that puts spaces between its words.
    Letter,
    /// A letter of a script that does not (Han, Kana, Thai, Lao, Khmer, Burmese), or that glues
    /// particles to its words (Hangul): words start and end anywhere.
    Glyph,
}

/// The folded text, and where each byte of it came from.
pub(super) struct Normal {
    pub(super) text: String,
    /// What each byte belongs to.
    pub(super) kinds: Vec<Kind>,
    /// Where the character of each byte starts in the text, once that is not where it is itself.
    origin: Option<Vec<u32>>,
    /// How many characters the folded text has.
    pub(super) chars: usize,
    /// Where lines end, in the folded text, where they are spaces.
    pub(super) line_ends: SmallVec<[u32; 8]>,
}

impl Normal {
    pub(super) fn of(text: &str) -> Self {
        let mut normal = Self {
            text: String::with_capacity(text.len() + 2),
            kinds: Vec::with_capacity(text.len() + 2),
            origin: None,
            chars: 0,
            line_ends: SmallVec::new(),
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let plain = normal.plain_run(&bytes[at..]);
            if plain > 0 {
                normal.push_run(&text[at..at + plain], at);
                at += plain;
            } else if bytes[at].is_ascii() {
                normal.push_ascii(bytes[at], at);
                at += 1;
            } else {
                let Some(c) = text[at..].chars().next() else { break };
                normal.push_char(c, at);
                at += c.len_utf8();
            }
        }
        // What was dropped at the end is known only now.
        if let Some(origins) = normal.map(text.len()) {
            origins.push(offset(text.len()));
        }
        normal
    }

    /// Where in the text the character at `at` starts.
    pub(super) fn origin(&self, at: usize) -> usize {
        self.origin.as_ref().and_then(|origins| origins.get(at)).map_or(at, |&origin| origin as usize)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// What the text has between two places.
    pub(super) fn slice<'a>(&self, original: &'a str, start: u32, end: u32) -> &'a str {
        &original[self.origin(start as usize)..self.origin(end as usize).min(original.len())]
    }

    /// Whether a word may start or end at a place.
    pub(super) fn is_boundary(&self, at: usize) -> bool {
        let (Some(before), Some(after)) = (at.checked_sub(1).map(|at| self.kinds[at]), self.kinds.get(at)) else {
            return true;
        };
        before != *after || before != Kind::Letter
    }

    /// How many bytes are folded one for one: ASCII without a second space or a line's end.
    fn plain_run(&self, bytes: &[u8]) -> usize {
        let mut after_space = self.kinds.last() == Some(&Kind::Space);
        let is_plain = |byte: &&u8| {
            let is_space = **byte == b' ';
            let is_plain = byte.is_ascii_graphic() || is_space && !after_space;
            after_space = is_space;
            is_plain
        };
        bytes.iter().take_while(is_plain).count()
    }

    fn push_run(&mut self, run: &str, origin: usize) {
        self.note_origins(origin, run.len());
        let from = self.text.len();
        self.text.push_str(run);
        self.text[from..].make_ascii_lowercase();
        self.kinds.extend(run.bytes().map(|byte| ASCII[usize::from(byte & 0x7F)]));
        self.chars += run.len();
    }

    fn push_ascii(&mut self, byte: u8, origin: usize) {
        let kind = ASCII[usize::from(byte & 0x7F)];
        if kind == Kind::Space {
            return self.push_space(byte == b'\n' || byte == b'\r', origin);
        }
        self.push_byte(byte.to_ascii_lowercase(), kind, origin);
    }

    /// One space, however many there are; a line that ends among them is remembered.
    fn push_space(&mut self, ends_line: bool, origin: usize) {
        if self.kinds.last() != Some(&Kind::Space) {
            self.push_byte(b' ', Kind::Space, origin);
        }
        let end = offset(self.text.len() - 1);
        if ends_line && self.line_ends.last() != Some(&end) {
            self.line_ends.push(end);
        }
    }

    fn push_byte(&mut self, byte: u8, kind: Kind, origin: usize) {
        self.note_origin(origin, 1);
        self.text.push(char::from(byte));
        self.kinds.push(kind);
        self.chars += 1;
    }

    fn push_wide(&mut self, c: char, kind: Kind, origin: usize) {
        self.note_origin(origin, c.len_utf8());
        self.text.push(c);
        self.kinds.resize(self.text.len(), kind);
        self.chars += 1;
    }

    /// Notes that the next `len` bytes all come from the character at `origin`.
    fn note_origin(&mut self, origin: usize, len: usize) {
        if let Some(origins) = self.map(origin) {
            origins.extend(std::iter::repeat_n(offset(origin), len));
        }
    }

    /// The same for `len` characters of one byte, from `origin` on.
    fn note_origins(&mut self, origin: usize, len: usize) {
        if let Some(origins) = self.map(origin) {
            origins.extend((origin..origin + len).map(offset));
        }
    }

    /// Where characters come from, if that has to be told. Most texts are folded byte for byte: it is told from
    /// where one is not.
    fn map(&mut self, origin: usize) -> Option<&mut Vec<u32>> {
        if self.origin.is_none() && origin != self.text.len() {
            let mut origins = Vec::with_capacity(self.text.capacity() + 1);
            origins.extend((0..self.text.len()).map(offset));
            self.origin = Some(origins);
        }
        self.origin.as_mut()
    }

    fn push_char(&mut self, c: char, origin: usize) {
        let code = c as u32;
        if let Some(&folded) = FOLDED.get(code as usize) {
            return match folded {
                Folded::Gone => {}
                Folded::Ascii(byte) => self.push_ascii(byte, origin),
                Folded::Two(first, second) => {
                    self.push_byte(first, Kind::Letter, origin);
                    self.push_byte(second, Kind::Letter, origin);
                }
                Folded::Wide(c, kind) => self.push_wide(c, kind, origin),
                // Thai and Lao AM is written as one character or as two.
                Folded::Split(first, second) => {
                    self.push_wide(first, Kind::Glyph, origin);
                    self.push_wide(second, Kind::Glyph, origin);
                }
            };
        }
        match code {
            // Marks that nobody sees: zero-width, directions, joiners, variation selectors.
            0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF => {}
            0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 => {
                self.push_space(matches!(code, 0x2028 | 0x2029), origin);
            }
            0x2010..=0x2015 | 0x2212 | 0xFE58 | 0xFE63 | 0xFF0D => self.push_byte(b'-', Kind::Mark, origin),
            0x2018 | 0x2019 | 0x201B => self.push_byte(b'\'', Kind::Mark, origin),
            // Full-width digits and letters. Punctuation keeps its width: "，" ends a clause, and is not
            // what stands in a number.
            0xFF10..=0xFF19 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => {
                self.push_ascii(u8::try_from(code - 0xFEE0).unwrap_or(b' '), origin);
            }
            // Mathematical letters: bold, italic, script, … alphabets of 52 letters in a row.
            0x1D400..=0x1D6A3 => {
                let letter = u8::try_from((code - 0x1D400) % 26).unwrap_or(0);
                self.push_byte(b'a' + letter, Kind::Letter, origin);
            }
            _ => match digit(c) {
                Some(digit) => self.push_byte(digit, Kind::Digit, origin),
                None => self.push_wide(c, kind_of(c), origin),
            },
        }
    }
}

/// Texts are far shorter than 4 GiB; what is beyond is not told apart.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

static ASCII: [Kind; 128] = {
    let mut kinds = [Kind::Mark; 128];
    let mut at = 0;
    while at < 128 {
        kinds[at as usize] = match at as u8 {
            b'0'..=b'9' => Kind::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Letter,
            // NUL as well: the automaton keeps it for itself.
            b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0B | 0x0C => Kind::Space,
            _ => Kind::Mark,
        };
        at += 1;
    }
    kinds
};

#[derive(Clone, Copy)]
enum Folded {
    Gone,
    Ascii(u8),
    Two(u8, u8),
    Wide(char, Kind),
    Split(char, char),
}

/// Every character below U+2000, folded: Latin, Greek, Cyrillic, the scripts of India, Thai, …
static FOLDED: LazyLock<Vec<Folded>> =
    LazyLock::new(|| (0..0x2000).map(|code| char::from_u32(code).map_or(Folded::Gone, fold_char)).collect());

fn fold_char(c: char) -> Folded {
    if c.is_ascii() {
        return Folded::Ascii(c as u8);
    }
    if let Some(digit) = digit(c) {
        return Folded::Ascii(digit);
    }
    match c {
        // The soft hyphen, the Arabic letter mark, fillers and the Mongolian vowel separator.
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180E}' => {
            return Folded::Gone;
        }
        // Combining accents; Hebrew points; Arabic vowels and the stroke that stretches words; nuktas.
        '\u{300}'..='\u{36F}'
        | '\u{591}'..='\u{5BD}'
        | '\u{5BF}'..='\u{5C7}'
        | '\u{610}'..='\u{61A}'
        | '\u{640}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{6D6}'..='\u{6ED}' => return Folded::Gone,
        _ if is_nukta(c) => return Folded::Gone,
        '\u{85}' => return Folded::Ascii(b'\n'),
        '\u{A0}' | '\u{1680}' => return Folded::Ascii(b' '),
        '´' | 'ʼ' | 'ʻ' | 'ʹ' => return Folded::Ascii(b'\''),
        'ß' => return Folded::Two(b's', b's'),
        'æ' | 'Æ' => return Folded::Two(b'a', b'e'),
        'œ' | 'Œ' => return Folded::Two(b'o', b'e'),
        'þ' | 'Þ' => return Folded::Two(b't', b'h'),
        'ø' | 'Ø' => return Folded::Ascii(b'o'),
        'ð' | 'Ð' | 'đ' | 'Đ' => return Folded::Ascii(b'd'),
        'ħ' | 'Ħ' => return Folded::Ascii(b'h'),
        'ı' | 'İ' => return Folded::Ascii(b'i'),
        'ł' | 'Ł' => return Folded::Ascii(b'l'),
        'ŋ' | 'Ŋ' => return Folded::Ascii(b'n'),
        // Letters that Arabic, Persian and Urdu write alike but encode apart.
        'ی' | 'ى' | 'ې' | 'ے' => return Folded::Wide('ي', Kind::Letter),
        'ک' => return Folded::Wide('ك', Kind::Letter),
        'ہ' | 'ھ' | 'ة' | 'ە' => return Folded::Wide('ه', Kind::Letter),
        'ำ' => return Folded::Split('\u{E4D}', 'า'),
        'ຳ' => return Folded::Split('\u{ECD}', 'າ'),
        _ => {}
    }
    // Accents are taken off Latin, Greek and Cyrillic, and nuktas off the letters of India; vowels of two parts, and
    // what else has a canonical decomposition there, stay.
    let (mut base, mut last) = (None, c);
    decompose_canonical(c, |part| {
        base.get_or_insert(part);
        last = part;
    });
    let is_accent = matches!(c as u32, 0x80..=0x52F | 0x1E00..=0x1FFF) || is_nukta(last);
    let base = base.filter(|_| is_accent).unwrap_or(c);
    let lower = base.to_lowercase().next().unwrap_or(base);
    let lower = if lower == 'ς' { 'σ' } else { lower };
    // What is left may have to be folded itself: `ǿ` without its accent is `ø`.
    if lower != c {
        return fold_char(lower);
    }
    if lower.is_ascii() { Folded::Ascii(lower as u8) } else { Folded::Wide(lower, kind_of(lower)) }
}

fn is_nukta(c: char) -> bool {
    matches!(c, '\u{93C}' | '\u{9BC}' | '\u{A3C}' | '\u{ABC}' | '\u{B3C}' | '\u{CBC}')
}

fn kind_of(c: char) -> Kind {
    match c as u32 {
        // Thai, Lao, Tibetan, Burmese; Khmer; then Hangul, Kana, Bopomofo and Han.
        0xE01..=0xE3A
        | 0xE40..=0xE4E
        | 0xE80..=0xECF
        | 0xF00..=0xFDA
        | 0x1000..=0x109F
        | 0x1100..=0x11FF
        | 0x1780..=0x17D3 => Kind::Glyph,
        // The iteration marks and the closing mark of Japanese are written in the middle of words.
        0x3005..=0x3007
        | 0x3041..=0x30FA
        | 0x30FC..=0x31FF
        | 0x3400..=0x9FFF
        | 0xAC00..=0xD7FF
        | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF => Kind::Glyph,
        _ if c.is_alphanumeric() || is_combining_mark(c) => Kind::Letter,
        _ if c.is_whitespace() => Kind::Space,
        _ => Kind::Mark,
    }
}

/// The ASCII digit of a decimal digit of any script.
pub(super) fn digit(c: char) -> Option<u8> {
    let code = c as u32;
    if c.is_ascii_digit() {
        return Some(c as u8);
    }
    if code < 0x660 {
        return None;
    }
    if (0x1D7CE..=0x1D7FF).contains(&code) {
        return u8::try_from((code - 0x1D7CE) % 10).ok().map(|digit| b'0' + digit);
    }
    let next = ZEROS.partition_point(|&zero| zero <= code);
    let zero = ZEROS.get(next.checked_sub(1)?)?;
    u8::try_from(code - zero).ok().filter(|digit| *digit < 10).map(|digit| b'0' + digit)
}

/// The zeros of all scripts: general category Nd in the Unicode Character Database, each followed by
/// its nine others. (Mathematical digits come in five rows, and are told apart above.)
const ZEROS: [u32; 62] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0,
    0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60,
    0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];
