//! Character sets of SMS and of gateways.

use serde::Deserialize;

use super::encode_hex;

/// The character set of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::providers) enum Charset {
    /// UTF-8.
    #[serde(rename = "utf-8", alias = "UTF-8", alias = "utf8")]
    Utf8,
    /// The GSM 7-bit default alphabet, one septet per octet (3GPP TS 23.038, 6.2.1).
    #[serde(rename = "gsm", alias = "GSM", alias = "gsm-7", alias = "gsm0338")]
    Gsm,
    /// UTF-16, big-endian (UCS-2 with surrogates).
    #[serde(rename = "utf-16be", alias = "UTF-16BE", alias = "UTF16-BE", alias = "ucs-2", alias = "ucs2")]
    Utf16Be,
    /// ISO 8859-1: the first 256 characters of Unicode.
    #[serde(rename = "iso-8859-1", alias = "ISO-8859-1", alias = "latin1")]
    Latin1,
    /// ASCII.
    #[serde(rename = "us-ascii", alias = "US-ASCII", alias = "ascii")]
    Ascii,
}

impl Charset {
    /// The character set with this name, in any of the spellings that gateways use.
    pub(in crate::providers) fn named(name: &str) -> Option<Self> {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match name.to_ascii_lowercase().as_str() {
            "utf8" => Some(Self::Utf8),
            "gsm" | "gsm7" | "gsm0338" | "gsm7bit" => Some(Self::Gsm),
            "utf16be" | "utf16" | "ucs2" | "ucs2be" => Some(Self::Utf16Be),
            "iso88591" | "latin1" | "windows1252" => Some(Self::Latin1),
            "usascii" | "ascii" => Some(Self::Ascii),
            _ => None,
        }
    }

    /// The character set of a data coding scheme (3GPP TS 23.038, 4; SMPP 3.4, 5.2.19); none for binary data.
    pub(in crate::providers) fn from_data_coding(coding: u8) -> Option<Self> {
        match coding {
            0 => Some(Self::Gsm),
            1 => Some(Self::Ascii),
            3 => Some(Self::Latin1),
            8 => Some(Self::Utf16Be),
            // With a message class, such as flash messages.
            0x10..=0x13 | 0xf0..=0xf3 => Some(Self::Gsm),
            0x18..=0x1b => Some(Self::Utf16Be),
            _ => None,
        }
    }
}

/// Decodes a text. Invalid bytes become U+FFFD, so that the rest of the message is not lost.
pub(in crate::providers) fn decode_text(bytes: &[u8], charset: Charset) -> String {
    match charset {
        Charset::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Charset::Gsm => decode_gsm(bytes),
        Charset::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Charset::Ascii => bytes
            .iter()
            .map(|&byte| if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER })
            .collect(),
        Charset::Utf16Be => {
            let (pairs, rest) = bytes.as_chunks::<2>();
            let units = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
            let characters = char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER));
            characters.chain(rest.first().map(|_| char::REPLACEMENT_CHARACTER)).collect()
        }
    }
}

/// Decodes octets of an unknown character set: as UTF-8 if they are valid, else as ISO 8859-1, in which every octet is
/// a character. Data that is no text becomes hexadecimal digits, which lose nothing.
pub(in crate::providers) fn decode_unknown(bytes: &[u8]) -> String {
    let is_binary = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let text = std::str::from_utf8(bytes).map_or_else(|_| decode_text(bytes, Charset::Latin1), str::to_owned);
    if text.contains(is_binary) { encode_hex(bytes) } else { text }
}

/// The GSM 7-bit default alphabet (3GPP TS 23.038, 6.2.1). U+001B is the escape to the extension table.
const GSM_ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                       ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table (6.2.1.1): octets after the escape.
const GSM_EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];
const GSM_ESCAPE: u8 = 0x1b;

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
        let Some(octet) = octets.next() else { break };
        let extended = GSM_EXTENSION.iter().find(|(code, _)| *code == octet).map(|(_, character)| *character);
        let plain = alphabet.get(usize::from(octet)).copied().map(|c| if c == '\u{1b}' { ' ' } else { c });
        text.push(extended.or(plain).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gsm_alphabet() {
        assert_eq!(GSM_ALPHABET.chars().count(), 128);
        assert_eq!(decode_gsm(b"Your code is 482913"), "Your code is 482913");
        assert_eq!(
            decode_gsm(&[0x00, 0x01, 0x02, 0x11, 0x10, 0x7f, 0x40, 0x5b, 0x60]),
            "@£$_ΔàｘÄ¿".replace('ｘ', "¡")
        );
        assert_eq!(decode_gsm(&[0x1b, 0x65, b'5', 0x1b, 0x28, 0x1b, 0x41, 0x1b, 0x1b, 0x1b]), "€5{A ");
        assert_eq!(decode_gsm(&[0x41, 0x80, 0xff]), "A\u{fffd}\u{fffd}");
    }

    #[test]
    fn other_character_sets() {
        assert_eq!(decode_text(&[0x00, 0x59, 0xd8, 0x3d, 0xde, 0x00], Charset::Utf16Be), "Y😀");
        assert_eq!(decode_text(&[0x00, 0x59, 0xd8, 0x3d, 0x00], Charset::Utf16Be), "Y\u{fffd}\u{fffd}");
        assert_eq!(decode_text(b"caf\xe9", Charset::Latin1), "café");
        assert_eq!(decode_text(b"caf\xe9", Charset::Ascii), "caf\u{fffd}");
        assert_eq!(decode_text(b"caf\xc3\xa9\xff", Charset::Utf8), "café\u{fffd}");
        for (name, charset) in [("UTF16-BE", Charset::Utf16Be), ("ISO-8859-1", Charset::Latin1), ("gsm", Charset::Gsm)]
        {
            assert_eq!(Charset::named(name), Some(charset));
        }
        assert_eq!(Charset::named("ebcdic"), None);
    }

    #[test]
    fn a_data_coding_may_have_no_character_set() {
        for (coding, charset) in [
            (0x00, Some(Charset::Gsm)),
            (0x03, Some(Charset::Latin1)),
            (0x04, None),
            (0x08, Some(Charset::Utf16Be)),
            (0x10, Some(Charset::Gsm)),
            (0x14, None),
            (0x18, Some(Charset::Utf16Be)),
            (0xf0, Some(Charset::Gsm)),
            (0xf5, None),
        ] {
            assert_eq!(Charset::from_data_coding(coding), charset, "{coding:#04x}");
        }
        for (bytes, text) in
            [(b"caf\xc3\xa9\r\n".as_slice(), "café\r\n"), (b"caf\xe9", "café"), (&[0x00, 0x41], "0041"), (b"", "")]
        {
            assert_eq!(decode_unknown(bytes), text);
        }
    }
}
