//! Character sets of the telephone network and of gateways.

use serde::Deserialize;

use super::hex;

/// How the bytes of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::providers) enum Charset {
    /// UTF-8.
    #[serde(rename = "utf-8", alias = "UTF-8", alias = "utf8")]
    Utf8,
    /// The default alphabet of GSM, one septet in an octet (3GPP TS 23.038, 6.2.1).
    #[serde(rename = "gsm", alias = "GSM", alias = "gsm-7", alias = "gsm0338")]
    Gsm,
    /// UTF-16, the most significant octet first (UCS-2 with surrogates).
    #[serde(rename = "utf-16be", alias = "UTF-16BE", alias = "UTF16-BE", alias = "ucs-2", alias = "ucs2")]
    Utf16Be,
    /// ISO 8859-1, as everybody means it: Unicode's first 256 characters.
    #[serde(rename = "iso-8859-1", alias = "ISO-8859-1", alias = "latin1")]
    Latin1,
    /// ASCII.
    #[serde(rename = "us-ascii", alias = "US-ASCII", alias = "ascii")]
    Ascii,
}

impl Charset {
    /// The character set of this name, as gateways write names.
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

    /// The character set that a data coding scheme means (3GPP TS 23.038, 4; SMPP 3.4, 5.2.19), where it means one.
    pub(in crate::providers) fn of_coding(coding: u8) -> Option<Self> {
        match coding {
            0 => Some(Self::Gsm),
            1 => Some(Self::Ascii),
            3 => Some(Self::Latin1),
            8 => Some(Self::Utf16Be),
            // With a message class: a message that is shown at once, for one.
            0x10..=0x13 | 0xf0..=0xf3 => Some(Self::Gsm),
            0x18..=0x1b => Some(Self::Utf16Be),
            _ => None,
        }
    }
}

/// Reads a text. What is no character becomes U+FFFD, so that the rest of the message is not lost.
pub(in crate::providers) fn decode(bytes: &[u8], charset: Charset) -> String {
    match charset {
        Charset::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Charset::Gsm => gsm(bytes),
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

/// Reads octets of which nobody says what they are: UTF-8 where they can be, else ISO 8859-1, in which every octet
/// is a character. Data that is no text is shown as hexadecimal digits, which lose nothing.
pub(in crate::providers) fn octets(bytes: &[u8]) -> String {
    let is_strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let text = std::str::from_utf8(bytes).map_or_else(|_| decode(bytes, Charset::Latin1), str::to_owned);
    if text.contains(is_strange) { hex(bytes) } else { text }
}

/// The default alphabet (3GPP TS 23.038, 6.2.1). U+001B stands for the escape to the extension.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                       ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension (6.2.1.1): what an octet after the escape means.
const EXTENSION: [(u8, char); 10] = [
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
const ESCAPE: u8 = 0x1b;

/// Reads a text in the default alphabet of GSM, one septet in an octet.
pub(in crate::providers) fn gsm(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = DEFAULT.chars().collect();
    let mut text = String::with_capacity(bytes.len());
    let mut octets = bytes.iter().copied();
    while let Some(octet) = octets.next() {
        if octet != ESCAPE {
            text.push(alphabet.get(usize::from(octet)).copied().unwrap_or(char::REPLACEMENT_CHARACTER));
            continue;
        }
        // What the extension does not have is shown as the default alphabet has it; an escape of an escape is a
        // space (6.2.1.1, notes).
        let Some(octet) = octets.next() else { break };
        let extended = EXTENSION.iter().find(|(code, _)| *code == octet).map(|(_, character)| *character);
        let plain = alphabet.get(usize::from(octet)).copied().map(|c| if c == '\u{1b}' { ' ' } else { c });
        text.push(extended.or(plain).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_alphabet() {
        assert_eq!(DEFAULT.chars().count(), 128);
        assert_eq!(gsm(b"Your code is 482913"), "Your code is 482913");
        assert_eq!(gsm(&[0x00, 0x01, 0x02, 0x11, 0x10, 0x7f, 0x40, 0x5b, 0x60]), "@£$_ΔàｘÄ¿".replace('ｘ', "¡"));
        assert_eq!(gsm(&[0x1b, 0x65, b'5', 0x1b, 0x28, 0x1b, 0x41, 0x1b, 0x1b, 0x1b]), "€5{A ");
        assert_eq!(gsm(&[0x41, 0x80, 0xff]), "A\u{fffd}\u{fffd}");
    }

    #[test]
    fn other_ways_to_write_a_text() {
        assert_eq!(decode(&[0x00, 0x59, 0xd8, 0x3d, 0xde, 0x00], Charset::Utf16Be), "Y😀");
        assert_eq!(decode(&[0x00, 0x59, 0xd8, 0x3d, 0x00], Charset::Utf16Be), "Y\u{fffd}\u{fffd}");
        assert_eq!(decode(b"caf\xe9", Charset::Latin1), "café");
        assert_eq!(decode(b"caf\xe9", Charset::Ascii), "caf\u{fffd}");
        assert_eq!(decode(b"caf\xc3\xa9\xff", Charset::Utf8), "café\u{fffd}");
        for (name, charset) in [("UTF16-BE", Charset::Utf16Be), ("ISO-8859-1", Charset::Latin1), ("gsm", Charset::Gsm)]
        {
            assert_eq!(Charset::named(name), Some(charset));
        }
        assert_eq!(Charset::named("ebcdic"), None);
    }

    #[test]
    fn a_coding_may_mean_no_character_set() {
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
            assert_eq!(Charset::of_coding(coding), charset, "{coding:#04x}");
        }
        for (bytes, text) in
            [(b"caf\xc3\xa9\r\n".as_slice(), "café\r\n"), (b"caf\xe9", "café"), (&[0x00, 0x41], "0041"), (b"", "")]
        {
            assert_eq!(octets(bytes), text);
        }
    }
}
