//! The alphabet of SMS, and its extension.

/// The GSM 7-bit default alphabet (3GPP TS 23.038, 6.2.1). U+001B is the escape to the extension table.
pub(super) const GSM_ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
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
/// The octet that announces a character of the extension table.
pub(super) const GSM_ESCAPE: u8 = 0x1b;

/// The character of the extension table with this code.
pub(super) fn extension(code: u8) -> Option<char> {
    GSM_EXTENSION.iter().find(|(known, _)| *known == code).map(|(_, character)| *character)
}

/// The character of the extension table with the code that `c` has in the default alphabet.
pub(super) fn from_gsm_extension(c: char) -> Option<char> {
    extension(u8::try_from(GSM_ALPHABET.chars().position(|known| known == c)?).ok()?)
}
