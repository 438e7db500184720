//! Hexadecimal and base64 text.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// Decodes hexadecimal digits of either case.
pub(in crate::providers) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

/// Lower-case hexadecimal digits.
pub(in crate::providers) fn encode_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Decodes base64 (RFC 4648, 4) with or without padding.
pub(in crate::providers) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let engine = if text.ends_with('=') { &STANDARD } else { &STANDARD_NO_PAD };
    engine.decode(text).or_else(|_| STANDARD.decode(text)).ok()
}

/// Decodes base64 with padding.
pub(in crate::providers) fn decode_base64_strict(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64 with padding.
pub(in crate::providers) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_decoded_in_either_case() {
        assert_eq!(decode_hex("00fFA9"), Some(vec![0, 255, 169]));
        assert_eq!(decode_hex("0"), None);
        assert_eq!(decode_hex("zz"), None);
        assert_eq!(encode_hex(&[0, 255]), "00ff");
    }

    #[test]
    fn padding_is_optional() {
        assert_eq!(decode_base64("aGk="), Some(b"hi".to_vec()));
        assert_eq!(decode_base64("aGk"), Some(b"hi".to_vec()));
        assert_eq!(decode_base64("a k="), None);
    }
}
