//! Texts that were cut within a character.
//!
//! Senders cut long messages by octets or by UTF-16 units, so a character may begin in one part and end in the next. A
//! Rust text cannot hold half a character. Until its parts are joined, each half is represented by a character of the
//! private use area that stands for it: one for each surrogate of UTF-16, and one for each octet that is no character
//! by itself. [`join_texts`] makes characters of them, or U+FFFD of those that have no other half.

use super::gsm::{GSM_ESCAPE, from_gsm_extension};

/// Stands for the surrogates U+D800 to U+DFFF.
const SURROGATES: u32 = 0x10_0000;
/// Stands for the octets 0 to 255.
const OCTETS: u32 = 0x10_fe00;

/// What stands for half of a surrogate pair.
pub(super) fn cut_surrogate(unit: u16) -> char {
    char::from_u32(SURROGATES + u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What stands for an octet that is no character by itself.
pub(super) fn cut_octet(octet: u8) -> char {
    char::from_u32(OCTETS + u32::from(octet)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn surrogate_of(c: char) -> Option<u16> {
    let unit = u32::from(c).checked_sub(SURROGATES)?;
    u16::try_from(unit).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}

fn octet_of(c: char) -> Option<u8> {
    u8::try_from(u32::from(c).checked_sub(OCTETS)?).ok()
}

/// Whether a text may have what stands for half a character: all of these begin with this octet in UTF-8.
fn may_be_cut(text: &str) -> bool {
    text.as_bytes().contains(&0xf4)
}

/// Joins the parts of a text. Of a text that is whole, half characters become U+FFFD.
pub(crate) fn join_texts<'t>(parts: impl IntoIterator<Item = &'t str>) -> String {
    let text: String = parts.into_iter().collect();
    if !may_be_cut(&text) {
        return text;
    }
    let mut joined = String::with_capacity(text.len());
    let mut octets = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match octet_of(c) {
            Some(GSM_ESCAPE) => {
                let extended = characters.peek().copied().and_then(from_gsm_extension);
                if let Some(extended) = extended {
                    characters.next();
                    joined.push(extended);
                }
                continue;
            }
            Some(octet) => {
                octets.push(octet);
                if characters.peek().copied().and_then(octet_of).is_some_and(|next| next != GSM_ESCAPE) {
                    continue;
                }
                joined.push_str(&String::from_utf8_lossy(&std::mem::take(&mut octets)));
                continue;
            }
            None => {}
        }
        let Some(unit) = surrogate_of(c) else {
            joined.push(c);
            continue;
        };
        let pair = characters.peek().copied().and_then(surrogate_of).map(|next| [unit, next]);
        let whole = pair.and_then(|pair| char::decode_utf16(pair).next()?.ok());
        if whole.is_some() {
            characters.next();
        }
        joined.push(whole.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    joined
}

/// A text in UTF-8, in which every octet that is no character, and every surrogate, is represented.
pub(super) fn decode_utf8(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Err(error) = std::str::from_utf8(rest) {
        let (valid, wrong) = rest.split_at(error.valid_up_to());
        text.push_str(&String::from_utf8_lossy(valid));
        rest = match wrong {
            // Some programs encode surrogates one by one.
            [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, rest @ ..] => {
                text.push(cut_surrogate(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f)));
                rest
            }
            [octet, rest @ ..] => {
                text.push(cut_octet(*octet));
                rest
            }
            [] => break,
        };
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Charset, decode_text},
        *,
    };

    #[test]
    fn characters_that_were_cut_are_whole_again() {
        for (charset, octets) in [
            (Charset::Utf16Be, "Code 482913 \u{1f600}!".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
            (Charset::Utf8, "Код 482913 \u{1f600} é!".into()),
            (Charset::Gsm, b"5\x1be and \x1b(x\x1b)".to_vec()),
        ] {
            let whole = join_texts([decode_text(&octets, charset).as_str()]);
            let step = if charset == Charset::Utf16Be { 2 } else { 1 };
            for at in (0..=octets.len()).step_by(step) {
                let (first, second) = octets.split_at(at);
                let parts = [first, second].map(|part| decode_text(part, charset));
                assert_eq!(join_texts(parts.iter().map(String::as_str)), whole, "{charset:?} at {at}");
            }
        }
    }

    #[test]
    fn halves_without_the_other_are_replaced() {
        let halves = [cut_surrogate(0xd83d).to_string(), cut_surrogate(0xde00).to_string()];
        assert_eq!(join_texts([&*halves[0], &*halves[1]]), "😀");
        assert_eq!(join_texts([&*halves[1], &*halves[0]]), "\u{fffd}\u{fffd}");
        assert_eq!(join_texts([&*halves[0], "x"]), "\u{fffd}x");
        assert_eq!(join_texts([decode_utf8(b"a\xffb\xed\xa0\xbd").as_str()]), "a\u{fffd}b\u{fffd}");
        assert_eq!(join_texts([decode_utf8(b"\xed\xa0\xbd\xed\xb8\x80").as_str()]), "😀");
        // Other private characters are as they were.
        assert_eq!(join_texts(["\u{100000}\u{10ffff}\u{10d7ff}"]), "\u{100000}\u{10ffff}\u{10d7ff}");
    }
}
