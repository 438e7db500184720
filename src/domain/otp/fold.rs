//! Folds characters: case, accents, invisible marks and the digits of every script.

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// The class of a character, which decides where tokens and words end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum CharClass {
    /// White space, of any width.
    Space,
    /// Anything that is neither space, letter nor digit.
    Symbol,
    /// A decimal digit of any script.
    Digit,
    /// A letter of a script that puts spaces between its words.
    Letter,
    /// A letter of a script that does not (Han, Kana, Thai, Lao, Khmer, Burmese), or that attaches particles to its
    /// words (Hangul): words start and end anywhere.
    Unspaced,
}

/// What a character is folded to.
#[derive(Clone, Copy)]
pub(super) enum Folded {
    Removed,
    Ascii(u8),
    TwoAscii(u8, u8),
    Char(char, CharClass),
    /// Two letters of a script without spaces.
    TwoChars(char, char),
}

/// The class of every ASCII character.
pub(super) static ASCII: [CharClass; 128] = {
    let mut classes = [CharClass::Symbol; 128];
    let mut at = 0;
    while at < 128 {
        classes[at as usize] = match at as u8 {
            b'0'..=b'9' => CharClass::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => CharClass::Letter,
            // NUL as well: the automaton keeps it for itself.
            b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0B | 0x0C => CharClass::Space,
            _ => CharClass::Symbol,
        };
        at += 1;
    }
    classes
};

/// Every character below U+2000, folded: Latin, Greek, Cyrillic, the Indic scripts, Thai, …
pub(super) static FOLDED: LazyLock<Vec<Folded>> =
    LazyLock::new(|| (0..0x2000).map(|code| char::from_u32(code).map_or(Folded::Removed, fold_char)).collect());

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
            return Folded::Removed;
        }
        // Combining accents; Hebrew points; Arabic vowels and the stroke that stretches words; nuktas.
        '\u{300}'..='\u{36F}'
        | '\u{591}'..='\u{5BD}'
        | '\u{5BF}'..='\u{5C7}'
        | '\u{610}'..='\u{61A}'
        | '\u{640}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{6D6}'..='\u{6ED}' => return Folded::Removed,
        _ if is_nukta(c) => return Folded::Removed,
        '\u{85}' => return Folded::Ascii(b'\n'),
        '\u{A0}' | '\u{1680}' => return Folded::Ascii(b' '),
        '´' | 'ʼ' | 'ʻ' | 'ʹ' => return Folded::Ascii(b'\''),
        'ß' => return Folded::TwoAscii(b's', b's'),
        'æ' | 'Æ' => return Folded::TwoAscii(b'a', b'e'),
        'œ' | 'Œ' => return Folded::TwoAscii(b'o', b'e'),
        'þ' | 'Þ' => return Folded::TwoAscii(b't', b'h'),
        'ø' | 'Ø' => return Folded::Ascii(b'o'),
        'ð' | 'Ð' | 'đ' | 'Đ' => return Folded::Ascii(b'd'),
        'ħ' | 'Ħ' => return Folded::Ascii(b'h'),
        'ı' | 'İ' => return Folded::Ascii(b'i'),
        'ł' | 'Ł' => return Folded::Ascii(b'l'),
        'ŋ' | 'Ŋ' => return Folded::Ascii(b'n'),
        // Letters that Arabic, Persian and Urdu write alike but encode differently.
        'ی' | 'ى' | 'ې' | 'ے' => return Folded::Char('ي', CharClass::Letter),
        'ک' => return Folded::Char('ك', CharClass::Letter),
        'ہ' | 'ھ' | 'ة' | 'ە' => return Folded::Char('ه', CharClass::Letter),
        'ำ' => return Folded::TwoChars('\u{E4D}', 'า'),
        'ຳ' => return Folded::TwoChars('\u{ECD}', 'າ'),
        _ => {}
    }
    // Accents are removed from Latin, Greek and Cyrillic letters, and nuktas from Indic ones. Other canonical
    // decompositions, such as vowels of two parts, are not applied.
    let (mut base, mut last) = (None, c);
    decompose_canonical(c, |part| {
        base.get_or_insert(part);
        last = part;
    });
    let is_accent = matches!(c as u32, 0x80..=0x52F | 0x1E00..=0x1FFF) || is_nukta(last);
    let base = base.filter(|_| is_accent).unwrap_or(c);
    let lower = base.to_lowercase().next().unwrap_or(base);
    let lower = if lower == 'ς' { 'σ' } else { lower };
    // The base may have to be folded itself: `ǿ` without its accent is `ø`.
    if lower != c {
        return fold_char(lower);
    }
    if lower.is_ascii() { Folded::Ascii(lower as u8) } else { Folded::Char(lower, class_of(lower)) }
}

fn is_nukta(c: char) -> bool {
    matches!(c, '\u{93C}' | '\u{9BC}' | '\u{A3C}' | '\u{ABC}' | '\u{B3C}' | '\u{CBC}')
}

pub(super) fn class_of(c: char) -> CharClass {
    match c as u32 {
        // Thai, Lao, Tibetan, Burmese; Khmer; then Hangul, Kana, Bopomofo and Han.
        0xE01..=0xE3A
        | 0xE40..=0xE4E
        | 0xE80..=0xECF
        | 0xF00..=0xFDA
        | 0x1000..=0x109F
        | 0x1100..=0x11FF
        | 0x1780..=0x17D3 => CharClass::Unspaced,
        // The iteration marks and the closing mark of Japanese are written in the middle of words.
        0x3005..=0x3007
        | 0x3041..=0x30FA
        | 0x30FC..=0x31FF
        | 0x3400..=0x9FFF
        | 0xAC00..=0xD7FF
        | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF => CharClass::Unspaced,
        _ if c.is_alphanumeric() || is_combining_mark(c) => CharClass::Letter,
        _ if c.is_whitespace() => CharClass::Space,
        _ => CharClass::Symbol,
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
    if matches!(code, 0x2460..=0x24FF | 0x2776..=0x2792) {
        return enclosed_digit(code);
    }
    let next = ZEROS.partition_point(|&zero| zero <= code);
    let zero = ZEROS.get(next.checked_sub(1)?)?;
    u8::try_from(code - zero).ok().filter(|digit| *digit < 10).map(|digit| b'0' + digit)
}

/// The digit in a circle or in brackets, or before a point: `①`, `⑴`, `⒈`, `❶`.
fn enclosed_digit(code: u32) -> Option<u8> {
    const ONES: [u32; 7] = [0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A];
    if matches!(code, 0x24EA | 0x24FF) {
        return Some(b'0');
    }
    let one = ONES.iter().rev().find(|one| **one <= code)?;
    u8::try_from(code - one).ok().filter(|digit| *digit < 9).map(|digit| b'1' + digit)
}

/// The zero of every script: general category Nd in the Unicode Character Database. Its other nine digits follow it.
/// (Mathematical digits, five rows of ten, and enclosed ones are handled above.)
const ZEROS: [u32; 62] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0,
    0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60,
    0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];
