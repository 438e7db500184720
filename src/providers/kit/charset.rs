//! Character sets of SMS and of gateways.
//!
//! The sets of SMS and the names that gateways have for them are here; all others are those of the web
//! ([Encoding](https://encoding.spec.whatwg.org/)).

use encoding_rs::{EUC_KR, Encoding, ISO_2022_JP, ISO_8859_5, ISO_8859_8, SHIFT_JIS, WINDOWS_1252};
use serde::Deserialize;

use super::{
    cut::{cut_octet, cut_surrogate, decode_utf8},
    encode_hex,
    gsm::{GSM_ALPHABET, GSM_ESCAPE, extension},
};

/// The character set of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::providers) enum Charset {
    /// UTF-8.
    Utf8,
    /// The GSM 7-bit default alphabet, one septet per octet (3GPP TS 23.038, 6.2.1).
    Gsm,
    /// UTF-16, big-endian (UCS-2 with surrogates).
    Utf16Be,
    /// ISO 8859-1: the first 256 characters of Unicode.
    Latin1,
    /// ASCII.
    Ascii,
    /// Another one, such as windows-1252.
    Other(&'static Encoding),
}

impl TryFrom<String> for Charset {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| {
            format!("`{name}` is no character set that is known, such as utf-8, gsm, utf-16be or windows-1252")
        })
    }
}

impl Charset {
    /// The character set with this name, in any of the spellings that gateways use.
    pub(in crate::providers) fn named(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "utf8" => Some(Self::Utf8),
            "gsm" | "gsm7" | "gsm0338" | "gsm7bit" => Some(Self::Gsm),
            "utf16be" | "utf16" | "ucs2" | "ucs2be" => Some(Self::Utf16Be),
            "iso88591" | "latin1" => Some(Self::Latin1),
            "usascii" | "ascii" => Some(Self::Ascii),
            plain => {
                // `windows1252` and `iso885915` lack a hyphen.
                let numbered =
                    |prefix: &str| Some(format!("{prefix}-{}", plain.strip_prefix(&prefix.replace('-', ""))?));
                let names = [numbered("windows"), numbered("iso-8859"), Some(plain.to_owned())];
                let labels = std::iter::once(name.trim()).chain(names.iter().flatten().map(String::as_str));
                labels.filter_map(|label| Encoding::for_label_no_replacement(label.as_bytes())).next().map(Self::Other)
            }
        }
    }

    /// The character set of a data coding scheme (3GPP TS 23.038, 4; SMPP 3.4, 5.2.19); none for binary data.
    pub(in crate::providers) fn from_data_coding(coding: u8) -> Option<Self> {
        match coding {
            0 => Some(Self::Gsm),
            1 => Some(Self::Ascii),
            3 => Some(Self::Latin1),
            5 => Some(Self::Other(SHIFT_JIS)),
            6 => Some(Self::Other(ISO_8859_5)),
            7 => Some(Self::Other(ISO_8859_8)),
            8 => Some(Self::Utf16Be),
            10 => Some(Self::Other(ISO_2022_JP)),
            14 => Some(Self::Other(EUC_KR)),
            // With a message class, such as flash messages.
            0x10..=0x13 | 0xf0..=0xf3 => Some(Self::Gsm),
            0x18..=0x1b => Some(Self::Utf16Be),
            _ => None,
        }
    }
}

/// Decodes a text. Characters that are cut at its ends are represented as `cut.rs` says, and other invalid octets as
/// U+FFFD, so that the rest of the message is not lost.
pub(in crate::providers) fn decode_text(bytes: &[u8], charset: Charset) -> String {
    match charset {
        Charset::Utf8 => decode_utf8(bytes),
        Charset::Gsm => decode_gsm(bytes),
        // Its control characters from 0x80 on mean nothing in a message, but programs confuse it with windows-1252,
        // which has quotation marks and the euro there.
        Charset::Latin1 => decode_web(bytes, WINDOWS_1252),
        Charset::Other(encoding) => decode_web(bytes, encoding),
        Charset::Ascii => bytes
            .iter()
            .map(|&byte| if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER })
            .collect(),
        Charset::Utf16Be => {
            let (pairs, rest) = bytes.as_chunks::<2>();
            let units = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
            let characters = char::decode_utf16(units)
                .map(|read| read.unwrap_or_else(|lone| cut_surrogate(lone.unpaired_surrogate())));
            characters.chain(rest.first().map(|_| char::REPLACEMENT_CHARACTER)).collect()
        }
    }
}

fn decode_web(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Decodes octets of an unknown character set: as UTF-8 if they are valid, else as windows-1252, in which nearly every
/// octet is a character. Data that is no text becomes hexadecimal digits, which lose nothing.
pub(in crate::providers) fn decode_unknown(bytes: &[u8]) -> String {
    let is_binary = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let text = if is_utf8(bytes) { decode_utf8(bytes) } else { decode_web(bytes, WINDOWS_1252) };
    if text.contains(is_binary) { encode_hex(bytes) } else { text }
}

/// Whether octets are UTF-8. A part of a long text may begin and end within a character, but then has other characters
/// of several octets.
fn is_utf8(bytes: &[u8]) -> bool {
    let is_inner = |byte: &u8| (0x80..0xc0).contains(byte);
    let begin = bytes.iter().take(3).take_while(|byte| is_inner(byte)).count();
    match std::str::from_utf8(&bytes[begin..]) {
        Ok(text) => begin == 0 || !text.is_ascii(),
        Err(error) if error.error_len().is_none() => {
            let end = begin + error.valid_up_to();
            !bytes[begin..end].is_ascii()
        }
        Err(_) => false,
    }
}

/// Decodes the GSM 7-bit default alphabet, one septet per octet.
pub(in crate::providers) fn decode_gsm(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = GSM_ALPHABET.chars().collect();
    let mut text = String::with_capacity(bytes.len());
    let mut octets = bytes.iter().copied();
    while let Some(octet) = octets.next() {
        if octet != GSM_ESCAPE {
            text.push(alphabet.get(usize::from(octet)).copied().unwrap_or(char::REPLACEMENT_CHARACTER));
            continue;
        }
        // A code that the extension table lacks is read from the default alphabet; a second escape is a space
        // (6.2.1.1, notes).
        let Some(octet) = octets.next() else {
            // The character may be in the next part.
            text.push(cut_octet(GSM_ESCAPE));
            break;
        };
        let extended = extension(octet);
        let plain = alphabet.get(usize::from(octet)).copied().map(|c| if c == '\u{1b}' { ' ' } else { c });
        text.push(extended.or(plain).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::join_texts, *};

    #[test]
    fn the_gsm_alphabet() {
        assert_eq!(GSM_ALPHABET.chars().count(), 128);
        assert_eq!(decode_gsm(b"Your code is 482913"), "Your code is 482913");
        assert_eq!(
            decode_gsm(&[0x00, 0x01, 0x02, 0x11, 0x10, 0x7f, 0x40, 0x5b, 0x60]),
            "@£$_ΔàｘÄ¿".replace('ｘ', "¡")
        );
        let text = decode_gsm(&[0x1b, 0x65, b'5', 0x1b, 0x28, 0x1b, 0x41, 0x1b, 0x1b, 0x1b]);
        assert_eq!(join_texts([text.as_str()]), "€5{A ");
        assert_eq!(decode_gsm(&[0x41, 0x80, 0xff]), "A\u{fffd}\u{fffd}");
    }

    #[test]
    fn other_character_sets() {
        let decode = |bytes: &[u8], charset| join_texts([decode_text(bytes, charset).as_str()]);
        assert_eq!(decode(&[0x00, 0x59, 0xd8, 0x3d, 0xde, 0x00], Charset::Utf16Be), "Y😀");
        assert_eq!(decode(&[0x00, 0x59, 0xd8, 0x3d, 0x00], Charset::Utf16Be), "Y\u{fffd}\u{fffd}");
        assert_eq!(decode(b"caf\xe9 \x8010", Charset::Latin1), "café €10");
        assert_eq!(decode(b"caf\xe9", Charset::Ascii), "caf\u{fffd}");
        assert_eq!(decode(b"caf\xc3\xa9\xff", Charset::Utf8), "café\u{fffd}");
        for (name, bytes, text) in [
            ("WINDOWS-1252", b"\x80 \x93x\x94 \x92".as_slice(), "€ “x” ’"),
            ("windows1252", b"\x80", "€"),
            ("cp1252", b"\x80", "€"),
            ("ISO-8859-15", b"\xa4", "€"),
            ("iso885915", b"\xa4", "€"),
            ("windows-1251", b"\xca\xee\xe4", "Код"),
            ("KOI8-R", b"\xeb\xcf\xc4", "Код"),
            ("Shift_JIS", b"\x83R\x81[\x83h", "コード"),
            ("GBK", b"\xd1\xe9\xd6\xa4", "验证"),
            ("UTF16-BE", &[0, 0x59], "Y"),
            ("gsm", b"\x1be", "€"),
        ] {
            assert_eq!(decode(bytes, Charset::named(name).unwrap()), text, "{name}");
        }
        for unknown in ["ebcdic", "binary", "8-BIT", "", "windows-9999", "replacement"] {
            assert_eq!(Charset::named(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_data_coding_may_have_no_character_set() {
        for (coding, charset) in [
            (0x00, Some(Charset::Gsm)),
            (0x03, Some(Charset::Latin1)),
            (0x04, None),
            (0x06, Some(Charset::Other(ISO_8859_5))),
            (0x08, Some(Charset::Utf16Be)),
            (0x10, Some(Charset::Gsm)),
            (0x14, None),
            (0x18, Some(Charset::Utf16Be)),
            (0xf0, Some(Charset::Gsm)),
            (0xf5, None),
        ] {
            assert_eq!(Charset::from_data_coding(coding), charset, "{coding:#04x}");
        }
        for (bytes, text) in [
            (b"caf\xc3\xa9\r\n".as_slice(), "café\r\n"),
            (b"caf\xe9", "café"),
            (b"\x9310 \x80\x94", "“10 €”"),
            (&[0x00, 0x41], "0041"),
            (b"", ""),
        ] {
            assert_eq!(decode_unknown(bytes), text);
        }
        let octets = "Код 482913 для входа".as_bytes();
        for at in 5..octets.len() - 5 {
            let parts = [&octets[..at], &octets[at..]].map(decode_unknown);
            assert_eq!(join_texts(parts.iter().map(String::as_str)), "Код 482913 для входа", "{at}");
        }
    }
}
